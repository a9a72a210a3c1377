"""Weekdays that stand alone and mean one day: "on Sunday", of a date that is named elsewhere."""

import re
from collections.abc import Sequence
from itertools import pairwise

from lib.text.facts.fact import Fact, Slot

# What makes a weekday one of many, or of the past.
_NOT_THE_NEXT = re.compile(
    r"(?:\b(?:every|each|last|past|previous|joka|jokainen|jokaisena|viime|edellisenä|varje|förra|i)|\d\.)\s$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"(?:\s?[-–,/]\s?|\s(?:to|and|or|through|ja|tai|sekä|till|och|eller)\s(?:on\s|på\s)?)")
_MANY = frozenset({"every", "last"})  # forms: Sundays, sunnuntaisin, söndagar; i söndags


def lone_weekdays(text: str, facts: Sequence[Fact]) -> list[Fact]:
    """
    Return those of a text's facts that are a weekday by itself: not one of several, of opening hours or of the past, and not
    every Sunday.
    """
    days = sorted((fact for fact in facts if fact.kind == "weekday"), key=lambda one: one.start)
    beside = {
        id(fact)
        for one, other in pairwise(days)
        if _SEVERAL.fullmatch(text[one.end : other.start])
        for fact in (one, other)
    }
    return [fact for fact in days if id(fact) not in beside and _means_one_day(text, fact)]


def _means_one_day(text: str, fact: Fact) -> bool:
    slots = [piece for piece in fact.form.pieces if isinstance(piece, Slot)]
    if len(slots) != 1 or slots[0].style[0] != "K":
        return False
    forms = set(slots[0].style[1].split())
    return not forms & _MANY and not _NOT_THE_NEXT.search(text[max(0, fact.start - 12) : fact.start])
