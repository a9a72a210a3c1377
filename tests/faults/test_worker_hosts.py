"""Faults 30 and 33: several worker hosts meet the same poisoned row, and some of them have the wrong time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.models import Campaign
from delivery.models import Delivery, HostProcess, Lease, Mailing, Send
from delivery.sending.sweeper import CRASHES
from operations import process_supervisor
from operations.hosts import host_differences
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
def worker_hosts(net: Any, env: dict[str, str], **clocks: int) -> Iterator[dict[str, Process]]:
    """
    Run three worker hosts, each with all that a host runs for bulletins, and a beat on one more, "t". Their code is altered
    as `env` says; `clocks` are by how many seconds the clock of a host is wrong.
    """

    def run(host: str, name: str, words: list[str]) -> Process:
        words[words.index("celery")] = ALTERED
        wrong = {"CLOCK_AHEAD": str(clocks.get(host, 0))}
        return stack.enter_context(running([*net.add(host), *words], env | wrong, name))

    with ExitStack() as stack:
        workers = {}
        for host in HOSTS:
            queues = ["tick", "urgent-planning", Mailing.Queue.BULLETIN]
            workers[host] = run(host, f"worker-{host}", process_supervisor.celery_worker("all", queues, PROCESSES))
        for worker in workers.values():
            await_ready(worker)
        folder = Path(env["DATA_DIR"]) / "beat"
        folder.mkdir()
        run("t", "beat", process_supervisor.celery_beat(folder))
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

    with worker_hosts(net, altered(env, deadly=address)) as workers:
        took = follow(send, look)
        assert all(worker.alive for worker in workers.values())

    deadly = Delivery.objects.get(recipient__email=address)
    assert (deadly.state, deadly.code, deadly.crashes) == (State.FAILED, Delivery.QUARANTINED, CRASHES)
    assert deadly.attempts == 0 and address not in sink.count
    doubt = in_doubt(send)
    assert doubt <= 2 * settings.SEND_CONNECTIONS  # in the air at the first death; at the others nothing is
    states = states_of(send)
    assert states[State.FAILED] == 1 and states[State.ACCEPTED] == SIZE - 1 - doubt
    assert SIZE - 1 - doubt <= len(sink.count) <= SIZE - 1 and not sink.duplicates
    assert_accounted_for(send, sink)
    assert len(hosts_seen) == len(HOSTS)
    assert not Delivery.objects.exclude(pk=deadly.pk).filter(crashes__gte=CRASHES).exists()
    note(
        f"three hosts: set aside after {CRASHES} deaths, the other {SIZE - 1} all went within {took:.0f} s, in doubt: {doubt}"
    )


@pytest.mark.fault(33)
def test_hosts_whose_clocks_are_an_hour_wrong_do_no_harm_and_are_named(net, shared):
    """One is ahead, one behind, and so is the timetable's; what they write and compare is the database's time."""
    env, sink = shared
    sink.delay = 0.03
    send = build_live_send()
    now = timezone.now()
    Send.objects.filter(pk=send.pk).update(deadline=now + timedelta(minutes=20))
    later = build_send(
        build_audience(send.mailing.campaign, "later", size=5),
        build_mailing(send.mailing.campaign, "later"),
        slot_at=now + timedelta(minutes=40),
    )
    hosts_seen: set[str] = set()
    furthest = timedelta(0)

    def look() -> None:
        nonlocal furthest
        for worker, until in Lease.objects.values_list("worker", "until"):
            hosts_seen.add(worker.split()[0])
            furthest = max(furthest, abs(until - timezone.now()))

    with worker_hosts(net, altered(env), b=3600, c=-3600, t=-3600):
        took = follow(send, look)
        wait_until("signs of life", lambda: HostProcess.objects.count() == 4)
        named = host_differences.disagreements(HostProcess.objects.all(), at=timezone.now())

    later.refresh_from_db()
    assert later.state == Send.State.PLANNED
    assert states_of(send) == {State.ACCEPTED: SIZE} and not sink.duplicates
    assert not Delivery.objects.filter(crashes__gt=0).exists()
    assert_accounted_for(send, sink)
    assert len(hosts_seen) == len(HOSTS)
    assert furthest < timedelta(seconds=15)
    moments = Delivery.objects.of(send).values_list("finished_at", flat=True)
    assert now < min(moments) and max(moments) < timezone.now() + timedelta(seconds=2)
    assert [words.split(":")[0][-1] for words in named] == ["b", "c", "t"]
    assert all(words.startswith("Clock of ") and ("3,6" in words or "3,5" in words) for words in named)
    note(
        f"an hour ahead, an hour behind: all {SIZE} went within {took:.0f} s, none in doubt; doctor: {'; '.join(named)}"
    )
