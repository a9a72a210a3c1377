"""Thin tasks. A lost one costs a tick, not a copy."""

from celery import shared_task
from django.utils import timezone

from .evidence import page_copies


@shared_task
def archive() -> None:
    """Copy the sources that wait. What this run leaves, the next one takes."""
    page_copies.archive_waiting(clock=timezone.now)
