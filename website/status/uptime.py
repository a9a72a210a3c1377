"""
The site's own record of when it worked: by hour, so that it stays small however long it is kept and however often the
tick comes.

Each tick says whether all worked. From one tick to the next counts as working when they came soon after each other and the
later one found nothing wrong; all else counts as not working, an outage of the whole machine included, as soon as the
machine is back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import TruncDate

from delivery.models import Pulse
from website.models import UptimeHour

MARK = "uptime"  # the heartbeat up to which the record goes
DAYS = 90
KEPT = timedelta(days=DAYS + 2)  # whatever the zone of who reads it
HOUR = timedelta(hours=1)
SHORTEST_OUTAGE = 90  # seconds, however often the tick is set to come: a busy machine is no outage
HARDLY = 0.99  # a day that worked less than this share of its time was a bad one


def longest_gap() -> timedelta:
    """Return how long after a tick the next one may come without counting as an interruption."""
    return timedelta(seconds=max(3 * settings.TICK_SECONDS, SHORTEST_OUTAGE))


# --- Writing ------------------------------------------------------------------------------------------


@transaction.atomic
def record(*, works: bool, at: datetime) -> None:
    """
    Add the time since the last record, to the second; three statements. The first record counts nothing: before it nobody
    looked. Two at once, or one that comes late, add nothing twice.
    """
    until = at.replace(microsecond=0)
    mark = Pulse.objects.select_for_update().filter(name=MARK).first()
    if mark is None:
        Pulse.objects.bulk_create([Pulse(name=MARK, at=until)], ignore_conflicts=True)
        return
    if until <= mark.at:
        return
    counts = "working" if works and until - mark.at <= longest_gap() else "not_working"
    for hour, seconds in by_hour(max(mark.at, until - KEPT), until):
        if not UptimeHour.objects.filter(hour=hour).update(**{counts: F(counts) + seconds}):
            UptimeHour.objects.create(hour=hour, **{counts: seconds})
            UptimeHour.objects.filter(hour__lt=until - KEPT).delete()
    mark.at = until
    mark.save(update_fields=["at"])


def by_hour(since: datetime, until: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield each hour that lies between two moments, with how many seconds of it do."""
    while since < until:
        hour = since.replace(minute=0, second=0, microsecond=0)
        end = min(hour + HOUR, until)
        yield hour, round((end - since).total_seconds())
        since = end


# --- Reading ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """How many seconds of a day, in the campaign's zone, the site was known to work, and how many not."""

    date: date
    working: int = 0
    not_working: int = 0

    @property
    def percent(self) -> float | None:
        """Return the share that it worked, in per cent, rounded down; None when nothing was recorded."""
        return percent_of(self.working, self.working + self.not_working)

    @property
    def level(self) -> str:
        """Return how the day was: "full", "part", "bad", or "none" when nothing was recorded."""
        if not self.working + self.not_working:
            return "none"
        if not self.not_working:
            return "full"
        return "part" if self.working >= HARDLY * (self.working + self.not_working) else "bad"


def percent_of(part: int, whole: int) -> float | None:
    """Return a share in per cent, rounded down to hundredths, so that only all of it is 100; None of nothing."""
    return part * 10_000 // whole / 100 if whole else None


def days(zone: ZoneInfo, *, at: datetime) -> list[Day]:
    """
    Return the last DAYS days in a zone, today last; one query. An hour counts to the day in which it begins, which is exact in
    zones that are whole hours apart from UTC.
    """
    today = at.astimezone(zone).date()
    hours = UptimeHour.objects.filter(hour__gt=at - KEPT, hour__lte=at)
    by_day = hours.annotate(day=TruncDate("hour", tzinfo=zone)).order_by("day").values("day")
    found = {
        row["day"]: Day(row["day"], row["worked"], row["failed"])
        for row in by_day.annotate(worked=Sum("working"), failed=Sum("not_working"))
    }
    wanted = (today - timedelta(days=back) for back in reversed(range(DAYS)))
    return [found.get(day) or Day(day) for day in wanted]


def is_recorded(*, at: datetime) -> bool | None:
    """Return whether the record goes on: None when it never began, False when the tick stands still; one query."""
    until = Pulse.objects.filter(name=MARK).values_list("at", flat=True).first()
    return None if until is None else at - until <= longest_gap()
