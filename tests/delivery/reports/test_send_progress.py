"""How a send is doing, from one walk over its rows."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.models import Delivery, MailerHealth, MailerLimit, Mailing, Send
from delivery.reports import ledger, send_progress
from delivery.transports import failover
from tests.support import builders
from tests.support.builders import NOON

State = Delivery.State


@pytest.fixture
def send(campaign: Any) -> Send:
    """A send to thirty people, two minutes old."""
    return builders.build_fanned_out_send(builders.build_audience(campaign, size=30), at=NOON - timedelta(minutes=2))


def put(send: Send, first: int, last: int, **fields: Any) -> None:
    """Write to the rows from the `first` to before the `last` one."""
    keys = list(Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True)[first:last])
    Delivery.objects.filter(pk__in=keys).update(**fields)


def test_it_counts_what_the_ledger_counts(send: Send, campaign: Any, django_assert_num_queries: Any) -> None:
    other = builders.build_fanned_out_send(
        builders.build_audience(campaign, "others", size=5), mailing=builders.build_mailing(campaign, "mailing-2")
    )
    for number, state in enumerate(State):
        put(send, number, number + 1, state=state)

    with django_assert_num_queries(2):
        seen = send_progress.progress_of([send, other], at=NOON)

    assert seen.ledger.total == ledger.ledger_of([send, other]).total
    assert seen.ledger.rows == ledger.ledger_of([send, other]).rows
    assert seen.ledger.total.adds_up


def test_problems_are_grouped_by_state_and_code_and_explained(send: Send) -> None:
    put(send, 0, 3, state=State.FAILED, code="550 5.7.1", detail="Refused by policy")
    put(send, 3, 4, state=State.FAILED, code="550 5.1.1", detail="No such user")
    put(send, 4, 6, state=State.DEFERRED, code="451 4.7.1", next_attempt_at=NOON + timedelta(minutes=5))
    put(send, 5, 6, next_attempt_at=NOON + timedelta(minutes=1))
    put(send, 6, 7, state=State.UNKNOWN, possible_duplicate=True)

    seen = send_progress.progress_of([send], at=NOON)

    assert [(one.state, one.code, one.people) for one in seen.problems] == [
        ("failed", "550 5.7.1", 3),
        ("failed", "550 5.1.1", 1),
        ("deferred", "451 4.7.1", 2),
        ("unknown", "", 1),
    ]
    assert seen.problems[0].says == "Refused by policy"
    assert seen.problems[2].next_try == NOON + timedelta(minutes=1)
    assert seen.possibly_twice == 1
    assert all(one.means for one in seen.problems)


@pytest.mark.parametrize(
    ("state", "code", "part"),
    [
        ("failed", "550 5.1.1", "does not exist"),
        ("failed", "550 5.1.10", "accepts no"),
        ("failed", "550 5.7.26", "policy"),
        ("failed", "554", "permanently"),
        ("failed", "552 5.9.9", "permanently"),
        ("deferred", "421 4.3.2", "slow down"),
        ("deferred", "450 4.2.2", "mailbox is full"),
        ("deferred", "432", "could not accept it now"),
        ("deferred", "", "no connection"),
        ("unknown", "", "may have arrived"),
        ("failed", "quarantined", "set aside"),
        ("accepted", "250 2.0.0", ""),
    ],
)
def test_a_code_is_told_in_words(state: str, code: str, part: str) -> None:
    says = send_progress.meaning(state, code)

    assert part in says and bool(says) == bool(part)


def test_the_pace_is_that_of_the_last_minute(send: Send) -> None:
    put(send, 0, 6, state=State.ACCEPTED, code="250", finished_at=NOON - timedelta(seconds=90))
    put(send, 6, 18, state=State.ACCEPTED, code="250", finished_at=NOON - timedelta(seconds=20))
    put(send, 18, 20, state=State.SUPPRESSED, finished_at=NOON)
    put(send, 20, 24, state=State.DEFERRED, next_attempt_at=NOON + timedelta(hours=1))

    pace = send_progress.pace_of(send, send_progress.progress_of([send], at=NOON), at=NOON)

    assert (pace.per_minute, pace.percent) == (12, 66)
    assert pace.ends_at == NOON + timedelta(seconds=30)  # six more at twelve a minute; the deferred come later


def test_the_pace_of_a_young_send_is_not_told_too_low(campaign: Any) -> None:
    send = builders.build_fanned_out_send(builders.build_audience(campaign, size=30), at=NOON - timedelta(seconds=10))
    put(send, 0, 10, state=State.ACCEPTED, finished_at=NOON - timedelta(seconds=1))

    assert send_progress.pace_of(send, send_progress.progress_of([send], at=NOON), at=NOON).per_minute == 60


@pytest.mark.parametrize("fields", [{"state": "paused"}, {"canary_up_to": 1, "canary_until": NOON}])
def test_no_end_is_told_of_a_send_that_does_not_go_on_by_itself(fields: dict[str, Any], send: Send) -> None:
    put(send, 0, 6, state=State.ACCEPTED, finished_at=NOON)
    Send.objects.filter(pk=send.pk).update(**fields)
    send.refresh_from_db()

    assert send_progress.pace_of(send, send_progress.progress_of([send], at=NOON), at=NOON).ends_at is None


def test_a_send_without_rows_is_looked_at_too(campaign: Any) -> None:
    send = builders.build_send(builders.build_audience(campaign))
    seen = send_progress.progress_of([send], at=NOON)

    assert seen.ledger.total.candidates == 0 and seen.problems == []
    assert send_progress.pace_of(send, seen, at=NOON) == send_progress.Pace(0, 0, None)


def test_what_was_reported_of_the_accepted_is_counted(send: Send, django_assert_num_queries: Any) -> None:
    receipt = Delivery.Receipt
    put(send, 0, 9, state=State.ACCEPTED)
    put(send, 0, 3, receipt=receipt.BOUNCED)
    put(send, 3, 5, receipt=receipt.DELIVERED)
    put(send, 9, 10, state=State.UNKNOWN, receipt=receipt.COMPLAINED)

    with django_assert_num_queries(2):
        seen = send_progress.progress_of([send], at=NOON)

    assert seen.reported == [(receipt.BOUNCED, 3), (receipt.DELIVERED, 2)]
    assert seen.ledger.total.accepted == 9


def test_what_holds_a_send_back_is_told_by_the_narrowest(send: Send, django_assert_num_queries: Any) -> None:
    assert send.mailing.campaign  # read before, as the page does

    def told() -> str:
        with django_assert_num_queries(1):
            return send_progress.throttle_reason(send, at=NOON)

    assert told() == ""
    limit = MailerLimit.objects.create(mailer=failover.expected_mailer(send.mailing.campaign), per_second=2.5)
    assert "Most messages a second: 2.5" in told()
    limit.warm_up_from, limit.warm_up_steps = NOON.date() - timedelta(days=1), [50, 100]
    limit.save()
    assert "Most messages today: 100" in told()
    health = MailerHealth.objects.create(
        mailer=limit.mailer, wait_until=NOON + timedelta(minutes=5), reason="421 Too fast"
    )
    assert "Nothing is sent before" in told() and "421 Too fast" in told()

    health.delete()
    limit.warm_up_from -= timedelta(days=1)  # it is over
    limit.save()
    assert "Most messages a second" in told()


def test_urgent_mail_is_not_held_back_by_a_warm_up(send: Send) -> None:
    MailerLimit.objects.create(
        mailer=failover.expected_mailer(send.mailing.campaign), warm_up_from=NOON.date(), warm_up_steps=[50]
    )
    assert send_progress.throttle_reason(send, at=NOON)

    send.mailing.queue = Mailing.Queue.URGENT

    assert send_progress.throttle_reason(send, at=NOON) == ""
