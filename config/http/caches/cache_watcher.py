"""A thread of each web process that sees within a quarter of a second what changed on public pages, or that it cannot tell."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DatabaseError, connection

from campaigns.http import page_changes

log = logging.getLogger(__name__)

EVERY = 0.25  # seconds
# Each look begins this long after a whole second or a quarter of one: nginx keeps to the end of the second, and what it
# takes at its beginning has to be right by then (`PageCache`).
AFTER_THE_SECOND = 0.005
SILENT = 5.0  # seconds without an answer after which the database counts as away


class Observation(NamedTuple):
    """What was true at a look: the changes seen, when it began by the clock on the wall (s) and by the monotonic one."""

    seen: page_changes.VisibleChanges
    wall: float
    moment: float


class Watch:
    """
    `known` is the last look that was answered, None before the first. `begin()` starts the thread, again in a process
    that was forked; it never ends, whatever happens to the database. What changed is `follow`ed before anyone knows of it, so that
    a page that is made anew has all of it.
    """

    def __init__(
        self,
        look: Callable[[], page_changes.VisibleChanges] = page_changes.visible_changes,
        follow: Callable[[], Any] = lambda: None,
    ) -> None:
        self.known: Observation | None = None
        self._read_changes = look
        self._follow = follow
        self._failed = False
        self._process = 0
        self._beginning = threading.Lock()

    def is_away(self, moment: float) -> bool:
        """Return whether the database does not answer, at a moment of the monotonic clock."""
        known = self.known
        return self._failed or (known is not None and moment - known.moment > SILENT)

    def begin(self) -> None:
        """Start the thread of this process unless it runs."""
        if self._process == os.getpid():
            return
        with self._beginning:
            if self._process == os.getpid():
                return
            self.known, self._failed, self._process = None, False, os.getpid()
            threading.Thread(target=self._run, name="watch", daemon=True).start()

    def poll(self) -> None:
        """Look once."""
        wall, moment = time.time(), time.monotonic()
        try:
            seen = self._read_changes()
            if self.known is None or self.known.seen != seen:
                self._follow()
        except Exception as fault:
            if not self._failed:
                log.warning(
                    "The database does not answer: public pages are shown as they were. (%s)", type(fault).__name__
                )
                if not isinstance(fault, DatabaseError):
                    log.exception("That should not happen.")
            self._failed = True
            connection.close()
        else:
            self.known = Observation(seen, wall, moment)
            if self._failed:
                log.warning("The database answers again.")
            self._failed = False

    def _run(self) -> None:
        while True:
            self.poll()
            time.sleep(EVERY - (time.time() - AFTER_THE_SECOND) % EVERY)
