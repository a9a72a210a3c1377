"""A send by one, two and four worker hosts, with the settings that everybody has and a relay that takes its time."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import environment
from tests.faults.support import hosts as namespaces

from .send import analyse, build, wait_for_end, warm_up
from .sinks import Sink

RECIPIENTS = 8_000
DELAY_MS = 50
NUMBERS = (1, 2, 4)


@contextlib.contextmanager
def network() -> Iterator[namespaces.Network | None]:
    """Make a network for worker hosts, each in a namespace of its own; None where only process groups are to be had."""
    if namespaces.possible():
        with namespaces.network() as made:
            yield made
    else:
        yield None


def hosts(recipients: int, net: namespaces.Network | None, sink: Sink) -> dict[str, Any]:
    """
    Time the same send by one, two and four hosts. `two` and `four` say how many times as fast it went as by one, `connections`
    how many were open at the same time.
    """
    from django.conf import settings
    from django.utils import timezone

    from campaigns.models import Campaign
    from delivery.fanout import fanout
    from delivery.reports import ledger
    from delivery.sending import dispatch

    seconds: dict[int, float] = {}
    connections: dict[int, int] = {}
    unaccounted = 0
    with contextlib.ExitStack() as running:
        for number in NUMBERS:
            for host in range(max(seconds, default=0), number):
                on = net.add(f"h{host}") if net else []
                running.enter_context(environment.workers(*on, bulletin=settings.WORKER_PROCESSES))
            planned = build(recipients, key=f"hosts-{number}")
            Campaign.objects.update(mode=Campaign.Mode.LIVE)
            warm_up(settings.WORKER_PROCESSES * number, key=f"warm-up-{number}")
            analyse()
            before = sink.messages()
            fanout.fan_out(planned, at=timezone.now())
            began = time.time()
            dispatch.wake_workers(at=timezone.now())
            time.sleep(3)
            connections[number] = open_connections()
            seconds[number] = wait_for_end(planned, every=0.2) - began
            total = ledger.ledger_of([planned]).total
            unaccounted += abs(sink.messages() - before - total.accepted) + recipients - total.accepted
    return {
        "namespaces": net is not None,
        "delay_ms": DELAY_MS,
        "processes": settings.WORKER_PROCESSES,
        "connections": list(connections.values()),
        "seconds": [round(one, 1) for one in seconds.values()],
        "per_second": [round(recipients / one) for one in seconds.values()],
        "two": round(seconds[1] / seconds[2], 2),
        "four": round(seconds[1] / seconds[4], 2),
        "unaccounted": unaccounted,
    }


def open_connections() -> int:
    """Return how many connections the workers have taken of the relay's limit."""
    from django.db.models import Sum

    from delivery.models import Lease

    return Lease.objects.aggregate(sum=Sum("connections"))["sum"] or 0
