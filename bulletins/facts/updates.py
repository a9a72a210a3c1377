"""An authority's update, as changes of facts: what its newer submission says instead of what the bulletin says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bulletins.models import MessageInput, Parts
from lib.text.facts.fact import Fact, differences

from . import fact_list
from .fact_list import FactRow


@dataclass(frozen=True, slots=True)
class Proposed:
    """A fact of the bulletin, the value that a submission has for it now, and that submission."""

    row: FactRow
    value: str
    shown: str
    source: MessageInput


def proposed(parts: Parts, rows: Sequence[FactRow], *, at: datetime) -> list[Proposed]:
    """
    Return the changes that updates of the bulletin's submissions ask for: where the newest says another value of a kind than the
    submission did, and the bulletin still says the earlier one. `rows` are of `fact_list.facts_of`, which has read all of it.
    """
    today = at.astimezone(parts.bulletin.campaign.zone).date()
    found = []
    for source in parts.inputs:
        newest = max(source.replaced_by.all(), key=lambda one: one.pk, default=None)
        if newest is None:
            continue
        was, now = fact_list.facts_of_input(source), fact_list.facts_of_input(newest)
        found += [
            Proposed(row, instead.value, fact_list.shown_value(instead.kind, instead.value, [instead], today), newest)
            for old, instead in pairs(was, now)
            for row in rows
            if row.kind == old.kind and says(row, old)
        ]
    return found


def pairs(was: Sequence[Fact], now: Sequence[Fact]) -> Iterable[tuple[Fact, Fact]]:
    """Yield each value that went with the one of its kind that came, where there are as many of both."""
    gone, came = differences(was, now)
    for kind in dict.fromkeys(fact.kind for fact in gone):
        old, new = [one for one in gone if one.kind == kind], [one for one in came if one.kind == kind]
        if len(old) == len(new):
            yield from zip(old, new, strict=True)


def says(row: FactRow, fact: Fact) -> bool:
    """Return whether a row of the list is of the value of a fact."""
    return any(one.matches(fact) for _place, facts in row.found for one in facts)
