"""Thin tasks. A lost one costs half a minute, not a message."""

from celery import shared_task

from influencers.inbox.mail import arrived_mail
from lib import clock

from .onboarding import applications
from .onboarding.csv_import import import_runs
from .recall import recall_mails


@shared_task
def notify_of_recalls() -> None:
    """Tell what waits, in its order, and go on until nothing waits."""
    recall_mails.send_waiting(at=clock.now())


@shared_task
def send_join_codes() -> None:
    """Mail the codes to join that are due, right after they were asked for."""
    applications.send_due(at=clock.now())


@shared_task(soft_time_limit=270, time_limit=290)
def read_mail() -> None:
    """Read the mail that came in. One that ends the worker is tried again later, and set aside after three times."""
    arrived_mail.work(at=clock.now())


@shared_task
def work_imports() -> None:
    """Read the files of influencers that wait, and store those that staff agreed to."""
    import_runs.work(at=clock.now())
