"""Dates with the name of a month in a language that has no vocabulary here: CLDR knows the names. "juovlamánu 4. beaivvi 2026"."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lib.text import cldr_forms

from .fact import Fact, Form, day_of
from .readers.dates import is_date

SHORTEST, ENDING = 4, 3  # letters that name a month for sure, and how many an ending may change
LONGEST = 30
_WORD = rf"(?<![^\W\d_])[^\W\d_]{{3,{LONGEST}}}(?![^\W\d_])"
_GAP = "[ \u00a0]{1,2}"
_YEAR = rf"(?:(?:,?{_GAP}[^\W\d_]{{1,8}}\.?)?,?{_GAP}(?P<year>(?:19|20)\d\d)(?!\d))?"
# A day before its month, or after it; between both is at most one short word, as in "4 de mayo".
_BEFORE = re.compile(rf"(?<![\d.,:])(?P<day>\d{{1,2}})\.?{_GAP}(?:[^\W\d_]{{1,2}}{_GAP})?(?P<month>{_WORD})\.?{_YEAR}")
_AFTER = re.compile(rf"(?P<month>{_WORD}){_GAP}(?P<day>\d{{1,2}})(?![\d:])(?:\.(?!\d))?{_YEAR}")


def with_named_months(text: str, language: str, found: Sequence[Fact]) -> list[Fact]:
    """Return the facts of a text with its dates in words, in the place of the numbers that these were read as."""
    dates = list(dates_in(text, language))
    apart = [fact for fact in found if not any(one.start < fact.end and fact.start < one.end for one in dates)]
    return sorted([*apart, *dates], key=lambda fact: fact.start)


def dates_in(text: str, language: str) -> Iterator[Fact]:
    """Yield the dates of a text that name their month, the first reading of some words only."""
    names = months_of(language)
    if not names:
        return
    end = 0
    matches = sorted([*_BEFORE.finditer(text), *_AFTER.finditer(text)], key=lambda one: (one.start(), -one.end()))
    for match in matches:
        month, day = month_named(match["month"], names), int(match["day"])
        if match.start() < end or not is_date(day, month):
            continue
        value = f"{match['year']}-{month:02}-{day:02}" if match["year"] else f"{month:02}-{day:02}"
        if match["year"] and not day_of(value):
            continue
        written, end = match[0].rstrip(), match.end()
        # No language of ours: another value is written by a person.
        yield Fact(
            "date", value, match.start(), match.start() + len(written), written, Form("", (written,), "date", (value,))
        )


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
