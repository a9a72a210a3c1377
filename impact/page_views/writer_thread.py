"""A thread of each web process that writes what was counted, beside requests and never in one."""

import logging
import threading
from datetime import datetime

from django.db import DatabaseError, connection

from lib import clock

from . import daily_views
from .counter import Counter, counter

log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0  # what a process that is killed has not written yet


def write(of: Counter, *, at: datetime) -> int:
    """Write what was counted; what the database does not take is counted on. Return how many views were written."""
    views = of.take()
    try:
        return daily_views.add(views, at=at)
    except DatabaseError as fault:
        of.give_back(views)
        log.warning("Views of pages could not be written; they are kept. (%s)", type(fault).__name__)
        return 0


def begin_in_web_process() -> None:
    """Start the thread of this process; it never ends."""
    threading.Thread(target=_run, name="page views", daemon=True).start()


def _run() -> None:
    forgotten, ended = None, threading.Event()
    while not ended.wait(EVERY_SECONDS):
        try:
            now = clock.now()
            write(counter, at=now)
            if forgotten != now.date():
                daily_views.forget(at=now)
                forgotten = now.date()
        except Exception:
            log.exception("Views of pages could not be written.")
        finally:
            connection.close()
