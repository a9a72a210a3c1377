"""An authority's update, as changes of facts: what its newer submission says instead of what the bulletin says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from bulletins.checks.changed_facts import digits
from bulletins.checks.figures_match import facts
from bulletins.models import FactChange, MessageInput, Parts
from lib.text.facts.fact import Fact, Reading, differences
from lib.text.revisions.word_diff import Matcher

from . import fact_list
from .fact_list import FactRow


@dataclass(frozen=True, slots=True)
class Proposed:
    """
    A fact of the bulletin, the value that a submission has for it now, and that submission. Without a value the submission does
    not say the fact any more, and nothing of its kind instead.
    """

    row: FactRow
    value: str
    shown: str
    source: MessageInput

    @property
    def query(self) -> str:
        """What the address of the page of the change asks for."""
        return urlencode(
            {"fact": self.row.key} | ({"to": self.value, "update": str(self.source.pk)} if self.value else {})
        )


def proposed(parts: Parts, rows: Sequence[FactRow], *, at: datetime) -> list[Proposed]:
    """
    Return the changes that updates of the bulletin's submissions ask for, one for each fact: where the newest says another value than
    those before it that the bulletin is made of, and the bulletin still says the earlier one, or what somebody has made of it. `rows` are of
    `fact_list.facts_of`, which has read all of it.
    """
    today = at.astimezone(parts.bulletin.campaign.zone).date()
    found: dict[str, Proposed] = {}
    changes: list[FactChange] | None = None
    for before, newest in replaced_in(parts):
        if changes is None:
            changes = list(parts.bulletin.fact_changes.filter(undone_at=None).order_by("pk"))
        for old, instead in pairs(before, newest):
            made = made_of(old, changes)
            for row in rows:
                if is_of(row, old, made) and not (instead and says(row, instead)):
                    keep(found, asked(row, instead, newest, today))
    return [found[row.key] for row in rows if row.key in found]


def replaced_in(parts: Parts) -> Iterator[tuple[MessageInput, MessageInput]]:
    """Yield each submission that the bulletin is or was made of and that has an update, with its newest one; the last replaced first."""
    for source in parts.inputs:
        newest = parts.updates.get(source.pk, source)
        for before in replaced_by(source, parts.every_input):
            if before.pk != newest.pk:
                yield before, newest


def is_of(row: FactRow, old: Fact, made: set[str]) -> bool:
    """Return whether a row is of a value of a submission, or of one that was `made` of it."""
    return row.kind == old.kind and (says(row, old) or short(row.value) in made)


def keep(found: dict[str, Proposed], one: Proposed) -> None:
    """Keep one proposal for each fact: the first that has a value, and of a date the one that names its year."""
    before = found.get(one.row.key)
    if before is None or (len(before.value) < len(one.value) and short(before.value) in {"", short(one.value)}):
        found[one.row.key] = one


def replaced_by(source: MessageInput, every: Iterable[MessageInput]) -> list[MessageInput]:
    """Return a submission and those among `every` that it replaces, the last one first."""
    by_pk, found = {one.pk: one for one in every}, [source]
    while (before := by_pk.get(found[-1].replaces_id or 0)) and before not in found:
        found.append(before)
    return found


def differs_from_submissions(row: FactRow, value: str) -> bool:
    """Return whether submissions say a fact, and neither they nor their newest updates say the value that it would have."""
    said = [
        fact for one in (*row.sources, *row.updates) for fact in fact_list.facts_of_input(one) if fact.kind == row.kind
    ]
    return bool(said) and bare(row.kind, value) not in {short(fact.value) for fact in said}


def made_of(fact: Fact, changes: Iterable[FactChange]) -> set[str]:
    """Return the values that were given to a fact since, of a date without the year; `changes` from the first on."""
    values = {short(fact.value)}
    for change in changes:
        if change.kind == fact.kind and bare(change.kind, change.was) in values:
            values.add(bare(change.kind, change.becomes))
    return values - {short(fact.value)}


def bare(kind: str, value: str) -> str:
    """Return a value of a kind as texts are read: of a date without the year, of a phone number without spaces."""
    return digits(value) if kind == "phone" else short(value)


def short(value: str) -> str:
    """Return a value; of a date that names its year, the day and month."""
    return value[5:] if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value


def update_of(parts: Parts, key: str) -> MessageInput | None:
    """Return the update of one of the bulletin's submissions, or the one that it has taken already, that a page names by its key."""
    return next(
        (one for one in (*parts.updates.values(), *parts.inputs) if one.replaces_id and str(one.pk) == key), None
    )


def asked(row: FactRow, instead: Fact | None, source: MessageInput, today: date) -> Proposed:
    """Return a row with what a submission says instead."""
    if instead is None:
        return Proposed(row, "", "", source)
    value = instead.written if instead.kind == "phone" else instead.value  # the authority's own grouping
    return Proposed(row, value, fact_list.shown_value(instead.kind, instead.value, [instead], today), source)


def pairs(source: MessageInput, newest: MessageInput) -> Iterator[tuple[Fact, Fact | None]]:
    """
    Yield each value that is gone with the one that stands in its words now, or that alone came of its kind; with None where no
    value of its kind came.
    """
    gone, came = differences(fact_list.facts_of_input(source), fact_list.facts_of_input(newest))
    told: dict[Reading, Fact | None] = {}
    for old, new in in_same_words(source, newest):
        if is_among(old, gone) and is_among(new, came):
            told.setdefault((old.kind, old.value), new)
    told |= alone(
        [old for old in gone if (old.kind, old.value) not in told],
        [new for new in came if not is_among(new, [one for one in told.values() if one])],
    )
    for old in gone:
        if (old.kind, old.value) in told:
            yield old, told[old.kind, old.value]


def alone(gone: Sequence[Fact], came: Sequence[Fact]) -> dict[Reading, Fact | None]:
    """Return {(kind, value): what came} of what is gone, by kinds of which as many came, or none."""
    found: dict[Reading, Fact | None] = {}
    for kind in dict.fromkeys(fact.kind for fact in gone):
        left, new = ([one for one in both if one.kind == kind] for both in (gone, came))
        if not new:
            found |= {(kind, old.value): None for old in left}
        elif len(left) == len(new):
            found |= {(kind, old.value): instead for old, instead in zip(left, new, strict=True)}
    return found


def is_among(fact: Fact, facts_of_text: Iterable[Fact]) -> bool:
    """Return whether a value is one of some."""
    return any(one.kind == fact.kind and one.matches(fact) for one in facts_of_text)


def in_same_words(source: MessageInput, newest: MessageInput) -> Iterator[tuple[Fact, Fact]]:
    """Yield the facts of both that stand between the same words, or are changed together with them: each with its other."""
    was, now = pieces(source), pieces(newest)
    for tag, a, b, c, d in Matcher([word for word, _fact in was], [word for word, _fact in now]).get_opcodes():
        old = [fact for _word, fact in was[a:b] if fact]
        new = [fact for _word, fact in now[c:d] if fact]
        for kind in dict.fromkeys(fact.kind for fact in old):
            ours, theirs = ([one for one in both if one.kind == kind] for both in (old, new))
            if tag == "equal" or len(ours) == len(theirs):
                yield from zip(ours, theirs, strict=True)


def pieces(source: MessageInput) -> list[tuple[str, Fact | None]]:
    """Return the words of a submission in their order; a fact is one, by its kind."""
    found: list[tuple[str, Fact | None]] = []
    for text in fact_list.texts_of_input(source):
        at = 0
        for fact in facts(text, source.language):
            if fact.kind in fact_list.KINDS and not fact.soft:
                found += [(word.lower(), None) for word in text[at : fact.start].split()]
                found.append((f"[{fact.kind}]", fact))
                at = max(at, fact.end)
        found += [(word.lower(), None) for word in text[at:].split()]
        found.append(("\n", None))
    return found


def says(row: FactRow, fact: Fact) -> bool:
    """Return whether a row of the list is of the value of a fact."""
    return any(one.matches(fact) for _place, facts_there in row.found for one in facts_there)
