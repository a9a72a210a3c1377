"""Fault 9 for digests: ticks at the same moment, and transactions that take long, on real connections."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from delivery.models import Delivery, Send, Subscription
from delivery.sending import dispatch
from tests.faults.support.oracle import note
from tests.support.builders import NOON, build_audience, build_published_version, build_subscribers
from website.digests import digest_runs, outdated_digests, publication_order
from website.models import DigestRun, Publication

from .test_two_of_everything import at_once, faults

SLOT = NOON + timedelta(hours=3)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def daily(campaign):
    return build_audience(campaign, "digest-day", kind="digest", cadence="day")


@pytest.mark.fault(9)
def test_four_ticks_at_once_plan_one_digest(campaign, daily):
    build_subscribers(20, daily)
    build_published_version(campaign, audiences=[build_audience(campaign)])

    def tick() -> None:
        digest_runs.plan_due(at=SLOT)
        outdated_digests.stop_outdated(at=SLOT)
        dispatch.start_due_sends(at=SLOT)
        outdated_digests.reconcile(at=SLOT)

    assert not faults(at_once(*[tick] * 4))

    assert DigestRun.objects.get().readers == 20
    assert Send.objects.filter(mailing__is_digest=True).count() == 1
    assert Delivery.objects.filter(mailing__is_digest=True).count() == 20
    assert set(Subscription.objects.values_list("cursor", "cursor_before")) == {(1, 0)}
    note("four ticks at once: one digest, one row for each subscriber")


@pytest.mark.postgresql
@pytest.mark.fault(9)
def test_what_is_committed_after_the_slot_is_in_the_next_digest(campaign, daily):
    """A version's transaction began before another's, and ends after the digest that says the other."""
    network = build_audience(campaign)
    build_subscribers(3, daily)
    build_published_version(campaign, audiences=[network])
    late = build_published_version(campaign, audiences=[network], at=NOON - timedelta(hours=1))
    Publication.objects.filter(version=late).delete()
    written, may_end = threading.Event(), threading.Event()

    def publish_slowly() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                publication_order.note_version(late)
                written.set()
                may_end.wait(60)
        finally:
            connections.close_all()

    slow = threading.Thread(target=publish_slowly)
    slow.start()
    assert written.wait(60)
    digest_runs.plan_due(at=SLOT)
    dispatch.start_due_sends(at=SLOT)
    Delivery.objects.update(state="accepted")
    Send.objects.update(state="finished", finished_at=SLOT)
    may_end.set()
    slow.join(60)
    digest_runs.plan_due(at=SLOT + timedelta(minutes=1))
    runs = digest_runs.plan_due(at=SLOT + timedelta(days=1))

    assert publication_order.last_number(campaign) == 2
    assert list(Publication.objects.order_by("number").values_list("version__bulletin__number", flat=True)) == [1, 2]
    assert [run.readers for run in runs] == [3]
    note("a bulletin that was committed late: in the next digest, once")
