"""Results in words and places: what the desk's page shows of each question, with the numbers behind it."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lib.statistics.shares import Interval

from .survey_results import Change, Result

TICKS = (25, 50, 75, 100)  # per cent, where lines stand


@dataclass(frozen=True)
class Place:
    """Where a share and its interval stand, in per cent."""

    low: float
    seen: float
    high: float


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    name: str
    seen: str
    interval: str
    answers: int


@dataclass(frozen=True)
class Row:
    """One question on the page."""

    words: str
    shown: str
    place: Place
    then: Place | None
    change: str
    is_clear: bool
    lines: list[Line]


def rows_of(results: list[Result]) -> list[Row]:
    """Return what the page shows of each question."""
    return [
        Row(
            words=result.words,
            shown=f"{percent(result.agreed.seen)} ({ends(result.agreed)})",
            place=place(result.agreed),
            then=place(result.change.earlier) if result.change else None,
            change=change_in_words(result.change) if result.change else "",
            is_clear=bool(result.change and result.change.by.is_clear),
            lines=[
                line(_("all"), result.agreed, result.answers),
                *(line(group.name, group.agreed, group.answers) for group in result.groups),
            ],
        )
        for result in results
    ]


def line(name: str, agreed: Interval, answers: int) -> Line:
    """Return one line of the table."""
    return Line(name, percent(agreed.seen), f"{ends(agreed)} %", answers)


def change_in_words(change: Change) -> str:
    """Return whether a share changed: said only where no change at all lies outside the interval of the difference."""
    told: dict[str, Any] = {
        "day": date_format(change.since, "SHORT_DATE_FORMAT"),
        "points": abs(points(change.by.seen)),
        "low": signed(change.by.low),
        "high": signed(change.by.high),
    }
    if not change.by.is_clear:
        return _("No clear change since %(day)s (%(low)s to %(high)s points).") % told
    if change.by.seen > 0:
        return _("Clearly up since %(day)s: %(points)d points (%(low)s to %(high)s).") % told
    return _("Clearly down since %(day)s: %(points)d points (%(low)s to %(high)s).") % told


def signed(difference: float) -> str:
    """Return a difference in whole points, with the sign that prints as wide as a digit."""
    return str(points(difference)).replace("-", "−")


def percent(share: float) -> str:
    """Return a share in whole per cent."""
    return f"{points(share)} %"


def ends(interval: Interval) -> str:
    """Return both ends of an interval in whole per cent."""
    return f"{points(interval.low)}–{points(interval.high)}"


def points(share: float) -> int:
    """Return a share, or a difference of two, in whole hundredths; halves away from zero."""
    return int(abs(share) * 100 + 0.5) * (1 if share >= 0 else -1)


def place(interval: Interval) -> Place:
    """Return where an interval stands."""
    return Place(*(round(end * 100, 2) for end in (interval.low, interval.seen, interval.high)))
