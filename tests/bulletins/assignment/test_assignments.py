"""One person has a thing, nobody has it twice, and whoever is given one is told."""

from typing import Any

import pytest

from accounts.models import AuditEntry
from bulletins.assignment import assignable, assignments
from bulletins.editing import drafts
from bulletins.intake import submissions
from bulletins.models import Bulletin, MessageInput, NotAllowed
from bulletins.publication import corrections
from notifications.models import Notice
from questions.models import QuestionGroup
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


def build_question(campaign: Any, **fields: Any) -> QuestionGroup:
    """Return a question that waits for an answer."""
    return QuestionGroup.objects.create(campaign=campaign, **{"slug": "food", "label": {"en": "Is it safe?"}} | fields)


def build_row(kind: str, campaign: Any) -> Any:
    """Return something of a kind that nobody has."""
    if kind == "input":
        return builders.build_input(campaign)
    if kind == "question":
        return build_question(campaign)
    bulletin = builders.build_bulletin(campaign)
    Bulletin.objects.update(taken_by=None)
    bulletin.refresh_from_db()
    return bulletin


@pytest.mark.parametrize("kind", ["input", "bulletin", "question"])
def test_whoever_is_given_something_has_it_is_told_and_it_is_written_down(kind, campaign, alma, veikko):
    row = build_row(kind, campaign)

    assignments.assign(row, veikko, had=None, by=alma, at=NOON)

    assert type(row).objects.get(pk=row.pk).taken_by == veikko
    notice = Notice.objects.get(kind=f"{kind}_assigned")
    assert (notice.person, notice.subject_id) == (veikko, row.pk)
    assert "Alma" in notice.text
    assert notice.path == assignable.kind_of(row).page(row)
    entry = AuditEntry.objects.about(row).order_by("pk").last()
    assert (entry.verb, entry.actor, entry.detail["to"]) == (
        "input.accepted" if kind == "input" else f"{kind}.assigned",
        alma,
        veikko.pk,
    )


@pytest.mark.parametrize("kind", ["input", "bulletin", "question"])
def test_who_takes_something_is_not_told_of_it(kind, campaign, alma):
    assignments.assign(build_row(kind, campaign), alma, had=None, by=alma, at=NOON)

    assert not Notice.objects.filter(kind=f"{kind}_assigned").exists()


@pytest.mark.parametrize("kind", ["input", "bulletin", "question"])
def test_of_two_who_take_the_same_the_second_is_told_who_has_it(kind, campaign, alma, veikko):
    row = build_row(kind, campaign)
    assignments.assign(row, alma, had=None, by=alma, at=NOON)

    with pytest.raises(NotAllowed, match="Alma"):
        assignments.assign(row, veikko, had=None, by=veikko, at=NOON)

    assert type(row).objects.get(pk=row.pk).taken_by == alma
    assert AuditEntry.objects.filter(actor=veikko).count() == 0


def test_nobody_gets_what_their_role_does_not_let_them_do(campaign, alma, oskar):
    row = build_row("bulletin", campaign)

    with pytest.raises(NotAllowed, match="has no role for this"):
        assignments.assign(row, oskar, had=None, by=alma, at=NOON)

    assert Bulletin.objects.get().taken_by is None


@pytest.mark.parametrize(
    ("kind", "state"), [("input", "declined"), ("bulletin", "published"), ("question", "answered")]
)
def test_what_is_closed_is_given_to_nobody(kind, state, campaign, alma):
    row = build_row(kind, campaign)
    type(row).objects.update(state=state)

    with pytest.raises(NotAllowed, match="it is closed"):
        assignments.assign(row, alma, had=None, by=alma, at=NOON)

    assert type(row).objects.get().taken_by is None
    assert assignments.panel_of(alma, row) is None


def test_what_is_given_back_is_unassigned(campaign, alma):
    row = build_row("question", campaign)
    assignments.assign(row, alma, had=None, by=alma, at=NOON)

    assignments.assign(row, None, had=alma.pk, by=alma, at=NOON)

    assert QuestionGroup.objects.get().taken_by is None


def test_the_contributor_reads_that_a_new_submission_was_taken_on_whoever_assigned_it(campaign, alma, veikko):
    row = builders.build_input(campaign)
    assignments.assign(row, veikko, had=None, by=alma, at=NOON)
    assignments.assign(row, alma, had=veikko.pk, by=veikko, at=NOON)

    assert row.state == MessageInput.State.ACCEPTED
    assert list(row.steps.values_list("verb", flat=True)) == ["submitted", "accepted"]
    verbs = list(AuditEntry.objects.about(row).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["input.submitted", "input.accepted", "input.assigned"]


def test_whoever_starts_a_bulletin_or_its_correction_has_it(campaign, alma, veikko):
    assert drafts.start(campaign, by=alma, at=NOON).taken_by == alma
    bulletin = builders.build_published_version(campaign, by=alma).bulletin

    words = {"what_changed": builders.in_all(en="A day."), "share_text": builders.in_all(en="Another day.")}
    corrections.start_correction(bulletin, by=veikko, at=NOON, **words)

    bulletin.refresh_from_db()
    assert bulletin.taken_by == veikko


def test_what_somebody_has_is_what_is_open_in_this_campaign(campaign, alma):
    other = builders.build_campaign("other")
    for one in (campaign, other):
        submissions.accept(builders.build_input(one), by=alma, at=NOON)
    declined = builders.build_input(campaign)
    submissions.decline(declined, by=alma, at=NOON)
    drafts.start(campaign, by=alma, at=NOON)
    build_question(campaign, taken_by=alma)

    held = list(assignments.held_by(alma, campaign))

    assert [one.kind.key for one in held] == ["bulletin", "input", "question"]


def test_what_somebody_has_costs_the_same_however_much_it_is(campaign, alma, django_assert_max_num_queries):
    def take(number: int) -> None:
        drafts.start(campaign, by=alma, at=NOON)
        submissions.accept(builders.build_input(campaign), by=alma, at=NOON)
        build_question(campaign, slug=f"q{number}", taken_by=alma)

    take(1)
    with django_assert_max_num_queries(12) as before:
        assert len(list(assignments.held_by(alma, campaign))) == 3
    for number in range(2, 6):
        take(number)
    with django_assert_max_num_queries(len(before)):
        assert len(list(assignments.held_by(alma, campaign))) == 15
