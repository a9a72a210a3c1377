"""The timetable's tasks, and signs of life from workers. A lost one costs half a minute, not a message."""

import json
import socket

from celery import shared_task

from accounts.privacy import retention
from delivery.models import Pulse
from delivery.models.processes import LANE, RETENTION
from delivery.reports import kept_counts
from delivery.sending import dispatch
from influencers.recall import recall_plan
from lib import clock

from .tick import DRILL_STEPS, DUE_STEPS, STEPS, UPKEEP_STEPS, URGENT_STEPS, take


@shared_task
def tick() -> None:
    """Publish what is due, start the sends whose slot has come, sweep up, wake workers, and look around."""
    Pulse.beat("tick", at=clock.now())
    take(STEPS)


@shared_task
def start_due() -> None:
    """Between two ticks: start what is due this second, so that slots are kept."""
    take((*DUE_STEPS, dispatch.start_due_sends))


@shared_task
def start_urgent() -> None:
    """Start what is urgent, in a process that does nothing else, so that it waits for nothing else."""
    take(URGENT_STEPS)


@shared_task
def count_large() -> None:
    """Count beside the pages what has very many rows."""
    kept_counts.count_large(at=clock.now())


@shared_task
def forget_due() -> None:
    """Let go what has been kept long enough, for as long as a turn may take."""
    take(UPKEEP_STEPS)
    late = retention.overdue(at=clock.now())
    Pulse.beat(RETENTION, at=clock.now(), detail=json.dumps(late)[:200])


@shared_task
def recall_due() -> None:
    """Between two ticks: plan what has just been corrected, so that people who posted it hear before most others."""
    recall_plan.plan_due(at=clock.now())


@shared_task
def play_drills() -> None:
    """Play the drills that run. Late is better than never: a machine that is busy does not lose the turn."""
    take(DRILL_STEPS)


@shared_task
def note_worker_alive(lane: str) -> None:
    """Show that a worker takes what is put on this queue."""
    Pulse.beat(f"{LANE}{lane}", at=clock.now(), detail=socket.gethostname()[:200])


@shared_task
def pulse(token: str) -> None:
    """Show that a worker lives, for the doctor who sent `token`."""
    Pulse.beat("worker", at=clock.now(), detail=f"{token} {socket.gethostname()}"[:200])
