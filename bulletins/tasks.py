"""Thin tasks. A lost one costs half a minute, not a message."""

from celery import shared_task
from django.utils import timezone

from lib import clock

from .authority_posts import account_checks, jobs
from .checks.links import link_checker
from .editing.translation import translation_drafts
from .media import makers


@shared_task
def check_links() -> None:
    """Try the addresses that wait. What this run leaves, the next one takes."""
    link_checker.check_waiting()


@shared_task(soft_time_limit=3600, time_limit=3660)
def make(pk: int) -> None:
    """Do heavy work: the row says which. Videos take long, so it has more time than others."""
    makers.run(pk, clock=timezone.now)


@shared_task(soft_time_limit=300, time_limit=330)
def draft_translation(pk: int) -> None:
    """Draft an edition by the model on this machine: the row says which."""
    translation_drafts.make(pk, clock=timezone.now)


@shared_task(soft_time_limit=150, time_limit=170)
def post(pk: int) -> None:
    """Post, edit or delete as the authority: the row says what."""
    jobs.run(pk, clock=clock.now)


@shared_task
def check_account(pk: int) -> None:
    """Try an account of the authority."""
    account_checks.run(pk, clock=clock.now)
