"""A fact is changed once, in every language and channel, as one change that can be undone."""

from datetime import timedelta

import pytest

from bulletins.checks import registry
from bulletins.editing import drafts, editions
from bulletins.facts import fact_changes, fact_list, updates
from bulletins.intake import submissions
from bulletins.models import Bulletin, NotAllowed, Parts, Review
from tests.bulletins.facts.boil_water import BODY, all_texts, build_boil_water, fact
from tests.support.builders import NOON, build_bulletin, build_input, build_user, submitted


@pytest.fixture
def bulletin(campaign, alma):
    return build_boil_water(campaign, alma)


def read(row: fact_list.FactRow) -> dict[str, str]:
    return {one.place.key: one.token for one in fact_changes.proposals(row, row.value, today=NOON.date())}


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

    change(bulletin, row, "2026-04-04", alma, left_out=[left])

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
        change(bulletin, row, "2026-04-04", alma, left_out=list(read(row)))

    assert all_texts(bulletin) == before and not bulletin.fact_changes.exists()


@pytest.mark.parametrize(
    ("shown", "typed", "value"),
    [
        ("2 April", "2026-04-04", "2026-04-04"),
        ("2 April", "4 April", "04-04"),
        ("2 April", "31 June", None),
        ("2 April", "soon", None),
        ("18:00", "19:30", "19:30"),
        ("18:00", "7.30 p.m.", "19:30"),
    ],
)
def test_a_value_is_typed_as_people_write_it(bulletin, shown, typed, value):
    assert fact_changes.new_value(fact(bulletin, shown), typed) == value


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
    change(bulletin, row, "2026-04-04", alma, left_out=left)

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
    assert fact_changes.new_value(rows["phone"], "x" * 4000) is None
    value = fact_changes.new_value(rows["phone"], "+358 9 310 10021")

    change(bulletin, rows["phone"], value, alma)

    assert bulletin.editions.get(language="en").body == edition.body.replace("09 310 10020", "+358 9 310 10021")


def test_a_value_may_be_typed_in_another_language_of_the_bulletin(bulletin):
    assert fact_changes.new_value(fact(bulletin, "2 April"), "lauantaina 4. huhtikuuta") == "04-04"


def test_a_change_that_no_submission_says_blocks_once(campaign, alma):
    source = build_input(campaign, language="en", body="Boil the water until 2 April 2026.")
    bulletin = build_boil_water(campaign, alma)
    bulletin.inputs.add(source)

    change(bulletin, fact(bulletin, "2 April"), "04-04", alma)

    found = [one for one in registry.stops(Bulletin.objects.get(pk=bulletin.pk), at=NOON) if one.code == "other-date"]
    assert len(found) == 1 and "the submission says 2 April" in found[0].says
