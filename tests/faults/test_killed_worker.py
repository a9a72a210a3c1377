"""A worker is killed in mid-send. The oracle is what the SMTP server got, against what the ledger says."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from delivery import dispatching, ledger, sweeping, windows
from delivery.models import Delivery, Mailing, Send
from tests.builders import build_audience, build_fanned_out_send, build_mailing

ROOT = Path(__file__).resolve().parent.parent.parent
State = Delivery.State
pytestmark = pytest.mark.fault


@contextmanager
def celery_worker(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a real worker on all queues; whatever happens, none of its processes stays."""
    words = [
        "-Q",
        "tick,urgent,bulletin,digest",
        "-c",
        "2",
        "--without-mingle",
        "--without-gossip",
        "--loglevel",
        "WARNING",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", *words],
        cwd=ROOT,
        env=env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL the worker and its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(10)


def wait_until(what: str, happened: Any, seconds: float = 60) -> None:
    """Wait for something, or fail and say for what."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {seconds} s in vain for {what}.")
        time.sleep(0.05)


def assert_accounted_for(send: Send, sink: Any) -> None:
    """Nothing lost in silence, nothing twice unless the row says so, and the states add up."""
    total = ledger.ledger_of([send]).total
    assert total.adds_up and total.candidates == send.candidates
    excused = {State.QUEUED, State.DEFERRED, State.FAILED, *Delivery.WITHHELD, State.UNKNOWN}
    for row in Delivery.objects.filter(send=send).select_related("recipient"):
        got = sink.count[row.recipient.email]
        assert got >= 1 or row.state in excused, f"{row} was lost in silence"
        assert got <= 1 or row.possible_duplicate, f"{row} was sent {got} times unseen"


def windows_in_doubt(send: Send) -> int:
    """Return how many rows are unknown."""
    return Delivery.objects.filter(send=send, state=State.UNKNOWN).count()


@pytest.mark.parametrize("queue", [Mailing.Queue.BULLETIN, Mailing.Queue.URGENT])
def test_sigkill_in_mid_send(campaign, smtp_sink, process_env, queue):
    smtp_sink.delay = 0.01
    size = 300
    mailing = build_mailing(campaign, queue=queue)
    send = build_fanned_out_send(build_audience(campaign, size=size), mailing=mailing, at=timezone.now())
    send.refresh_from_db()

    with celery_worker(process_env) as worker:
        dispatching.wake_workers(at=timezone.now())
        wait_until("the first messages", lambda: len(smtp_sink.caught) > random.randint(20, 150))
        kill(worker)
    caught = len(smtp_sink.caught)
    assert caught < size

    later = timezone.now() + timedelta(minutes=20)
    sweeping.sweep(at=later)
    in_doubt = windows_in_doubt(send)
    if queue == Mailing.Queue.BULLETIN:
        # At most one window for each of the worker's two processes.
        assert in_doubt <= 2 * settings.SEND_WINDOW
    smtp_sink.delay = 0

    with celery_worker(process_env):
        dispatching.wake_workers(at=timezone.now())
        wait_until("the rest", lambda: not Delivery.objects.filter(send=send).to_go().exists())

    assert_accounted_for(send, smtp_sink)
    sweeping.sweep(at=later)
    send.refresh_from_db()
    assert send.state == Send.State.FINISHED
    total = ledger.ledger_of([send]).total
    if queue == Mailing.Queue.BULLETIN:
        assert not smtp_sink.duplicates and total.accepted + total.unknown == size
    else:
        flagged = Delivery.objects.filter(send=send, possible_duplicate=True).count()
        assert len(smtp_sink.duplicates) <= flagged <= 2 * settings.SEND_WINDOW and total.accepted == size


def test_sigterm_leaves_nothing_in_doubt(campaign, smtp_sink, process_env):
    smtp_sink.delay = 0.01
    send = build_fanned_out_send(build_audience(campaign, size=300), at=timezone.now())

    with celery_worker(process_env) as worker:
        dispatching.wake_workers(at=timezone.now())
        wait_until("the first messages", lambda: len(smtp_sink.caught) > 30)
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
        assert time.monotonic() - began < 30

    sweeping.sweep(at=timezone.now() + timedelta(minutes=20))
    assert windows_in_doubt(send) == 0
    assert_accounted_for(send, smtp_sink)

    smtp_sink.delay = 0
    windows.work(send.pk, seconds=30)
    total = ledger.ledger_of([send]).total
    assert total.accepted == 300 and not smtp_sink.duplicates
