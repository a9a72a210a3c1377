"""
The one loop that single mails leave by. A row is claimed by one conditional update, and its SingleMail says who has it in hand; then
its mail is handed over, outside of any transaction, and what became of it is written only if nobody has taken it over meanwhile.

A worker that dies has one row in hand at most, and of that nobody knows whether it left. It is looked for each second (`take_over`):
a process of this host that is no more is gone at once, one of another host when its sign of life stays away for ten seconds. What
may be said twice is handed over again and marked as a possible duplicate; the rest ends as unknown. What three workers died of
ends too. Both stand at the desk.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from delivery import heartbeat
from delivery.models import SingleMail
from delivery.transports import failover
from lib import task_queue

from .hand_over import End, HandOver, away, outcome_of
from .queue import KINDS, Queue

log = logging.getLogger(__name__)

NOTICE = timedelta(seconds=2)  # between the first time that a worker is found silent and what follows
MOST_CRASHES = 3  # so many workers may die of a row

Fault = SingleMail.Fault


def hand_over_due(kind: type[Queue[Any]], *, at: datetime) -> int:
    """
    Hand over the mails of a kind that are due, and return how many rows' mails left. When a way is away, its other mails wait for the
    next call untried. Two at once send each once. Not for use in a transaction.
    """
    queue = kind(at=at)
    rows = queue.due_rows()
    if not rows:
        return 0
    run = Run(queue, rows)
    try:
        return sum(run.take(row) for row in queue.ready(rows))
    finally:
        run.end()


class Beat(heartbeat.Heartbeat):
    """The sign of life of a worker that hands single mails over."""

    def __init__(self, kind: str, *, clock: Callable[[], datetime]) -> None:
        super().__init__(0, clock=clock)
        self.kind, self.row = kind, 0  # what it has in hand

    def extend(self, *, at: datetime) -> object:
        """Put off the end of what this worker has in hand."""
        worker = heartbeat.name_of_this_process()
        held = SingleMail.objects.filter(kind=self.kind, row=self.row, worker=worker)
        return held.update(until=heartbeat.end_of(at), is_silent=False)


class Run:
    """One run of one kind: its connections, and what it has in hand."""

    def __init__(self, queue: Queue[Any], rows: list[Any]) -> None:
        self.queue, self.worker = queue, heartbeat.name_of_this_process()
        earlier = SingleMail.objects.filter(kind=queue.name, row__in=[row.pk for row in rows])
        self.known = {single.row: single for single in earlier}
        self.connections: dict[str, Any] = {}
        self.began = time.monotonic()
        self.beat = Beat(queue.name, clock=self.now)
        self.beat.start()

    def now(self) -> datetime:
        """Return the time, counted on from when the run began."""
        return self.queue.at + timedelta(seconds=time.monotonic() - self.began)

    def end(self) -> None:
        """Let the connections go."""
        self.beat.stop()
        for connection in self.connections.values():
            self.close(connection)

    def close(self, connection: Any) -> None:
        """Let one connection go."""
        try:
            if connection is not None:
                connection.close()
        except Exception as fault:  # it is gone already
            log.warning("A connection to a mail server did not end well: %s", type(fault).__name__)

    def take(self, row: Any) -> int:
        """Claim a row, hand its mails over and note what became of it; return 1 when they left."""
        self.beat.note_movement()
        route = self.queue.route(row)
        if route is None or (route in self.queue.away and self.queue.waits_for_way):
            return 0
        if route not in self.connections and failover.asks_for_pause(route, at=self.queue.at):
            self.queue.away.add(route)
            return 0
        fault = self.connect(route)
        single = self.claim(row)
        if single is None:
            return 0
        try:
            result = fault or self.queue.hand_over(row, route, self.connections.get(route))
        except Exception as problem:  # by a way of the kind's own; the text may hold an address
            log.error("%s %s was not sent: %s", self.queue.name, row.pk, type(problem).__name__)
            result = outcome_of(problem)
        if result.is_about_way:
            self.queue.away.add(route)
            self.close(self.connections.pop(route, None))
        return int(self.conclude(row, single, result))

    def connect(self, route: str) -> HandOver | None:
        """Open the connection of a mailer before anything is claimed for it; return what keeps it from opening."""
        if route in self.connections or route not in settings.MAILERS:
            return None
        try:
            connection = mail.mailers[route]
            connection.open()
        except Exception as fault:  # a backend may raise anything; the text may hold an address
            log.error("A %s was not sent, for mailer %s is away: %s", self.queue.name, route, type(fault).__name__)
            return away(fault)
        self.connections[route] = connection
        return None

    @transaction.atomic
    def claim(self, row: Any) -> SingleMail | None:
        """Take a row in hand, and say when it is tried again if nothing more is heard of it; None when somebody else has it."""
        queue, before = self.queue, self.known.get(row.pk)
        singles = SingleMail.objects.filter(kind=queue.name, row=row.pk)
        if singles.in_hand().exists():  # of somebody alive, however long it takes, or until it is taken over
            return None
        if before is not None and before.ended_at is not None:  # it was asked for anew
            before = None
        tried = max(getattr(row, "attempts", 0), before.attempts if before else 0)
        again = queue.at + queue.waits(tried)
        changes = queue.marks.claimed(row, again, queue.at) | queue.claims(row)
        mine = queue.model._default_manager.filter(pk=row.pk, **queue.marks.unclaimed(row), **queue.still)
        if not mine.update(**changes):
            return None
        singles.exclude(ended_at=None).delete()
        single = SingleMail(
            kind=queue.name,
            row=row.pk,
            campaign=queue.campaign_of(row),
            worker=self.worker,
            until=heartbeat.end_of(self.now()),
            attempts=tried + 1,
            next_attempt_at=again,
            since=before.since if before else queue.at,
        )
        SingleMail.objects.bulk_create(
            [single],
            update_conflicts=True,
            unique_fields=["kind", "row"],
            update_fields=["worker", "until", "is_silent", "attempts", "next_attempt_at"],
        )
        single.possible_duplicate = before is not None and before.possible_duplicate
        self.beat.row = row.pk
        return single

    @transaction.atomic
    def conclude(self, row: Any, single: SingleMail, result: HandOver) -> bool:
        """Write what became of a row, unless it was taken over meanwhile; return whether its mails left."""
        queue, again = self.queue, single.next_attempt_at
        mine = SingleMail.objects.filter(
            kind=queue.name, row=row.pk, worker=self.worker, attempts=single.attempts, ended_at=None
        )
        is_over = result.end is End.REFUSED or (result.end is End.IN_DOUBT and not queue.again_in_doubt)
        if result.end in {End.AGAIN, End.IN_DOUBT} and queue.is_given_up(row, since=single.since):
            is_over = True
        kept: dict[str, Any] = {"worker": "", "fault": result.fault, "code": result.code[:20]}
        if result.end in {End.LEFT, End.NOTHING_TO_SAY, End.NOT_NOW}:
            changes = queue.marks.left(queue.at)
            if result.end is End.NOT_NOW:
                changes = queue.marks.waits(result.again_at)
            if single.possible_duplicate and result.end is End.LEFT:
                held = mine.update(**kept | {"fault": Fault.TWICE, "ended_at": queue.at, "next_attempt_at": None})
            else:
                held = mine.delete()[0]
        elif is_over:
            changes = queue.marks.ended(queue.at)
            if queue.goes_otherwise:
                held = mine.delete()[0]
            else:
                held = mine.update(**kept | {"ended_at": queue.at, "next_attempt_at": None})
        else:
            again = result.again_at or again
            changes = queue.marks.waits(again)
            doubtful = single.possible_duplicate or result.end is End.IN_DOUBT
            held = mine.update(**kept | {"next_attempt_at": again, "possible_duplicate": doubtful})
        if not held:
            log.warning("%s %s was taken over by another worker; it may have left twice.", queue.name, row.pk)
            return False
        if changes:
            rows = queue.model._default_manager.filter(pk=row.pk, **queue.marks.mine(row, single.next_attempt_at))
            rows.update(**changes)
        queue.concluded(row, result, ended=is_over)
        return result.end is End.LEFT


def take_over(*, at: datetime) -> int:
    """Look after what dead workers had in hand, and have the rest tried again at once; return how many rows. One query mostly."""
    number = 0
    again: set[str] = set()
    for single in SingleMail.objects.in_hand():
        is_gone = heartbeat.is_gone(single.worker)
        if not is_gone and single.until is not None and single.until >= at:
            continue
        if not (is_gone or single.is_silent):  # perhaps the database was away from everyone: the living speak up first
            SingleMail.objects.filter(pk=single.pk, until=single.until).update(is_silent=True, until=at + NOTICE)
            continue
        if (kind := KINDS.get(single.kind)) and settle(single, kind, at=at):
            number += 1
            again |= {single.kind} if kind.again_in_doubt else set()
    for name in sorted(again):
        wake(name)
    return number


def wake(name: str) -> None:
    """Ask a worker to hand over what is due of a kind; while the broker is away the tick does."""
    try:
        task_queue.wake("delivery.tasks.hand_over_single_mails", name, queue="urgent")
    except (OperationalError, OSError):
        log.warning("Nobody could be woken for %s; the next tick tries again.", name)


@transaction.atomic
def settle(single: SingleMail, kind: type[Queue[Any]], *, at: datetime) -> bool:
    """Take a row from a worker that is gone: it is tried again with a mark, or ends as unknown. Return whether this call did."""
    held = SingleMail.objects.filter(pk=single.pk, worker=single.worker, until=single.until, attempts=single.attempts)
    again = kind.again_in_doubt and single.crashes + 1 < MOST_CRASHES
    ends = {"next_attempt_at": at} if again else {"next_attempt_at": None, "ended_at": at}
    values = {"worker": "", "is_silent": False, "fault": Fault.UNKNOWN, "possible_duplicate": True, **ends}
    if not held.update(crashes=F("crashes") + 1, **values):
        return False
    marks = kind.marks
    changes = marks.waits(at) if again else marks.ended(at)
    rows = kind.model._default_manager.filter(pk=single.row)
    if not rows.exists():
        SingleMail.objects.filter(pk=single.pk).delete()
    elif changes:
        rows.update(**changes)
    log.error("The worker that had %s %s in hand is gone; it may have left.", single.kind, single.row)
    return True
