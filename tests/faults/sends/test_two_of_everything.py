"""Faults 9, 23 and 25: two timetables, two ticks, two workers, two approvers at the same moment, on real connections."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from bulletins.approval import approval_workflow
from bulletins.models import NotAllowed, Review, Version
from bulletins.publication import due_bulletins
from config.celery import app
from delivery.fanout import fanout
from delivery.models import Audience, Delivery, Lease, Mailing, Send
from delivery.reports import ledger
from delivery.sending import dispatch, outcomes, worker
from tests.faults.support.oracle import assert_accounted_for, note
from tests.faults.support.workers import celery_beat, celery_worker, wait_until
from tests.support.builders import (
    approved,
    build_approved_bulletin,
    build_audience,
    build_bulletin,
    build_bulletin_in_review,
    build_fanned_out_send,
    build_mailing,
    build_send,
    build_user,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run all calls in threads of their own that start together; return what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(n: int, call: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            results[n] = call()
        except Exception as fault:
            results[n] = fault
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def faults(results: list[object]) -> list[object]:
    """Return what went wrong."""
    return [result for result in results if isinstance(result, BaseException)]


@pytest.mark.fault(9)
def test_two_ticks_plan_one_send(campaign):
    build_approved_bulletin(campaign, audiences=[build_audience(campaign, size=20)], at=timezone.now())
    now = timezone.now() + timedelta(seconds=1)

    def tick() -> None:
        due_bulletins.publish_due(at=now)
        dispatch.start_due_sends(at=now)

    assert not faults(at_once(*[tick] * 4))

    assert Version.objects.count() == Send.objects.count() == 1
    assert Delivery.objects.count() == 20 == Send.objects.get().candidates
    note("four ticks at once: one version, one send, one row for each person")


@pytest.mark.fault(9)
def test_two_beats_and_two_dispatchers_send_each_bulletin_once(campaign, smtp_sink, process_env, roles):
    app.control.purge()
    env = process_env | {"TICK_SECONDS": "1"}
    audiences = [build_audience(campaign, slug, size=30) for slug in ("one", "two")]
    now = timezone.now()
    waiting = build_bulletin(campaign, audiences=audiences, at=now)
    slot = now + timedelta(seconds=8)  # when all processes have been up for some time
    waiting.targets.update(timing="at_time", at=slot)
    approved(waiting, at=now)
    digest = build_send(audiences[0], build_mailing(campaign, "digest", queue=Mailing.Queue.DIGEST), slot_at=slot)

    with ExitStack() as stack:
        for number in (1, 2):
            stack.enter_context(celery_worker(env, processes=2, name=f"worker-{number}", ready=False))
            stack.enter_context(celery_beat(env, name=f"beat-{number}"))
        wait_until("three sends that are over", lambda: Send.objects.filter(state="finished").count() == 3, 120)
        time.sleep(2)  # whatever else the two beats ask for

    assert Version.objects.count() == 1 and Send.objects.count() == 3
    sends = list(Send.objects.all())
    assert {(send.audience_id, send.slot_key) for send in sends} == {
        *((audience.pk, f"bulletin-{waiting.number}-v1") for audience in audiences),
        (audiences[0].pk, digest.slot_key),
    }
    assert len(smtp_sink.bulk) == 90 == Delivery.objects.filter(state=Delivery.State.ACCEPTED, attempts=1).count()
    for send in sends:
        assert_accounted_for(send, smtp_sink)
    late = max((send.fanned_out_at - slot).total_seconds() for send in sends if send.fanned_out_at)
    note(f"two beats and two dispatchers: 3 sends of 3, 90 mails, each once; started within {late:.1f} s of the slot")


@pytest.mark.fault(9)
def test_two_fan_outs_write_each_row_once(campaign):
    send = build_send(build_audience(campaign, size=200))

    results = at_once(*[lambda: fanout.fan_out(Send.objects.get(pk=send.pk), at=timezone.now())] * 4)

    assert not faults(results) and sorted(results) == [0, 0, 0, 200]
    assert Delivery.objects.count() == 200


@pytest.mark.fault(9)
def test_four_workers_on_one_send_send_each_message_once(campaign, smtp_sink):
    send = build_fanned_out_send(build_audience(campaign, size=400), at=timezone.now())

    results = at_once(*[lambda: worker.work(send.pk, seconds=60)] * 4)

    assert not faults(results) and sum(run.taken for run in results) == 400
    assert len(smtp_sink.count) == 400 and not smtp_sink.duplicates
    assert ledger.ledger_of([send]).total.accepted == 400


@pytest.mark.fault(23)
def test_two_approvers_give_one_approval(campaign, roles):
    bulletin = build_bulletin_in_review(campaign, at=timezone.now())
    approvers = [build_user("one", "approver"), build_user("two", "approver")]

    def approve(user: object) -> None:
        mine = type(bulletin).objects.get(pk=bulletin.pk)
        approval_workflow.approve(mine, digest=bulletin.digest, by=user, at=timezone.now())

    results = at_once(*[lambda user=user: approve(user) for user in approvers])

    refused = faults(results)
    assert len(refused) == 1 and isinstance(refused[0], NotAllowed)
    assert Review.objects.filter(decision="approved").count() == 1
    note(f"two approvers at once: one approval; the other one is told: {refused[0]}")


@pytest.mark.fault(25)
@pytest.mark.sqlite
def test_sqlite_takes_four_writers(campaign):
    audience = build_audience(campaign, size=200)
    send = build_fanned_out_send(audience, at=timezone.now())
    assert connection.vendor == "sqlite"

    def claim_and_release() -> int:
        taken = 0
        for _round in range(20):
            now = timezone.now()
            lease = Lease.objects.create(send=send, until=now + timedelta(minutes=1))
            rows = worker.claim(send, lease=lease.pk, at=now, size=5, mailer="exercise")
            outcomes.requeue([row.delivery_id for row in rows], lease=lease.pk, at=now)
            taken += len(rows)
        return taken

    results = at_once(*[claim_and_release] * 4)

    assert not faults(results)  # no "database is locked"
    assert ledger.ledger_of([send]).total.to_go == 200


@pytest.mark.fault(25)
@pytest.mark.sqlite
def test_four_worker_processes_send_from_sqlite(campaign, smtp_sink, process_env):
    app.control.purge()
    env = process_env | {"SEND_CHUNK": "20", "LOG_LEVEL": "WARNING"}
    send = build_fanned_out_send(build_audience(campaign, size=600), at=timezone.now())

    with celery_worker(env, "bulletin", processes=4) as worker:
        for _worker in range(4):
            dispatch.wake(send)
        began = time.monotonic()
        taking_part = set()
        while Delivery.objects.of(send).to_go().exists():
            taking_part |= set(Lease.objects.values_list("worker", flat=True))
            # A writer of another kind: someone at the desk.
            Audience.objects.filter(pk=send.audience_id).update(tier=len(taking_part) % 3 + 1)
            assert time.monotonic() - began < 60
        seconds = time.monotonic() - began
        said = worker.said()

    assert "locked" not in said and "ERROR" not in said
    assert len(taking_part) == 4
    assert len(smtp_sink.caught) == len(smtp_sink.count) == 600
    assert ledger.ledger_of([send]).total.accepted == 600
    assert_accounted_for(send, smtp_sink)
    note(f"SQLite, 4 worker processes and the desk: 600 of 600 in {seconds:.1f} s, no 'database is locked', none twice")
