"""An authority's update, as changes of facts: what its newer submission says instead of what the bulletin says."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from urllib.parse import urlencode

from bulletins.checks.consistency import moved_values, update_facts
from bulletins.checks.consistency.changed_facts import digits
from bulletins.checks.consistency.figures_match import end_facts, facts
from bulletins.checks.consistency.marked_words import is_among
from bulletins.checks.consistency.moved_values import in_same_words, pieces
from bulletins.checks.consistency.update_facts import News, earlier_of
from bulletins.editing.input_merge import counterparts
from bulletins.models import FactChange, MessageInput, Parts
from lib.text.facts.fact import Fact, Reading, differences

from . import fact_list
from .fact_list import FactRow
from .text_places import places


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
    zone = parts.bulletin.campaign.zone
    today = at.astimezone(zone).date()
    found: dict[str, Proposed] = {}
    changes: list[FactChange] | None = None
    for before, newest in replaced_in(parts):
        if changes is None:
            changes = list(parts.bulletin.fact_changes.filter(undone_at=None).order_by("pk"))
        said = fact_list.said_by(newest, zone)
        for old, instead in pairs(before, newest, zone):
            made = made_of(old, changes)
            for row in rows:
                # What is gone may have come to a value that the newest says.
                is_right = any(says(row, fact) for fact in ([instead] if instead else said))
                if is_of(row, old, made) and not is_right and is_there(row, old, instead):
                    keep(found, asked(row, instead, newest, today))
    return [found[row.key] for row in rows if row.key in found]


def additions(parts: Parts) -> list[News]:
    """
    Return what the newest updates of the bulletin's submissions say and the bulletin does not, and nobody has put in or left out: new key
    facts, and sentences that take no other's place.
    """
    zone, taken = parts.bulletin.campaign.zone, []
    for source in parts.inputs:
        newest = parts.updates.get(source.pk, source)
        earlier = [one for one in replaced_by(source, parts.every_input) if one.pk != newest.pk]
        taken.append((newest, earlier, [new for one in earlier for _old, new in pairs(one, newest, zone) if new]))
    texts = [(place.language, place.text) for place in places(parts)]
    left = {one.key for one in parts.overrides}
    return [one for one in update_facts.open_news(parts, taken, texts) if update_facts.finding_of(one).key not in left]


def replaced_in(parts: Parts) -> Iterator[tuple[MessageInput, MessageInput]]:
    """Yield each submission that the bulletin is or was made of and that has an update, with its newest one; the last replaced first."""
    for source in parts.inputs:
        newest = parts.updates.get(source.pk, source)
        for before in replaced_by(source, parts.every_input):
            if before.pk != newest.pk:
                yield before, newest


def is_there(row: FactRow, old: Fact, instead: Fact | None) -> bool:
    """Return whether some mention of a fact stands for what becomes the other value."""
    if instead is None or not says(row, old):
        return True
    return any(not row.is_other(place, fact, instead.value) for place, facts in row.found for fact in facts)


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
    return [source, *earlier_of(source, every)]


def differs_from_submissions(row: FactRow, value: str) -> bool:
    """Return whether submissions say a fact, and neither they nor their newest updates say the value that it would have."""
    said = [
        fact
        for one in (*row.sources, *row.updates)
        for fact in fact_list.said_by(one, one.campaign.zone)
        if fact.kind == row.kind
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
    if kind == "web":
        return next((fact.value for fact in facts(value, "en") if fact.kind == "web"), value)
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
    value = instead.written if instead.kind in {"phone", "web"} else instead.value  # as the authority writes it
    value = value.removeprefix("](").removesuffix(")") if instead.kind == "web" else value
    return Proposed(row, value, fact_list.shown_value(instead.kind, instead.value, [instead], today), source)


def pairs(source: MessageInput, newest: MessageInput, zone: tzinfo) -> Iterator[tuple[Fact, Fact | None]]:
    """
    Yield each value that is gone with the one that stands in its words now, or that alone came of its kind; with None where no
    value of its kind came; then those in whose role another stands now (moved_values.py). Last come the ends of its validity that are no
    more and stand nowhere else in it.
    """
    gone, came = differences(fact_list.facts_of_input(source), fact_list.facts_of_input(newest))
    of_roles = [(one.old, one.new) for one in moved_values.moved(source, newest)]
    told = in_words(source, newest, gone, came)
    for old, new in of_roles:
        told.setdefault((old.kind, old.value), new)
    told |= alone(
        [old for old in gone if (old.kind, old.value) not in told],
        [new for new in came if not is_among(new, [one for one in told.values() if one])],
    )
    for old in gone:
        instead = told.get((old.kind, old.value), old)
        # An update that names no source has not taken the one before back.
        if instead is not old and (instead or old.kind != "web"):
            yield old, instead
    yield from of_roles
    yield from ends(source, newest, zone, told)


def ends(
    source: MessageInput, newest: MessageInput, zone: tzinfo, told: Collection[Reading]
) -> Iterator[tuple[Fact, Fact | None]]:
    """
    Yield the day and hour of each validity of a submission with that of its update, of the whole and of the facts that it says anew: those
    that are no more, are not `told` already and stand nowhere else in it.
    """
    said = fact_list.said_by(newest, zone)
    both = [(source.valid_until, newest.valid_until)]
    again = counterparts(source.facts.all(), newest.facts.all())
    both += [(one.valid_until, again[one.pk].valid_until) for one in source.facts.all() if one.pk in again]
    for was, now in both:
        for old in end_facts(was, zone) if was and was != now else []:
            if (old.kind, old.value) not in told and not is_among(old, said):
                came = end_facts(now, zone) if now else []
                yield old, next((fact for fact in came if fact.kind == old.kind), None)


def in_words(
    source: MessageInput, newest: MessageInput, gone: Sequence[Fact], came: Sequence[Fact]
) -> dict[Reading, Fact | None]:
    """Return {(kind, value): what came} of what is gone and has another in its words now."""
    told: dict[Reading, Fact | None] = {}
    for old, new, _role in in_same_words(words_of(source), words_of(newest)):
        if is_among(old, gone) and is_among(new, came):
            told.setdefault((old.kind, old.value), new)
    return told


def words_of(source: MessageInput) -> list[moved_values.Piece]:
    """Return the words of a submission and the addresses of its sources, its facts marked."""
    return pieces(fact_list.texts_of_input(source), source.language)


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


def says(row: FactRow, fact: Fact) -> bool:
    """Return whether a row of the list is of the value of a fact."""
    return any(one.matches(fact) for _place, facts_there in row.found for one in facts_there)
