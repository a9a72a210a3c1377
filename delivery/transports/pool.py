"""
One mailer over several connections at once, for one worker: where a reply takes long, one mail after the other would wait
for it.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, cast

from django.conf import settings

from delivery.message.mime import Envelope, Person
from delivery.models import Message

from .transport import OneAtATime, Outcome, Transport, transport_for

# One more connection for each so many seconds that a mail takes: nearer by, a worker is busy with what it does itself.
STEP_SECONDS = 0.01
CHUNK_SECONDS = 1
PACE_SECONDS = 0.5  # how long its mails are counted before that says how long one takes
CONTENT_SECONDS = 600  # for how long a mailer that refused a further connection is not asked for one

# What this process knows of mailers from earlier runs: {mailer: seconds that a mail takes on one connection}, and
# {mailer: (how many connections it let us have, until when in time.monotonic() that is taken for its word)}.
_paces: dict[str, float] = {}
_refusals: dict[str, tuple[int, float]] = {}


class Pool:
    """
    `width` transports of one kind side by side. They take what is handed over from one window, each its next mail when it has
    come to it.

    With `more`, which opens a further one, it may be widened up to SEND_CONNECTIONS.
    """

    def __init__(self, mailer: str, first: Transport, more: Callable[[], Transport] | None = None) -> None:
        self.mailer = mailer
        self.waiting: Callable[[], None] = lambda: None
        self.width = 1
        self._members: list[Transport] = [first]
        self._more = more

    # --- How many ---------------------------------------------------------------------------------------

    def wanted(self) -> int:
        """Return how many connections would help: one for each STEP_SECONDS that a mail takes."""
        if self._more is None:
            return 1
        most, until = _refusals.get(self.mailer, (settings.SEND_CONNECTIONS, 0.0))
        if time.monotonic() >= until:
            most = settings.SEND_CONNECTIONS
        return max(1, min(most, round(_paces.get(self.mailer, 0.0) / STEP_SECONDS)))

    def resize(self, width: int) -> int:
        """Have `width` connections, or as many as the mailer lets us have; return how many."""
        while len(self._members) > width:
            self._members.pop().close()
        if self._more is not None and len(self._members) < width:
            further = [self._more() for _n in range(width - len(self._members))]
            with ThreadPoolExecutor(len(further)) as threads:
                for member, is_open in zip(further, threads.map(lambda one: one.open(), further), strict=True):
                    if is_open:
                        self._members.append(member)
            if len(self._members) < width:
                _refusals[self.mailer] = len(self._members), time.monotonic() + CONTENT_SECONDS
        self.width = len(self._members)
        return self.width

    def batch(self, *, urgent: bool) -> int:
        """Return how many envelopes go in one call, and are in doubt together; 1 where each goes by itself."""
        return self._members[0].batch(urgent=urgent)

    def chunk(self, most: int, window: int) -> int:
        """
        Return how many rows to claim at a time, between a window and `most`: what leaves within CHUNK_SECONDS, so that
        other workers find something too; a window as long as nobody knows how many that are.
        """
        if self._more is None:
            return most
        pace = _paces.get(self.mailer)
        return min(most, max(window, round(self.width * CHUNK_SECONDS / pace))) if pace else window

    # --- A transport ------------------------------------------------------------------------------------

    def compiled(self, message: Message, *, at: datetime) -> Any:
        """Return what all that is sent of a message has in common. Raise ValueError where it cannot be sent."""
        return self._members[0].compiled(message, at=at)

    def prepare(self, compiled: Any, person: Person) -> Envelope:
        """Return what `send` needs of one message. Raise Unaddressable."""
        return self._members[0].prepare(compiled, person)

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each envelope over and yield its outcome, as they come."""
        members = self._send_side_by_side(iter(window)) if self.width > 1 else self._send_one_by_one(window)
        began, number, is_known = time.monotonic(), 0, False
        for outcome in members:
            number += 1
            yield outcome
            if (took := time.monotonic() - began) >= PACE_SECONDS:
                self._note_pace(number, took)
                began, number, is_known = time.monotonic(), 0, True
        if number and not is_known:
            self._note_pace(number, time.monotonic() - began)

    def _note_pace(self, number: int, took: float) -> None:
        if self._more is not None:
            _paces[self.mailer] = took * min(self.width, number) / number

    def _send_one_by_one(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        self._members[0].waiting = self.waiting
        return self._members[0].send(window)

    def close(self) -> None:
        """Let the connections go."""
        for member in self._members:
            member.close()

    # --- Side by side -----------------------------------------------------------------------------------

    def _send_side_by_side(self, window: Iterator[Envelope]) -> Iterator[Outcome]:
        """
        Hand over in a thread for each connection. These know nothing of the database; this one takes the envelopes from the
        window for them, yields their outcomes, and calls `waiting` when one of them would. A fault in one is raised when
        the others are done.
        """
        said: SimpleQueue[Outcome | BaseException | Part | Callable[[], None] | None] = SimpleQueue()
        parts = [Part(member, said.put, waiting=lambda: said.put(self.waiting)) for member in self._members]
        threads = [Thread(target=part.hand_over, name=f"connection to {self.mailer}", daemon=True) for part in parts]
        fault: BaseException | None = None
        try:
            for thread in threads:
                thread.start()
            running = len(threads)
            while running:
                match said.get():
                    case Outcome() as outcome:
                        yield outcome
                    case Part() as part:
                        part.given.put(next(window, None))
                    case None:
                        running -= 1
                    case BaseException() as raised:
                        fault = fault or raised
                    case waiting:
                        waiting()
        finally:
            for part in parts:
                part.stop.set()
                part.given.put(None)
            for thread in threads:
                thread.join()
        if fault is not None:
            raise fault


class Part:
    """What one connection hands over of a window, in a thread of its own. It gets each envelope when it asks for it."""

    def __init__(self, member: Transport, say: Callable[[Any], None], *, waiting: Callable[[], None]) -> None:
        member.waiting = waiting
        self.member = member
        self.say = say
        self.given: SimpleQueue[Envelope | None] = SimpleQueue()
        self.stop = Event()

    def hand_over(self) -> None:
        """Say each outcome, then a fault if there was one, then None."""
        try:
            with closing(cast("Generator[Outcome]", self.member.send(self._envelopes()))) as outcomes:
                for outcome in outcomes:
                    self.say(outcome)
                    if self.stop.is_set():
                        break
        except BaseException as fault:
            self.say(fault)
        finally:
            self.say(None)

    def _envelopes(self) -> Iterator[Envelope]:
        self.say(self)
        while envelope := self.given.get():
            yield envelope
            self.say(self)


def forget() -> None:
    """Forget what this process knows of mailers."""
    _paces.clear()
    _refusals.clear()


def pool_for(mailer: str) -> Pool:
    """Return the pool of a mailer. A mail provider's API takes many mails in one call, over one session."""
    first = transport_for(mailer)
    return Pool(mailer, first, more=partial(transport_for, mailer) if isinstance(first, OneAtATime) else None)
