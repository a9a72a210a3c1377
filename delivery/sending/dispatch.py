"""Waking workers: as many tasks as a send can use, on the queue of its urgency. A lost wake-up costs one tick."""

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import compress
from math import ceil

from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext_noop

from accounts.audit import trail
from delivery.fanout import fanout
from delivery.holds import canary, cost_limits, holds
from delivery.models import Delivery, HostProcess, Mailing, Send
from delivery.models.sends import SendQuerySet
from delivery.preflight import examination
from delivery.throttle import connection_shares
from delivery.transports import failover
from lib import task_queue

log = logging.getLogger(__name__)


WAKE_SECONDS = 60
DIGESTS_AT_ONCE = 2
WORTH_A_WORKER = 20  # rows; where replies are slow they take a while

TOO_LATE = gettext_noop(
    "Its slot passed longer ago than the grace period allows. Read it again, then release or cancel it."
)
NO_WORDS = gettext_noop("It has no message in any language. Cancel it.")


def start_due_sends(*, at: datetime) -> list[Send]:
    """
    Fan out every planned send whose slot has come, the most urgent first, and ask for its workers at once; return those
    that this call started.

    One that is later than it may be is held for a person instead: what was news then may be wrong now. So is one
    that has nothing to say, which does not stand in the way of the others.
    """
    return start_all(Send.objects.due(at=at), at=at)


def start_urgent_sends(*, at: datetime) -> list[Send]:
    """Do the same for what is urgent, which waits for nothing that is not."""
    return start_all(Send.objects.due(at=at).filter(mailing__queue=Mailing.Queue.URGENT), at=at)


def start_all(sends: SendQuerySet, *, at: datetime) -> list[Send]:
    """
    Start these sends, each with its workers; return those that this call started. What is not urgent is fanned out DIGESTS_AT_ONCE
    at a time where the database can: many digests come due in one minute, and each is the work of one of its processors.
    """
    due = list(sends.select_related("audience", "mailing__campaign"))
    waiting = [send for send in due if send.mailing.queue == Mailing.Queue.DIGEST]
    started = [send for send in due if send not in waiting and start_one(send, at=at)]
    # SQLite has one writer, and what stands in a transaction is seen by its own connection alone.
    if len(waiting) < 2 or connection.vendor != "postgresql" or connection.in_atomic_block:
        return started + [send for send in waiting if start_one(send, at=at)]
    with ThreadPoolExecutor(DIGESTS_AT_ONCE, "digests") as threads:
        return started + list(compress(waiting, threads.map(partial(start_beside, at=at), waiting)))


def start_beside(send: Send, *, at: datetime) -> bool:
    """Start a send in a thread of its own, whose connection goes with it."""
    try:
        return start_one(send, at=at)
    finally:
        connection.close()


def start_one(send: Send, *, at: datetime) -> bool:
    """Start a send with its workers, or hold it; return whether this call started it. What goes wrong with it keeps no other back."""
    try:
        if not start_or_hold(send, at=at):
            return False
    except Exception:
        log.exception("Send %s was due and could not be started; the others go on.", send.pk)
        return False
    try:
        wake_workers_of(send, at=at)
    except Exception:
        log.exception("Nobody could be asked to begin with send %s; the next tick asks again.", send.pk)
    return True


def start_or_hold(send: Send, *, at: datetime) -> bool:
    """Start a due send unless something stands in the way; return whether this call did."""
    if send.hold_after and at > send.hold_after:
        holds.hold(send, TOO_LATE, at=at)
        return False
    obstacle = examination.blocking_reason(send, at=at)
    if obstacle is not None:
        holds.hold(send, obstacle, at=at)
        return False
    return start(send, at=at)


def start(send: Send, *, at: datetime) -> bool:
    """Fan a send out; return whether it goes on by this call. One without words, or that costs too much, is held for a person."""
    try:
        with transaction.atomic():
            fanout.fan_out(send, at=at)
            started = send.state == Send.State.SENDING and send.fanned_out_at == at
            if started:
                canary.begin(send, at=at)
                trail.note("send.started", send, by=None, at=at)
                return not cost_limits.hold_costly(send, at=at)
            return False
    except fanout.NothingToSend:
        holds.hold(send, NO_WORDS, at=at)
        return False


def wake_workers(*, at: datetime) -> int:
    """
    Ask for workers on every send that has rows ready, as many as may have a connection to the mailer; return how many were
    asked. Those that are at it already are counted by their leases, so a long send does not pile up tasks.
    """
    sends = Send.objects.filter(state=Send.State.SENDING).select_related("mailing__campaign").most_urgent_first("pk")
    asked: Counter[tuple[str, bool]] = Counter()
    for send in sends:
        same = send.mailing.queue, send.mailing.campaign.is_exercise
        asked[same] += wake_workers_of(send, at=at, asked=asked[same])
    return asked.total()


def wake_workers_of(send: Send, *, at: datetime, asked: int = 0) -> int:
    """
    Ask for the workers that a send lacks; return how many were asked. `asked` were asked just now who take from the same
    connections. A send that nobody works on gets one in any case, which waits for its turn. No more are asked than there are
    workers: on a busy machine calls would come faster than they are taken, and each would be too old by its turn.
    """
    working = send.leases.filter(until__gt=at).count()
    free = connection_shares.free(failover.expected_way(send), send.mailing.queue, at=at)
    there = HostProcess.objects.serving(send.mailing.queue, at=at)
    most = max(min(free, there or free) - asked, 0 if working else 1)
    lacks = max(
        0, min(most, ceil(count_ready(send, at=at, most=WORTH_A_WORKER * (working + most)) / WORTH_A_WORKER) - working)
    )
    for _worker in range(lacks):
        wake(send)
    return lacks


def count_ready(send: Send, *, at: datetime, most: int) -> int:
    """Return how many rows of a send may be claimed at `at`, `most` at most: no more are counted than there is work for."""
    again = Delivery.objects.due_again(send, at=at)[:most].count()
    return again if again == most else again + Delivery.objects.fresh(send)[: most - again].count()


def wake(send: Send) -> None:
    """Ask one worker to go on with a send, on the queue of its urgency. What nobody took in a minute is forgotten."""
    task_queue.wake("delivery.tasks.deliver", send.pk, queue=send.mailing.queue, expires=WAKE_SECONDS)


def wake_urgent_planning() -> None:
    """Ask for the start of what is urgent now rather than within a second; a lost call costs that second."""
    task_queue.wake("config.tasks.start_urgent", queue="urgent-planning", expires=WAKE_SECONDS)


def neediest(send_id: int, *, at: datetime) -> Send | None:
    """
    Return the send that a worker should go on with when it was woken for `send_id`: of those on the same queue with
    rows ready, the one with the fewest workers, and of these the one that has waited longest.

    So it does not matter whose wake-ups stand first in the queue. None when all have their workers, or nothing is
    ready. The one returned counts as served at `at`.
    """
    queue = Send.objects.filter(pk=send_id).values("mailing__queue")
    sends = (
        Send.objects.filter(state=Send.State.SENDING, mailing__queue__in=queue)
        .annotate(working=Count("leases", filter=Q(leases__until__gt=at)))
        .order_by("working", F("served_at").asc(nulls_first=True), "pk")
    )
    for send in sends.select_related("mailing"):
        if count_ready(send, at=at, most=1):
            Send.objects.filter(pk=send.pk).update(served_at=at)
            return send
    return None
