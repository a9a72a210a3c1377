"""Thin tasks. A lost one costs half a minute, not a notice."""

from celery import shared_task

from lib import clock

from . import sending
from .channels import outgoing_copies


@shared_task
def deliver_notices() -> None:
    """Send people and the notification hook what waits, right after it happened."""
    outgoing_copies.deliver_copies(at=clock.now())
    sending.deliver_notices(at=clock.now())
