"""Thin tasks. A lost one costs half a minute, not a message."""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from . import claim_news

log = logging.getLogger(__name__)

# What a tick does, in this order. Each may run twice at once, and a fault in one does not stop the others.
STEPS: tuple[Callable[..., Any], ...] = (claim_news.pass_on,)


@shared_task
def tick() -> None:
    """Tell people what concerns them, remind who is waited for, and forget what is not needed any more."""
    for step in STEPS:
        try:
            step(at=timezone.now())
        except Exception:
            log.exception(
                "The tick's step %s.%s went wrong; the next tick tries again.", step.__module__, step.__name__
            )
