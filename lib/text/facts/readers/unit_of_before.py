"""Numbers that take their unit from the amount before them: "25 degrees outside, 40 in the car", "ten days instead of 14"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lib.text.facts.fact import Fact, same_duration

_ALONE = re.compile(r"[.,;:!?)\n](?!\d)|$")
_NOTHING_COUNTED = re.compile(r"[.,;:!?)\n](?!\d)|$| (?:on|within|in|by|at|during|and|i|på|inom|under|och|ja)\b")
_AS_LONG = re.compile(r"(?:instead of|rather than|one for|i stället för|sijasta|sijaan) $")
_REACH = 60  # characters between both


def with_units(text: str, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield facts; a number after which nothing is counted has the unit of the amount before it."""
    before: Fact | None = None
    for fact in facts:
        own = fact
        if before is not None and fact.kind == "number" and _belongs(text, before, fact):
            value = f"{fact.value} {before.value.partition(' ')[2]}"
            also = (
                fact.also
                | {("number", fact.value)}
                | (same_duration(value) if before.kind == "duration" else frozenset())
            )
            form = replace(fact.form, kind=before.kind, values=(value,))
            own = replace(fact, kind=before.kind, value=value, also=also, form=form, soft=False)
        if own.kind in {"duration", "measure"}:
            before = own
        yield own


def _belongs(text: str, before: Fact, fact: Fact) -> bool:
    between = text[before.end : fact.start]
    if not fact.written.isdecimal() or not between or len(between) > _REACH or any(sign in between for sign in ".!?\n"):
        return False
    if before.value.endswith(" °C"):
        return not between.endswith((" in ", " of ", " av ")) and bool(_NOTHING_COUNTED.match(text, fact.end))
    return before.kind == "duration" and bool(_AS_LONG.search(between) and _ALONE.match(text, fact.end))
