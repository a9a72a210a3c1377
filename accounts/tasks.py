"""Thin tasks. A lost one costs half a minute, not a mail."""

from celery import shared_task

from lib import clock

from .login import code_mails


@shared_task
def send_codes() -> None:
    """Mail the login codes that wait, right after they were asked for."""
    code_mails.send_waiting(at=clock.now())
