"""Thin tasks. A lost one costs half a minute, not a notice."""

from celery import shared_task
from django.utils import timezone

from . import outbox


@shared_task
def deliver_notices() -> None:
    """Send people and the notification hook what waits, right after it happened."""
    outbox.deliver_notices(at=timezone.now())
