"""Faults 18 and 19: a hundred thousand recipients, and an urgent word while they are being served."""

import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from benchmarks.environment import peak_mb
from benchmarks.mail.fanout import plan
from benchmarks.mail.urgent import quantile
from config.celery import app
from delivery.models import Delivery, MailerLimit, Send
from delivery.models.limits import Mailer
from tests.faults.support.counting_server import Counted, Counter, counter
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import Process, celery_beat, celery_worker, wait_until
from tests.support.builders import approved, build_audience, build_bulletin, build_campaign

State = Delivery.State
pytestmark = [pytest.mark.long, pytest.mark.postgresql, pytest.mark.timeout(900)]
LARGE = 100_000
LARGER = 300_000  # what takes longer than half a minute on a fast machine
CONNECTIONS = 56
WINDOW = 5  # mails that leave in half a second


def goes_to(env: dict[str, str], sink: Counter, **more: object) -> dict[str, str]:
    """Return the environment of processes that send to a counting sink."""
    url = f"smtp://127.0.0.1:{sink.port}"
    return env | {"MAIL_URL": url, "EXERCISE_MAIL_URL": url} | {name: str(value) for name, value in more.items()}


def to_go(send: Send) -> bool:
    """Return whether a send has rows that may still leave, or has not begun."""
    send.refresh_from_db()
    return send.fanned_out_at is None or Delivery.objects.of(send).to_go().exists()


def after_slot(send: Send, seen: Counted) -> list[float]:
    """Return after how many seconds from its slot each mail of a send arrived, the shortest first."""
    slot = send.slot_at.timestamp()
    keys = Delivery.objects.of(send).values_list("pk", flat=True)
    return sorted(seen.first_at[pk] - slot for pk in keys if pk in seen.first_at)


def staff() -> set[str]:
    """Return who is notified of what goes on: notices are mail too."""
    return set(User.objects.filter(is_staff=True).values_list("email", flat=True))


def transactions() -> int:
    """Return how many transactions the database has seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def urgent_bulletin(size: int, slot: datetime) -> Send:
    """Approve an urgent bulletin for `size` people at `slot`, and return its send once the timetable has planned it."""
    campaign = build_campaign()
    bulletin = build_bulletin(campaign, audiences=[build_audience(campaign, size=size)], urgency="urgent", at=slot)
    bulletin.targets.update(timing="at_time", at=slot)
    approved(bulletin, at=timezone.now())
    found = Send.objects.filter(mailing__campaign=campaign)
    wait_until("the send of an urgent bulletin", found.exists, 60)
    return found.get()


@pytest.mark.fault(18)
def test_a_hundred_thousand_to_a_relay_that_is_far_away(own_database, own_env):
    app.control.purge()
    with ExitStack() as stack:
        sink = stack.enter_context(counter(delay_ms=100))
        env = goes_to(own_env, sink, SEND_CONNECTIONS=4, TICK_SECONDS=10)
        MailerLimit.objects.bulk_create(MailerLimit(mailer=mailer, connections=100) for mailer in Mailer)
        send = plan(LARGE, key="large", queue="bulletin", ahead=timedelta(seconds=20))
        workers: list[Process] = [
            stack.enter_context(celery_worker(env, "bulletin", processes=CONNECTIONS // 4, name="worker-bulletin")),
            stack.enter_context(celery_worker(env, "urgent", name="worker-urgent")),
            stack.enter_context(celery_worker(env, "tick", processes=1, name="worker-tick")),
            stack.enter_context(celery_worker(env, "urgent-planning", processes=1, name="worker-urgent-planning")),
        ]
        slot = max(send.slot_at, timezone.now() + timedelta(seconds=2))
        Send.objects.filter(pk=send.pk).update(slot_at=slot)
        before = transactions()
        stack.enter_context(celery_beat(env))
        rows = Delivery.objects.filter(send=send, state=State.ACCEPTED)
        wait_until("a fifth", lambda: rows.count() > LARGE // 5, 150)
        urgent = urgent_bulletin(500, timezone.now() + timedelta(seconds=3))
        while to_go(send) or to_go(urgent):
            assert timezone.now() < slot + timedelta(minutes=10), "the send does not end"
            time.sleep(1)
        memory = max(peak_mb(pid) for worker in workers for pid in worker.children)
        time.sleep(2)  # PostgreSQL writes its own counts down now and then
        each_window = (transactions() - before) / (LARGE / WINDOW)
        seen = sink.counted()

    seconds = after_slot(send, seen)
    first_urgent = after_slot(urgent, seen)[0]
    note(
        f"{LARGE} with {CONNECTIONS} connections and 100 ms per reply: {seconds[-1]:.0f} s ({LARGE / seconds[-1]:.0f} a "
        f"second); {memory:.0f} MB a worker; first urgent mail {first_urgent:.1f} s after its slot; "
        f"{each_window:.2f} transactions a window of {WINDOW}, all told; notices to {', '.join(seen.others) or 'nobody'}"
    )
    assert sum(seen.came.values()) == len(seen.came) == LARGE + 500
    assert set(seen.others) <= staff(), "mail to people that is on no row of the ledger"
    for one in (send, urgent):
        assert set(Delivery.objects.of(one).values_list("state", flat=True)) == {State.ACCEPTED}
        assert_accounted_for(one, seen.came)
    assert seconds[-1] <= 300
    assert memory < 300
    assert first_urgent <= 10
    assert each_window < 4  # one for each window, heartbeats, and what runs, ticks and this test ask beside it


@pytest.mark.fault(19)
def test_an_urgent_bulletin_does_not_wait_for_a_digest(own_database, own_env):
    app.control.purge()
    with ExitStack() as stack:
        sink = stack.enter_context(counter())
        env = goes_to(own_env, sink)
        digest = plan(LARGER, key="digest", queue="digest", ahead=timedelta(0))
        for queue in ("urgent-planning", "tick", "urgent", "bulletin", "digest"):  # as ./run serve does
            processes = 1 if queue in {"urgent-planning", "tick"} else 2
            stack.enter_context(celery_worker(env, queue, processes=processes, name=f"worker-{queue}"))
        stack.enter_context(celery_beat(env))
        done = Delivery.objects.filter(send=digest, state=State.ACCEPTED)
        wait_until("a part of the digest", lambda: done.count() > LARGE // 50, 120)
        urgent = urgent_bulletin(2000, timezone.now() + timedelta(seconds=8))
        while to_go(urgent):
            assert timezone.now() < urgent.slot_at + timedelta(minutes=3), "the urgent send does not end"
            time.sleep(0.5)
        assert to_go(digest)  # it was under way all the time
        at_the_end = done.count()
        digest.refresh_from_db()
        digest.cancel()
        wait_until("the end of the digest", lambda: not held(digest), 60)
        wait_until("the end of both", lambda: Send.objects.exclude(finished_at=None).count() == 2, 90)
        seen = sink.counted()

    seconds = after_slot(urgent, seen)
    p95 = quantile(seconds, 95)
    note(
        f"2000 urgent mails while a digest of {LARGER} ran ({at_the_end} of it were out): first {seconds[0]:.1f} s, "
        f"half {quantile(seconds, 50):.1f} s, 95 % {p95:.1f} s, all {seconds[-1]:.1f} s after the slot"
    )
    assert len(seconds) == 2000
    for one in (urgent, digest):
        assert_accounted_for(one, seen.came)
    assert seconds[0] <= 2
    assert p95 <= 10


def held(send: Send) -> Any:
    """Return whether a worker has rows of a send."""
    return Delivery.objects.of(send).filter(state__in=[State.CLAIMED, State.HANDING_OFF]).exists()
