"""Thin tasks. A lost one costs half a minute, not a story."""

from celery import shared_task
from django.utils import timezone

from .story_media import makers


@shared_task(soft_time_limit=3600, time_limit=3660)
def make(pk: int) -> None:
    """Do heavy work on a story: the row says which."""
    makers.run(pk, clock=timezone.now)
