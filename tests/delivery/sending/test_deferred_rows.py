"""Rows that could not go a moment ago: whose fault it was is asked before anyone is left out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.models import Delivery, Lease, Membership, Send, Suppression
from delivery.sending import dispatch, handoff, worker
from tests.support.builders import build_audience, build_fanned_out_send, states_of

State = Delivery.State


@pytest.fixture
def held(campaign):
    """A send of three whose rows a worker has claimed, and its lease."""
    now = timezone.now()
    send = build_fanned_out_send(build_audience(campaign, size=3), at=now)
    lease = Lease.objects.create(send=send, until=now + timedelta(minutes=1))
    worker.claim(send, lease=lease.pk, at=now, size=3, mailer="exercise")
    return Send.objects.get(pk=send.pk), lease.pk, list(Delivery.objects.values_list("pk", flat=True))


def test_a_pause_that_is_over_when_it_is_asked_leaves_nobody_out(held):
    send, lease, ids = held
    send.pause()
    assert handoff.take(send, ids, [], lease=lease, at=timezone.now()) == set()
    send.resume()

    assert handoff.close_ineligible(send, ids, lease=lease, at=timezone.now())

    assert states_of(send) == {State.QUEUED: 3}
    assert dispatch.count_ready(send, at=timezone.now(), most=10) == 3


def test_who_left_or_is_suppressed_or_not_active_is_held_back_and_the_others_are_not(held):
    send, lease, ids = held
    gone, unwanted, well = (Delivery.objects.get(pk=pk) for pk in ids)
    Membership.objects.filter(recipient=gone.recipient).update(left_at=timezone.now())
    Suppression.objects.create(address_hash=unwanted.recipient.address_hash, reason=Suppression.Reason.STAFF)

    assert handoff.close_ineligible(send, ids, lease=lease, at=timezone.now())

    assert [Delivery.objects.get(pk=row.pk).state for row in (gone, unwanted, well)] == [
        State.SUPPRESSED,
        State.SUPPRESSED,
        State.QUEUED,
    ]


def test_a_send_that_is_still_paused_keeps_its_rows_for_the_worker_to_give_back(held):
    send, lease, ids = held
    send.pause()

    assert not handoff.close_ineligible(send, ids, lease=lease, at=timezone.now())

    assert states_of(send) == {State.CLAIMED: 3}
