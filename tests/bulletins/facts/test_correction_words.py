"""What a correction says has changed follows each further change, and what a person wrote there may not contradict the texts."""

from bulletins.checks import registry
from bulletins.editing import drafts
from bulletins.facts import correction_words, fact_changes, fact_list, proposals
from bulletins.models import Bulletin, FactChange, Parts
from bulletins.publication import publish
from tests.bulletins.facts.boil_water import build_boil_water
from tests.support.builders import NOON, approved

TEXTS = {
    "fi": "Keitä vesi torstaihin 2. huhtikuuta klo 18 asti.\n\nKysy numerosta 03 565 8000.",
    "sv": "Koka vattnet till torsdagen den 2 april kl. 18.\n\nFråga på numret 03 565 8000.",
    "en": "Boil the water until 6 p.m. on Thursday 2 April.\n\nAsk on 03 565 8000.",
}


def build_published(campaign, alma) -> Bulletin:
    bulletin = build_boil_water(campaign, alma)
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.body = TEXTS[edition.language]
        drafts.save_edition(edition, by=alma, at=NOON)
    publish.publish(approved(Bulletin.objects.get(pk=bulletin.pk), by=alma), at=NOON)
    return Bulletin.objects.get(pk=bulletin.pk)


def change(bulletin: Bulletin, kind: str, was: str, value: str, by) -> FactChange:
    """Change a fact as the page does: with the words that it shows, untouched."""
    row = next(
        one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.kind == kind and one.value.endswith(was)
    )
    proposed = proposals.proposals(row, value, today=NOON.date())
    words = fact_changes.words_of_correction(bulletin, row, value, proposed)
    return fact_changes.change(
        bulletin,
        row.key,
        value,
        read={one.place.key: one.token for one in proposed},
        correction={
            "what_changed": {code: changed for code, _name, changed, _share in words},
            "share_text": {code: share for code, _name, _changed, share in words},
        },
        by=by,
        at=NOON,
    )


def old_words(bulletin: Bulletin) -> list[str]:
    return [one.says for one in registry.stops(bulletin, at=NOON) if one.code == "old-words"]


def test_the_words_of_a_correction_follow_every_change_until_a_person_writes_them(campaign, alma):
    bulletin = build_published(campaign, alma)
    change(bulletin, "date", "04-02", "2026-04-04", alma)
    change(bulletin, "time", "18:00", "12:00", alma)
    last = change(bulletin, "phone", "035658000", "03 565 8111", alma)

    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    assert bulletin.version == 2 and bulletin.what_changed == {
        "en": "We wrote: “Boil the water until 6 p.m. on Thursday 2 April”. "
        "It should say: “Boil the water until noon on Saturday 4 April”.\n"
        "We wrote: “Ask on 03 565 8000”. It should say: “Ask on 03 565 8111”.",
        "fi": "Kirjoitimme: ”Keitä vesi torstaihin 2. huhtikuuta klo 18 asti”. "
        "Oikein on: ”Keitä vesi lauantaihin 4. huhtikuuta klo 12 asti”.\n"
        "Kirjoitimme: ”Kysy numerosta 03 565 8000”. Oikein on: ”Kysy numerosta 03 565 8111”.",
        "sv": "Vi skrev: ”Koka vattnet till torsdagen den 2 april kl. 18”. "
        "Det ska stå: ”Koka vattnet till lördagen den 4 april kl. 12”.\n"
        "Vi skrev: ”Fråga på numret 03 565 8000”. Det ska stå: ”Fråga på numret 03 565 8111”.",
    }
    assert all("8111" in text for text in bulletin.share_text.values())
    assert "lauantaihin 4. huhtikuuta klo 12" in bulletin.share_text["fi"] and not old_words(bulletin)

    # Undone, they say no more of it; a fact that is changed a second time is one step.
    fact_changes.undo(last, by=alma, at=NOON)
    change(Bulletin.objects.get(pk=bulletin.pk), "time", "12:00", "13:00", alma)
    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    assert bulletin.what_changed["fi"].endswith("Oikein on: ”Keitä vesi lauantaihin 4. huhtikuuta klo 13 asti”.")
    assert "8111" not in str(bulletin.what_changed) + str(bulletin.share_text) and not old_words(bulletin)

    # What a person wrote stays, and blocks when it says what no text says any more.
    bulletin.what_changed |= {"fi": "Uusi aika on lauantai 4.4. klo 13."}
    bulletin.save()
    change(bulletin, "time", "13:00", "14:00", alma)
    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    assert (
        bulletin.what_changed["fi"] == "Uusi aika on lauantai 4.4. klo 13." and "2 p.m." in bulletin.what_changed["en"]
    )
    (said,) = old_words(bulletin)
    assert "13" in said
    assert "Finnish" in said and "Swedish" not in said


def test_words_for_sharing_that_say_the_value_before_and_not_the_new_one_block_once(campaign, alma):
    bulletin = build_published(campaign, alma)
    change(bulletin, "date", "04-02", "2026-04-04", alma)
    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    assert not old_words(bulletin)

    bulletin.share_text = {"fi": "Korjaus: keitä vesi 2.4. asti.", "sv": "Rättelse: koka vattnet till 2.4."}
    bulletin.save()

    (said,) = old_words(bulletin)
    assert "Finnish, for people who have shared it; Swedish" in said.replace("For", "for")


def type_in(bulletin: Bulletin, code: str, was: str, now: str, by) -> Bulletin:
    """Type words in a text, as the page saves them."""
    edition = bulletin.editions.get(language=code)
    edition.body = edition.body.replace(was, now)
    drafts.save_edition(edition, by=by, at=NOON)
    correction_words.follow_typing(bulletin)
    return Bulletin.objects.get(pk=bulletin.pk)


def test_what_somebody_types_is_named_too_and_what_a_person_left_out_is_advised(campaign, alma):
    bulletin = build_published(campaign, alma)
    change(bulletin, "date", "04-02", "2026-04-04", alma)
    bulletin = type_in(bulletin, "en", "Ask on", "Water is handed out at the town hall.\n\nDo not ask on", alma)
    bulletin = type_in(
        bulletin, "en", "until 6 p.m.", "until at least 6 p.m.", alma
    )  # of a sentence that is quoted already

    assert bulletin.what_changed["en"].splitlines() == [
        (
            "We wrote: “Boil the water until 6 p.m. on Thursday 2 April”. "
            "It should say: “Boil the water until at least 6 p.m. on Saturday 4 April”."
        ),
        "We wrote: “Ask on 03 565 8000”. It should say: “Do not ask on 03 565 8000”.",
        "New: “Water is handed out at the town hall.”",
    ]
    assert "town hall" in bulletin.share_text["en"] and "hall" not in bulletin.what_changed["fi"]
    assert not [one for one in registry.findings(bulletin, at=NOON) if one.code == "unnamed-change"]

    # A person's own words are theirs; advice says what they do not name, whatever form its words have.
    bulletin.what_changed |= {"en": "The town hall hands water out.", "fi": "Uusi päivä on 4.4."}
    bulletin.save()
    bulletin = type_in(bulletin, "en", "town hall.", "town hall. Tank lorries come from 8 a.m.", alma)
    assert bulletin.what_changed["en"] == "The town hall hands water out."
    (said,) = [one for one in registry.findings(bulletin, at=NOON) if one.code == "unnamed-change"]
    assert said.place == "changed:en" and "“Tank lorries come from 8 a.m.”" in said.says and said.level == "advice"

    # A text that was written anew is not quoted sentence by sentence.
    bulletin = build_published(campaign, alma)
    change(bulletin, "date", "04-02", "2026-04-04", alma)
    anew = " ".join(f"{name} may come in." for name in ("Anna", "Bertil", "Cecilia", "David", "Erik", "Filip"))
    assert "Anna" not in type_in(bulletin, "en", "Ask on", f"{anew}\n\nAsk on", alma).what_changed["en"]
