"""
The ledger in numbers for whoever watches. The tick counts, because a walk over a million rows takes a quarter of a second,
and whoever asks for numbers asks every few seconds; what it counted waits in signs of life, one for each queue.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from delivery.models import Delivery, Mailing, Pulse, Send

AFTER = timedelta(minutes=15)  # for which a send that is over is still counted
RECENT = timedelta(minutes=5)
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
    nobody has claimed yet are not walked: a send's own fields tell how many they are. Five queries.
    """
    under_way = Q(state__in=[Send.State.SENDING, Send.State.PAUSED, Send.State.HELD], fanned_out_at__isnull=False)
    sends = {
        send.pk: send
        for send in Send.objects.filter(under_way | Q(finished_at__gte=at - AFTER)).select_related("mailing")
    }
    found = {str(queue): Numbers() for queue in Mailing.Queue}
    for send in sends.values():
        send.last_delivery = min(send.last_delivery or 0, send.claimed_up_to)
    rows = (
        Delivery.objects.of(*sends.values())
        .values_list("send_id", "state", "possible_duplicate")
        .annotate(all=Count("pk"), recent=Count("pk", filter=Q(handed_off_at__gt=at - RECENT)))
        .order_by()
    )
    for send_id, state, twice, number, recent in rows:
        numbers = found[sends[send_id].mailing.queue]
        numbers.states[state] += number
        numbers.twice += number if twice else 0
        numbers.recent[state] += recent
    for queue, numbers in found.items():
        Pulse.beat(f"{SIGN}{queue}", at=at, detail=numbers.packed())
    return found
