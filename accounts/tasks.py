"""Thin tasks. A lost one costs half a minute, not a mail."""

from celery import shared_task
from django.utils import timezone

from . import mailing


@shared_task
def send_codes() -> None:
    """Mail the login codes that wait, right after they were asked for."""
    mailing.send_waiting(at=timezone.now())
