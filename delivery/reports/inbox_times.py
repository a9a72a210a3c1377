"""How long sends took to inboxes of our own, by the provider that keeps them and by urgency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from campaigns.models import Campaign
from delivery.models import Mailing, SeedArrival, Send

MISSING_AFTER = timedelta(minutes=15)
MOST_MEASURED = 5_000  # emails that are counted together, the latest


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


@dataclass(frozen=True, slots=True)
class Measurement:
    """What became of an email to an inbox of ours: `seconds` that it took, None for one that is missing."""

    queue: str
    handed_over_at: datetime
    seconds: int | None
    is_spam: bool


@dataclass(frozen=True, slots=True)
class QueueTimes:
    """How long the emails of a queue took, the shortest first; how many of these came to the spam folder; how many are missing."""

    queue: Mailing.Queue
    seconds: Sequence[int]
    spam: int
    missing: int

    @property
    def measured(self) -> int:
        """How many emails the times rest on, those that are missing included."""
        return len(self.seconds) + self.missing

    @property
    def median(self) -> int | None:
        """Half of all took so many seconds or fewer; None when that one is missing."""
        return self.within(50)

    @property
    def slowest(self) -> int | None:
        """95 of 100 took so many seconds or fewer; None when that one is missing."""
        return self.within(95)

    def within(self, percent: int) -> int | None:
        """Return the seconds within which so many per cent of all arrived; what is missing took longest, and gives None."""
        return percentile([*self.seconds, *[None] * self.missing], percent)


def percentile[N](ordered: Sequence[N], percent: int) -> N | None:
    """Return the value that so many per cent of `ordered` do not exceed (nearest rank), None when there is none."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else None


def seconds_of(arrival: SeedArrival) -> int | None:
    """Return how many seconds a mail took from when it was due to its inbox, None while it has not arrived."""
    send = arrival.send
    return seconds_taken(arrival.arrived_at, slot_at=send.slot_at, published_at=send.mailing.created_at)


def seconds_taken(arrived_at: datetime | None, *, slot_at: datetime, published_at: datetime) -> int | None:
    """Return the seconds from a mail's slot, or from its publication if that was later, until it arrived; None while it has not."""
    return None if arrived_at is None else max(0, round((arrived_at - max(slot_at, published_at)).total_seconds()))


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


def measured_since(campaign: Campaign, since: datetime, *, at: datetime) -> list[Measurement]:
    """
    Return the emails of a campaign to inboxes of ours that left since a moment, but for those on their way; one query, and
    none of the ledger.
    """
    rows = SeedArrival.objects.filter(
        send__mailing__campaign=campaign, handed_over_at__gt=since, handed_over_at__lte=at
    )
    columns = ("send__mailing__queue", "handed_over_at", "arrived_at", "folder")
    since_when = ("send__slot_at", "send__mailing__created_at")
    found = []
    latest = rows.order_by("-handed_over_at", "-pk").values_list(*columns, *since_when)
    for queue, left, arrived_at, folder, slot_at, published_at in latest[:MOST_MEASURED]:
        seconds = seconds_taken(arrived_at, slot_at=slot_at, published_at=published_at)
        if left is not None and (seconds is not None or at - left > MISSING_AFTER):
            is_spam = seconds is not None and folder == SeedArrival.Folder.SPAM
            found.append(Measurement(queue, left, seconds, is_spam))
    return found


def by_queue(measured: Iterable[Measurement], *, since: datetime) -> list[QueueTimes]:
    """Return how the emails did that left since a moment, the most urgent first; a queue of which none was measured is left out."""
    chosen = [one for one in measured if one.handed_over_at > since]
    found = []
    for queue in Mailing.Queue:
        rows = [one for one in chosen if one.queue == queue]
        seconds = sorted(one.seconds for one in rows if one.seconds is not None)
        if rows:
            found.append(QueueTimes(queue, seconds, sum(one.is_spam for one in rows), len(rows) - len(seconds)))
    return found
