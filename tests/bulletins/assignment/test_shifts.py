"""At the end of a shift everything goes to a colleague, or to whoever is next, in one press and with a note."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.privacy import retention
from bulletins.assignment import assignments, shifts
from bulletins.editing import drafts
from bulletins.intake import submissions
from bulletins.models import Bulletin, Handover, MessageInput, NotAllowed
from notifications.models import Notice
from questions.models import QuestionGroup
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


@pytest.fixture
def busy(campaign: Any, alma: Any) -> Any:
    """Alma has a submission, a bulletin and a question."""
    submissions.accept(builders.build_input(campaign), by=alma, at=NOON)
    drafts.start(campaign, by=alma, at=NOON)
    QuestionGroup.objects.create(campaign=campaign, slug="food", label={"en": "Is it safe?"}, taken_by=alma)
    return alma


def holders() -> set[Any]:
    """Return who has the submission, the bulletin and the question."""
    return {model.objects.get().taken_by for model in (MessageInput, Bulletin, QuestionGroup)}


def test_everything_goes_to_the_colleague_who_is_told_once(busy, campaign, veikko):
    given = shifts.hand_over(campaign, veikko, note=" The water is off.\r\n", by=busy, at=NOON)

    assert holders() == {veikko}
    assert (given.note, len(given.things)) == ("The water is off.", 3)
    assert [one.kind for one in Notice.objects.filter(person=veikko)] == ["shift_handed_over"]
    assert AuditEntry.objects.filter(verb="shift.handed_over", actor=busy).get().detail["things"] == 3
    assert list(shifts.waiting_for(veikko, campaign)) == [given]
    assert list(shifts.waiting_for(busy, campaign)) == []


def test_the_note_stands_until_it_is_taken_over(busy, campaign, veikko):
    given = shifts.hand_over(campaign, veikko, note="Ring them.", by=busy, at=NOON)

    assert shifts.take_over(given, by=veikko, at=NOON + timedelta(minutes=5)) == 0

    assert list(shifts.waiting_for(veikko, campaign)) == []
    assert (given.taken_by, given.taken_at) == (veikko, NOON + timedelta(minutes=5))
    assert AuditEntry.objects.filter(verb="shift.taken_over", actor=veikko).exists()


def test_what_waits_for_whoever_is_next_is_unassigned_until_they_take_it_over(busy, campaign, veikko):
    given = shifts.hand_over(campaign, None, note="", by=busy, at=NOON)
    assert holders() == {None}

    assert shifts.take_over(given, by=veikko, at=NOON) == 3

    assert holders() == {veikko}


def test_what_somebody_took_in_the_meantime_stays_theirs(busy, campaign, veikko):
    given = shifts.hand_over(campaign, None, note="", by=busy, at=NOON)
    assignments.assign(Bulletin.objects.get(), busy, had=None, by=busy, at=NOON)

    assert shifts.take_over(given, by=veikko, at=NOON) == 2

    assert Bulletin.objects.get().taken_by == busy


def test_a_shift_is_taken_over_once(busy, campaign, veikko):
    given = shifts.hand_over(campaign, None, note="", by=busy, at=NOON)
    shifts.take_over(given, by=veikko, at=NOON)

    with pytest.raises(NotAllowed, match="Veikko has it"):
        shifts.take_over(given, by=busy, at=NOON)

    assert holders() == {veikko}


def test_nobody_takes_over_what_is_for_someone_else(busy, campaign, veikko, liisa):
    given = shifts.hand_over(campaign, veikko, note="", by=busy, at=NOON)

    with pytest.raises(NotAllowed, match="Veikko has it"):
        shifts.take_over(given, by=liisa, at=NOON)

    assert Handover.objects.get().taken_at is None


def test_a_colleague_without_the_role_gets_nothing_of_it(busy, campaign, liisa):
    with pytest.raises(NotAllowed, match="Liisa has no role"):
        shifts.hand_over(campaign, liisa, note="Yours.", by=busy, at=NOON)

    assert holders() == {busy}
    assert not Handover.objects.exists()


@pytest.mark.parametrize(("note", "says"), [("", "you have nothing open"), ("x" * 4001, "longer than 4000")])
def test_a_refused_handover_changes_nothing(note, says, campaign, alma, veikko):
    with pytest.raises(NotAllowed, match=says):
        shifts.hand_over(campaign, veikko, note=note, by=alma, at=NOON)

    assert not Handover.objects.exists()
    assert not Notice.objects.filter(person=veikko).exists()


def test_a_note_can_be_left_by_somebody_who_has_nothing(campaign, alma, veikko):
    assert shifts.hand_over(campaign, veikko, note="All quiet.", by=alma, at=NOON).things == []


def test_notes_are_kept_for_a_month(busy, campaign, veikko):
    given = shifts.hand_over(campaign, veikko, note="Ring them.", by=busy, at=NOON)
    shifts.take_over(given, by=veikko, at=NOON)
    rule = retention.rule("handovers")

    assert rule.forget(NOON + timedelta(days=29)) == 0
    assert rule.forget(NOON + timedelta(days=31)) == 1
    assert not Handover.objects.exists()
