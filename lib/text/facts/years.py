"""The year of a date that names none: that of the text it stands in."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from .fact import Fact, day_of


def near_day(facts: Iterable[Fact], today: date) -> date:
    """
    Return the day near to which dates without a year are, in texts that say these facts: a day of a year that the texts name, or
    `today`, whichever fits the most weekdays beside such dates; of several, the year that is named most.
    """
    dates = [fact for fact in facts if fact.kind == "date"]
    named = {day for fact in dates if fact.year and (day := day_of(fact.value))}
    years = Counter(day.year for day in named)
    loose = {(fact.value, fact.weekday) for fact in dates if fact.weekday and not fact.year}
    latest = {day.year: day for day in sorted(named)}
    near = [*(latest[year] for year in sorted(years, key=lambda one: (years[one], one), reverse=True)), today]
    return max(near, key=lambda one: sum(_is_on(value, weekday, one) for value, weekday in loose))


def _is_on(value: str, weekday: int, near: date) -> bool:
    day = day_of(value, near)
    return day is not None and day.isoweekday() == weekday
