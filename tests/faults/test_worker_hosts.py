"""Fault 30: several worker hosts meet the same poisoned row."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from delivery.models import Delivery, Lease, Mailing, Send
from delivery.sending.journal import MOST
from delivery.sending.sweeper import CRASHES
from operations import process_supervisor
from tests.faults.support.oracle import assert_accounted_for, in_doubt, note
from tests.faults.support.workers import ALTERED, Process, altered, await_ready, running, wait_until
from tests.support.builders import build_audience, build_campaign, build_mailing, build_send, states_of

State = Delivery.State
pytestmark = [pytest.mark.long, pytest.mark.postgresql, pytest.mark.timeout(300)]
SIZE = 900
PROCESSES = 2
HOSTS = ("a", "b", "c")


def build_live_send(size: int = SIZE) -> Send:
    campaign = build_campaign(mode=Campaign.Mode.LIVE)
    return build_send(build_audience(campaign, size=size), build_mailing(campaign), slot_at=timezone.now())


@contextmanager
def worker_hosts(net: Any, env: dict[str, str], program: str = "celery") -> Iterator[dict[str, Process]]:
    """Run three worker hosts, each with all that a host runs for bulletins, and a beat on one more."""
    with ExitStack() as stack:
        workers = {}
        for host in HOSTS:
            words = process_supervisor.celery_worker(
                f"worker-{host}", ["tick", "urgent-planning", Mailing.Queue.BULLETIN], PROCESSES
            )
            words[words.index("celery")] = program
            workers[host] = stack.enter_context(running([*net.add(host), *words], env, f"worker-{host}"))
        for worker in workers.values():
            await_ready(worker)
        folder = Path(env["DATA_DIR"]) / "beat"
        folder.mkdir()
        stack.enter_context(running([*net.add("t"), *process_supervisor.celery_beat(folder)], env, "beat"))
        yield workers


def follow(send: Send, look: Callable[[], object], seconds: float = 150) -> float:
    """Look on until a send is over; return how many seconds it took."""

    def is_over() -> bool:
        look()
        return Send.objects.get(pk=send.pk).state == Send.State.FINISHED

    took = wait_until("the end of the send", is_over, seconds)
    send.refresh_from_db()
    return took


@pytest.mark.fault(30)
def test_a_row_that_kills_whoever_prepares_it_on_three_hosts_is_set_aside_and_all_others_go(net, shared):
    env, sink = shared
    sink.delay = 0.01
    send = build_live_send()
    address = f"network-{SIZE // 2}@example.net"
    hosts_seen: set[str] = set()

    def look() -> None:
        hosts_seen.update(worker.split()[0] for worker in Lease.objects.values_list("worker", flat=True))

    with worker_hosts(net, altered(env, deadly=address), program=ALTERED) as workers:
        took = follow(send, look)
        assert all(worker.alive for worker in workers.values())

    deadly = Delivery.objects.get(recipient__email=address)
    assert (deadly.state, deadly.code, deadly.crashes) == (State.FAILED, Delivery.QUARANTINED, CRASHES)
    assert deadly.attempts == 0 and address not in sink.count
    doubt = in_doubt(send)
    assert doubt <= CRASHES * MOST
    states = states_of(send)
    assert states[State.FAILED] == 1 and states[State.ACCEPTED] == SIZE - 1 - doubt
    assert len(sink.count) == SIZE - 1 and not sink.duplicates
    assert_accounted_for(send, sink)
    assert len(hosts_seen) == len(HOSTS)
    assert not Delivery.objects.exclude(pk=deadly.pk).filter(crashes__gte=CRASHES).exists()
    note(
        f"three hosts: set aside after {CRASHES} deaths, the other {SIZE - 1} all went within {took:.0f} s, in doubt: {doubt}"
    )
