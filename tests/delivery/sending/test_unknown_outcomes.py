"""What staff decide about rows in doubt: only what is still in doubt changes, and nothing goes again unseen."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied

from delivery.models import Delivery, NotPossible, Send
from delivery.sending import dispatch, send_deadline, sweeper, unknown_outcomes, worker
from lib import task_queue
from tests.support import builders
from tests.support.builders import NOON, states_of

State = Delivery.State
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def send(campaign: Any) -> Send:
    """A finished send to four people: two in doubt, one set aside, one accepted."""
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=4))
    rows = Delivery.objects.of(send)
    first, second, third, fourth = rows.order_by("pk").values_list("pk", flat=True)
    rows.filter(pk__in=[first, second]).update(state=State.UNKNOWN, finished_at=NOON, attempts=1, handed_off_at=NOON)
    rows.filter(pk=third).update(state=State.FAILED, code=Delivery.QUARANTINED, crashes=3, finished_at=NOON)
    rows.filter(pk=fourth).update(state=State.ACCEPTED, code="250", finished_at=NOON)
    Send.objects.filter(pk=send.pk).update(state=Send.State.FINISHED, finished_at=NOON)
    send.refresh_from_db()
    return send


def rows_in(send: Send, state: State) -> list[Delivery]:
    """Return the rows of a send in a state."""
    return list(Delivery.objects.of(send).filter(state=state).order_by("pk"))


def log() -> list[tuple[str, str]]:
    """Return who did what, as the admin's log has it."""
    return list(LogEntry.objects.order_by("pk").values_list("user__email", "change_message"))


def test_what_staff_know_to_have_arrived_counts_as_accepted(send: Send, oskar: Any) -> None:
    assert unknown_outcomes.resolve(send, "sent", by=oskar, at=LATER) == 2

    assert states_of(send) == {"accepted": 3, "failed": 1}
    settled = [row for row in rows_in(send, State.ACCEPTED) if row.code == Delivery.BY_STAFF]
    assert len(settled) == 2 and all(row.finished_at == LATER and row.detail for row in settled)
    assert send.state == Send.State.FINISHED
    assert log() == [(oskar.email, "sent:2")]


def test_what_is_given_up_counts_as_failed_with_a_reason(send: Send, oskar: Any) -> None:
    assert unknown_outcomes.resolve(send, "not_sent", by=oskar, at=LATER) == 2

    given_up = [row for row in rows_in(send, State.FAILED) if row.code == Delivery.BY_STAFF]
    assert len(given_up) == 2 and all(row.detail and not row.possible_duplicate for row in given_up)
    assert log() == [(oskar.email, "not_sent:2")]


def test_what_is_sent_again_is_marked_and_opens_a_finished_send(send: Send, oskar: Any) -> None:
    assert unknown_outcomes.resolve(send, "again", by=oskar, at=LATER) == 2

    again = rows_in(send, State.QUEUED)
    assert len(again) == 2
    assert all(row.possible_duplicate and row.next_attempt_at == LATER and row.finished_at is None for row in again)
    assert (send.state, send.finished_at) == (Send.State.SENDING, None)
    assert list(Delivery.objects.due_again(send, at=LATER)) == again
    assert sweeper.finish(at=LATER) == 0


def test_a_paused_send_stays_paused_when_rows_of_it_are_to_go_again(send: Send, oskar: Any) -> None:
    Send.objects.filter(pk=send.pk).update(state=Send.State.PAUSED, finished_at=None)

    assert unknown_outcomes.resolve(send, "again", by=oskar, at=LATER) == 2

    assert send.state == Send.State.PAUSED


def test_only_the_chosen_rows_change(send: Send, oskar: Any) -> None:
    chosen, other = rows_in(send, State.UNKNOWN)

    assert unknown_outcomes.resolve(send, "again", by=oskar, at=LATER, rows=[chosen.pk]) == 1

    other.refresh_from_db()
    assert other.state == State.UNKNOWN and not other.possible_duplicate


def test_a_row_that_a_receipt_has_settled_meanwhile_stays_as_it_is(send: Send, oskar: Any) -> None:
    settled, other = rows_in(send, State.UNKNOWN)
    Delivery.objects.filter(pk=settled.pk).update(state=State.ACCEPTED, receipt=Delivery.Receipt.DELIVERED)

    assert unknown_outcomes.resolve(send, "again", by=oskar, at=LATER, rows=[settled.pk, other.pk]) == 1

    settled.refresh_from_db()
    assert settled.state == State.ACCEPTED and not settled.possible_duplicate


def test_rows_of_another_send_never_change(send: Send, campaign: Any, oskar: Any) -> None:
    audience = builders.build_audience(campaign, "others", size=1)
    other = builders.build_fanned_out_send(audience, mailing=builders.build_mailing(campaign, "mailing-2"))
    Delivery.objects.of(other).update(state=State.UNKNOWN)

    unknown_outcomes.resolve(send, "again", by=oskar, at=LATER, rows=[rows_in(other, State.UNKNOWN)[0].pk])
    unknown_outcomes.resolve(send, "sent", by=oskar, at=LATER)

    assert states_of(other) == {"unknown": 1}


def test_what_became_unknown_after_somebody_looked_is_left_alone(send: Send, oskar: Any) -> None:
    _seen, unseen = rows_in(send, State.UNKNOWN)
    Delivery.objects.filter(pk=unseen.pk).update(finished_at=LATER)

    assert unknown_outcomes.resolve(send, "again", by=oskar, at=LATER, seen=NOON + timedelta(minutes=5)) == 1

    assert rows_in(send, State.UNKNOWN) == [unseen]


def test_a_quarantined_row_goes_once_more_and_is_no_duplicate(send: Send, oskar: Any) -> None:
    assert unknown_outcomes.resolve(send, "retry", by=oskar, at=LATER) == 1

    (row,) = rows_in(send, State.QUEUED)
    assert (row.crashes, row.possible_duplicate, row.next_attempt_at, row.code) == (0, False, LATER, "")
    assert send.state == Send.State.SENDING
    assert len(rows_in(send, State.UNKNOWN)) == 2


@pytest.mark.parametrize("how", ["again", "retry"])
@pytest.mark.parametrize("why", ["cancelled", "superseded", "too late"])
def test_nothing_goes_again_of_a_send_that_is_over_for_good(
    how: str, why: str, send: Send, campaign: Any, oskar: Any
) -> None:
    if why == "cancelled":
        Send.objects.filter(pk=send.pk).update(state=Send.State.CANCELLED)
    elif why == "superseded":
        send.mailing.superseded_by = builders.build_mailing(campaign, "mailing-2")
        send.mailing.save()
    else:
        Send.objects.filter(pk=send.pk).update(deadline=LATER - timedelta(minutes=1))
    before = list(Delivery.objects.of(send).order_by("pk").values())

    with pytest.raises(NotPossible, match="Not sent again"):
        unknown_outcomes.resolve(send, how, by=oskar, at=LATER)

    assert list(Delivery.objects.of(send).order_by("pk").values()) == before
    assert log() == []


def test_what_is_unknown_of_a_cancelled_send_can_still_be_settled(send: Send, oskar: Any) -> None:
    Send.objects.filter(pk=send.pk).update(state=Send.State.CANCELLED)

    assert unknown_outcomes.resolve(send, "not_sent", by=oskar, at=LATER) == 2

    assert send.state == Send.State.CANCELLED


def test_only_who_controls_sends_settles_rows(send: Send, fiona: Any) -> None:
    before = states_of(send)

    with pytest.raises(PermissionDenied):
        unknown_outcomes.resolve(send, "sent", by=fiona, at=LATER)
    with pytest.raises(PermissionDenied):
        send_deadline.set_deadline(send, LATER, by=fiona, at=NOON)

    assert states_of(send) == before and log() == []


def test_an_answer_that_nobody_knows_is_refused(send: Send, oskar: Any) -> None:
    with pytest.raises(ValueError, match="maybe"):
        unknown_outcomes.resolve(send, "maybe", by=oskar, at=LATER)


def test_settling_costs_the_same_however_many_rows(
    campaign: Any, oskar: Any, django_assert_max_num_queries: Any
) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=500))
    Delivery.objects.of(send).update(state=State.UNKNOWN)
    oskar.has_perm("delivery.control_send")  # the permissions are cached on the user

    with django_assert_max_num_queries(10):
        assert unknown_outcomes.resolve(send, "again", by=oskar, at=LATER) == 500


# --- Send by ---------------------------------------------------------------------------------------


def test_a_deadline_is_set_and_cleared_and_the_log_says_who(send: Send, oskar: Any) -> None:
    Send.objects.filter(pk=send.pk).update(state=Send.State.SENDING, finished_at=None)

    send_deadline.set_deadline(send, LATER, by=oskar, at=NOON)
    assert Send.objects.get().deadline == LATER
    send_deadline.set_deadline(send, None, by=oskar, at=NOON)

    assert send.deadline is None
    assert [said for _who, said in log()] == [f"deadline:{LATER.isoformat(timespec='minutes')}", "deadline:"]


@pytest.mark.parametrize(("moment", "state"), [(NOON, "sending"), (LATER, "finished"), (LATER, "cancelled")])
def test_a_deadline_in_the_past_or_of_a_send_that_is_over_is_refused(
    moment: datetime, state: str, send: Send, oskar: Any
) -> None:
    Send.objects.filter(pk=send.pk).update(state=state)

    with pytest.raises(NotPossible, match="Not changed"):
        send_deadline.set_deadline(send, moment, by=oskar, at=NOON)

    assert Send.objects.get().deadline is None and log() == []


def test_workers_are_woken_for_rows_that_go_again(send: Send, oskar: Any, monkeypatch: Any) -> None:
    woken: list[Any] = []
    monkeypatch.setattr(task_queue, "wake", lambda *args, **kwargs: woken.append(args))
    assert dispatch.wake_workers(at=LATER) == 0

    unknown_outcomes.resolve(send, "again", by=oskar, at=LATER)

    assert dispatch.wake_workers(at=LATER) == 1
    assert woken == [("delivery.tasks.deliver", send.pk)]


def test_what_goes_again_carries_the_same_message_id_and_ends_the_send(
    campaign: Any, oskar: Any, smtp_sink: Any
) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=2))
    worker.work(send.pk, clock=lambda: NOON)
    sweeper.finish(at=NOON)
    doubtful = Delivery.objects.of(send).select_related("recipient").earliest("pk")
    Delivery.objects.filter(pk=doubtful.pk).update(state=State.UNKNOWN)
    send.refresh_from_db()
    assert send.state == Send.State.FINISHED

    unknown_outcomes.resolve(send, "again", by=oskar, at=LATER)
    worker.work(send.pk, clock=lambda: LATER)
    sweeper.finish(at=LATER)

    first, second = smtp_sink.to(doubtful.recipient.email)
    assert first["Message-ID"] == second["Message-ID"]
    assert len(smtp_sink.caught) == 3
    send.refresh_from_db()
    assert send.state == Send.State.FINISHED and states_of(send) == {"accepted": 2}
    assert list(Delivery.objects.of(send).filter(possible_duplicate=True)) == [doubtful]
