"""
The time that all hosts agree on: the database's. Workers go by it, so that a host whose own clock is wrong does no harm.

A process asks the database for the time now and then (`measure`), and counts on from there by a clock that nobody sets. Without
having asked, and with SQLite, which is on the same machine, the time is this machine's.
"""

import time
from datetime import UTC, datetime
from threading import Lock

from django.db import connection
from django.utils import timezone

ASK_AGAIN_SECONDS = 15
MOST_APART_SECONDS = 2.0  # by which a machine's clock may differ from it before somebody is told
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps, where there is one

_asked: tuple[float, float] | None = None  # the database's time, and the steady clock's then; both in seconds
_lock = Lock()


def now() -> datetime:
    """Return the time, in UTC."""
    if _asked is None:
        return timezone.now()
    theirs, then = _asked
    return datetime.fromtimestamp(theirs + time.clock_gettime(STEADY) - then, UTC)


def measure() -> float:
    """
    Ask the database for the time and go by it from now on; return by how many seconds this machine's clock is ahead of it. One
    query. Raise DatabaseError while the database is away: the time goes on as before.
    """
    global _asked
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        began = time.clock_gettime(STEADY)
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        ended, ours = time.clock_gettime(STEADY), time.time()
    half = (ended - began) / 2
    with _lock:
        _asked = theirs, began + half
    return ours - half - theirs


def keep_right() -> None:
    """Ask again when the last time is a while ago."""
    if _asked is None or time.clock_gettime(STEADY) - _asked[1] > ASK_AGAIN_SECONDS:
        measure()
