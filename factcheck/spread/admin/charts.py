"""Sightings drawn over time: columns of whole numbers, which a template puts into an SVG without any style."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum

from factcheck.models import Sighting

DAYS = 30  # that a chart shows, the last of them today
HEIGHT = 40
STEP = 10  # of one day, its column and the gap after it


@dataclass(frozen=True, slots=True)
class Column:
    """One day of a chart with sightings: where its column stands and how high it is."""

    day: date
    count: int
    x: int
    y: int
    height: int


@dataclass
class Line:
    """Where something was seen: how often, on which channels, before how many people, and its chart."""

    name: str
    count: int = 0
    reach: int = 0
    share: int = 0  # of the most seen, in hundredths
    channels: dict[str, int] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)

    def add(self, channel: str, day: date, count: int, reach: int) -> None:
        """Count sightings on a channel on one day."""
        self.count += count
        self.reach += reach
        self.days[day] = self.days.get(day, 0) + count
        if channel:
            self.channels[channel] = self.channels.get(channel, 0) + count


@dataclass
class Spread:
    """All sightings together, and by platform, the most seen first."""

    whole: Line
    platforms: list[Line]
    first: date
    last: date
    width: int = DAYS * STEP
    height: int = HEIGHT


def spread(sightings: QuerySet[Sighting], *, today: date) -> Spread:
    """Return how far these sightings spread, with charts of the last days until `today`; one query."""
    rows = sightings.order_by().values_list("platform", "channel", "seen_on").annotate(Count("pk"), Sum("reach"))
    names = dict(Sighting.Platform.choices)
    whole = Line("")
    lines: dict[str, Line] = {}
    for platform, channel, day, count, reach in rows:
        line = lines.setdefault(platform, Line(str(names.get(platform, platform))))
        for one in (whole, line):
            one.add(channel, day, count, reach or 0)
    found = sorted(lines.values(), key=lambda line: (-line.count, line.name))
    first = today - timedelta(days=DAYS - 1)
    highest = max((count for day, count in whole.days.items() if day >= first), default=1)
    for line in (whole, *found):
        line.columns = list(columns(line.days, first, highest))
        line.share = round(100 * line.count / found[0].count) if found else 0
    return Spread(whole, found, first, today)


def columns(days: dict[date, int], first: date, highest: int) -> Iterable[Column]:
    """Yield the columns of the days from `first` on, the highest count as high as the chart."""
    for offset in range(DAYS):
        day = first + timedelta(days=offset)
        if count := days.get(day, 0):
            height = max(2, round(HEIGHT * count / highest))
            yield Column(day, count, offset * STEP, HEIGHT - height, height)


def in_days(sightings: Iterable[Sighting]) -> list[tuple[date, list[Any]]]:
    """Return sightings, which come the newest day first, by day."""
    by_day: dict[date, list[Any]] = {}
    for one in sightings:
        by_day.setdefault(one.seen_on, []).append(one)
    return list(by_day.items())
