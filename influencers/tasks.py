"""Thin tasks. A lost one costs half a minute, not a message."""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from . import asking, claim_news, inviting
from .conversing import harassment, inbox, reminding, sending
from .csv_import import jobs as import_jobs
from .joining import applying
from .recalling import planning
from .recalling import telling as recall_mails

log = logging.getLogger(__name__)

# What a tick does, in this order. Each may run twice at once, and a fault in one does not stop the others.
STEPS: tuple[Callable[..., Any], ...] = (
    inbox.wake_waiting,
    harassment.escalate,
    planning.plan_due,
    claim_news.pass_on,
    sending.send_due,
    sending.note_returned,
    reminding.remind,
    asking.tell,
    inviting.send_due,
    applying.send_due,
    import_jobs.wake_waiting,
)


@shared_task
def tick() -> None:
    """Tell people what concerns them, remind who is waited for, and wake what waits."""
    for step in STEPS:
        try:
            step(at=timezone.now())
        except Exception:
            log.exception(
                "The tick's step %s.%s went wrong; the next tick tries again.", step.__module__, step.__name__
            )


@shared_task
def recall_due() -> None:
    """Between two ticks: plan what has just been corrected, so that those who posted it hear before most others."""
    planning.plan_due(at=timezone.now())


@shared_task
def tell_of_recalls() -> None:
    """Tell what waits, in its order, and go on until nothing waits."""
    recall_mails.tell_waiting(at=timezone.now())


@shared_task
def send_join_codes() -> None:
    """Mail the codes to join that are due, right after they were asked for."""
    applying.send_due(at=timezone.now())


@shared_task(soft_time_limit=270, time_limit=290)
def read_mail() -> None:
    """Read the mail that came in. One that ends the worker is tried again later, and set aside after three times."""
    inbox.work(at=timezone.now())


@shared_task
def work_imports() -> None:
    """Read the files of influencers that wait, and store those that staff said yes to."""
    import_jobs.work(at=timezone.now())
