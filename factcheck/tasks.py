"""Thin tasks. A lost one costs a tick, not a copy."""

from celery import shared_task
from django.utils import timezone

from .evidence import archive as evidence_archive


@shared_task
def archive() -> None:
    """Copy the sources that wait. What this run leaves, the next one takes."""
    evidence_archive.archive_waiting(clock=timezone.now)
