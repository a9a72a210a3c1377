"""Retention lets go of much while mail leaves: it takes no row of it, and no time from it."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.privacy import retention
from delivery.models import Delivery, ProviderEvent, Send
from delivery.reports.ledger import ledger_of
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import celery_beat, celery_worker, wait_until
from tests.support.builders import build_audience, build_fanned_out_send, build_mailing, join, states_of

State = Delivery.State
SIZE, OLD, REPORTS = 300, 3_000, 40_000
MAIL = ("urgent-planning", "tick", "urgent", "bulletin", "digest")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault, pytest.mark.fault(32), pytest.mark.long]


def let_time_pass(campaign: Any, *, at: Any) -> Send:
    """Return a send that ended so long ago that nobody needs to know whom it went to; as old are many reports of providers."""
    old = build_fanned_out_send(
        build_audience(campaign, "old", size=OLD), mailing=build_mailing(campaign, "old"), at=at
    )
    Delivery.objects.of(old).update(state=State.ACCEPTED, detail="250 ok")
    Send.objects.filter(pk=old.pk).update(state=Send.State.FINISHED, finished_at=at - timedelta(days=800))
    long_ago = at - timedelta(days=800)
    ProviderEvent.objects.bulk_create(
        [
            ProviderEvent(provider="x", event_id=str(n), kind="delivered", happened_at=long_ago, received_at=long_ago)
            for n in range(REPORTS)
        ],
        batch_size=5_000,
    )
    return old


def send_to(audience: Any, name: str) -> tuple[Send, float]:
    """Send something to an audience; return the send, and how many seconds it took."""
    began = time.monotonic()
    send = build_fanned_out_send(audience, mailing=build_mailing(audience.campaign, name), at=timezone.now())
    wait_until("the end", lambda: not Delivery.objects.of(send).to_go().exists())
    return send, time.monotonic() - began


def test_a_send_beside_it_is_as_fast_and_keeps_every_name(
    campaign: Any, smtp_sink: Any, process_env: dict[str, str]
) -> None:
    now = timezone.now()
    smtp_sink.delay = 0.05
    audience = build_audience(campaign, "new", size=SIZE)
    old = let_time_pass(campaign, at=now)
    join(audience, [row.recipient for row in Delivery.objects.of(old).select_related("recipient")[:20]])
    before = ledger_of([old]).total
    env = process_env | {"TICK_SECONDS": "2"}

    with celery_beat(env), celery_worker(env, *MAIL):
        alone, seconds_alone = send_to(audience, "alone")
        with celery_worker(env, "background", "upkeep", name="upkeep", processes=1):
            wait_until("the first that go", lambda: ProviderEvent.objects.count() < REPORTS)
            beside, seconds = send_to(audience, "beside")
            wait_until(
                "the end of it", lambda: not ProviderEvent.objects.exists() and not retention.overdue(at=timezone.now())
            )
            wait_until("the names", lambda: not Delivery.objects.of(old).exclude(recipient=None).exists())

    for send in (alone, beside):
        assert_accounted_for(send, smtp_sink)
        assert states_of(send) == {State.ACCEPTED: SIZE + 20}
        assert not Delivery.objects.of(send).filter(recipient=None).exists()
    old.refresh_from_db()  # its rows may be totals by now
    assert ledger_of([old]).total == before
    assert seconds < 2 * seconds_alone + 2
    note(
        f"{REPORTS:,} reports and {OLD:,} names went beside a send, which took {seconds:.1f} s; alone {seconds_alone:.1f} s"
    )
