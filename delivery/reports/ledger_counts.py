"""
The ledger in numbers for whoever watches. The tick counts, because a walk over a million rows takes a quarter of a second,
and whoever asks for numbers asks every few seconds; what it counted waits in signs of life, one for each queue.
"""

import json
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from delivery.models import Delivery, Lease, Mailing, Pulse, Send

AFTER = timedelta(minutes=15)  # for which a send that is over is still counted
RECENT = timedelta(minutes=5)
STALE = timedelta(hours=1)
SIGN = "ledger "  # and the queue
OUTCOMES = (Delivery.State.ACCEPTED, Delivery.State.FAILED, Delivery.State.DEFERRED, Delivery.State.UNKNOWN)


@dataclass
class Numbers:
    """
    Rows of one queue: by state, of those that were claimed at least once; those possibly sent twice; and by what became of
    it, those that were handed over within the last five minutes.
    """

    states: Counter[str] = field(default_factory=Counter)
    recent: Counter[str] = field(default_factory=Counter)
    twice: int = 0

    def packed(self) -> str:
        """Return the numbers in so few letters that they fit a sign of life."""
        rows = [self.states[state] for state in Delivery.State.values]
        return json.dumps([*rows, *(self.recent[state] for state in OUTCOMES), self.twice], separators=(",", ":"))

    def add(self, other: "Numbers") -> None:
        """Add the numbers of other rows."""
        self.states.update(other.states)
        self.recent.update(other.recent)
        self.twice += other.twice

    @classmethod
    def unpacked(cls, text: str) -> "Numbers":
        """Return the numbers that `packed` wrote; none for anything else."""
        try:
            *numbers, twice = json.loads(text)
        except (ValueError, TypeError):
            return cls()
        states = Counter(dict(zip(Delivery.State.values, numbers, strict=False)))
        recent = Counter(dict(zip(OUTCOMES, numbers[len(Delivery.State.values) :], strict=False)))
        return cls(states, Counter({str(state): count for state, count in recent.items()}), twice)


def count(*, at: datetime) -> dict[str, Numbers]:
    """
    Count the rows of the sends that are under way, or were until a quarter of an hour ago, by queue, and note it. Rows that
    nobody has claimed yet are not walked: a send's own fields tell how many they are; and sends that nobody has worked on
    since they were counted are counted anew after an hour, one at a time. Six queries.
    """
    sends = list(
        counted(at=at)
        .select_related("mailing")
        .annotate(is_worked_on=Exists(Lease.objects.filter(send=OuterRef("pk"))))
    )
    walk([send for send in sends if has_moved(send)] or longest_ago(sends, at=at), at=at)
    found = {str(queue): Numbers() for queue in Mailing.Queue}
    for send in sends:
        found[send.mailing.queue].add(Numbers.unpacked(send.counts))
    for queue, numbers in found.items():
        Pulse.beat(f"{SIGN}{queue}", at=at, detail=numbers.packed())
    return found


def counted(*, at: datetime) -> models.QuerySet[Send]:
    """Return the sends whose rows are counted: those under way, or until a quarter of an hour ago."""
    under_way = Q(state__in=[Send.State.SENDING, Send.State.PAUSED, Send.State.HELD], fanned_out_at__isnull=False)
    return Send.objects.filter(under_way | Q(finished_at__gte=at - AFTER))


def numbers_of(send: Send, *, at: datetime) -> Counter[str] | None:
    """
    Return the rows of a send by state as they were counted last, with those that nobody has claimed yet; None where that
    is too long ago, or before its end.
    """
    if send.counted_at is None or not send.counts:
        return None
    if send.counted_at < send.finished_at if send.finished_at else at - send.counted_at >= STALE:
        return None
    states = Counter(Numbers.unpacked(send.counts).states)
    states[Delivery.State.QUEUED] += max(0, (send.candidates or 0) - states.total())
    return states


def has_moved(send: Send) -> bool:
    """Return whether rows of a send may have changed by the hundreds since it was counted."""
    if send.counted_at is None or send.is_worked_on:  # type: ignore[attr-defined]  # annotated
        return True
    # What was handed over lately counts for a while after the last worker.
    moments = [send.fanned_out_at, send.finished_at, send.served_at and send.served_at + RECENT]
    return any(moment and moment >= send.counted_at for moment in moments)


def longest_ago(sends: Sequence[Send], *, at: datetime) -> list[Send]:
    """Return the send that was counted the longest ago, an hour or more: reports of providers change single rows of any."""
    old = [send for send in sends if send.counted_at and send.counted_at <= at - STALE]
    return sorted(old, key=lambda send: send.counted_at or at)[:1]


def walk(sends: Sequence[Send], *, at: datetime) -> None:
    """Count the rows of some sends, and keep the numbers with each."""
    found = {send.pk: Numbers() for send in sends}
    claimed = [copy(send) for send in sends]
    for one in claimed:
        one.last_delivery = min(one.last_delivery or 0, one.claimed_up_to)
    rows = (
        Delivery.objects.of(*claimed)
        .values_list("send_id", "state", "possible_duplicate")
        .annotate(all=Count("pk"), recent=Count("pk", filter=Q(handed_off_at__gt=at - RECENT)))
        .order_by()
    )
    for send_id, state, twice, number, recent in rows:
        numbers = found[send_id]
        numbers.states[state] += number
        numbers.twice += number if twice else 0
        numbers.recent[state] += recent
    for send in sends:
        send.counts, send.counted_at = found[send.pk].packed(), at
    Send.objects.bulk_update(sends, ["counts", "counted_at"], batch_size=100)
