"""Two ticks, two workers, two approvers at the same moment, on real connections."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from bulletins import reviewing, scheduling
from bulletins.models import NotAllowed, Review, Version
from delivery import dispatching, fanout, ledger, windows
from delivery.models import Delivery, Send
from tests.builders import (
    build_approved_bulletin,
    build_audience,
    build_bulletin_in_review,
    build_fanned_out_send,
    build_send,
    build_user,
)

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


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


def test_two_ticks_plan_one_send(campaign):
    build_approved_bulletin(campaign, audiences=[build_audience(campaign, size=20)], at=timezone.now())
    now = timezone.now() + timedelta(seconds=1)

    def tick() -> None:
        scheduling.plan_due_sends(at=now)
        dispatching.start_due_sends(at=now)

    assert not faults(at_once(*[tick] * 4))

    assert Version.objects.count() == Send.objects.count() == 1
    assert Delivery.objects.count() == 20 == Send.objects.get().candidates


def test_two_fan_outs_write_each_row_once(campaign):
    send = build_send(build_audience(campaign, size=200))

    results = at_once(*[lambda: fanout.fan_out(Send.objects.get(pk=send.pk), at=timezone.now())] * 4)

    assert not faults(results) and sorted(results) == [0, 0, 0, 200]
    assert Delivery.objects.count() == 200


def test_four_workers_on_one_send_send_each_message_once(campaign, smtp_sink):
    send = build_fanned_out_send(build_audience(campaign, size=400), at=timezone.now())

    results = at_once(*[lambda: windows.work(send.pk, seconds=60)] * 4)

    assert not faults(results) and sum(results) == 400
    assert len(smtp_sink.count) == 400 and not smtp_sink.duplicates
    assert ledger.ledger_of([send]).total.accepted == 400


def test_two_approvers_give_one_approval(campaign, roles):
    bulletin = build_bulletin_in_review(campaign, at=timezone.now())
    approvers = [build_user("one", "approver"), build_user("two", "approver")]

    def approve(user: object) -> None:
        mine = type(bulletin).objects.get(pk=bulletin.pk)
        reviewing.approve(mine, digest=bulletin.digest, by=user, at=timezone.now())

    results = at_once(*[lambda user=user: approve(user) for user in approvers])

    refused = faults(results)
    assert len(refused) == 1 and isinstance(refused[0], NotAllowed)
    assert Review.objects.filter(decision="approved").count() == 1


@pytest.mark.sqlite
def test_sqlite_takes_four_writers(campaign):
    audience = build_audience(campaign, size=200)
    send = build_fanned_out_send(audience, at=timezone.now())
    assert connection.vendor == "sqlite"

    def claim_and_release() -> int:
        taken = 0
        for n in range(20):
            token = f"{threading.get_ident()}-{n}"[:32]
            taken += len(windows.claim(send, token=token, at=timezone.now(), size=5))
            windows.release(token)
        return taken

    results = at_once(*[claim_and_release] * 4)

    assert not faults(results)  # no "database is locked"
    assert ledger.ledger_of([send]).total.to_go == 200
