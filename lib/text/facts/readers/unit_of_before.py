"""Numbers that take their unit from the amount before them: "25 degrees outside, 40 in the car", "ten days instead of 14"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lib.text.facts.fact import Fact, same_duration

_ALONE = re.compile(r"[.,;:!?)\n](?!\d)|$")
_NOTHING_COUNTED = re.compile(r"[.,;:!?)\n](?!\d)|$| (?:on|within|in|by|at|during|and|i|på|inom|under|och|ja)\b")
_AS_LONG = re.compile(
    r"(?:instead of|rather than|one for|one within|i stället för|sijasta|sijaan|, \w{1,20} for|, (?:som värst|som mest|pahimmillaan|enimmillään)) $"
)
# Before a limit of what was measured just before, between the two ends of a change ("from 80 km/h to 50"), and before another temperature.
_LIMIT = re.compile(r"(?i)\b(?:raja|raja-arvo|hälytysraja|gränsen|gränsvärdet|gräns|limit)(?: (?:on|är|is))?:? $")
_SPEED_LIMIT = re.compile(
    r"(?i)\b(?:nopeusrajoitus|hastigheten|hastighetsgränsen|hastighetsbegränsningen|speed limit)(?: (?:on|är|is))?(?: (?:nyt|nu|now))?:? $"
)
_TO = re.compile(r" (?:to|till|down to|up to|ned till|upp till) $")
_OUTSIDE = re.compile(
    r"(?i)\b(?:ulkona|ute|outside|sisällä|inne|inside|indoors)(?: on| är| is| it's|'s)?(?: det)?(?: vain| bara| only)? $"
)
_DIGITS = re.compile(r"\d+(?::\w+)?")  # with a Finnish ending, or without
_REACH = 60  # characters between both
_FAR = 120


def with_units(text: str, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield facts; a number after which nothing is counted has the unit of the amount before it."""
    before: Fact | None = None
    warm: Fact | None = None  # the last temperature
    for fact in facts:
        own, alone = fact, False
        if fact.kind == "number":
            alone = bool(_ALONE.match(text, fact.end))
            if alone and _SPEED_LIMIT.search(text[max(0, fact.start - _REACH) : fact.start]):
                own = _with_unit(fact, "km/h", "measure")
            elif alone and warm and _is_outside(text, warm, fact):
                own = _with_unit(fact, "°C", "measure")
            elif before is not None and _belongs(text, before, fact, alone=alone):
                own = _with_unit(fact, before.value.partition(" ")[2], before.kind)
        if own.kind in {"duration", "measure"}:
            before = own
            warm = own if own.value.endswith(" °C") else warm
        yield own


def _with_unit(fact: Fact, unit: str, kind: str) -> Fact:
    value = f"{fact.value} {unit}"
    also = fact.also | {("number", fact.value)} | (same_duration(value) if kind == "duration" else frozenset())
    form = replace(fact.form, kind=kind, values=(value,))
    return replace(fact, kind=kind, value=value, also=also, form=form, soft=False)


def _is_outside(text: str, warm: Fact, fact: Fact) -> bool:
    """Return whether a number is a temperature as the one before it: 52 degrees in the car, outside it's 26."""
    between = text[warm.end : fact.start]
    return len(between) <= _FAR and bool(_OUTSIDE.search(between))


def _belongs(text: str, before: Fact, fact: Fact, *, alone: bool) -> bool:
    between = text[before.end : fact.start]
    if not between or len(between) > _REACH:
        return False
    same_sentence = not any(sign in between for sign in ".!?\n")
    if before.kind == "measure" and alone and _is_as_before(text, before, fact, same_sentence=same_sentence):
        return True
    if not same_sentence or not (_DIGITS.fullmatch(fact.written) or before.kind == "duration"):
        return False
    if before.value.endswith(" °C"):
        return not between.endswith((" in ", " of ", " av ")) and bool(_NOTHING_COUNTED.match(text, fact.end))
    return before.kind == "duration" and alone and bool(_AS_LONG.search(between))


def _is_as_before(text: str, before: Fact, fact: Fact, *, same_sentence: bool) -> bool:
    """Return whether a number by itself is of the measure before it: a limit, the other end of a change, another wind."""
    between = text[before.end : fact.start]
    wind = before.value.endswith(("m/s", "km/h")) and same_sentence and between.count(",") < 2
    return (
        (wind and text[fact.end : fact.end + 1] in ".!")
        or between.endswith("varav ")
        or bool(_LIMIT.search(between) or _TO.fullmatch(between))
    )
