"""Thin tasks. A lost one costs half a minute, not a message."""

import socket

from celery import shared_task
from django.utils import timezone

from delivery import dispatching, sweeping
from delivery.models import Pulse

from . import scheduling


@shared_task
def tick() -> None:
    """Publish what is due, start the sends whose slot has come, sweep up, wake workers."""
    now = timezone.now()
    Pulse.beat("tick", at=now)
    scheduling.plan_due_sends(at=now)
    dispatching.start_due_sends(at=now)
    sweeping.sweep(at=now)
    dispatching.wake_workers(at=now)


@shared_task
def pulse(token: str) -> None:
    """Show that a worker lives, for the doctor who sent `token`."""
    Pulse.beat("worker", at=timezone.now(), detail=f"{token} {socket.gethostname()}"[:200])
