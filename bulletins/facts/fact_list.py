"""The facts of a bulletin, each with every place that says it and what the authority said of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo

from django.db.models import prefetch_related_objects
from django.utils import formats
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from bulletins.checks.consistency.figures_match import facts, validity_facts
from bulletins.checks.consistency.moved_values import has, in_roles, moved
from bulletins.checks.consistency.update_facts import earlier_of
from bulletins.models import MessageInput, Parts
from lib.text.facts import years
from lib.text.facts.fact import Fact, day_of, grouped, same_duration
from lib.text.facts.surroundings.ages import is_age
from lib.text.facts.surroundings.limits import is_limit
from lib.text.facts.surroundings.lone_weekdays import lone_weekdays
from lib.text.facts.surroundings.roles import RANGE, role_of
from lib.text.facts.surroundings.script_timings import is_timing
from lib.text.facts.value_words import words_of
from lib.text.facts.values import KINDS, amount_of
from lib.text.facts.words import calendar as calendar_words
from lib.text.languages.languages import site_language

from .text_places import TextPlace, places

SMALL = 10  # up to here a number is often no fact: two ways, three tips

type Found = list[tuple[TextPlace, list[Fact]]]


@dataclass(slots=True)
class FactRow:
    """
    A value of a bulletin, and where it stands: (place, its facts there). `sources` are the submissions that say it, `updates` the newest
    of those that replace them. Of a date,
    `weekdays` are those that stand alone and are its own, with "today" and "tomorrow" where they mean it now, and `rivals` the other
    dates of that weekday. `near` is the day near to which its dates without a year are. `moved` is {role: the value there now} of the roles
    (roles.py) in which an update says another one, and `stays` are those in which it says this one. A date `is_apart` where a submission says
    it both as a bound of something and as a day of its own.
    """

    kind: str
    value: str
    shown: str
    found: Found
    sources: list[MessageInput]
    weekdays: Found = field(default_factory=list)
    rivals: list[str] = field(default_factory=list)
    updates: list[MessageInput] = field(default_factory=list)
    near: date | None = None
    moved: dict[str, Fact] = field(default_factory=dict)
    stays: set[str] = field(default_factory=set)
    is_apart: bool = False

    @property
    def key(self) -> str:
        """What names it in an address."""
        return f"{self.kind}:{self.value}"

    @property
    def languages(self) -> list[str]:
        """The languages that say it, each once."""
        return list(dict.fromkeys(place.language for place, _facts in self.found))

    @property
    def places(self) -> Found:
        """Every place that says it, with the weekdays that stand alone."""
        return by_place((place, fact) for place, facts in (*self.found, *self.weekdays) for fact in facts)

    def is_other(self, place: TextPlace, fact: Fact, value: str) -> bool:
        """
        Return whether a mention stands for something else than what becomes a value: where an update changes it elsewhere alone, or of
        hours that open and close and the end of something, and of days that are apart, the one that has fewer places.
        """
        role = role_of(place.text, fact)
        if any(is_value(one, value) for one in self.moved.values()):
            return role in self.stays if role not in self.moved else not is_value(self.moved[role], value)
        roles = [role_of(there.text, one) for there, facts in self.found for one in facts]
        if self.kind == "date":
            return self.is_apart and bool(role) != (2 * sum(map(bool, roles)) >= len(roles))
        if self.kind != "time" or not role:
            return False
        of_range = sum(1 for one in roles if one in RANGE)
        is_of_range = of_range > sum(1 for one in roles if one and one not in RANGE)
        return (role in RANGE) != is_of_range

    @property
    def is_small(self) -> bool:
        """Whether it is a small number of which no submission speaks, and no limit."""
        if self.kind != "number" or self.sources or amount_of(self.value) > SMALL:
            return False
        return not any(is_limit(place.text, fact) for place, facts in self.found for fact in facts)


def facts_of(parts: Parts, *, at: datetime) -> list[FactRow]:
    """Return the facts of a bulletin by their kinds, those in the most places first; small numbers last."""
    prefetch_related_objects(parts.every_input, "authority", "facts", "sources")
    zone = parts.bulletin.campaign.zone
    today = at.astimezone(zone).date()
    addresses = addresses_of(parts.every_input)
    where: dict[int, list[TextPlace]] = {}  # texts that are alike have the same facts
    found: list[Fact] = []
    ages: set[int] = set()
    weekdays: dict[str, Found] = {}
    for place in places(parts):
        every = facts(place.text, place.language)
        for fact in every:
            if fact.kind in KINDS and is_said(place, fact, addresses):
                if id(fact) not in where:
                    found.append(fact)
                where.setdefault(id(fact), []).append(place)
                if is_age(place.text, fact):
                    ages.add(id(fact))
        for fact in [*lone_weekdays(place.text, every), *(fact for fact in every if fact.kind == "day")]:
            weekdays.setdefault(fact.value, []).append((place, [fact]))
    said = [(source, said_by(source, zone)) for source in parts.inputs]
    near = years.near_day(found, today)
    rows = [row_of(group, where, said, near) for group in folded(grouped(found), ages)]
    note_updates(rows, parts.updates)
    note_moved(rows, parts)
    note_apart(rows)
    note_weekdays(rows, weekdays, today)
    return sorted(rows, key=lambda row: (row.is_small, KINDS.index(row.kind), -len(row.found)))


def is_said(place: TextPlace, fact: Fact, addresses: Collection[str]) -> bool:
    """
    Return whether readers are told a fact: not a word such as "one" that is often no number, or the timing of a script. The address of a
    Markdown link, which is more than words, and of a key message's source is one where it is among `addresses`, those of the sources of submissions.
    """
    is_followed = fact.kind == "web" and (not fact.written[:1].isalnum() or place.field == "source_url")
    if fact.soft or (is_followed and fact.value not in addresses):
        return False
    return not (place.field == "script" and is_timing(place.text, fact))


def folded(groups: Iterable[list[Fact]], ages: set[int]) -> list[list[Fact]]:
    """Put together what is one fact: 48 hours and two days, and "over 70" with 70 years. `ages` are the ids of such numbers."""
    found: dict[object, list[Fact]] = {}
    numbers: list[Fact] = []
    for number, group in enumerate(groups):
        if group[0].kind == "number":
            numbers += group
        else:
            found.setdefault(length_of(group[0].value) if group[0].kind == "duration" else number, []).extend(group)
    for fact in numbers:
        years = found.get(length_of(f"{fact.value} y")) if id(fact) in ages else None
        (found.setdefault(("number", fact.value), []) if years is None else years).append(fact)
    return list(found.values())


def length_of(duration: str) -> object:
    """Return what durations of one length share: 48 hours and two days."""
    return same_duration(duration) or duration


def note_weekdays(rows: Iterable[FactRow], weekdays: dict[str, Found], today: date) -> None:
    """Note with each date the weekdays that stand alone and are its own, and the other dates that have them."""
    dates = [(row, day) for row in rows if row.kind == "date" and (day := day_of(row.value, row.near))]
    for row, day in dates:
        alone = weekdays.get(calendar_words.WEEKDAYS[day.weekday()], [])
        row.rivals = [
            other.shown for other, its in dates if alone and other is not row and its.weekday() == day.weekday()
        ]
        row.weekdays = [*alone, *weekdays.get(str((day - today).days), [])]


def note_updates(rows: Iterable[FactRow], updates: Mapping[int, MessageInput]) -> None:
    """Note with each fact the updates of the submissions that say it."""
    for row in rows:
        row.updates = [newest for source in row.sources if (newest := updates.get(source.pk))]


def note_moved(rows: Iterable[FactRow], parts: Parts) -> None:
    """Note with each fact in which roles the updates of the bulletin's submissions change it, and in which they keep it."""
    for source in parts.inputs:
        newest = parts.updates.get(source.pk, source)
        earlier = [one for one in (source, *earlier_of(source, parts.every_input)) if one.pk != newest.pk]
        every = [one for before in earlier for one in moved(before, newest)]
        still = in_roles(newest) if every else []
        for one in every:
            for row in rows:
                if row.kind == one.old.kind and any(
                    fact.matches(one.old) for _place, facts in row.found for fact in facts
                ):
                    row.moved.setdefault(one.role, one.new)
                    row.stays |= {role for role, fact in still if has([(role, fact)], one.old, role)}


def note_apart(rows: Iterable[FactRow]) -> None:
    """Note which dates a submission says both as a bound of something, "until 2 April", and as a day of its own."""
    for row in rows:
        if row.kind == "date":
            said = ((role, fact) for source in row.sources for role, fact in in_roles(source))
            bounds = {bool(role) for role, fact in said if fact.kind == "date" and is_value(fact, row.value)}
            row.is_apart = len(bounds) == 2


def is_value(fact: Fact, value: str) -> bool:
    """Return whether a fact has a value, of dates without the year."""
    return value in {fact.value, fact.written} or (fact.kind == "date" and fact.value[-5:] == value[-5:])


def said_by(source: MessageInput, zone: tzinfo) -> list[Fact]:
    """Return the facts of a submission, and the days and hours until which it holds."""
    return [*facts_of_input(source), *validity_facts(source, zone)]


def facts_of_input(source: MessageInput) -> list[Fact]:
    """Return the facts of a submission, as its texts say them."""
    return [fact for text in texts_of_input(source) for fact in facts(text, source.language) if fact.kind in KINDS]


def texts_of_input(source: MessageInput) -> list[str]:
    """Return what a submission says: its title, its text, its key facts, and the addresses of its sources."""
    addresses = (one.url for one in source.sources.all())
    return [source.title, source.body, *(fact.text for fact in source.facts.all()), *addresses]


def addresses_of(inputs: Iterable[MessageInput]) -> set[str]:
    """Return the values of the addresses of the sources of submissions."""
    urls = [(one.url, source.language) for source in inputs for one in source.sources.all()]
    return {fact.value for url, language in urls for fact in facts(url, language) if fact.kind == "web"}


def by_place(found: Iterable[tuple[TextPlace, Fact]]) -> Found:
    """Return places with their facts, each place once."""
    together: dict[str, tuple[TextPlace, list[Fact]]] = {}
    for place, fact in found:
        together.setdefault(place.key, (place, []))[1].append(fact)
    return list(together.values())


def row_of(
    group: Sequence[Fact],
    where: dict[int, list[TextPlace]],
    said: Iterable[tuple[MessageInput, list[Fact]]],
    near: date,
) -> FactRow:
    """Return the row of one value; dates without a year are near to `near`."""
    fullest = max(group, key=lambda fact: (fact.kind == group[0].kind, len(fact.value) if fact.kind == "date" else 0))
    sources = [source for source, facts in said if any(fullest.matches(fact) for fact in facts)]
    return FactRow(
        fullest.kind,
        fullest.value,
        shown_value(fullest.kind, fullest.value, group, near),
        by_place(found_in(group, where)),
        sources,
        near=near,
    )


def found_in(group: Iterable[Fact], where: dict[int, list[TextPlace]]) -> Iterator[tuple[TextPlace, Fact]]:
    """Yield each fact with each place that has it."""
    for fact in group:
        for place in where[id(fact)]:
            yield place, fact


def shown_value(kind: str, value: str, group: Sequence[Fact] = (), today: date | None = None) -> str:
    """
    Return a value for people: in the reader's format where it has one, else as a text in the reader's language has it, else in words
    of that language. What is the same in every language, such as a phone number, is shown as it is written.
    """
    if kind == "date" and (day := day_of(value, today)):
        if len(value) <= 5:
            return formats.date_format(day, "MONTH_DAY_FORMAT")
        return f"{formats.date_format(day, 'l')} {formats.date_format(day, 'SHORT_DATE_FORMAT')}"
    if kind == "time":
        return formats.time_format(time.fromisoformat(value), "TIME_FORMAT")
    if kind == "web":  # as words have it, and not as a link
        return next((fact.written for fact in group if fact.written[:1].isalnum()), value)
    return said_or_written(kind, value, group, (get_language() or "en").partition("-")[0])


def said_or_written(kind: str, value: str, group: Sequence[Fact], code: str) -> str:
    """Return a value as a text of a language has it, else in words of that language, else as any text has it."""
    alone = [fact for fact in group if len(fact.form.values) == 1 and fact.kind == kind]
    by_language = sorted(alone or group, key=lambda fact: fact.form.language != code)
    words = words_of(kind, value, code)
    if not alone and by_language:  # an end of a range alone
        number = words if kind == "month" else words_of("number", value.partition(" ")[0], code)
        return _("%(value)s in “%(range)s”") % {"value": number or value, "range": by_language[0].written}
    if by_language and (by_language[0].form.language == code or not words):
        return by_language[0].written
    return words or value


def said_in(row: FactRow, language: str, today: date) -> str:
    """Return a row's value as texts in a language would have it, for whoever writes one."""
    with override(site_language(language)):
        return shown_value(row.kind, row.value, [fact for _place, facts in row.found for fact in facts], today)


def typed_value(kind: str, value: str, today: date) -> str:
    """Return a value as somebody would type it: what the field of the new value begins with. A browser's field of hours has 18:00."""
    if kind == "date" and (day := day_of(value, today) or day_of(f"2000-{value}")):
        return formats.date_format(day, "j F Y" if len(value) > 5 else "j F")
    return words_of(kind, value, get_language() or "en") or value
