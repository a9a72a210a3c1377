"""
A chart of one value a week. Places along it are in per cent and down it in pixels, so that words keep their size on every screen,
without script and without style in the page. A week without a value is a gap, never a zero, and the scale always begins at zero.

`build` makes the data; templates/impact/charts/_week_chart.html draws it, and its table is the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from impact.weeks import Week

LEFT, RIGHT = 12.0, 98.0  # per cent; the figures of the scale stand before the first week
TOP, BOTTOM = 26.0, 130.0  # pixels: the highest tick, and zero
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(4), Decimal(5), Decimal(6), Decimal(8), Decimal(10))
MOST_LABELS = 5
LONGEST_NOTE = 26  # characters that stand in the narrowest chart


@dataclass(frozen=True, slots=True)
class Dot:
    """A value at its place. `is_ring` where its week is not over."""

    x: float
    y: float
    is_ring: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place; `anchor` is where they hang."""

    x: float
    words: str
    anchor: str = "middle"
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table behind a chart; `value` is None for a gap."""

    week: Week
    value: Decimal | None
    is_open: bool
    notes: tuple[str, ...]


@dataclass(slots=True)
class WeekChart:
    """
    A chart with its caption: `title` says what is known, `finding` how it changed, and both stand for the picture to whoever does not
    see it. `notes` are words at their week, or numbers where words would meet: then `told` are the words, (week, words). `lines` are the points of a polyline in a box of 100 by 152; `gaps` (x, width) in per cent.
    """

    key: str
    name: str
    title: str
    finding: str
    rows: list[Row] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    ticks: list[Label] = field(default_factory=list)
    weeks: list[Label] = field(default_factory=list)
    notes: list[Label] = field(default_factory=list)
    told: list[tuple[Week, str]] = field(default_factory=list)
    aim: Label | None = None
    zero: float = BOTTOM

    @property
    def on_its_own(self) -> "list[WeekChart]":
        """The chart alone, as a table of several takes them."""
        return [self]

    @property
    def is_empty(self) -> bool:
        """Return whether no week has a value."""
        return not any(row.value is not None for row in self.rows)


def build(
    key: str,
    name: str,
    values: Mapping[Week, Decimal],
    *,
    weeks: Sequence[Week],
    now: Week,
    unit: str = "",
    notes: Mapping[Week, Sequence[str]] | None = None,
    aim: Decimal | None = None,
    begins: Week | None = None,
) -> WeekChart:
    """
    Return the chart of the values of some weeks, in their order; `now` is the week that goes on. `notes` are words at their week,
    `aim` is drawn where it is on the scale or above it. Nothing is compared with a week before the one in which all `begins`.
    """
    noted = notes or {}
    rows = [Row(week, values.get(week), week >= now, tuple(noted.get(week, ()))) for week in weeks]
    chart = WeekChart(key, name, title_of(name, rows, unit), finding_of(rows, begins), rows)
    places = places_of(len(rows))
    chart.weeks = labels_of(weeks, places)
    chart.gaps = gaps_of(rows, places)
    chart.notes, chart.told = notes_at(rows, places)
    if chart.is_empty:
        return chart
    scale = Scale.of([row.value for row in rows if row.value is not None], aim)
    chart.zero = scale.down(Decimal(0))
    marks = [scale.top, scale.bottom if scale.bottom else scale.top / 2]
    chart.ticks = [Label(0, short(value), "start", scale.down(value)) for value in marks if value]
    chart.aim = Label(0, _("aim %(value)s") % {"value": short(aim)}, "start", scale.down(aim)) if aim else None
    drawn = [
        (places[number], scale.down(row.value), row.is_open) for number, row in enumerate(rows) if row.value is not None
    ]
    chart.lines = lines_of(rows, places, scale.down)
    chart.dots = [Dot(x, y, is_ring) for x, y, is_ring in lonely(rows, drawn)]
    return chart


@dataclass(frozen=True, slots=True)
class Scale:
    """What a chart is drawn on: zero is always on it, and its ends are round."""

    top: Decimal
    bottom: Decimal

    @classmethod
    def of(cls, numbers: Sequence[Decimal], aim: Decimal | None) -> "Scale":
        """Return the scale of some values and an aim."""
        low, high = min(Decimal(0), *numbers), max(Decimal(0), *numbers, aim or Decimal(0))
        bottom = -rounded_up(-low) if low < 0 else Decimal(0)
        top = rounded_up(high) if high else Decimal(0)
        return cls(top if top > bottom else Decimal(1), bottom)

    def down(self, value: Decimal) -> float:
        """Return how many pixels down a value stands."""
        return round(TOP + float((self.top - value) / (self.top - self.bottom)) * (BOTTOM - TOP), 2)


# --- Words ------------------------------------------------------------------------------------------------


def written(value: Decimal) -> str:
    """Return a number as the active language writes it, in full: 38,800 or 12.5."""
    whole = value == value.to_integral_value()
    return number_format(value.to_integral_value() if whole else value.normalize(), use_l10n=True, force_grouping=True)


def short(value: Decimal) -> str:
    """Return a number as it stands on a scale: 38.8 k, 1.34 M."""
    for size, sign in ((Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")):
        if abs(value) >= size * (10 if sign == "k" else 1):
            cut = (value / size).quantize(Decimal("0.01") if sign == "M" else Decimal("0.1"))
            return f"{written(cut)} {sign}"
    return written(value)


def title_of(name: str, rows: Sequence[Row], unit: str) -> str:
    """Return what is known: the value of the last week that is over and has one, else of the one that goes on."""
    known = [row for row in rows if row.value is not None and not row.is_open] or [
        row for row in rows if row.value is not None
    ]
    if not known:
        return _("%(name)s: no value in these weeks") % {"name": name}
    value = written(known[-1].value or Decimal(0))
    return _("%(name)s: %(value)s %(unit)s, week %(week)s") % {
        "name": name,
        "value": value,
        "unit": unit,
        "week": known[-1].week.number,
    }


def finding_of(rows: Sequence[Row], begins: Week | None = None) -> str:
    """Return how it changed between the first and the last week that are over, from a week on, and in which weeks nothing is known."""
    over = [row for row in rows if row.value is not None and not row.is_open and (begins is None or row.week >= begins)]
    words = []
    if len(over) > 1:
        words.append(change_of(over[0], over[-1]))
    first = next((number for number, row in enumerate(rows) if row.value is not None), len(rows))
    missing = [row.week.number for row in rows[first:] if row.value is None and not row.is_open]
    if missing:
        words.append(_("No value in week %(weeks)s: a gap, not a zero.") % {"weeks": ranges_of(missing)})
    return " ".join(words)


def change_of(before: Row, after: Row) -> str:
    """Return a change in words: in per cent of what was there, in the unit where that was nothing."""
    assert before.value is not None and after.value is not None
    difference, week = after.value - before.value, before.week.number
    if not difference:
        return _("As in week %(week)s.") % {"week": week}
    if before.value <= 0:
        sign = "+" if difference > 0 else "−"
        return _("%(change)s since week %(week)s.") % {"change": f"{sign}{written(abs(difference))}", "week": week}
    share = (100 * difference / before.value).quantize(Decimal(1))
    if not share:
        return _("Less than one per cent different from week %(week)s.") % {"week": week}
    sign = "+" if share > 0 else "−"
    return _("%(change)s since week %(week)s.") % {"change": f"{sign}{abs(share)} %", "week": week}


def ranges_of(numbers: Sequence[int]) -> str:
    """Return numbers of weeks with those that follow each other put together: 13–14, 17."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found)


# --- Places -----------------------------------------------------------------------------------------------


def rounded_up(value: Decimal) -> Decimal:
    """Return the top of a scale for a value above zero: a round number at least as large."""
    size = Decimal(10) ** value.adjusted()
    return next(step * size for step in STEPS if step * size >= value)


def places_of(number: int) -> list[float]:
    """Return where each of so many weeks stands, in per cent."""
    apart = (RIGHT - LEFT) / max(1, number - 1)
    return [round(LEFT + place * apart, 2) for place in range(number)]


def labels_of(weeks: Sequence[Week], places: Sequence[float]) -> list[Label]:
    """Return the numbers of weeks below a chart: the first, the last and some between, never so many that they meet."""
    last = len(weeks) - 1
    every = max(1, -(-len(weeks) // MOST_LABELS))
    shown = [number for number in range(0, last + 1, every) if number == 0 or last - number >= every / 2]
    shown += [last] if last and last not in shown else []
    anchors = {0: "start", last: "end"}
    return [Label(places[one], str(weeks[one].number), anchors.get(one, "middle")) for one in shown]


def notes_at(rows: Sequence[Row], places: Sequence[float]) -> tuple[list[Label], list[tuple[Week, str]]]:
    """
    Return the notes at their places, and those that are told below. A short one alone stands there in words, on the side that has room;
    otherwise each has a number.
    """
    noted = [(places[number], row.week, "; ".join(row.notes)) for number, row in enumerate(rows) if row.notes]
    if len(noted) == 1 and len(noted[0][2]) <= LONGEST_NOTE:
        x, _week, words = noted[0]
        return [Label(x, words, "end" if x > 50 else "start")], []
    return [Label(x, str(number)) for number, (x, *_more) in enumerate(noted, 1)], [
        (week, words) for _x, week, words in noted
    ]


def gaps_of(rows: Sequence[Row], places: Sequence[float]) -> list[tuple[float, float]]:
    """Return the stretches without a value, between weeks that have one, from halfway before to halfway after."""
    known = [number for number, row in enumerate(rows) if row.value is not None]
    half = (places[1] - places[0]) / 2 if len(places) > 1 else 0
    return [
        (round(places[before + 1] - half, 2), round(places[after] - places[before + 1], 2))
        for before, after in pairwise(known)
        if after > before + 1
    ]


def lines_of(rows: Sequence[Row], places: Sequence[float], down: Any) -> list[str]:
    """Return the runs of weeks that have a value, as points of a polyline; one alone is no line."""
    runs: list[list[str]] = [[]]
    for x, row in zip(places, rows, strict=True):
        if row.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{x:g},{down(row.value):g}")
    return [" ".join(run) for run in runs if len(run) > 1]


def lonely(rows: Sequence[Row], drawn: Sequence[tuple[float, float, bool]]) -> list[tuple[float, float, bool]]:
    """Return the values that are drawn as dots: the last one, a week that goes on, and each with a gap on both sides."""
    known = [number for number, row in enumerate(rows) if row.value is not None]
    alone = {number for number in known if number - 1 not in known and number + 1 not in known}
    return [
        point for number, point in zip(known, drawn, strict=True) if number in alone or number == known[-1] or point[2]
    ]
