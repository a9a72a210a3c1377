"""Canary first: a small part of an audience, then the others if it is well."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.holds import canary
from delivery.models import Delivery, Mailing, Send
from delivery.sending import worker
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing

State = Delivery.State
pytestmark = pytest.mark.django_db
DUE = NOON + timedelta(minutes=10)


def send_to(campaign: Any, *, size: int = 60, first: int = 40, queue: str = "bulletin") -> Send:
    """Return a send that has just been fanned out to an audience whose first `first` people get it before the others."""
    audience = build_audience(campaign, size=size, canary_size=first, canary_minutes=10)
    send = build_fanned_out_send(audience, mailing=build_mailing(campaign, queue=queue))
    Send.objects.filter(pk=send.pk).update(canary_up_to=None, canary_until=None)
    send.refresh_from_db()
    return send


@pytest.fixture
def send(campaign) -> Send:
    """A send whose first 40 people of 60 have got it."""
    send = send_to(campaign)
    canary.begin(send, at=NOON)
    first_part(send).update(state=State.ACCEPTED)
    return send


def first_part(send: Send) -> Any:
    """Return the rows that may leave first."""
    return Delivery.objects.of(send).filter(pk__lte=send.canary_up_to)


def change(send: Send, number: int, **fields: Any) -> None:
    """Change `number` rows of the first part."""
    some = first_part(send).order_by("pk").values_list("pk", flat=True)[:number]
    Delivery.objects.filter(pk__in=list(some)).update(**fields)


def test_a_part_of_the_size_that_was_set_may_leave_first(campaign):
    send = send_to(campaign)

    assert canary.begin(send, at=NOON)

    send.refresh_from_db()
    assert send.canary_until == DUE and first_part(send).count() == 40


@pytest.mark.parametrize("fields", [{"queue": Mailing.Queue.URGENT}, {"first": 0}, {"size": 40}, {"size": 0}], ids=str)
def test_urgent_mail_and_small_audiences_go_at_once(campaign, fields):
    send = send_to(campaign, **fields)

    assert not canary.begin(send, at=NOON)

    send.refresh_from_db()
    assert send.canary_up_to is None and send.canary_until is None


def test_the_others_follow_when_the_first_part_is_well(send):
    assert canary.review(at=DUE - timedelta(seconds=1)) == []

    assert canary.review(at=DUE) == [send]

    send.refresh_from_db()
    assert (send.state, send.canary_up_to, send.canary_until) == (Send.State.SENDING, None, None)
    assert canary.review(at=DUE) == []


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        (3, {"state": State.FAILED}),
        (3, {"state": State.UNKNOWN}),
        (3, {"receipt": Delivery.Receipt.BOUNCED}),
        (2, {"receipt": Delivery.Receipt.COMPLAINED}),
        (40, {"state": State.FAILED}),
    ],
)
def test_the_others_wait_for_a_person_when_it_is_not(send, alma, number, fields):
    change(send, number, **fields)

    assert canary.review(at=DUE) == []

    send.refresh_from_db()
    assert send.state == Send.State.HELD and send.reason == canary.UNHEALTHY
    assert Delivery.objects.of(send).filter(state=State.QUEUED).count() == 20
    canary.review(at=DUE)


@pytest.mark.parametrize(
    ("number", "fields"),
    [
        (2, {"state": State.FAILED}),
        (1, {"receipt": Delivery.Receipt.COMPLAINED}),
        (19, {"state": State.DEFERRED, "next_attempt_at": DUE}),
        (40, {"state": State.SUPPRESSED}),
    ],
)
def test_a_mishap_stops_nobody(send, number, fields):
    change(send, number, **fields)

    assert canary.review(at=DUE) == [send]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.QUEUED},
        {"state": State.CLAIMED},
        {"state": State.HANDING_OFF},
    ],
)
def test_what_is_still_on_its_way_is_waited_for(send, fields):
    change(send, 1, **fields)

    assert canary.review(at=DUE) == []
    change(send, 1, state=State.ACCEPTED)

    assert canary.review(at=DUE + timedelta(minutes=1)) == [send]


def test_a_first_part_that_nobody_takes_yet_says_nothing(send):
    change(send, 21, state=State.DEFERRED, next_attempt_at=DUE)

    assert canary.review(at=DUE) == []

    send.refresh_from_db()
    assert send.state == Send.State.SENDING and send.canary_up_to


def test_a_paused_or_held_send_is_a_persons(send):
    send.pause()
    assert canary.review(at=DUE) == []
    send.hold("Looked at.")
    assert canary.review(at=DUE) == []

    send.refresh_from_db()
    assert send.reason == "Looked at."


def test_workers_hand_over_the_first_part_and_then_the_others(campaign, smtp_sink):
    send = send_to(campaign)
    canary.begin(send, at=NOON)

    worker.work(send.pk, clock=lambda: NOON)
    assert len(smtp_sink.caught) == 40

    canary.review(at=DUE)
    worker.work(send.pk, clock=lambda: DUE)
    assert len(smtp_sink.caught) == 60 and not smtp_sink.duplicates


def test_reviewing_costs_the_same_however_large_the_part_is(send, django_assert_num_queries):
    with django_assert_num_queries(3):
        canary.review(at=DUE)
