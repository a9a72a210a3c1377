"""What the pages of measures show: the latest value of each, and the values of weeks. The number of queries is constant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from impact.charts import week_charts
from impact.charts.week_charts import WeekChart
from impact.models import ChartNote, Measure, Snapshot
from impact.weeks import Week

MOST_MULTIPLES = 12  # charts side by side on one page

type Values = dict[int, dict[Week, Decimal]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A measure in the list, with its newest snapshot by the day that is shown."""

    measure: Measure
    latest: Snapshot | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Family:
    """Measures of one family, each with its chart, and the table behind them."""

    name: str
    charts: list[WeekChart]
    rows: list[tuple[Week, list[Decimal | None], str, bool]]


def listed(campaign: Campaign, *, until: date, on: date) -> list[Listed]:
    """Return the measures of a campaign that go on, with their newest snapshots by a day; `on` is today. Two queries."""
    measures = list(Measure.objects.taken().filter(campaign=campaign).with_latest(until=until))
    latest = Snapshot.objects.in_bulk([pk for one in measures if (pk := one.latest_pk)])  # type: ignore[attr-defined]  # annotated
    return [listed_one(one, latest.get(one.latest_pk), on=min(until, on)) for one in measures]  # type: ignore[attr-defined]  # annotated


def listed_one(measure: Measure, latest: Snapshot | None, *, on: date) -> Listed:
    """Return a measure as the list has it."""
    return Listed(measure, latest, measure.is_overdue(latest=latest.on if latest else None, on=on))


def week_values(measures: Iterable[Measure], weeks: Sequence[Week]) -> Values:
    """
    Return {measure: {week: value}} of what stands: the sum of a week for what adds up, the last value for what is a level. A week
    without a snapshot has no entry. One query.
    """
    measures = list(measures)
    rows = Snapshot.objects.standing().between(weeks[0].first, weeks[-1].last).filter(measure__in=measures)
    return in_weeks(measures, rows.values_list("measure_id", "on", "value"))


def in_weeks(measures: Iterable[Measure], rows: Iterable[tuple[int, date, Decimal]]) -> Values:
    """Return {measure: {week: value}} of values of days, (measure, day, value) in the order of their days."""
    summed = {one.pk: one.is_summed for one in measures}
    found: Values = {pk: {} for pk in summed}
    for pk, on, value in rows:
        week, values = Week.of(on), found[pk]
        values[week] = values.get(week, Decimal(0)) + value if summed[pk] else value
    return found


def notes_of(campaign: Campaign, weeks: Sequence[Week], measure: Measure | None = None) -> dict[Week, list[str]]:
    """Return the notes of some weeks that stand on every chart, and those of a measure's own. One query."""
    rows = ChartNote.objects.filter(campaign=campaign, on__gte=weeks[0].first, on__lte=weeks[-1].last)
    found: dict[Week, list[str]] = {}
    for note in rows.filter(Q(measure=None) | Q(measure=measure)).order_by("on", "pk"):
        found.setdefault(Week.of(note.on), []).append(in_language(note.words))
    return found


def chart_of(
    measure: Measure,
    values: dict[Week, Decimal],
    weeks: Sequence[Week],
    *,
    now: Week,
    name: str = "",
    notes: Any = None,
    begins: Week | None = None,
) -> WeekChart:
    """Return the chart of a measure; its aim is drawn where it is one of a week."""
    aim = measure.target if not measure.is_summed or measure.every >= 7 else None
    unit = str(measure.get_unit_display())
    return week_charts.build(
        measure.key, name or str(measure), values, weeks=weeks, now=now, unit=unit, notes=notes, aim=aim, begins=begins
    )


def table_of(charts: Sequence[WeekChart]) -> list[tuple[Week, list[Decimal | None], str, bool]]:
    """Return (week, the value of each chart, notes, whether the week goes on) of charts over the same weeks."""
    lines = zip(*(chart.rows for chart in charts), strict=True)
    return [
        (
            line[0].week,
            [row.value for row in line],
            "; ".join(dict.fromkeys(n for row in line for n in row.notes)),
            line[0].is_open,
        )
        for line in lines
    ]


def families(campaign: Campaign, measures: Sequence[Measure], weeks: Sequence[Week], *, now: Week) -> list[Family]:
    """Return the families of some measures with their charts, at most MOST_MULTIPLES of these in all. Two queries, none without."""
    members = [one for one in measures if one.family][:MOST_MULTIPLES]
    if not members:
        return []
    values, notes = week_values(members, weeks), notes_of(campaign, weeks)
    found: dict[str, list[WeekChart]] = {}
    for one in members:
        chart = chart_of(
            one,
            values[one.pk],
            weeks,
            now=now,
            name=one.platform or str(one),
            notes=notes,
            begins=Week.of(campaign.starts_on),
        )
        found.setdefault(one.family, []).append(chart)
    return [Family(name, charts, table_of(charts)) for name, charts in found.items()]


def snapshots_of_week(campaign: Campaign, week: Week) -> Any:
    """Return what stands of a week with its measures, in the order of the list."""
    rows = Snapshot.objects.standing().between(week.first, week.last).filter(measure__campaign=campaign)
    return rows.select_related("measure", "taken_by").order_by("measure__position", "measure", "on")
