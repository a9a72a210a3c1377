"""Dates with the name of a month in a language that has no vocabulary here: CLDR knows the names. "juovlamánu 4. beaivvi 2026"."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lib.text.languages import cldr_forms

from .fact import Fact, Form, day_of
from .readers.dates import is_date
from .words.calendar import BETWEEN_DAYS

SHORTEST, ENDING = 4, 3  # letters that name a month for sure, and how many an ending may change
LONGEST = 30
_WORD = rf"(?<![^\W\d_])[^\W\d_]{{3,{LONGEST}}}(?![^\W\d_])"
_GAP = "[ \u00a0]{1,2}"
_YEAR = rf"(?:(?:,?{_GAP}[^\W\d_]{{1,8}}\.?)?,?{_GAP}(?P<year>(?:19|20)\d\d)(?!\d))?"
# The second of two days that share their month, behind a dash or a word: "2–5", "2 إلى 5", "2 و5".
_LAST = r"(?:(?:[ \u00a0]{0,2}[-–][ \u00a0]{0,2}|[ \u00a0]{1,2}(?P<to>[^\W\d_]{1,8})[ \u00a0]{0,2})(?P<last>\d{1,2})(?![\d:]))?"
# A day before its month, or after it; between both is at most one short word, as in "4 de mayo".
_BEFORE = re.compile(
    rf"(?<![\d.,:])(?P<day>\d{{1,2}})\.?{_LAST}\.?{_GAP}(?:[^\W\d_]{{1,2}}{_GAP})?(?P<month>{_WORD})\.?{_YEAR}"
)
_AFTER = re.compile(
    rf"(?P<month>{_WORD}){_GAP}(?P<day>\d{{1,2}})(?![\d:])(?P<ends>\.(?!\d))?{_LAST}(?:\.(?!\d))?{_YEAR}"
)


def with_named_months(text: str, language: str, found: Sequence[Fact]) -> list[Fact]:
    """Return the facts of a text with its dates in words, in the place of the numbers that these were read as."""
    dates = list(dates_in(text, language))
    apart = [fact for fact in found if not any(one.start < fact.end and fact.start < one.end for one in dates)]
    return sorted([*apart, *dates], key=lambda fact: fact.start)


def dates_in(text: str, language: str) -> Iterator[Fact]:
    """Yield the dates of a text that name their month, both of a range, the first reading of some words only."""
    names = months_of(language)
    if not names:
        return
    end = 0
    matches = sorted([*_BEFORE.finditer(text), *_AFTER.finditer(text)], key=lambda one: (one.start(), -one.end()))
    for match in matches:
        month = month_named(match["month"], names)
        days, start, stop = days_of(match, month, language)
        if start < end or not days:
            continue
        values = tuple(f"{match['year'] or ''}{'-' if match['year'] else ''}{month:02}-{day:02}" for day in days)
        if match["year"] and not all(day_of(value) for value in values):
            continue
        written, end = text[start:stop].rstrip(), stop
        # No language of ours: another value is written by a person.
        form = Form("", (written,), "date", values)
        for part, value in enumerate(values):
            yield Fact("date", value, start, start + len(written), written, form, part)


def days_of(match: re.Match[str], month: int, language: str) -> tuple[list[int], int, int]:
    """Return the days that some words name in a month, one or two, [] for none, and from where to where these words go."""
    start, stop = match.span()
    day, last, to = int(match["day"]), match["last"], match["to"]
    is_before = match.start("day") < match.start("month")
    if is_before and not match["year"] and match[0].endswith("."):
        stop -= 1  # it ends the sentence, and is at most that of a short name
    if last is None:
        return ([day] if is_date(day, month) else []), start, stop
    is_range = to is None or to.casefold() in BETWEEN_DAYS.get(language, frozenset())
    if is_range and day < int(last) and is_date(day, month) and is_date(int(last), month):
        return [day, int(last)], start, stop
    # Two numbers that are no range: the one beside the month is its day.
    if is_before:
        return ([int(last)] if is_date(int(last), month) else []), match.start("last"), stop
    return ([day] if is_date(day, month) else []), start, max(match.end("day"), match.end("ends"))


def month_named(word: str, names: dict[str, int]) -> int:
    """Return the number of the month that a word names in one of its forms, 0 for none."""
    plain = word.casefold()
    if plain in names:
        return names[plain]
    found = {
        number
        for name, number in names.items()
        if len(name) > SHORTEST
        and abs(len(plain) - len(name)) <= ENDING
        and plain.startswith(name[: max(SHORTEST, len(name) - ENDING)])
    }
    return found.pop() if len(found) == 1 else 0


@lru_cache(maxsize=32)
def months_of(language: str) -> dict[str, int]:
    """Return {name in small letters: number} of the months of a language, as CLDR has them; {} for one that it does not know."""
    locale = cldr_forms.locale_of(language)
    if locale is None:
        return {}
    found: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for number, name in locale.months[context][width].items():
                plain = name.casefold().rstrip(".")
                if len(plain) > 2 and plain.replace(" ", "").isalpha():
                    found[plain] = number
    return found
