"""How long sends took to inboxes of our own, by the provider that keeps them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from delivery.models import SeedArrival, Send

MISSING_AFTER = timedelta(minutes=15)


@dataclass
class InboxTimes:
    """
    What became of the mails to the inboxes of a provider: `seconds` that each took which has arrived, the shortest first; how
    many of these came to the spam folder; how many are still on their way, and how many are missing.
    """

    provider: str
    seconds: list[int] = field(default_factory=list)
    spam: int = 0
    on_the_way: int = 0
    missing: int = 0

    @property
    def median(self) -> int | None:
        """Half of them took so many seconds or fewer; None when nothing has arrived."""
        return percentile(self.seconds, 50)

    @property
    def worst(self) -> int | None:
        """The seconds of the one that took longest."""
        return self.seconds[-1] if self.seconds else None


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the value that so many per cent of `ordered` do not exceed (nearest rank), None when there is none."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def due_at(send: Send) -> datetime:
    """Return from when the time of a send counts: its slot, or when it was published, if that was later."""
    return max(send.slot_at, send.mailing.created_at)


def seconds_of(arrival: SeedArrival) -> int | None:
    """Return how many seconds a mail took from when it was due to its inbox, None while it has not arrived."""
    if arrival.arrived_at is None:
        return None
    return max(0, round((arrival.arrived_at - due_at(arrival.send)).total_seconds()))


def by_provider(sends: Iterable[Send], *, at: datetime) -> list[InboxTimes]:
    """Return how these sends did, by the domain of the inboxes; one query. A mail that has not left yet is on its way."""
    arrivals = SeedArrival.objects.filter(send__in=[send.pk for send in sends])
    found: dict[str, InboxTimes] = {}
    for arrival in arrivals.select_related("seed", "send__mailing"):
        domain = arrival.seed.email.rpartition("@")[2].lower()
        times = found.setdefault(domain, InboxTimes(domain))
        seconds = seconds_of(arrival)
        if seconds is not None:
            times.seconds.append(seconds)
            times.spam += arrival.folder == SeedArrival.Folder.SPAM
        elif at - (arrival.handed_over_at or arrival.send.finished_at or at) > MISSING_AFTER:
            times.missing += 1
        else:
            times.on_the_way += 1
    for times in found.values():
        times.seconds.sort()
    return sorted(found.values(), key=lambda times: times.provider)
