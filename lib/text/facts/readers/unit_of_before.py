"""Numbers that take their unit from the amount before them: "25 degrees outside, 40 in the car", "ten days instead of 14"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

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
# A clause that begins with a number, or with it and the word that stood before the amount, leaves its unit out: "four hours, six at worst",
# "within 3 km they stay in, within 10 they are counted".
_CLAUSE = re.compile(r"(?i)(?:[,;:] |, ?(?:and|but|och|men|ja|mutta|varav|joista|josta|of which) )(\w* ?)$")
_OF_WHICH = re.compile(r"(?i), ?(?:varav|josta|joista|of which)(?: \w+){0,3} $")
_NO_NOUN = re.compile(
    r"(?i)[.,;:!?)\n](?!\d)|$| (?:on|within|in|by|at|during|of them|for|from|they|it|now|there|here|i|på|inom|under|av dem|för|från|de|det|"
    r"nu|som|vid|kommer|är|där|här|on|nyt|siellä|täällä|joulu\w*|pahimmillaan|enimmillään|enintään|niistä)\b"
)
_ENDS = re.compile(r"[.!?](?=\s)|\n")
_RISES = re.compile(r"[–-]")
_DIGITS = re.compile(r"\d+(?::\w+)?")  # with a Finnish ending, or without
_REACH = 60  # characters between both
_FAR = 120


def with_units(text: str, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield facts; a number after which nothing is counted has the unit of the amount before it."""
    seen = _Seen()
    for fact in without_results(text, list(facts)):
        own = fact
        if fact.kind == "number" and (shared := _shared(text, seen, fact)):
            own = _with_unit(fact, *shared)
        seen.add(own)
        yield own


@dataclass(slots=True)
class _Seen:
    """What was said before a number: the last amount of time or of something measured, temperature, quantity with a unit, count."""

    amount: Fact | None = None
    warm: Fact | None = None
    quantity: Fact | None = None
    counted: Fact | None = None

    def add(self, fact: Fact) -> None:
        """Note one more."""
        if fact.kind in {"duration", "measure"}:
            self.amount = fact
            self.warm = fact if fact.value.endswith(" °C") else self.warm
        if fact.kind in {"duration", "measure", "money", "percent"}:
            self.quantity = fact
        elif fact.kind == "number" and not fact.soft:
            self.counted = fact


def _shared(text: str, seen: _Seen, fact: Fact) -> tuple[str, str] | None:
    """Return the unit and the kind that a number has from what was said before it, None where it has none."""
    alone = bool(_ALONE.match(text, fact.end))
    if alone and _SPEED_LIMIT.search(text[max(0, fact.start - _REACH) : fact.start]):
        return "km/h", "measure"
    if alone and seen.warm and _is_outside(text, seen.warm, fact):
        return "°C", "measure"
    last = seen.quantity
    if seen.amount is not None and _belongs(text, seen.amount, fact, alone=alone):
        last = seen.amount
    elif last is None or last.kind not in {"duration", "measure"} or not _leaves_it_out(text, seen.counted, last, fact):
        return None
    return last.value.partition(" ")[2], last.kind


def without_results(text: str, facts: list[Fact]) -> Iterator[Fact]:
    """Yield facts without the numbers of a result, as of a game: "3–1" falls, which no range does."""
    results = {
        one
        for first, second in pairwise(facts)
        if first.kind == second.kind == "number"
        and _RISES.fullmatch(text[first.end : second.start])
        and float(first.value) > float(second.value)
        for one in (id(first), id(second))
    }
    return (fact for fact in facts if id(fact) not in results)


def _leaves_it_out(text: str, counted: Fact | None, last: Fact, fact: Fact) -> bool:
    """
    Return whether a number begins a clause that leaves out the unit of the amount in the clause before it. Where something was counted in
    the same sentence, it may be as many of that.
    """
    between = text[last.end : fact.start]
    if counted is not None and fact.start - counted.end <= _FAR and not _ENDS.search(text, counted.end, fact.start):
        return False
    if len(between) > _FAR or any(sign in between for sign in ".!?\n") or not _NO_NOUN.match(text, fact.end):
        return False
    if _OF_WHICH.search(between):
        return True
    clause = _CLAUSE.search(between)
    return clause is not None and clause[1].strip().lower() in {"", _word_before(text, last)}


def _word_before(text: str, fact: Fact) -> str:
    """Return the word before a fact, in small letters."""
    words = text[max(0, fact.start - _REACH) : fact.start].split()
    return words[-1].lower() if words else ""


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
