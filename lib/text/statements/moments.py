"""When: the days and hours that a clause names, and whether it speaks of until then, from then on, or of that day."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lib.text.facts.fact import Fact, day_of
from lib.text.facts.words.calendar import WEEKDAYS

from . import vocabulary

ON, UNTIL, FROM, BEFORE = "on", "until", "from", "before"
KINDS = frozenset({"date", "weekday", "day", "month", "time"})
UNKNOWN_YEAR = 2024  # of days of which nobody knows the year: they are compared with others of this kind only

_FILLERS = {
    "fi": frozenset(
        "kun ku kuin klo kello ja jo taas aina illalla aamulla ma ti ke to pe la su viimeinen loppuun".split()
    ),
    "sv": frozenset("den det och med kl klockan pa i redan dag sista slutet fram".split()),
    "en": frozenset("the on at of and last already sunday pm in".split()),
}
_INTO = re.compile(r"(?:ihin|oon|kuuhun|seen|ään|uteen|iin)(?![^ ])")
_OUT_OF = re.compile(r"(?:sta|stä)(?![^ ])")
_PROLONGED = frozenset({"extended", "prolonged", "moved", "postponed"})
WEEK = timedelta(days=7)
_NEXT = frozenset({"ensi", "next", "nasta"})
_LAST = frozenset({"viimeinen", "sista", "last", "loppuun", "loppu", "slutet"})


@dataclass(frozen=True, slots=True)
class Moment:
    """Days from `first` to `last`, None where only hours are named; the minutes of the hours; how they bound what is said."""

    first: date | None
    last: date | None
    hours: tuple[str, ...]
    bound: str
    written: str
    is_first_then: bool = False  # "not before": vasta, först, only

    def is_near(self, other: "Moment") -> bool:
        """Return whether the days of two moments may be the same; the day before midnight and the day after it may."""
        if not (self.first and self.last and other.first and other.last):
            return True
        one = timedelta(days=1)
        return self.first - one <= other.last and other.first - one <= self.last


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a clause, or the facts that stand in its place; `piece` is the how manieth between two signs it stands in."""

    word: str
    raw: str
    facts: tuple[Fact, ...] = ()
    piece: int = 0


def moments_of(items: Sequence[Item], language: str, today: date | None) -> list[Moment]:
    """Return the moments that a clause names, in their order."""
    code = language.partition("-")[0]
    fillers = _FILLERS.get(code, frozenset())
    found: list[Moment] = []
    at = 0
    while at < len(items):
        if not _is_moment(items[at]):
            at += 1
            continue
        end = at + 1
        while end < len(items) and (
            _is_moment(items[end])
            or (items[end].word in fillers and end + 1 < len(items) and _is_moment(items[end + 1]))
        ):
            end += 1
        found.append(_moment(items, at, end, code, today))
        at = end
    return found


def _is_moment(item: Item) -> bool:
    return any(fact.kind in KINDS for fact in item.facts)


def _moment(items: Sequence[Item], start: int, end: int, code: str, today: date | None) -> Moment:
    facts = [fact for item in items[start:end] for fact in item.facts if fact.kind in KINDS]
    before, after = _around(items, start, end, code)
    beside = {item.word for item in items[max(0, start - 2) : end + 1]}
    is_last = bool(_LAST & beside)
    first, last = _days(facts, today, is_last=is_last, is_next=bool(_NEXT & beside))
    bound, is_first_then = _bound(facts, before, after, code)
    if bound == UNTIL and first and last and (last - first).days > 26 and not is_last:
        first -= timedelta(days=1)  # until June: until it begins, or until it ends
    if bound == BEFORE and first:
        first = last = first - timedelta(days=1)
        bound = UNTIL
    hours = tuple(fact.value for fact in facts if fact.kind == "time")
    written = " ".join(dict.fromkeys(fact.written for fact in facts))
    return Moment(first, last, hours, bound, written, is_first_then)


def _around(items: Sequence[Item], start: int, end: int, code: str) -> tuple[list[str], list[str]]:
    """Return the words that bound a moment, before and after it, those between that say nothing left out."""
    fillers = _FILLERS.get(code, frozenset())
    before: list[str] = []
    for item in reversed(items[max(0, start - 6) : start]):
        if item.facts:
            break
        if item.word not in fillers or item.word == "loppuun":
            before.append(item.word)
        if len(before) == 2:
            break
    after = [item.word for item in items[end : end + 3] if not item.facts]
    return before, after


def _bound(facts: Sequence[Fact], before: list[str], after: list[str], code: str) -> tuple[str, bool]:
    """Return how a moment bounds what is said, and whether it is so only from then on ("vasta", "not before")."""
    marks = vocabulary.of(code).marks
    nearest = set(marks.find(before[0])) if before else set()
    around = nearest | {mark for word in before[1:2] for mark in marks.find(word)}
    behind = {mark for word in after[:2] for mark in marks.find(word)}
    is_prolonged = code == "en" and before[:1] == ["to"] and bool(_PROLONGED & set(before[1:2]))
    forms = " ".join(fact.written.lower().rstrip(".") for fact in facts) if code == "fi" else ""
    signs = (
        (BEFORE, "BEFORE" in nearest),
        (UNTIL, is_prolonged or "UNTIL_BEFORE" in nearest or "UNTIL_AFTER" in behind),
        (FROM, "FROM_BEFORE" in nearest or "FROM_AFTER" in behind),
        (UNTIL, bool(_INTO.search(forms))),
        (FROM, bool(_OUT_OF.search(forms))),
    )
    bound = next((bound for bound, is_so in signs if is_so), ON)
    return bound, bool(around & {"FIRST_THEN", "ONLY"})


def _days(
    facts: Sequence[Fact], today: date | None, *, is_last: bool, is_next: bool
) -> tuple[date | None, date | None]:
    """Return the first and the last day that some facts name; a date outweighs the weekday beside it."""
    by_kind = {kind: [fact for fact in facts if fact.kind == kind] for kind in KINDS}
    days = [day for fact in by_kind["date"] if (day := _day_of(fact.value, today))]
    if not days and today:
        days = _days_by_name(by_kind["day"], by_kind["weekday"], today, is_next=is_next)
    if days:
        return min(days), max(days)
    for fact in by_kind["month"]:
        year, month = _year_of(fact.value, today), int(fact.value[-2:])
        last = date(year, month, calendar.monthrange(year, month)[1])
        return (last if is_last else date(year, month, 1)), last
    return None, None


def _days_by_name(near: Sequence[Fact], weekdays: Sequence[Fact], today: date, *, is_next: bool) -> list[date]:
    """Return the days that "tomorrow" or "on Friday" may be; "next Monday", and "on Monday" on a Monday, may be a week later."""
    days = [today + timedelta(days=int(fact.value)) for fact in near]
    if days:
        return days
    days = [_next(WEEKDAYS.index(fact.value), today) for fact in weekdays]
    return [*days, *(day + WEEK for day in days if is_next or day == today)]


def _day_of(value: str, today: date | None) -> date | None:
    return day_of(value, today) if today or len(value) > 5 else day_of(f"{UNKNOWN_YEAR}-{value}")


def _year_of(value: str, today: date | None) -> int:
    if len(value) > 2:
        return int(value[:4])
    near = day_of(f"{value}-15", today) if today else None
    return near.year if near else UNKNOWN_YEAR


def _next(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday()) % 7)
