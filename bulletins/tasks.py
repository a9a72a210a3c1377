"""Thin tasks. A lost one costs half a minute, not a message."""

import logging
import socket
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts import limiting
from delivery import canary, dispatching, flow, preflight, receipts, sweeping, telling
from delivery.models import Pulse
from factcheck import archiving

from . import carding, gathering, link_checking, making, scheduling, voids
from . import telling as notices

log = logging.getLogger(__name__)

# What a tick does, in this order. Each may run twice at once, and a fault in one does not stop the others.
STEPS: tuple[Callable[..., Any], ...] = (
    scheduling.plan_due_sends,
    gathering.gather_due,
    dispatching.start_due_sends,
    sweeping.sweep,
    receipts.apply,
    canary.review,
    dispatching.wake_workers,
    telling.tell_of_held,
    notices.deliver_notices,
    flow.forget,
    limiting.forget_old,
    preflight.refresh_due,
    link_checking.wake,
    carding.ask_for_missing,
    making.wake_waiting,
    archiving.wake_waiting,
    voids.remind,
)


@shared_task
def tick() -> None:
    """Publish what is due, start the sends whose slot has come, sweep up, wake workers, and look around."""
    Pulse.beat("tick", at=timezone.now())
    for step in STEPS:
        try:
            step(at=timezone.now())
        except Exception:
            log.exception(
                "The tick's step %s.%s went wrong; the next tick tries again.", step.__module__, step.__name__
            )


@shared_task
def start_due() -> None:
    """Between two ticks: start what is due this second, so that slots are kept and urgent words leave at once."""
    now = timezone.now()
    scheduling.plan_due_sends(at=now)
    if dispatching.start_due_sends(at=now):
        dispatching.wake_workers(at=now)


@shared_task
def deliver_notices() -> None:
    """Tell people and the notification hook what waits to be told, right after it happened."""
    notices.deliver_notices(at=timezone.now())


@shared_task
def check_links() -> None:
    """Try the addresses that wait. What this run leaves, the next one takes."""
    link_checking.check_waiting()


@shared_task(soft_time_limit=3600, time_limit=3660)
def make(pk: int) -> None:
    """Do heavy work: the row says which. Videos take long, so it has more time than others."""
    making.run(pk, clock=timezone.now)


@shared_task
def pulse(token: str) -> None:
    """Show that a worker lives, for the doctor who sent `token`."""
    Pulse.beat("worker", at=timezone.now(), detail=f"{token} {socket.gethostname()}"[:200])
