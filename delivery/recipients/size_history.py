"""How many people an audience had on each day: noted once a day by what counts audiences, and drawn as columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from delivery.models import Audience, AudienceSize

from .audience_sizes import HeadCount

DAYS = 60  # that are drawn
HEIGHT = 40
STEP = 10  # of one column and the gap after it
COUNTED = "counted"  # AudienceSize.basis of what is noted here


@dataclass(frozen=True, slots=True)
class Column:
    """One day that a size is known of, and where its column stands."""

    date: date
    size: int
    x: int
    y: int
    height: int


@dataclass
class Sizes:
    """The sizes of an audience, the first first; `width` is that of the chart, on which each day has its place."""

    columns: list[Column] = field(default_factory=list)
    width: int = STEP * (DAYS + 1)

    @property
    def first(self) -> Column:
        """The first day."""
        return self.columns[0]

    @property
    def last(self) -> Column:
        """The last day."""
        return self.columns[-1]

    @property
    def change(self) -> int:
        """By how many the audience has grown since the first day; less than 0 when it shrank."""
        return self.last.size - self.first.size

    @property
    def moved(self) -> int:
        """The same without its sign."""
        return abs(self.change)


def note(audiences: Iterable[Audience], heads: Mapping[int, HeadCount], *, at: datetime) -> None:
    """Keep today's size of those audiences that have none yet, by their campaigns' calendars; two queries at most."""
    days = {audience.pk: audience.campaign.local(at).date() for audience in audiences}
    rows = AudienceSize.objects.filter(audience__in=days, date__in=set(days.values())).values_list("audience", "date")
    known = set(rows)
    new = [
        AudienceSize(audience_id=pk, date=day, size=heads[pk].total, basis=COUNTED)
        for pk, day in days.items()
        if (pk, day) not in known
    ]
    if new:
        AudienceSize.objects.bulk_create(new, ignore_conflicts=True)


def of_audiences(audiences: Iterable[Audience], *, at: datetime) -> dict[int, Sizes]:
    """Return {audience key: its sizes} of the days up to `at` that are drawn; one query."""
    sizes: dict[int, list[tuple[date, int]]] = {audience.pk: [] for audience in audiences}
    since = at.date() - timedelta(days=DAYS)
    rows = AudienceSize.objects.filter(audience__in=sizes, date__gte=since).order_by("date")
    for audience, day, size in rows.values_list("audience", "date", "size"):
        sizes[audience].append((day, size))
    return {audience: Sizes(drawn(rows, since=since)) for audience, rows in sizes.items()}


def drawn(sizes: list[tuple[date, int]], *, since: date) -> list[Column]:
    """Return the columns of sizes at their days from `since` on, the highest as high as the chart."""
    highest = max((size for _day, size in sizes), default=0) or 1
    columns = []
    for day, size in sizes:
        height = max(1, round(HEIGHT * size / highest))
        columns.append(Column(day, size, (day - since).days * STEP, HEIGHT - height, height))
    return columns
