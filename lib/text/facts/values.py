"""The values of each kind of facts: which there are, which a text can say, and which comes after another."""

import re
from datetime import date
from decimal import Decimal

from .fact import day_of
from .words import calendar as calendar_words

AMOUNTS = frozenset({"number", "money", "percent", "duration", "measure"})
# What can be changed in one place for all: a name alone says too little, a year too much.
KINDS = ("date", "time", "duration", "number", "money", "percent", "measure", "phone", "web", "address", "month")
BELOW_ZERO = "°C"  # the one unit of which less than zero is as good as any

_AMOUNT = r"-?\d{1,15}(?:\.\d{1,6})?"
_VALUES = {
    "date": re.compile(r"(?:\d{4}-)?\d\d-\d\d"), "month": re.compile(r"(?:\d{4}-)?(?:0[1-9]|1[0-2])"),
    "year": re.compile(r"\d{4}"), "weekday": re.compile("|".join(calendar_words.WEEKDAYS)), "day": re.compile(r"-?\d"),
    "time": re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d"), "number": re.compile(_AMOUNT), "percent": re.compile(_AMOUNT),
    "duration": re.compile(_AMOUNT + r" (?:s|min|h|d|wk|mo|y)"), "measure": re.compile(_AMOUNT + r" \S{1,10}"),
    "money": re.compile(_AMOUNT + r" [A-Z]{3}"),
}  # fmt: skip
_HALF_A_YEAR = 183  # days
_DAY, _MOST_OF_A_DAY = 24 * 60, 16 * 60  # minutes


def is_value(kind: str, value: str) -> bool:
    """Return whether there is such a value of a kind: no 31st of June, no 25 o'clock."""
    known = _VALUES.get(kind)
    if known is None:
        return bool(value.strip()) and "\n" not in value
    if not known.fullmatch(value):
        return False
    return kind != "date" or day_of(value if len(value) > 5 else f"2000-{value}") is not None


def is_day(value: str, today: date) -> bool:
    """Return whether a date is a day, and one without a year a day of some year near: 29 February often is none."""
    return day_of(value, today) is not None


def amount_of(value: str) -> Decimal:
    """Return the number of an amount: of "48 h" it is 48."""
    return Decimal(value.partition(" ")[0])


def is_too_little(kind: str, value: str) -> bool:
    """Return whether an amount is less than nothing of what has no less, or a time of zero, which is said in other words."""
    if kind not in AMOUNTS or value.endswith(BELOW_ZERO):
        return False
    return amount_of(value) < 0 or (kind == "duration" and not amount_of(value))


def is_after(kind: str, value: str, other: str) -> bool:
    """
    Return whether a value comes after another of its kind; of what has no order, each does. 2 January comes after 30 December, and
    1 a.m. after 6 p.m.: what names no year or day comes after another up to half a year or two thirds of a day later.
    """
    if kind in AMOUNTS:
        return value.partition(" ")[2] != other.partition(" ")[2] or amount_of(value) > amount_of(other)
    if kind == "time":
        return 0 < (_minute_of(value) - _minute_of(other)) % _DAY <= _MOST_OF_A_DAY
    if kind == "date" and min(len(value), len(other)) < 6:
        day, before = (day_of(f"2000-{one[-5:]}") for one in (value, other))
        return not (day and before) or 0 < (day - before).days % 366 <= _HALF_A_YEAR
    return value > other if kind in {"date", "year"} else True


def _minute_of(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
