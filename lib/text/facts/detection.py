"""The facts of a text, where they stand: the one place that everything that compares or changes them asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from .fact import FIGURES, Fact
from .grammar import HOURS_AFTER, MORE_HOURS, rules_of
from .named_months import with_named_months
from .places import places_in
from .readers import amounts, dates, hours, labels, names
from .readers.unit_of_before import with_units
from .tokens import Tokens, tokens
from .vocabulary import words_of

# {the name that a rule has for it: what reads its tokens}
READERS: dict[str, Callable[[Tokens, int, int], list[Fact] | None]] = {
    "date": dates.date, "iso_date": dates.iso_date, "short_date": dates.short_date, "late_date": dates.late_date,
    "weekday": dates.weekday, "day": dates.day, "month": dates.month, "year": dates.year,
    "time": hours.time, "time_span": hours.time_span, "clear_time": hours.clear_time, "hours": hours.hours,
    "hour_list": hours.hour_list, "slot_hours": hours.slot_hours, "single_hours": hours.single_hours, "plain_hour": hours.plain_hour, "between": hours.between,
    "ablative_time": hours.ablative_time, "named_time": hours.named_time,
    "amount": amounts.amount, "half": amounts.half, "number": amounts.number,
    "name": names.name, "week": names.week, "brand": names.brand, "no_fact": labels.no_fact, "inline_list": labels.inline_list, "name_in_words": labels.name_in_words,
    "page": labels.page, "label": labels.label, "phone_in_words": names.phone_in_words, "bare_year": dates.bare_year, "legal_date": dates.legal_date, "bounding_date": dates.bounding_date,
    "table_time": hours.table_time, "exact_time": hours.exact_time, "log_time": hours.log_time, "four_digits": hours.four_digits, "spoken_clock": hours.spoken_clock,
    "until_hour": hours.until_hour, "opening_hour": hours.opening_hour,
    "ordinal": names.ordinal, "phone": names.phone, "web": names.web, "address": names.address,
}  # fmt: skip


def facts_in(
    text: str, language: str, *, today: date | None = None, places: Mapping[str, Iterable[str]] | None = None
) -> list[Fact]:
    """
    Return the facts of a Markdown text in the order in which they stand in it.

    With `today`, "tomorrow" matches its date. `places` are names of places, each with those of its forms that are not
    regular. A language without a vocabulary is read by its digits, and by the names
    that CLDR has of its months.
    """
    tok = tokens(text, language.partition("-")[0])
    found = list(with_units(text, _found(tok)))
    if not words_of(tok.language):
        found = with_named_months(text, tok.language, found)
    if places:
        found = sorted([*found, *places_in(tok, places, found)], key=lambda fact: fact.start)
    return [_dated(fact, today) if today and fact.kind == "day" else fact for fact in found]


def _dated(fact: Fact, today: date) -> Fact:
    day = today + timedelta(days=int(fact.value))
    return replace(fact, also=fact.also | {("date", f"{day:%m-%d}")})


def is_figure(fact: Fact) -> bool:
    """
    Return whether a fact is the same in every language of a text, and a fault when it is not: no word such as today, and no
    code such as v1, which is not read alike in every language.
    """
    return fact.kind in FIGURES and (fact.kind != "name" or fact.value[:1].isdigit())


def figures_in(text: str, language: str) -> list[Fact]:
    """Return the facts of a text that other languages have to say too."""
    return [fact for fact in facts_in(text, language) if is_figure(fact)]


def _found(tok: Tokens) -> list[Fact]:
    either, rules = rules_of(tok.language)
    classes, found, at = tok.classes, [], 1
    while match := either.search(classes, at):
        start, first = match.start(), (match.lastindex or 1) - 1
        for index in range(first, len(rules)):
            rule = rules[index]
            end = match.end() if index == first else -1
            if end < 0:
                again = rule.pattern.match(classes, start)
                if again is None:
                    continue
                end = again.end()
            facts = READERS[rule.reader](tok, start, end)
            if facts is None or facts:
                found += facts or []
                at = end
                at = _more_hours(tok, found, at)
                break
        else:
            at = start + 1
    return found


def _more_hours(tok: Tokens, found: list[Fact], at: int) -> int:
    """Read hours that go on after a date or an hour, and return where they end."""
    while found and tok.starts[at] >= found[-1].end and (pattern := HOURS_AFTER.get(found[-1].kind)):
        if match := pattern.match(tok.classes, at):
            first = next(index for index in range(at, match.end()) if tok.classes[index] in "9C")
            facts = READERS["time"](tok, first, match.end())
        elif found[-1].kind == "time" and (match := MORE_HOURS.match(tok.classes, at)):
            facts = READERS["single_hours"](tok, at, match.end())
        else:
            break
        if not facts:
            break
        found += facts
        at = match.end()
    return at
