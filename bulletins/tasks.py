"""Thin tasks. A lost one costs half a minute, not a message."""

import logging
import socket
from collections.abc import Callable, Iterable
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import held_changes, retaining, sealing
from accounts import mailing as code_mails
from campaigns import keeping
from delivery import canary, dispatching, flow, measuring, preflight, receipts, seeds, sweeping, telling
from delivery.models import Pulse
from delivery.subscribing import mailing, preferring
from factcheck import archiving

from . import carding, gathering, guarding_log, link_checking, making, pinging, publications, scheduling, voids
from . import telling as notices
from .digests import planning, taking_back
from .searching import indexing

log = logging.getLogger(__name__)

LANE = "lane "  # and the queue: the sign of life of its workers

# What makes sends of what is due, each second.
WHAT_IS_DUE: tuple[Callable[..., Any], ...] = (
    scheduling.plan_due_sends,
    publications.note_waiting,
    taking_back.stop_outdated,
    planning.plan_due,
    sealing.seal_waiting,
)

# What a tick does, in this order. Each may run twice at once, and a fault in one does not stop the others.
STEPS: tuple[Callable[..., Any], ...] = (
    preferring.resume_due,
    *WHAT_IS_DUE,
    gathering.gather_due,
    dispatching.start_due_sends,
    sweeping.sweep,
    taking_back.settle,
    planning.catch_up,
    receipts.apply,
    canary.review,
    dispatching.wake_workers,
    telling.tell_of_held,
    notices.deliver_notices,
    mailing.write_due,
    seeds.ask_due,
    flow.forget,
    retaining.forget_due,
    code_mails.send_waiting,
    held_changes.make_due,
    held_changes.tell_due,
    keeping.forget_old,
    preflight.refresh_due,
    link_checking.wake,
    carding.ask_for_missing,
    making.wake_waiting,
    archiving.wake_waiting,
    voids.remind,
    pinging.wake_due,
    indexing.index_waiting,
    measuring.count,
    guarding_log.look_on,
)


@shared_task
def tick() -> None:
    """Publish what is due, start the sends whose slot has come, sweep up, wake workers, and look around."""
    Pulse.beat("tick", at=timezone.now())
    take(STEPS)


def take(steps: Iterable[Callable[..., Any]]) -> None:
    """Take one step after the other, whatever becomes of each."""
    for step in steps:
        try:
            step(at=timezone.now())
        except Exception:
            log.exception(
                "The tick's step %s.%s went wrong; the next tick tries again.", step.__module__, step.__name__
            )


@shared_task
def start_due() -> None:
    """Between two ticks: start what is due this second, so that slots are kept and urgent words leave at once."""
    take(WHAT_IS_DUE)
    now = timezone.now()
    if dispatching.start_due_sends(at=now):
        dispatching.wake_workers(at=now)


@shared_task
def deliver_notices() -> None:
    """Tell people and the notification hook what waits to be told, right after it happened."""
    notices.deliver_notices(at=timezone.now())


@shared_task
def tell_hub() -> None:
    """Tell the WebSub hub that the feeds have changed, right after they did."""
    pinging.tell_hub(at=timezone.now())


@shared_task
def check_links() -> None:
    """Try the addresses that wait. What this run leaves, the next one takes."""
    link_checking.check_waiting()


@shared_task(soft_time_limit=3600, time_limit=3660)
def make(pk: int) -> None:
    """Do heavy work: the row says which. Videos take long, so it has more time than others."""
    making.run(pk, clock=timezone.now)


@shared_task
def show_lane(lane: str) -> None:
    """Show that a worker takes what is put on this queue."""
    Pulse.beat(f"{LANE}{lane}", at=timezone.now(), detail=socket.gethostname()[:200])


@shared_task
def pulse(token: str) -> None:
    """Show that a worker lives, for the doctor who sent `token`."""
    Pulse.beat("worker", at=timezone.now(), detail=f"{token} {socket.gethostname()}"[:200])
