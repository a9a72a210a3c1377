"""Thin tasks. A lost one costs half a minute, not a notice."""

from celery import shared_task

from lib import clock

from . import sending


@shared_task
def deliver_notices() -> None:
    """Send people and the notification hook what waits, right after it happened."""
    sending.deliver_notices(at=clock.now())
