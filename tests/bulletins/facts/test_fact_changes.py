"""A fact is changed once, in every language and channel, as one change that can be undone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils.translation import gettext as _
from django.utils.translation import override

from bulletins.checks import registry
from bulletins.editing import drafts, editions
from bulletins.facts import fact_changes, fact_list, new_values, proposals, updates, validities
from bulletins.intake import submissions
from bulletins.models import Bulletin, KeyMessage, NotAllowed, Parts, Review
from bulletins.publication import publish
from tests.bulletins.facts.boil_water import BODY, MESSAGE, all_texts, build_boil_water, fact
from tests.support.builders import NOON, approved, build_bulletin, build_input, build_user, submitted


@pytest.fixture
def bulletin(campaign, alma):
    return build_boil_water(campaign, alma)


def read(row: fact_list.FactRow) -> dict[str, str]:
    return {one.place.key: one.token for one in proposals.proposals(row, row.value, today=NOON.date())}


def unticked(row: fact_list.FactRow, *places: str) -> dict[str, bool]:
    """Return the ticks of a person who leaves every mention in some places."""
    every = proposals.proposals(row, row.value, today=NOON.date())
    return {mention.key: False for one in every if one.place.key in places for mention in one.mentions}


def change(bulletin: Bulletin, row: fact_list.FactRow, value: str, by, **words):
    return fact_changes.change(bulletin, row.key, value, read=read(row), by=by, at=NOON, **words)


def test_a_date_is_one_fact_in_every_text_of_every_language(bulletin):
    row = fact(bulletin, "2 April")

    kinds = {place.key.partition(":")[0] for place, _facts in row.found}
    assert kinds == {"edition", "message", "variant", "asset"} and set(row.languages) == {"fi", "sv", "en"}
    texts = all_texts(bulletin)
    assert {place.key for place, _facts in row.found} == {
        key
        for key, text in texts.items()
        if "2" in text and "Card" not in text and ("2.4" in text or "2 April" in text or "2 april" in text)
    }


def test_it_changes_everywhere_with_its_weekday_and_case_and_nothing_else_does(bulletin, alma):
    row, before = fact(bulletin, "2 April"), all_texts(bulletin)

    made = change(bulletin, row, "2026-04-04", alma)

    after = all_texts(bulletin)
    assert {key for key in before if after[key] != before[key]} == {place.key for place, _facts in row.found}
    said = {edition.language: edition.body for edition in bulletin.editions.all()}
    assert said == {
        "fi": "Keitä vesi lauantaihin 4. huhtikuuta klo 18 asti. Neuvonta auki 4.4. klo 8–16.",
        "sv": "Koka vattnet till lördagen den 4 april kl. 18. Rådgivningen är öppen 4.4 kl. 8–16.",
        "en": "Boil the water until 6 p.m. on Saturday 4 April. Advice is open on 4 April from 8 a.m. to 4 p.m.",
    }
    assert len(made.texts) == len(row.found)
    assert not any(one.code in {"parity", "behind"} for one in registry.findings(bulletin, at=NOON))


TEN_KINDS = {
    "en": "Boil it for 5 minutes until 6 p.m. on 2 April. 40 homes, 12 % of all, get 10 litres for 30 euros at Kirkkokatu 4. Call 0501234567, see vesi.example/a.",
    "fi": "Keitä 5 minuuttia 2. huhtikuuta klo 18 asti. 40 kotia, 12 % kaikista, saa 10 litraa 30 eurolla: Kirkkokatu 4. Soita 0501234567, katso vesi.example/a.",
    "sv": "Koka i 5 minuter till den 2 april kl. 18. 40 hem, 12 % av alla, får 10 liter för 30 euro, Kirkkokatu 4. Ring 0501234567, se vesi.example/a.",
}
CHANGED = {  # {kind: (new value, what stands in Finnish, Swedish and English then)}
    "date": ("2026-05-06", "6. toukokuuta", "6 maj", "6 May"),
    "time": ("19:30", "klo 19.30", "kl. 19.30", "7:30 p.m."),
    "duration": ("7 min", "7 minuuttia", "7 minuter", "7 minutes"),
    "number": ("0", "0 kotia", "0 hem", "0 homes"),
    "percent": ("15", "15 %", "15 %", "15 %"),
    "measure": ("8 l", "8 litraa", "8 liter", "8 litres"),
    "money": ("25 EUR", "25 eurolla", "25 euro", "25 euros"),
    "phone": ("0509999999", "0509999999", "0509999999", "0509999999"),
    "web": ("vesi.example/b", "vesi.example/b", "vesi.example/b", "vesi.example/b"),
    "address": ("Hallituskatu 9", "Hallituskatu 9", "Hallituskatu 9", "Hallituskatu 9"),
}


def test_facts_of_ten_kinds_change_in_three_languages(bulletin, alma):
    bulletin = rewritten(bulletin, TEN_KINDS, alma)
    first = {edition.language: edition.body for edition in bulletin.editions.all()}
    for kind, (value, *_words) in CHANGED.items():
        row = next(
            one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.kind == kind and len(one.languages) == 3
        )
        change(bulletin, row, value, alma)
        bulletin = Bulletin.objects.get(pk=bulletin.pk)
    bodies = {edition.language: edition.body for edition in bulletin.editions.all()}
    for number, language in enumerate(("fi", "sv", "en"), 1):
        missing = {kind: words[number] for kind, words in CHANGED.items() if words[number] not in bodies[language]}
        assert not missing and bodies[language] != first[language], bodies[language]


def test_translations_that_followed_still_follow_and_one_that_was_behind_does_not(bulletin, alma):
    behind = bulletin.editions.get(language="sv")
    behind.source_revision -= 1
    behind.save()

    change(bulletin, fact(bulletin, "2 April"), "2026-04-04", alma)

    original = drafts.original_of(bulletin)
    late = {edition.language for edition in bulletin.editions.all() if edition.behind(original)}
    assert late == {"sv"}


def test_a_place_that_is_left_out_keeps_its_words_and_its_language_is_behind(bulletin, alma):
    row = fact(bulletin, "2 April")
    left = f"edition:{bulletin.editions.get(language='sv').pk}:body"

    change(bulletin, row, "2026-04-04", alma, ticks=unticked(row, left))

    assert all_texts(bulletin)[left] == BODY["sv"]
    assert bulletin.editions.get(language="sv").behind(drafts.original_of(bulletin))


def test_a_reworded_place_says_what_a_person_wrote(bulletin, alma):
    row = fact(bulletin, "2 April")
    title = f"edition:{bulletin.editions.get(language='en').pk}:title"

    change(bulletin, row, "2026-04-04", alma, reworded={title: "Water: boil it till Saturday"})

    assert all_texts(bulletin)[title] == "Water: boil it till Saturday"


def test_undo_brings_every_word_back_and_leaves_translations_current(bulletin, alma):
    before = all_texts(bulletin)
    made = change(bulletin, fact(bulletin, "2 April"), "2026-04-04", alma)

    assert fact_changes.latest(bulletin) == made
    assert fact_changes.undo(made, by=alma, at=NOON + timedelta(minutes=1)) == len(made.texts)

    assert all_texts(bulletin) == before and fact_changes.latest(bulletin) is None
    original = drafts.original_of(bulletin)
    assert not any(edition.behind(original) for edition in bulletin.editions.all())
    with pytest.raises(NotAllowed, match="undone already"):
        fact_changes.undo(made, by=alma, at=NOON)


def test_undo_is_refused_when_a_text_was_changed_since(bulletin, alma):
    made = change(bulletin, fact(bulletin, "2 April"), "2026-04-04", alma)
    editions.save_text(bulletin.editions.get(language="en"), {"title": "Another title"}, {}, by=alma, at=NOON)
    before = all_texts(bulletin)

    with pytest.raises(NotAllowed, match="1 text was changed since"):
        fact_changes.undo(made, by=alma, at=NOON)

    assert all_texts(bulletin) == before


def test_of_two_editors_who_change_one_fact_the_second_sees_the_texts_of_the_first(bulletin, alma):
    row = fact(bulletin, "2 April")
    seen = read(row)
    change(bulletin, row, "2026-04-04", alma)
    before = all_texts(bulletin)

    with pytest.raises(fact_changes.OutOfDate):
        fact_changes.change(bulletin, row.key, "2026-04-05", read=seen, by=build_user("elsa", "editor"), at=NOON)

    assert all_texts(bulletin) == before and bulletin.fact_changes.count() == 1


def test_a_text_that_somebody_changed_while_the_places_were_looked_at_is_not_written_over(bulletin, alma):
    row = fact(bulletin, "2 April")
    seen = read(row)
    editions.save_text(
        bulletin.editions.get(language="en"), {"body": BODY["en"] + " Wash hands."}, {}, by=alma, at=NOON
    )
    before = all_texts(bulletin)

    with pytest.raises(fact_changes.OutOfDate):
        fact_changes.change(bulletin, row.key, "2026-04-04", read=seen, by=alma, at=NOON)

    assert all_texts(bulletin) == before


def test_what_has_no_room_is_refused_until_a_person_shortens_it(bulletin, alma):
    edition = bulletin.editions.get(language="en")
    edition.subject = "Water in the whole city of Nokia is to be boiled until May 2"
    assert len(edition.subject) == 60
    drafts.save_edition(edition, by=alma, at=NOON)
    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    row = next(one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.value == "05-02")
    before = all_texts(bulletin)

    with pytest.raises(NotAllowed, match="too long"):
        change(bulletin, row, "2026-12-24", alma)
    assert all_texts(bulletin) == before

    change(
        bulletin,
        row,
        "2026-12-24",
        alma,
        reworded={f"edition:{edition.pk}:subject": "Boil the water until 24 December"},
    )
    assert bulletin.editions.get(language="en").subject == "Boil the water until 24 December"


def test_a_change_voids_the_review_and_makes_its_author_an_editor(bulletin, alma):
    elsa = build_user("elsa", "editor")
    submitted(bulletin, by=alma)

    change(bulletin, fact(bulletin, "2 April"), "2026-04-04", elsa)

    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT
    assert bulletin.reviews.filter(by=elsa, decision=Review.Decision.EDITED).exists()


def test_nothing_changes_when_every_place_is_left_out(bulletin, alma):
    row, before = fact(bulletin, "2 April"), all_texts(bulletin)

    with pytest.raises(NotAllowed):
        change(bulletin, row, "2026-04-04", alma, ticks=unticked(row, *read(row)))

    assert all_texts(bulletin) == before and not bulletin.fact_changes.exists()


@pytest.mark.parametrize(
    ("shown", "typed", "value"),
    [
        ("2 April", "2026-04-04", "2026-04-04"),
        ("2 April", "4 April", "04-04"),
        ("18:00", "19:30", "19:30"),
        ("18:00", "7.30 p.m.", "19:30"),
    ],
)
def test_a_value_is_typed_as_people_write_it(bulletin, shown, typed, value):
    assert new_values.read(fact(bulletin, shown), typed, today=NOON.date()) == value


def test_an_authoritys_update_proposes_the_changes_that_it_asks_for(campaign, alma):
    first = build_input(campaign, language="en", body="Boil the water until 2 April 2026. Call 0800 12345.")
    bulletin = build_bulletin(campaign, by=alma, inputs=[first])
    edition = bulletin.editions.get(language="en")
    edition.body = "Boil the water until 2 April. Call 0800 12345."
    drafts.save_edition(edition, by=alma, at=NOON)
    newer = submissions.submit(
        campaign=campaign, authority=first.authority, by=first.submitted_by, at=NOON, title=first.title,
        body="Boil the water until 5 April 2026. Call 0800 12345.", language="en", replaces=first,
    )  # fmt: skip
    parts = Parts(Bulletin.objects.get(pk=bulletin.pk))

    asked = updates.proposed(parts, fact_list.facts_of(parts, at=NOON), at=NOON)

    assert [(one.row.kind, one.value, one.source) for one in asked] == [("date", "2026-04-05", newer)]


def test_the_list_costs_the_same_however_many_texts_there_are(bulletin, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        fact_list.facts_of(Parts(bulletin), at=NOON)


def test_an_old_value_that_is_left_blocks_once_for_all_its_places(bulletin, alma):
    row = fact(bulletin, "2 April")
    left = [place.key for place, _facts in row.found if place.language == "sv"]
    change(bulletin, row, "2026-04-04", alma, ticks=unticked(row, *left))

    found = [one for one in registry.stops(bulletin, at=NOON) if one.code == "old-fact"]

    assert len(left) > 3 and len(found) == 1
    assert str(len({place.where for place, _facts in row.found if place.key in left})) in found[0].says


def test_a_fact_that_was_changed_back_blocks_nothing(bulletin, alma):
    change(bulletin, fact(bulletin, "2 April"), "04-04", alma)
    change(bulletin, fact(bulletin, "4 April"), "04-02", alma)

    assert not [one for one in registry.stops(bulletin, at=NOON) if one.code == "old-fact"]


@pytest.mark.parametrize(("weekday", "level"), [("Monday", "stops"), ("Friday", "advice"), ("Wednesday", "advice")])
def test_a_weekday_that_its_date_has_in_no_year_near_blocks(bulletin, alma, weekday, level):
    """The second of April is a Wednesday in 2025, a Thursday in 2026 and a Friday in 2027."""
    edition = bulletin.editions.get(language="en")
    edition.body = edition.body.replace("Thursday", weekday)
    drafts.save_edition(edition, by=alma, at=NOON)

    stored = Bulletin.objects.get(pk=bulletin.pk)
    (found,) = [one for one in registry.findings(stored, at=NOON) if one.code == "wrong-weekday"]
    assert found.level == level and f"{weekday} 2 April" in found.says and "Thursday" in found.says


def test_a_phone_number_is_written_as_it_was_typed_and_a_link_is_left_alone(bulletin, alma):
    edition = bulletin.editions.get(language="en")
    edition.body = "Call 09 310 10020. More: [the city](https://www.city.example/2020/water)."
    drafts.save_edition(edition, by=alma, at=NOON)
    bulletin = Bulletin.objects.get(pk=bulletin.pk)
    rows = {row.kind: row for row in fact_list.facts_of(Parts(bulletin), at=NOON)}
    assert "web" not in rows
    with pytest.raises(new_values.NoValue):
        new_values.read(rows["phone"], "x" * 4000, today=NOON.date())
    value = new_values.read(rows["phone"], "+358 9 310 10021", today=NOON.date())

    change(bulletin, rows["phone"], value, alma)

    assert bulletin.editions.get(language="en").body == edition.body.replace("09 310 10020", "+358 9 310 10021")


def test_a_value_may_be_typed_in_another_language_of_the_bulletin(bulletin):
    assert new_values.read(fact(bulletin, "2 April"), "lauantaina 4. huhtikuuta", today=NOON.date()) == "04-04"


def test_a_change_that_no_submission_says_blocks_once(campaign, alma):
    source = build_input(campaign, language="en", body="Boil the water until 2 April 2026.")
    bulletin = build_boil_water(campaign, alma)
    bulletin.inputs.add(source)

    change(bulletin, fact(bulletin, "2 April"), "04-04", alma)

    found = [one for one in registry.stops(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "other-date"]
    assert len(found) == 1 and "the submission says 2 April" in found[0].says


def test_a_change_that_no_submission_says_stands_for_the_reason_that_was_given_with_it(campaign, alma):
    bulletin = build_boil_water(campaign, alma)
    bulletin.inputs.add(build_input(campaign, language="en", body="Boil the water until 2 April 2026. Call by 9 May."))
    row = fact(bulletin, "2 April")
    assert updates.differs_from_submissions(row, "2026-04-04") and not updates.differs_from_submissions(row, "05-09")
    with pytest.raises(NotAllowed, match="at least 10"):
        change(bulletin, row, "04-04", alma, reason="phone")
    assert fact(bulletin, "2 April").key == row.key

    change(bulletin, row, "04-04", alma, reason="The city of Nokia, by phone at 2:40")

    kept = [one for one in registry.findings(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "other-date"]
    assert [(one.level, one.override.reason) for one in kept] == [("stands", "The city of Nokia, by phone at 2:40")]


def rewritten(bulletin: Bulletin, bodies: dict[str, str], by) -> Bulletin:
    """Return the bulletin with other texts."""
    for edition in sorted(bulletin.editions.all(), key=lambda one: one.language != bulletin.original_language):
        edition.body = bodies[edition.language]
        drafts.save_edition(edition, by=by, at=NOON)
    return Bulletin.objects.get(pk=bulletin.pk)


def bodies(bulletin: Bulletin) -> dict[str, str]:
    return {edition.language: edition.body for edition in bulletin.editions.all()}


ALONE = {
    "fi": "Keitä vesi 2.4. asti. Torstaina otamme uudet näytteet.",
    "sv": "Koka vattnet till 2.4. På torsdag tar vi nya prov.",
    "en": "Boil the water until 2 April. On Thursday we take new samples.",
}


def test_a_weekday_that_stands_alone_changes_with_its_date(bulletin, alma):
    bulletin = rewritten(bulletin, ALONE, alma)
    row = fact(bulletin, "2 April")
    assert {place.language for place, _facts in row.weekdays} == {"fi", "sv", "en"}

    change(bulletin, row, "04-04", alma)

    assert bodies(bulletin) == {
        "fi": "Keitä vesi 4.4. asti. Lauantaina otamme uudet näytteet.",
        "sv": "Koka vattnet till 4.4. På lördag tar vi nya prov.",
        "en": "Boil the water until 4 April. On Saturday we take new samples.",
    }
    assert not [one for one in registry.findings(bulletin, at=NOON) if one.code == "old-weekday"]


def test_a_weekday_that_may_be_of_another_date_stays_and_is_named_before_submitting(bulletin, alma):
    more = {"fi": " Auki myös 9.4.", "sv": " Öppet även 9.4.", "en": " Open on 9 April too."}
    bulletin = rewritten(bulletin, {code: text + more[code] for code, text in ALONE.items()}, alma)
    row = fact(bulletin, "2 April")
    assert row.rivals == ["9 April"]

    change(bulletin, row, "04-04", alma)

    assert "On Thursday we" in bodies(bulletin)["en"] and "Torstaina" in bodies(bulletin)["fi"]
    (found,) = [
        one for one in registry.findings(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "old-weekday"
    ]
    assert found.level == "advice" and "Saturday" in found.says


def test_a_weekday_that_was_left_blocks_once_for_all_its_places(bulletin, alma):
    bulletin = rewritten(bulletin, ALONE, alma)
    row = fact(bulletin, "2 April")
    every = proposals.proposals(row, "04-04", today=NOON.date())
    left = {mention.key: False for one in every for mention in one.mentions if mention.fact.kind == "weekday"}
    assert len(left) == 3

    change(bulletin, row, "04-04", alma, ticks=left)

    assert "På torsdag" in bodies(bulletin)["sv"]
    found = [one for one in registry.stops(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "old-weekday"]
    assert len(found) == 1 and "3 texts" in found[0].says


def test_a_word_such_as_tomorrow_is_shown_with_its_date_and_stays_until_it_is_ticked(bulletin, alma):
    tomorrow = {
        "fi": "Vesi on poikki 26.3. Palaamme asiaan huomenna.",
        "sv": "Vattnet är avstängt 26.3. Vi återkommer i morgon.",
        "en": "The water is off on 26 March. We are back tomorrow.",
    }
    bulletin = rewritten(bulletin, tomorrow, alma)
    row = fact(bulletin, "26 March")
    every = [mention for one in proposals.proposals(row, "03-27", today=NOON.date()) for mention in one.mentions]
    words = {mention.fact.written: mention for mention in every if mention.fact.kind == "day"}
    assert set(words) == {"huomenna", "i morgon", "tomorrow"}
    assert words["tomorrow"].words == "the day after tomorrow" and "Today this word means" in words["tomorrow"].note

    change(bulletin, row, "03-27", alma, ticks={words["huomenna"].key: True})

    assert bodies(bulletin) == {
        "fi": "Vesi on poikki 27.3. Palaamme asiaan ylihuomenna.",
        "sv": "Vattnet är avstängt 27.3. Vi återkommer i morgon.",
        "en": "The water is off on 27 March. We are back tomorrow.",
    }


CITING = {
    "fi": "Keitä vesi 2.4. asti.\n\nLähde: Nokian Vesi, 2.4.2026",
    "sv": "Koka vattnet till 2.4.\n\nKälla: Nokia vatten, 2.4.2026",
    "en": "Boil the water until 2 April.\n\nSource: Nokia Water, 2 April 2026",
}


def test_a_source_keeps_its_date_unless_it_is_ticked(bulletin, alma):
    bulletin = rewritten(bulletin, CITING, alma)
    row = fact(bulletin, "Thursday 2 April 2026")

    change(bulletin, row, "2026-04-04", alma)

    assert bodies(bulletin) == {
        "fi": "Keitä vesi 4.4. asti.\n\nLähde: Nokian Vesi, 2.4.2026",
        "sv": "Koka vattnet till 4.4.\n\nKälla: Nokia vatten, 2.4.2026",
        "en": "Boil the water until 4 April.\n\nSource: Nokia Water, 2 April 2026",
    }
    (found,) = [
        one for one in registry.findings(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "old-fact"
    ]
    assert found.level == "advice" and "sources still say it in 3 texts" in found.says
    original = drafts.original_of(bulletin)
    assert not any(edition.behind(original) for edition in bulletin.editions.all())


def test_each_mention_of_one_text_is_ticked_by_itself(bulletin, alma):
    bulletin = rewritten(bulletin, CITING, alma)
    row = fact(bulletin, "Thursday 2 April 2026")
    swedish = f"edition:{bulletin.editions.get(language='sv').pk}:body"
    (place,) = [one for one in proposals.proposals(row, "2026-04-04", today=NOON.date()) if one.place.key == swedish]
    assert [mention.is_taken for mention in place.mentions] == [True, False]
    said, cited = (mention.key for mention in place.mentions)

    change(bulletin, row, "2026-04-04", alma, ticks={said: False, cited: True})

    assert bodies(bulletin)["sv"] == "Koka vattnet till 2.4.\n\nKälla: Nokia vatten, 4.4.2026"


def test_words_beside_a_number_that_may_not_fit_it_are_named_and_shown_to_reword(bulletin, alma):
    texts = {"fi": "Enintään kymmenen ihmistä.", "sv": "Högst tio personer.", "en": "At most ten people."}
    bulletin = rewritten(bulletin, texts, alma)
    row = next(one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.key == "number:10")

    proposed = proposals.proposals(row, "1", today=NOON.date())

    assert [one.wants_a_look for one in proposed] == [True] * 3 and not row.is_small
    assert {one.place.language: one.after for one in proposed} == {
        "fi": "Enintään yksi ihminen.",
        "sv": "Högst en person.",
        "en": "At most one person.",
    }
    assert all("may not fit" in one.mentions[0].note for one in proposed)
    assert not any(one.wants_a_look for one in proposals.proposals(row, "12", today=NOON.date()))


@pytest.mark.parametrize(
    ("shown", "typed", "reason"),
    [
        ("2 April", "29 February", "no 29 February"),
        ("2 April", "29.2.2027", "no such day"),
        ("2 April", "31 June", "no such day"),
        ("2 April", "Friday 4 April", "that day is a Saturday"),
        ("2 April", "soon", "no such day"),
        ("2 April", "2 April", "say that already"),
        ("18:00", "25:00", "no such time"),
        ("10", "-5", "less than zero"),
        ("10", "ten or so many", "say that already"),
        ("10", "many", "not a value of that kind"),
    ],
)
def test_what_nobody_would_say_is_refused_with_the_reason(bulletin, alma, shown, typed, reason):
    english = {**BODY, "en": BODY["en"] + " At most 10 people."}
    row = fact(rewritten(bulletin, english, alma), shown)
    with pytest.raises(new_values.NoValue, match=reason):
        new_values.read(row, typed, today=NOON.date())


def test_a_temperature_may_be_below_zero(bulletin, alma):
    bulletin = rewritten(bulletin, dict.fromkeys(BODY, "Lämpö -5 °C."), alma)
    row = next(one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.kind == "measure")
    assert new_values.read(row, "-12", today=NOON.date()) == "-12 °C"


@pytest.mark.parametrize("typed", ["3 litres", "3 l", "3", "3 litraa", "3 liter"])
def test_a_measure_is_kept_as_one_value_however_its_unit_is_written(bulletin, alma, typed):
    bulletin = rewritten(bulletin, {"en": "Take 2 litres.", "fi": "Ota 2 litraa.", "sv": "Ta 2 liter."}, alma)
    assert new_values.read(fact(bulletin, "2 litres"), typed, today=NOON.date()) == "3 l"


def test_a_range_that_would_end_before_it_begins_waits_for_a_person(bulletin, alma):
    texts = {
        "fi": "Vesi on poikki 6.–8.4.",
        "sv": "Vattnet är avstängt den 6–8 april.",
        "en": "The water is off 6–8 April.",
    }
    bulletin = rewritten(bulletin, texts, alma)
    row = fact(bulletin, "6 April")

    with pytest.raises(NotAllowed, match="end before it begins"):
        change(bulletin, row, "04-10", alma)
    assert bodies(bulletin) == texts

    change(bulletin, row, "04-07", alma)
    assert bodies(bulletin)["fi"] == "Vesi on poikki 7.–8.4."


def test_what_a_reader_calls_one_fact_is_one_row(bulletin, alma):
    texts = {
        "fi": "Yli 70-vuotiaat: varautukaa 48 tunniksi, kahden päivän ajaksi. Pidä 1–2 metrin väli.",
        "sv": "Ni som är över 70 år: förbered er för 48 timmar. Håll 1–2 meters avstånd.",
        "en": "People over 70: be ready for 48 hours. Keep 1–2 metres apart.",
    }
    rows = fact_list.facts_of(Parts(rewritten(bulletin, texts, alma)), at=NOON)

    ages = [row for row in rows if "70" in row.value]
    assert [(row.kind, set(row.languages)) for row in ages] == [("duration", {"fi", "sv", "en"})]
    assert len([row for row in rows if row.kind == "duration" and row not in ages]) == 1
    assert [row.shown for row in rows if row.kind == "measure"] == ["1 in “1–2 metres”", "2 in “1–2 metres”"]

    change(bulletin, ages[0], "75 y", alma)
    assert all("75" in text and "70" not in text for text in bodies(bulletin).values())


def test_timings_of_a_script_are_no_facts_and_small_numbers_come_last(bulletin, alma):
    bulletin = rewritten(bulletin, {code: f"{text} 3 x." for code, text in BODY.items()}, alma)
    bulletin.editions.get(language="en").variants.update(script="0:00–0:05 Tap.\n0:05–0:12 Pan. Until 2 April.")
    rows = fact_list.facts_of(Parts(Bulletin.objects.get(pk=bulletin.pk)), at=NOON)

    assert not [row for row in rows if row.value.startswith("00:")]
    assert [row.is_small for row in rows] == sorted(row.is_small for row in rows)


@pytest.mark.parametrize("typed", ["Main street [x](//evil.example) 3", "<b>Main</b> 3", "`Main` 3", "**Main** 3"])
def test_an_address_brings_no_mark_up_into_the_texts(bulletin, alma, typed):
    bulletin = rewritten(bulletin, dict.fromkeys(BODY, "Kirkkokatu 16"), alma)
    row = next(one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.kind == "address")
    with pytest.raises(new_values.NoValue):
        new_values.read(row, typed, today=NOON.date())


def test_a_correction_names_the_sentence_that_was_wrong(bulletin):
    row = fact(bulletin, "2 April")
    proposed = proposals.proposals(row, "04-04", today=NOON.date())

    said = {
        code: changed
        for code, _name, changed, _share in fact_changes.words_of_correction(bulletin, row, "04-04", proposed)
    }

    assert said["en"] == (
        "We wrote: “Boil the water until 6 p.m. on Thursday 2 April”. "
        "It should say: “Boil the water until 6 p.m. on Saturday 4 April”."
    )
    assert "Keitä vesi torstaihin 2. huhtikuuta" in said["fi"] and "lauantaihin 4. huhtikuuta" in said["fi"]
    assert "torsdagen den 2 april" in said["sv"] and "lördagen den 4 april" in said["sv"]


def test_what_a_correction_quotes_has_no_markdown(bulletin, alma):
    """A bold word at the beginning or across the sentence, a list, a link, a heading, a quote, a code, a line that goes on."""
    texts = {
        "fi": "## A\n\n- **Tämä muuttuu:** Kaikki 1.–3. luokan oppilaat\n  tulevat *kouluun* torstaista **2. huhtikuuta** alkaen.\n- Muuta.",
        "sv": "> Läs [nytt om **torsdagen den 2 april** här](https://a.example/x). Mer.",
        "en": "1. **One thing. From `Thursday` 2 April** it changes. More.",
    }
    row = fact(rewritten(bulletin, texts, alma), "2 April")
    proposed = proposals.proposals(row, "04-04", today=NOON.date())

    with override("en"):
        words = fact_changes.words_of_correction(bulletin, row, "04-04", proposed)

    assert {code: name for code, name, *_texts in words} == {"fi": "Finnish", "sv": "Swedish", "en": "English"}
    said = {code: changed for code, _name, changed, _share in words}
    assert said["fi"] == (
        "Kirjoitimme: ”Tämä muuttuu: Kaikki 1.–3. luokan oppilaat tulevat kouluun torstaista 2. huhtikuuta alkaen”. "
        "Oikein on: ”Tämä muuttuu: Kaikki 1.–3. luokan oppilaat tulevat kouluun lauantaista 4. huhtikuuta alkaen”."
    )
    assert said["sv"].startswith("Vi skrev: ”Läs nytt om torsdagen den 2 april här”.")
    assert said["en"].startswith("We wrote: “From Thursday 2 April it changes”.")


YEAR_BEFORE = {  # 22 March is a Monday in 2021, a Sunday in 2026
    "fi": "Opetus alkaa maanantaista 22. maaliskuuta. Lähde: Yle 19.3.2021.",
    "sv": "Undervisningen börjar måndagen den 22 mars. Källa: Yle 19.3.2021.",
    "en": "Teaching begins on Monday 22 March. Source: Yle, 19 March 2021.",
}


def test_a_date_without_a_year_is_of_the_year_of_its_texts(bulletin, alma):
    bulletin = rewritten(bulletin, YEAR_BEFORE, alma)
    row = fact(bulletin, "22 March")
    assert "wrong-weekday" not in {one.code for one in registry.findings(bulletin, at=NOON)}
    for typed in ("Monday 29 March", "maanantai 29.3.", "måndag 29.3"):
        assert new_values.read(row, typed, today=row.near) == "03-29"
    for typed in ("Sunday 29 March", "sunnuntai 29.3.", "söndag 29.3"):  # as in 2026
        with pytest.raises(new_values.NoValue, match="that day is a Monday"):
            new_values.read(row, typed, today=row.near)

    change(bulletin, row, "03-30", alma)

    assert bodies(bulletin)["fi"].startswith("Opetus alkaa tiistaista 30. maaliskuuta.")
    assert bodies(bulletin)["en"].startswith("Teaching begins on Tuesday 30 March.")
    assert "wrong-weekday" not in {one.code for one in registry.findings(bulletin, at=NOON)}
    # A day that follows one with its year takes the year that comes next to it.
    rows = fact_list.facts_of(Parts(rewritten(bulletin, dict.fromkeys(BODY, "30.12.2026"), alma)), at=NOON)
    year_end = next(row for row in rows if row.value == "2026-12-30")
    assert new_values.read(year_end, "2 January", today=year_end.near) == "2027-01-02"


@pytest.mark.parametrize(
    "typed",
    [
        *("maanantai 2.12.2026", "måndag 2.12.2026", "ti 2.12.2026", "sunnuntai 30.3.", "söndag 30 mars", "Sunday 30 March", "to 30.3."),
        *("maanatai 30.3.", "Montag 30.3.2026", "30 March or 1 April", "Monday 30 March, not Sunday"),
    ],
)  # fmt: skip
def test_no_weekday_and_no_word_beside_a_date_is_passed_over(bulletin, typed):
    with pytest.raises(new_values.NoValue, match=r"that day is a (Monday|Wednesday)|not written as in a text"):
        new_values.read(fact(bulletin, "2 April"), typed, today=NOON.date())


AGES = {  # as in the demo
    "fi": "Myös ohje yli 70-vuotiaille on ennallaan.\n\nHelsinki-apu auttaa yli 70-vuotiaita arkisin.",
    "sv": "Rådet till dem som är över 70 år är detsamma.\n\nHjälpen finns för dem över 70 år på vardagar.",
    "en": "The advice for people over 70 is also the same.\n\nThe line helps residents over 70 on weekdays.",
}


def age_row(bulletin: Bulletin) -> fact_list.FactRow:
    (row,) = [row for row in fact_list.facts_of(Parts(bulletin), at=NOON) if row.value.startswith("70")]
    return row


@pytest.mark.parametrize(("code", "was"), [("en", "70 years"), ("fi", "70 vuotta"), ("sv", "70 år")])
def test_an_age_is_one_row_shown_in_the_readers_words_whatever_text_counts_years(bulletin, alma, code, was):
    with override(code):
        row = age_row(rewritten(bulletin, AGES, alma))
        assert (row.key, row.shown, set(row.languages)) == ("duration:70 y", was, {"fi", "sv", "en"})
        assert new_values.read(row, was.replace("70", "75"), today=NOON.date()) == "75 y"


def test_a_correction_quotes_each_language_from_its_own_text(bulletin, alma):
    row = age_row(rewritten(bulletin, AGES, alma))
    proposed = proposals.proposals(row, "75 y", today=NOON.date())

    said = {
        code: changed
        for code, _name, changed, _share in fact_changes.words_of_correction(bulletin, row, "75 y", proposed)
    }

    assert said == {
        "en": "We wrote: “The advice for people over 70 is also the same”. It should say: “The advice for people over 75 is also the same”.",
        "fi": "Kirjoitimme: ”Myös ohje yli 70-vuotiaille on ennallaan”. Oikein on: ”Myös ohje yli 75-vuotiaille on ennallaan”.",
        "sv": "Vi skrev: ”Rådet till dem som är över 70 år är detsamma”. Det ska stå: ”Rådet till dem som är över 75 år är detsamma”.",
    }


@pytest.mark.parametrize("silent", ["en", "fi", "sv"])
def test_a_correction_quotes_nothing_in_a_language_that_does_not_say_the_fact(bulletin, alma, silent):
    row = next(
        row
        for row in fact_list.facts_of(Parts(rewritten(bulletin, AGES | {silent: "Nokia."}, alma)), at=NOON)
        if row.value.startswith("70")
    )
    proposed = proposals.proposals(row, row.value.replace("70", "75"), today=NOON.date())

    words = {
        code: texts
        for code, _name, *texts in fact_changes.words_of_correction(
            bulletin, row, row.value.replace("70", "75"), proposed
        )
    }

    assert words[silent] == ["", ""]
    assert all("70" in text and "75" in text for code in set(words) - {silent} for text in words[code])


def test_an_age_that_is_left_in_a_text_blocks_though_it_counts_no_years(bulletin, alma):
    bulletin = rewritten(bulletin, AGES, alma)
    row = age_row(bulletin)
    change(bulletin, row, "75 y", alma, ticks=unticked(row, f"edition:{bulletin.editions.get(language='en').pk}:body"))

    (found,) = [one for one in registry.stops(bulletin, at=NOON) if one.code == "old-fact"]
    assert "“70”" in found.says


def test_an_age_in_months_waits_for_a_person_where_the_text_counts_no_years(bulletin, alma):
    row = age_row(rewritten(bulletin, AGES, alma))
    words = {
        one.place.language: {mention.words for mention in one.mentions}
        for one in proposals.proposals(row, "6 mo", today=NOON.date())
    }
    assert words["en"] == words["fi"] == {None}


@pytest.mark.parametrize("code", ["en", "fi", "sv"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "2026-04-02"), ("date", "02-29"), ("month", "03"), ("month", "2026-03"), ("duration", "75 y"), ("duration", "1.5 h"),
        ("measure", "-12 °C"), ("money", "25000 EUR"), ("percent", "0.5"), ("number", "12000"),
    ],
)  # fmt: skip
def test_what_the_field_begins_with_is_in_words_and_read_as_the_same_value(code, kind, value):
    row = fact_list.FactRow(kind, value, "", [], [])
    with override(code):
        words = fact_list.typed_value(kind, value, NOON.date())
        assert words != value
        # What is pressed unchanged is what the texts have, or the day that this year has not.
        says = "29" if value == "02-29" else _("The texts say that already.")
        with pytest.raises(new_values.NoValue, match=says):
            new_values.read(row, words, today=NOON.date())


def test_a_change_after_approval_voids_it(bulletin, alma):
    approved(bulletin, by=alma)
    assert Bulletin.objects.get(pk=bulletin.pk).state == Bulletin.State.APPROVED

    change(bulletin, fact(bulletin, "2 April"), "2026-04-04", alma)

    now = Bulletin.objects.get(pk=bulletin.pk)
    assert now.state == Bulletin.State.DRAFT
    with pytest.raises(NotAllowed):
        publish.publish(now, at=NOON)


def test_a_value_with_mark_up_stands_in_the_page_as_it_was_typed(bulletin, alma):
    row = fact(bulletin, "2 April")
    shown = proposals.proposals(row, "04-04", today=NOON.date())[0].mentions[0].marked
    assert "<ins>" in shown
    bulletin = rewritten(bulletin, dict.fromkeys(BODY, "<script>x</script> Open 2 April 2.4."), alma)
    every = proposals.proposals(fact(bulletin, "2 April"), "04-04", today=NOON.date())
    assert not any("<script" in mention.marked for one in every for mention in one.mentions)


def test_the_end_of_key_messages_follows_the_day_and_the_hour_that_texts_give_as_the_end(bulletin, alma):
    zone = bulletin.campaign.zone
    ends = {
        bulletin.key_messages.first().pk: datetime(2026, 4, 2, 18, tzinfo=zone),
        KeyMessage.objects.create(bulletin=bulletin, key="until-may", text=MESSAGE).pk: datetime(2026, 5, 2, 18, 30, tzinfo=zone),
    }  # fmt: skip
    first, other = ends

    def stored():
        return dict(bulletin.key_messages.values_list("pk", "valid_until"))

    for pk, end in ends.items():
        bulletin.key_messages.filter(pk=pk).update(valid_until=end)
    row = fact(bulletin, "2 April")
    assert validities.moved(replace(row, near=date(2020, 3, 30)), "04-04", ends[first]) == datetime(
        2026, 4, 4, 18, tzinfo=zone
    ), "beside a source of another year"
    fact_changes.change(bulletin, row.key, "2026-04-04", read=read(row), by=alma, at=NOON)
    assert stored() == {first: datetime(2026, 4, 4, 18, tzinfo=zone), other: ends[other]}

    row = next(one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.key == "time:18:00")
    made = fact_changes.change(bulletin, row.key, "20:00", read=read(row), by=alma, at=NOON)
    assert stored() == {first: datetime(2026, 4, 4, 20, tzinfo=zone), other: ends[other]}

    # Undone, they are as before; not where somebody gave them another end.
    fact_changes.undo(made, by=alma, at=NOON)
    bulletin.key_messages.filter(pk=first).update(valid_until=ends[other])
    with pytest.raises(NotAllowed, match="1 text was changed since"):
        fact_changes.undo(fact_changes.latest(bulletin), by=alma, at=NOON)
    bulletin.key_messages.filter(pk=first).update(valid_until=datetime(2026, 4, 4, 18, tzinfo=zone))
    fact_changes.undo(fact_changes.latest(bulletin), by=alma, at=NOON)
    assert stored() == ends

    # An opening hour is no end.
    row = next(one for one in fact_list.facts_of(Parts(bulletin), at=NOON) if one.key == "time:08:00")
    bulletin.key_messages.filter(pk=first).update(valid_until=datetime(2026, 4, 2, 8, tzinfo=zone))
    fact_changes.change(bulletin, row.key, "09:00", read=read(row), by=alma, at=NOON)
    assert stored()[first] == datetime(2026, 4, 2, 8, tzinfo=zone)
