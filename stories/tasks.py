"""Thin tasks. A lost one costs half a minute, not a story."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from .story_media import makers


@shared_task(soft_time_limit=3600, time_limit=3660)
def make(pk: int) -> None:
    """Do heavy work on a story: the row says which. While another is done here it waits for the next tick."""
    with only_one_here() as is_free:
        if is_free:
            makers.run(pk, clock=timezone.now)


@contextmanager
def only_one_here() -> Iterator[bool]:
    """
    Give whether no other process of this installation's machine is at it: two films at once are each half as fast, and would take both
    processes of a worker that has other queues, too. It ends with its process, however that ends.
    """
    with (settings.DATA_DIR / "films.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
