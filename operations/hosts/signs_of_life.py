"""A thread of each process that shows it alive, and keeps its time right (lib/clock.py)."""

import atexit
import logging
import os
import socket
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from delivery.models import HostProcess
from lib import clock
from operations.version import release

from . import host_differences

log = logging.getLogger(__name__)

EVERY_SECONDS = 15
FORGOTTEN_AFTER = timedelta(days=1)


class SignsOfLife:
    """The signs of one process, from `begin` to `end`. They go on whatever happens to the database."""

    def __init__(self, name: str, *, queues: Sequence[str] = (), processes: int = 1) -> None:
        self.name = name
        self.queues = ",".join(queues)[:200]
        self.processes = processes
        self.started_at: datetime | None = None
        self._process = os.getpid()  # one that is forked later has not begun
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signs of life", daemon=True)

    def begin(self) -> None:
        """Show this process alive from now on, until it ends."""
        atexit.register(self.end)
        self._thread.start()

    def end(self) -> None:
        """Take its row away, unless another process has taken its place: it ends in order."""
        if os.getpid() != self._process:
            return
        self._ended.set()
        self._thread.join(5)
        try:
            HostProcess.objects.filter(host=host(), name=self.name, started_at=self.started_at).delete()
        except DatabaseError:
            log.warning("The end of %s could not be noted; it will look silent for a day.", self.name)

    def show(self) -> None:
        """Show it once."""
        ahead = clock.measure()
        at = clock.now()
        self.started_at = self.started_at or at
        row = HostProcess(
            host=host(),
            name=self.name,
            queues=self.queues,
            processes=self.processes,
            started_at=self.started_at,
            seen_at=at,
            clock_ahead=round(ahead, 3),
            release=release(),
            marks=host_differences.marks(),
        )
        HostProcess.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["host", "name"],
            update_fields=["queues", "processes", "started_at", "seen_at", "clock_ahead", "release", "marks"],
        )

    def _run(self) -> None:
        while True:
            try:
                self.show()
            except DatabaseError as fault:
                log.warning("%s could not show that it is alive (%s).", self.name, type(fault).__name__)
            except Exception:
                log.exception("%s could not show that it is alive.", self.name)
            finally:
                connection.close()  # a connection for a query now and then is not worth keeping
            if self._ended.wait(EVERY_SECONDS):
                return


def host() -> str:
    """Return this host's name."""
    return socket.gethostname()[:80]


def begin_in_web_process() -> None:
    """Show the web server alive from this process on; several processes of it share a row."""
    from django.conf import settings

    SignsOfLife("web", processes=settings.WEB_PROCESSES).begin()


def forget(*, at: datetime) -> int:
    """Remove processes that have been silent for a day; return how many."""
    return HostProcess.objects.filter(seen_at__lt=at - FORGOTTEN_AFTER).delete()[0]
