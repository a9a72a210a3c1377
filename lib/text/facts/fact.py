"""
A fact as it stands in a text: its kind, its value in no language, its place, and the form it was written in.

    date     2026-03-26, or 03-26 without a year         money    1500 EUR
    month    2026-03, or 03                              percent  15
    year     2026                                        measure  2 l
    weekday  mon                                         phone    0501234567
    day      1 for tomorrow, 0 for today                 web      example.org/water
    time     15:30                                       address  kirkkokatu 16
    duration 48 h, 5 min, 2 d, 3 wk, 6 mo, 1 y           place    as its list has it
    number   1500                                        name     65, of a bus, a section, a version

What may be read in two ways ("13.5" is a version or the 13th of May) carries both readings and matches either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .words.units import SECONDS

Reading = tuple[str, str]  # (kind, value)

# What is the same in every language of a text, and worth a word when it is not.
FIGURES = frozenset("date month year time duration number money percent measure phone name".split())


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of a form that says a part of a value: `what` it says, of which of the form's values, and how."""

    what: str
    part: int = 0
    style: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """How some words say one value, or the two of a range: letters that stay, and slots that change."""

    language: str
    pieces: tuple[str | Slot, ...]
    kind: str
    values: tuple[str, ...]
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One value in a text. The two ends of a range ("24–26 March") are two facts in the same place, with one form.

    A `soft` fact ("one" is often no number) may match another, but is not missed when nothing matches it. `weekday` is
    that of a date which names one, 1 for Monday.
    """

    kind: str
    value: str
    start: int
    end: int
    written: str
    form: Form = field(compare=False)
    part: int = 0
    also: frozenset[Reading] = frozenset()
    weekday: int = 0
    soft: bool = False

    @property
    def readings(self) -> frozenset[Reading]:
        """Every way in which it may be read; dates without their year."""
        return self.also | {(self.kind, self.value[-5:] if self.kind == "date" else self.value)}

    @property
    def dates(self) -> set[str]:
        """The days ("04-19") that it may be."""
        return {value for kind, value in self.readings if kind == "date"}

    @property
    def year(self) -> str:
        """The year of a date that names one."""
        return self.value[:4] if self.kind == "date" and len(self.value) > 5 else ""

    def matches(self, other: "Fact") -> bool:
        """Return whether both may be the same value. Years count where both name one."""
        shared = self.readings & other.readings
        if self.kind == other.kind:
            shared = frozenset(reading for reading in shared if reading[0] == self.kind)
        return bool(shared) and not (self.year and other.year and self.year != other.year)


def differences(one: Sequence[Fact], other: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Return the facts of `one` that `other` lacks, and those of `other` that `one` lacks; each value once."""
    return _lacking(one, other), _lacking(other, one)


def _lacking(one: Iterable[Fact], other: Sequence[Fact]) -> list[Fact]:
    by_reading: dict[Reading, list[Fact]] = {}
    for fact in other:
        for reading in fact.readings:
            by_reading.setdefault(reading, []).append(fact)
    seen: set[Reading] = set()
    lacking = []
    for fact in one:
        near = (known for reading in fact.readings for known in by_reading.get(reading, ()))
        if fact.soft or (fact.kind, fact.value) in seen or any(fact.matches(known) for known in near):
            continue
        seen.add((fact.kind, fact.value))
        lacking.append(fact)
    return lacking


def grouped(facts: Iterable[Fact]) -> list[list[Fact]]:
    """Return facts of any texts and languages by value, in the order in which each value comes first."""
    groups: dict[Reading, list[list[Fact]]] = {}
    found: list[list[Fact]] = []
    for fact in facts:
        key = (fact.kind, fact.value[-5:] if fact.kind == "date" else fact.value)
        group = next((one for one in groups.get(key, ()) if all(fact.matches(known) for known in one)), None)
        if group is None:
            group = []
            groups.setdefault(key, []).append(group)
            found.append(group)
        group.append(fact)
    return found


def wrong_weekday(fact: Fact, today: date | None = None) -> int:
    """
    Return the weekday, 1 for Monday, that the day of a date is and that it does not say; 0 where it fits or nobody knows.

    A date without a year is the one nearest to `today`.
    """
    day = day_of(fact.value, today) if fact.weekday and fact.kind == "date" else None
    return day.isoweekday() if day and day.isoweekday() != fact.weekday else 0


def day_of(value: str, today: date | None = None) -> date | None:
    """Return the day of a date; one without a year is the nearest to `today`. None where there is no such day."""
    if len(value) > 5:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    near = days_near(value, today) if today else []
    return near[0] if near else None


def days_near(value: str, today: date) -> list[date]:
    """Return the days of a date without a year in this year and those beside it, the nearest to `today` first."""
    days = (day_of(f"{year}-{value}") for year in (today.year - 1, today.year, today.year + 1))
    return sorted((day for day in days if day), key=lambda one: abs(one - today))


@lru_cache(maxsize=1 << 12)
def plain(number: float | Decimal | str) -> str:
    """Return a number as digits without an exponent: 1500, 1.5."""
    return format(Decimal(str(number)).normalize(), "f")


@lru_cache(maxsize=1 << 12)
def same_duration(value: str) -> frozenset[Reading]:
    """Return the readings that make 48 hours two days; months and years are no number of seconds."""
    number, _space, unit = value.partition(" ")
    if unit in SECONDS:
        return frozenset({("duration", f"{plain(Decimal(number) * SECONDS[unit])} s")})
    return frozenset({("duration", f"{plain(Decimal(number) * 12)} mo")}) if unit == "y" else frozenset()
