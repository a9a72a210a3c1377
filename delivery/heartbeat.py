"""The sign of life of a worker: its lease is put off every two seconds, whatever the worker waits for."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from delivery.models import Lease

log = logging.getLogger(__name__)

LEASE_SECONDS = 6  # a worker that says nothing for so long may be dead
BEAT_SECONDS = 2
STUCK_SECONDS = 60  # a worker that has not come round for so long is no better than a dead one


class Heartbeat:
    """
    Puts the end of a lease off while its worker lives, in a thread and on a database connection of its own: a slow server or
    name lookup keeps the worker waiting, and it is not dead. One that hangs is.
    """

    def __init__(self, lease: int, *, clock: Callable[[], datetime]) -> None:
        self.lease = lease
        self.clock = clock
        self.moved = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat of lease {lease}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def note_movement(self) -> None:
        """Say that the worker has come round again."""
        self.moved = time.monotonic()

    def stop(self) -> None:
        """End, without waiting for a database that is away."""
        self._ended.set()
        self._thread.join(1)

    def extend(self, *, at: datetime) -> object:
        """Put off the end of what the worker holds."""
        return extend(self.lease, at=at)

    def _run(self) -> None:
        try:
            while not self._ended.wait(BEAT_SECONDS):
                if time.monotonic() - self.moved < STUCK_SECONDS:
                    self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        try:
            self.extend(at=self.clock())
        except DatabaseError:
            log.warning("Lease %s could not be put off; the database is asked again.", self.lease)
            connection.close()


def name_of_this_process() -> str:
    """Return how a lease names its worker: the host and the process."""
    return f"{socket.gethostname()[:80]} {os.getpid()}"


def is_gone(worker: str) -> bool:
    """Return whether a worker was a process of this host that is no more; of other hosts nobody here knows."""
    host, _space, number = worker.rpartition(" ")
    if host != socket.gethostname()[:80] or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # another user's
        return False
    return False


def end_of(at: datetime) -> datetime:
    """Return until when a worker that was alive at `at` counts as working."""
    return at + timedelta(seconds=LEASE_SECONDS)


def extend(lease: int, *, at: datetime) -> bool:
    """Put the end of a lease off; return whether there still is one."""
    return bool(Lease.objects.filter(pk=lease).update(until=end_of(at), silent_since=None))
