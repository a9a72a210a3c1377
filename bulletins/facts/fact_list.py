"""The facts of a bulletin, each with every place that says it and what the authority said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import prefetch_related_objects
from django.utils import formats
from django.utils.translation import get_language

from bulletins.checks.figures_match import facts
from bulletins.models import MessageInput, Parts
from lib.text.facts.fact import Fact, day_of, grouped

from .text_places import TextPlace, places

# What can be changed in one place for all: a name or a weekday alone says too little, a year too much.
KINDS = ("date", "time", "duration", "number", "money", "percent", "measure", "phone", "web", "address", "month")


@dataclass(frozen=True, slots=True)
class FactRow:
    """A value of a bulletin, and where it stands: (place, its facts there). `sources` are the submissions that say it."""

    kind: str
    value: str
    shown: str
    found: list[tuple[TextPlace, list[Fact]]]
    sources: list[MessageInput]

    @property
    def key(self) -> str:
        """What names it in an address."""
        return f"{self.kind}:{self.value}"

    @property
    def languages(self) -> list[str]:
        """The languages that say it, each once."""
        return list(dict.fromkeys(place.language for place, _facts in self.found))


def facts_of(parts: Parts, *, at: datetime) -> list[FactRow]:
    """Return the facts of a bulletin, those in the most places first."""
    prefetch_related_objects(parts.inputs, "authority", "facts", "replaced_by__facts", "replaced_by__authority")
    today = at.astimezone(parts.bulletin.campaign.zone).date()
    where: dict[int, list[TextPlace]] = {}  # texts that are alike have the same facts
    found: list[Fact] = []
    for place in places(parts):
        for fact in facts(place.text, place.language):
            if fact.kind in KINDS and not fact.soft and not is_in_link(fact):
                if id(fact) not in where:
                    found.append(fact)
                where.setdefault(id(fact), []).append(place)
    said = [(source, facts_of_input(source)) for source in parts.inputs]
    rows = [row_of(group, where, said, today) for group in grouped(found)]
    return sorted(rows, key=lambda row: (KINDS.index(row.kind), -len(row.found)))


def is_in_link(fact: Fact) -> bool:
    """Return whether a fact is the address of a Markdown link, which is more than words."""
    return fact.kind == "web" and not fact.written[:1].isalnum()


def facts_of_input(source: MessageInput) -> list[Fact]:
    """Return the facts of a submission: of its title, its text and its key facts."""
    texts = [source.title, source.body, *(fact.text for fact in source.facts.all())]
    return [fact for text in texts for fact in facts(text, source.language) if fact.kind in KINDS]


def row_of(
    group: Sequence[Fact],
    where: dict[int, list[TextPlace]],
    said: Iterable[tuple[MessageInput, list[Fact]]],
    today: date,
) -> FactRow:
    """Return the row of one value."""
    by_place: dict[str, tuple[TextPlace, list[Fact]]] = {}
    for fact in group:
        for place in where[id(fact)]:
            by_place.setdefault(place.key, (place, []))[1].append(fact)
    fullest = max(group, key=lambda fact: len(fact.value))
    sources = [source for source, facts in said if any(fullest.matches(fact) for fact in facts)]
    return FactRow(
        fullest.kind,
        fullest.value,
        shown_value(fullest.kind, fullest.value, group, today),
        list(by_place.values()),
        sources,
    )


def shown_value(kind: str, value: str, group: Sequence[Fact] = (), today: date | None = None) -> str:
    """Return a value for people, in the reader's format where it has one, else as it is written."""
    if kind == "date" and (day := day_of(value, today)):
        return formats.date_format(day, "l j F Y") if len(value) > 5 else formats.date_format(day, "j F")
    if kind == "time":
        return formats.time_format(time.fromisoformat(value), "TIME_FORMAT")
    code = (get_language() or "").partition("-")[0]
    of_language = [fact.written for fact in group if fact.form.language == code]
    return next(iter([*of_language, *(fact.written for fact in group)]), value)
