"""An authority's update proposes what changed in it, and nothing that did not."""

from datetime import UTC, datetime

import pytest

from bulletins.checks import registry
from bulletins.editing import drafts, input_merge, key_messages
from bulletins.facts import fact_changes, fact_list, news, proposals, updates
from bulletins.intake import submissions
from bulletins.models import Asset, Bulletin, NotAllowed, Parts, Variant
from bulletins.publication import publish
from tests.bulletins.facts.boil_water import BODY, build_boil_water, fact
from tests.support.builders import NOON, approved, build_bulletin, build_input

# language, the first words, the newer ones, and what is proposed: (the value of the bulletin, the one instead)
CHANGED = [
    (
        "en",
        "Boil the water until 2 April. Advice on 30 March at the library.",
        "Boil the water until 5 April. Advice on 30 March at the library, and on 1 April and 3 April at the school.",
        {("04-02", "04-05")},
    ),
    (
        "fi",
        "Keitä vesi 2.4. asti. Vettä jaetaan 4 paikassa, ja 30.3. neuvomme kirjastossa.",
        "Keitä vesi 5.4. asti. Vettä jaetaan 6 paikassa, ja 1.4. sekä 3.4. neuvomme koululla.",
        {("04-02", "04-05"), ("4", "6"), ("03-30", "04-01")},
    ),
    (
        "sv",
        "Koka vattnet till 2.4. Vattnet delas ut kl. 8–16 till 1 200 hushåll.",
        "Koka vattnet till 5.4. Vattnet delas ut kl. 8–20 till 1 500 hushåll, och kl. 10 på söndag.",
        {("04-02", "04-05"), ("16:00", "20:00"), ("1200", "1500")},
    ),
    (
        "en",
        "Boil the water until 2 April. Call 0800 12345.",
        "Boil all water for now. Call 0800 12345.",
        {("04-02", "")},
    ),
    ("en", "Closed on 2 April and 3 April.", "Closed on 3 April and 2 April.", set()),
]


def newest_of(campaign, first, body, **more):
    """Return the authority's update of a submission, with the key facts that it had."""
    return submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, body=body, language="en",
        replaces=first, **more,
    )  # fmt: skip


def proposals_of(bulletin) -> dict[str, str]:
    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))
    found = updates.proposed(parts, fact_list.facts_of(parts, at=NOON), at=NOON)
    assert len({one.row.key for one in found}) == len(found)
    return {one.row.value: one.value for one in found}


WATER = "Boil the water until {date} at {time}, that is until {short}. Ask on {phone}."
FIRST = WATER.format(date="Thursday 2 April 2026", short="2 April", time="18:00", phone="03 565 8000")
SECOND = WATER.format(date="Saturday 4 April 2026", short="4 April", time="12:00", phone="03 565 8111")
THIRD = WATER.format(date="Saturday 4 April 2026", short="4 April", time="14:00", phone="03 565 8222")
FACTS = ["Boil the water for five minutes until {day} April.", "The network was contaminated by an overflow."]


def facts_until(day: str) -> list[dict[str, str]]:
    return [{"text": text.format(day=day)} for text in FACTS]


def test_an_update_that_is_accepted_takes_the_place_of_the_submission(campaign, alma):
    """Nothing is left to tick: no text differs from the submission, no key fact comes twice, validity follows, and the rest is still proposed."""
    ends, later = (datetime(2026, 4, day, 15, tzinfo=UTC) for day in (2, 4))
    first = build_input(campaign, language="en", body=FIRST, valid_until=ends)
    submissions.add_facts(first, [], facts_until("2"))
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    assert [one.valid_until for one in bulletin.key_messages.exclude(fact=None)] == [ends, ends]
    drafts.save_edition(with_body(bulletin, FIRST), by=alma, at=NOON)
    second = newest_of(campaign, first, SECOND, facts=facts_until("4"), valid_until=later)
    assert proposals_of(bulletin) == {"2026-04-02": "2026-04-04", "18:00": "12:00", "035658000": "03 565 8111"}

    change(bulletin, "date", "2026-04-04", second, alma)

    assert proposals_of(bulletin) == {"18:00": "12:00", "035658000": "03 565 8111"}
    assert Parts(Bulletin.objects.get(pk=bulletin.pk)).inputs == [second]
    messages = list(bulletin.key_messages.exclude(fact=None).select_related("fact"))
    assert [one.fact.input_id for one in messages] == [second.pk] * 2 and [one.valid_until for one in messages] == [
        later
    ] * 2
    second.refresh_from_db()
    assert second.state == "used"

    # A newer update speaks instead of the one before, though nobody has accepted it.
    third = newest_of(campaign, second, THIRD, facts=facts_until("4"))
    assert proposals_of(bulletin) == {"18:00": "14:00", "035658000": "03 565 8222"}
    change(bulletin, "time", "14:00", third, alma)
    change(bulletin, "phone", "03 565 8222", third, alma)
    assert not proposals_of(bulletin)
    body = bulletin.editions.get(language="en").body
    assert body == THIRD and bulletin.key_messages.exclude(fact=None).count() == 2
    stored = Bulletin.objects.get(pk=bulletin.pk)
    assert not {one.code for one in registry.stops(stored, at=NOON)} & {
        "other-date",
        "other-figure",
        "old-fact",
        "replaced-fact",
    }


def with_body(bulletin, body):
    edition = bulletin.editions.get(language="en")
    edition.body = body
    return edition


def change(bulletin, kind, value, update, by):
    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))
    row = next(one for one in fact_list.facts_of(parts, at=NOON) if one.kind == kind and not one.is_small)
    read = {one.place.key: one.token for one in proposals.proposals(row, value, today=NOON.date())}
    fact_changes.change(parts.bulletin, row.key, value, read=read, update=update, by=by, at=NOON)


def test_a_submission_that_is_added_as_an_update_brings_no_key_fact_twice(campaign, alma):
    first = build_input(campaign, language="en", body=FIRST)
    submissions.add_facts(first, [], facts_until("2"))
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    second = newest_of(campaign, first, SECOND, facts=facts_until("4"))

    input_merge.add_inputs(bulletin, [second], by=alma, at=NOON)

    assert [one.fact.input_id for one in bulletin.key_messages.exclude(fact=None).select_related("fact")] == [
        second.pk
    ] * 2


@pytest.mark.parametrize(
    ("written", "typed", "becomes"),
    [
        ("03 565 8000", "035658111", "03 565 8111"),
        ("03 565 8000", "03 5658 111", "03 5658 111"),
        ("03-565 8000", "035658111", "03-565 8111"),
        ("03 565 8000", "0505658111", "0505658111"),
    ],
)
def test_a_phone_number_keeps_the_groups_of_its_place_or_those_that_were_typed(written, typed, becomes):
    assert proposals.grouped_as(written, typed) == becomes


def asked(campaign, alma, language, was, now, **more):
    first = build_input(campaign, language=language, body=was)
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    edition = bulletin.editions.get(language=language)
    edition.body = was
    drafts.save_edition(edition, by=alma, at=NOON)
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, body=now,
        language=language, replaces=first, **more,
    )  # fmt: skip
    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))
    return newer, updates.proposed(parts, fact_list.facts_of(parts, at=NOON), at=NOON)


@pytest.mark.parametrize(("language", "was", "now", "expected"), CHANGED)
def test_an_update_proposes_what_changed_however_many_facts_it_has(campaign, alma, language, was, now, expected):
    newer, found = asked(campaign, alma, language, was, now)

    assert {(one.row.value, one.value) for one in found} == expected
    assert {one.source for one in found} <= {newer}


def test_an_update_while_a_correction_is_under_way_is_proposed_there(campaign, alma):
    source = build_input(campaign, language="en", body="Boil the water until 2 April.")
    bulletin = build_boil_water(campaign, alma)
    bulletin.inputs.add(source)
    publish.publish(approved(bulletin, by=alma), at=NOON)
    bulletin.refresh_from_db()
    row = fact(bulletin, "2 April")
    seen = {one.place.key: one.token for one in proposals.proposals(row, "04-04", today=NOON.date())}
    fact_changes.change(bulletin, row.key, "04-04", read=seen, by=alma, at=NOON)
    corrected = Bulletin.objects.get(pk=bulletin.pk)
    assert (corrected.kind, corrected.state) == ("correction", "draft")

    submissions.submit(
        campaign=campaign, authority=source.authority, by=source.submitted_by, at=NOON, title=source.title,
        body="Boil the water until 6 April. Fetch water from 4 April.", language="en", replaces=source,
    )  # fmt: skip

    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))
    found = updates.proposed(parts, fact_list.facts_of(parts, at=NOON), at=NOON)
    assert [(one.row.value, one.value) for one in found] == [("04-04", "04-06")]


ENDS = {
    "fi": "Keitä vesi. Voimassa torstaihin 2.4.2026 klo 18 asti. [Päätös](https://www.city.example/Decision-1).",
    "sv": "Koka vattnet. Gäller till torsdagen den 2 april 2026 kl. 18. [Beslut](https://www.city.example/Decision-1).",
    "en": "Boil the water. Valid until 6 p.m. on Thursday 2 April 2026. Source: [decision](https://www.city.example/Decision-1).",
}
LATER = {
    "fi": "Keitä vesi. Voimassa lauantaihin 4.4.2026 klo 12 asti. [Päätös](https://www.city.example/Decision-2).",
    "sv": "Koka vattnet. Gäller till lördagen den 4 april 2026 kl. 12. [Beslut](https://www.city.example/Decision-2).",
    "en": "Boil the water. Valid until noon on Saturday 4 April 2026. Source: [decision](https://www.city.example/Decision-2).",
}


def source_at(number: int) -> list[dict[str, str]]:
    return [{"publisher": "City", "title": "Decision", "url": f"https://www.city.example/Decision-{number}"}]


def test_an_end_and_a_source_that_stand_in_no_words_of_the_authority_follow_into_every_text(campaign, alma):
    """Its form has fields for both. Texts, captions, alt texts, links and the sources of key messages say them, in three languages."""
    first = build_input(
        campaign, language="en", body="Boil the water.", sources=source_at(1), valid_until=datetime(2026, 4, 2, 15, tzinfo=UTC),
        facts=[{"text": "Boil the water."}],
    )  # fmt: skip
    bulletin = build_bulletin(campaign, by=alma, inputs=[first], variants=True)
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.body = ENDS[edition.language]
        drafts.save_edition(edition, by=alma, at=NOON)
        edition.variants.update(caption=ENDS[edition.language])
    short = {code: text.rpartition(". ")[0] for code, text in ENDS.items()}
    Asset.objects.create(bulletin=bulletin, kind=Asset.Kind.IMAGE, title={"en": "Card"}, alt_text=short)
    bulletin.key_messages.filter(fact=None).delete()
    source_urls = dict.fromkeys(ENDS, "https://www.city.example/Decision-1")
    bulletin.key_messages.update(text=short, source_url=source_urls)
    assert not {one.code for one in registry.stops(fresh(bulletin), at=NOON)} & {"other-date", "other-figure"}

    second = newest_of(
        campaign, first, "Boil the water.", sources=source_at(2), valid_until=datetime(2026, 4, 4, 9, tzinfo=UTC),
        facts=[{"text": "Boil the water."}],
    )  # fmt: skip
    assert proposals_of(bulletin) == {
        "2026-04-02": "2026-04-04", "18:00": "12:00", "city.example/decision-1": "https://www.city.example/Decision-2",
    }  # fmt: skip
    for kind, value in (("date", "2026-04-04"), ("time", "12:00"), ("web", "https://www.city.example/Decision-2")):
        change(bulletin, kind, value, second, alma)

    assert not proposals_of(bulletin)
    bulletin = fresh(bulletin)
    now = {code: text.rpartition(". ")[0] for code, text in LATER.items()}
    assert {one.language: one.body for one in bulletin.editions.all()} == LATER
    assert {one.edition.language: one.caption for one in Variant.objects.filter(edition__bulletin=bulletin)} == LATER
    assert bulletin.assets.get().alt_text == now
    message = bulletin.key_messages.get()
    assert message.text == now and message.valid_until == second.valid_until
    assert message.source_url == dict.fromkeys(ENDS, "https://www.city.example/Decision-2")
    assert not {one.code for one in registry.stops(bulletin, at=NOON)} & {"other-date", "other-figure", "old-fact"}

    fact_changes.undo(fact_changes.latest(bulletin), by=alma, at=NOON)
    assert bulletin.key_messages.get().source_url == source_urls


def fresh(bulletin):
    return Bulletin.objects.get(pk=bulletin.pk)


def added(bulletin):
    return updates.additions(Parts(fresh(bulletin)))


def test_what_an_update_says_that_is_new_is_listed_until_the_bulletin_says_it(campaign, alma):
    first = build_input(campaign, language="en", body=FIRST)
    submissions.add_facts(first, [], facts_until("2"))
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    drafts.save_edition(with_body(bulletin, FIRST), by=alma, at=NOON)
    assert added(bulletin) == []

    fresh_facts = [{"text": "Wells are safe to use."}, {"text": "Water is handed out at Kirkkokatu 4."}]
    body = f"{SECOND} Take up to 10 litres per home. It tastes of chlorine."
    second = newest_of(campaign, first, body, facts=[*facts_until("4"), *fresh_facts])
    told = [
        "Wells are safe to use.",
        "Water is handed out at Kirkkokatu 4.",
        "Take up to 10 litres per home.",
        "It tastes of chlorine.",
    ]
    assert [one.text for one in added(bulletin)] == told

    key_messages.add_told(bulletin, told[0], second, added(bulletin)[0].fact, by=alma, at=NOON)
    last = bulletin.key_messages.last()
    assert (last.text, last.fact.text, last.owner) == ({"en": told[0]}, told[0], alma)
    assert [one.text for one in added(bulletin)] == told[1:]
    # The bulletin is made of the update now, and whoever submits it decides first on the rest.
    assert [one.says.partition("“")[2][:-1] for one in undecided(bulletin)] == told[1:]

    # In the editor's own words, and word by word.
    drafts.save_edition(
        with_body(bulletin, f"{FIRST} Fetch it from Kirkkokatu 4. Take up to\n10 litres per home"), by=alma, at=NOON
    )
    assert [one.text for one in added(bulletin)] == told[3:]
    news.leave_out(fresh(bulletin), second, added(bulletin)[0].key, by=alma, at=NOON)
    assert added(bulletin) == [] and not undecided(bulletin)
    assert bulletin.overrides.get(code="untold-fact").reason == "Left out when the update was taken over."


def undecided(bulletin):
    return [one for one in registry.stops(fresh(bulletin), at=NOON) if one.code == "untold-fact"]


NEW = {"fi": "Tuokaa omat astiat.", "sv": "Ta med egna kärl.", "en": "Bring your own containers."}


def test_what_is_new_stands_at_the_end_of_every_text_and_in_what_the_correction_says(campaign, alma):
    first = build_input(campaign, language="fi", body="Keitä vesi 2.4. asti.")
    bulletin = build_boil_water(campaign, alma)
    bulletin.inputs.set([first])
    publish.publish(approved(bulletin, by=alma), at=NOON)
    second = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, language="fi",
        body="Keitä vesi 4.4. asti. Tuokaa omat astiat.", replaces=first,
    )  # fmt: skip
    (new,) = added(bulletin)
    assert new.text == NEW["fi"]
    bulletin = fresh(bulletin)
    words = {one.pk: NEW[one.language] for one in bulletin.editions.all()}
    with pytest.raises(NotAllowed, match="Write it in this language too"):
        news.put_in(
            bulletin, second, new.key, {**words, bulletin.editions.get(language="sv").pk: " "}, by=alma, at=NOON
        )
    assert fresh(bulletin).state == "published"

    made = news.put_in(fresh(bulletin), second, new.key, words, by=alma, at=NOON)

    bodies = {one.language: one.body for one in bulletin.editions.all()}
    assert bodies == {code: f"{BODY[code]}\n\n{NEW[code]}" for code in NEW} and added(bulletin) == []
    said = fresh(bulletin)
    assert said.what_changed == {
        "fi": f"Uutta: ”{NEW['fi']}”",
        "sv": f"Nytt: ”{NEW['sv']}”",
        "en": f"New: “{NEW['en']}”",
    }
    assert said.share_text["en"] == f"What I shared has been updated. New in it: “{NEW['en']}”"
    assert fact_changes.named(made, NOON.date()) in {f"“{text}”" for text in NEW.values()}
    with pytest.raises(NotAllowed, match="decided on it in the meantime"):
        news.put_in(said, second, new.key, words, by=alma, at=NOON)

    row = fact(said, "2 April")
    seen = {one.place.key: one.token for one in proposals.proposals(row, "04-04", today=NOON.date())}
    fact_changes.change(said, row.key, "04-04", read=seen, update=second, by=alma, at=NOON)
    lines = fresh(bulletin).what_changed["en"].split("\n")
    assert len(lines) == 2 and lines[1] == f"New: “{NEW['en']}”" and "4 April" in lines[0]
    fact_changes.undo(fact_changes.latest(fresh(bulletin)), by=alma, at=NOON)
    fact_changes.undo(fact_changes.latest(fresh(bulletin)), by=alma, at=NOON)
    assert {one.language: one.body for one in bulletin.editions.all()} == BODY and undecided(bulletin)


TWO_ROLES = {
    "fi": "Vesi on poikki klo {end} asti. Vesipiste torilla on auki klo 8–{closes}.",
    "sv": "Vattnet är avstängt till kl. {end}. Vattenposten på torget är öppen kl. 8–{closes}.",
    "en": "The water is off until {end}:00. The water point in the square is open 8:00–{closes}:00.",
}


DAYS = {
    "fi": "Vesi on poikki {end}.4. asti. Vettä jaetaan torilla {on}.4. klo 10.",
    "sv": "Vattnet är avstängt till den {end} april. Vatten delas ut på torget den {on} april kl. 10.",
    "en": "The water is off until {end} April. Water is handed out in the square on {on} April at 10:00.",
}


def test_a_day_changes_where_it_is_an_end_and_stays_where_something_is_on_that_day(campaign, alma):
    was = {code: text.format(end=2, on=2) for code, text in DAYS.items()}
    first = build_input(campaign, language="sv", body=was["sv"])
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.title, edition.body = "", was[edition.language]
        drafts.save_edition(edition, by=alma, at=NOON)
    bulletin.key_messages.filter(fact=None).delete()
    (row,) = [one for one in fact_list.facts_of(Parts(fresh(bulletin)), at=NOON) if one.kind == "date"]
    by_hand = proposals.proposals(row, "04-05", today=NOON.date())
    assert [[one.is_taken for one in each.mentions] for each in by_hand] == [[True, False]] * 3

    read = {one.place.key: one.token for one in by_hand}
    fact_changes.change(fresh(bulletin), row.key, "04-05", read=read, reason="Told by phone at two.", by=alma, at=NOON)
    now = {code: text.format(end=5, on=2) for code, text in DAYS.items()}
    assert {one.language: one.body for one in bulletin.editions.all()} == now
    assert "old-fact" not in {one.code for one in registry.stops(fresh(bulletin), at=NOON)}
    fact_changes.undo(fact_changes.latest(fresh(bulletin)), by=alma, at=NOON)

    body = DAYS["sv"].format(end=4, on=2)
    second = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, body=body,
        language="sv", replaces=first,
    )  # fmt: skip
    assert proposals_of(bulletin) == {"04-02": "04-04"} and not added(bulletin)
    fact_changes.change(fresh(bulletin), row.key, "04-04", read=read, update=second, by=alma, at=NOON)
    assert {one.language: one.body for one in bulletin.editions.all()} == {
        code: text.format(end=4, on=2) for code, text in DAYS.items()
    }
    assert not {one.code for one in registry.stops(fresh(bulletin), at=NOON)} & {"moved-fact", "old-fact", "other-date"}


@pytest.mark.parametrize("language", TWO_ROLES)
def test_a_value_changes_where_the_update_changes_it_and_stays_where_it_stands_for_something_else(
    campaign, alma, language
):
    """Until 18 becomes until 12, in three languages; opening hours until 18 stay, by an update and by hand, and nothing asks for them."""
    was = {code: text.format(end=18, closes=18) for code, text in TWO_ROLES.items()}
    now = {code: text.format(end=12, closes=18) for code, text in TWO_ROLES.items()}
    first = build_input(campaign, language=language, body=was[language])
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.body = was[edition.language]
        drafts.save_edition(edition, by=alma, at=NOON)
    bulletin.key_messages.filter(fact=None).delete()
    row = next(one for one in fact_list.facts_of(Parts(fresh(bulletin)), at=NOON) if one.key == "time:18:00")
    by_hand = proposals.proposals(row, "13:00", today=NOON.date())
    assert [[one.is_taken for one in each.mentions] for each in by_hand] == [[True, False]] * 3
    assert {one.note for each in by_hand for one in each.mentions} == {
        "", "It stands for something else? Tick it if it is meant here too.",
    }  # fmt: skip

    second = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title, body=now[language],
        language=language, replaces=first,
    )  # fmt: skip
    assert proposals_of(bulletin) == {"18:00": "12:00"} and not added(bulletin)
    # Taken without its change, the bulletin does not go with the old value.
    fact_changes.take_update(fresh(bulletin), second, by=alma, at=NOON)
    (left,) = [one for one in registry.stops(fresh(bulletin), at=NOON) if one.code == "moved-fact"]
    assert "3 texts" in left.says

    read = {one.place.key: one.token for one in by_hand}
    fact_changes.change(fresh(bulletin), "time:18:00", "12:00", read=read, update=second, by=alma, at=NOON)
    assert {one.language: one.body for one in bulletin.editions.all()} == now
    assert not proposals_of(bulletin)
    codes = {one.code for one in registry.stops(fresh(bulletin), at=NOON)}
    assert not codes & {"moved-fact", "old-fact", "other-figure", "other-date"}
