"""
Numbers, dates, times and the like in a text, brought to one form, so that languages can be compared.

"19.4.", "19. huhtikuuta", "den nittonde april" and "April 19" are one date. What may be read in two ways ("13.5" is
a version or the 13th of May) carries both readings and matches either.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from django.utils.formats import date_format

from .number_words import CLOCKS, MONTHS, NUMBER_WORDS, ORDINAL_WORDS

Reading = tuple[str, str]  # (kind, canonical value): ("date", "04-19"), ("time", "09:15"), ("number", "1500")

# Bounded, as every text here may be someone's attempt to keep a worker busy.
_ADDRESSES = re.compile(
    r"\]\([^()\s]{0,2000}\)|<https?://[^<>]{0,2000}>|https?://\S+|\bwww\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,255}|#\w+"
)
_DASH = r"\s*(?:–|—|-|to|and|till|och|ja)\s*"
_SUFFIX = r"(?:\.|:[ea]|st|nd|rd|th)?"
_NUMBER = (
    r"\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,6}(?!\d)(?:[.,]\d+)?|\d{1,3}(?:,\d{3}){1,6}(?![\d])(?:\.\d+)?|\d+(?:[.,]\d+)?"
)
_ALONE = r"(?<![\w/.,:])(?<![A-Za-z]-)"

_FULL_DATE = re.compile(r"(?<![\d.])(\d{1,2})([./])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")
_ISO_DATE = re.compile(r"(?<![\d-])((?:19|20)\d\d)-(\d\d)-(\d\d)(?![\d-])")
_SHORT_RANGE = re.compile(r"(?<![\d.,])(\d{1,2})\.?\s*[–-]\s*(\d{1,2})\.(\d{1,2})\.?(?![.,]?\d)")
_SHORT_DATE = re.compile(r"(?<![\d.,])(\d{1,2})\.(\d{1,2})\.?(?![.,]?\d)")
_PHONE = re.compile(r"(?<![\d\w.,])(?:\+\d{1,3}[ \u00a0-]?|0\d)(?:[ \u00a0-]?\d){5,12}(?!\d)")
_COLON_TIME = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?![\d:])")
_ENGLISH_TIME = re.compile(
    r"(?<![\d:.])(?:(\d{1,2})(?:[:.](\d{2}))?\s*[–-]\s*)?(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\b\.?", re.IGNORECASE
)
_PERCENT = re.compile(rf"{_ALONE}({_NUMBER})\s*(?:%|prosent\w*|procent\w*|per\s?cent\b)", re.IGNORECASE)
_PRICE = re.compile(rf"€\s?({_NUMBER})|{_ALONE}({_NUMBER})\s*(?:€|euro\w*|eur\b)", re.IGNORECASE)
_PLAIN = re.compile(
    rf"{_ALONE}((?>{_NUMBER}))(?!(?:st|nd|rd|th|[A-Z])\b)"
)  # "30kg" is a number, "2nd" and "5G" are words
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One value in a text: how it may be read, and the words it was written in.

    `year` is of a date that names one. A `soft` figure ("one" is often no number) may match another, but is not
    missed when nothing matches it.
    """

    readings: frozenset[Reading]
    written: str
    year: str = ""
    soft: bool = False

    @property
    def kind(self) -> str:
        """The first kind it may be, dates before numbers."""
        kinds = {kind for kind, _value in self.readings}
        return next(kind for kind in ("date", "time", "percent", "price", "phone", "number") if kind in kinds)

    @property
    def dates(self) -> set[str]:
        """The dates ("04-19") that it may be."""
        return {value for kind, value in self.readings if kind == "date"}

    def matches(self, other: "Figure") -> bool:
        """Return whether both may be the same value. Years count where both name one."""
        return bool(self.readings & other.readings) and not (self.year and other.year and self.year != other.year)


def figures_in(text: str, language: str) -> list[Figure]:
    """
    Return the figures of a Markdown text in the order in which they are written. Addresses and hashtags are left out.

    A language without a table in number_words.py is read by its digits only.
    """
    left = _ADDRESSES.sub(lambda match: " " * len(match[0]), text)
    found: list[tuple[int, Figure]] = []
    for pattern, read in _readers(language):

        def take(match: re.Match[str], read: "_Reader" = read) -> str:
            figures = list(read(match))
            found.extend((match.start(), figure) for figure in figures)
            return " " * len(match[0]) if figures else match[0]

        left = pattern.sub(take, left)
    return [figure for _start, figure in sorted(found, key=lambda pair: pair[0])]


def differences(one: Sequence[Figure], other: Sequence[Figure]) -> tuple[list[Figure], list[Figure]]:
    """Return the figures of `one` that `other` lacks, and those of `other` that `one` lacks; each value once."""
    return _lacking(one, other), _lacking(other, one)


def written_date(value: str) -> str:
    """Return a date ("04-19") as people write it in the active language."""
    month, day = value.split("-")
    return date_format(date(2000, int(month), int(day)), "MONTH_DAY_FORMAT")


def _lacking(one: Iterable[Figure], other: Sequence[Figure]) -> list[Figure]:
    seen: set[frozenset[Reading]] = set()
    lacking = []
    for figure in one:
        if figure.soft or figure.readings in seen or any(figure.matches(known) for known in other):
            continue
        seen.add(figure.readings)
        lacking.append(figure)
    return lacking


# --- How each kind is read ---------------------------------------------------------------------------------

type _Reader = Callable[[re.Match[str]], Iterable[Figure]]


@cache
def _readers(language: str) -> tuple[tuple[re.Pattern[str], "_Reader"], ...]:
    """Return (pattern, reader) in the order in which they take their share of the text."""
    code = language.partition("-")[0]
    readers: list[tuple[re.Pattern[str], _Reader]] = [(_ISO_DATE, _iso_date), (_FULL_DATE, _full_date)]
    if code in MONTHS:
        readers += _named_dates(code)
    readers.append((_PHONE, _phone))
    if code in CLOCKS:
        clock = (
            rf"\b(?:{CLOCKS[code]})\s*(\d{{1,2}})(?:[.:](\d{{2}}))?(?:\s*[–-]\s*(\d{{1,2}})(?:[.:](\d{{2}}))?)?(?!\d)"
        )
        readers.append((re.compile(clock, re.IGNORECASE), _clock))
    if code == "en":
        readers.append((_ENGLISH_TIME, _english_time))
    readers += [
        (_COLON_TIME, _clock_of_two),
        (_PERCENT, lambda match: [_number(match[1], match[0], "percent")]),
        (_PRICE, lambda match: [_number(match[1] or match[2], match[0], "price")]),
        (_SHORT_RANGE, _short_range),
        (_SHORT_DATE, _short_date),
        (_PLAIN, lambda match: [_number(match[1], match[0])]),
    ]
    if words := NUMBER_WORDS.get(code):
        either = "|".join(sorted(words, key=len, reverse=True))
        readers.append((re.compile(rf"\b(?:{either})\b", re.IGNORECASE), lambda match: _word(match[0], words)))
    return tuple(readers)


def _named_dates(code: str) -> list[tuple[re.Pattern[str], "_Reader"]]:
    months, ordinals = MONTHS[code], ORDINAL_WORDS[code]
    day = rf"(?:\d{{1,2}}(?!\d)|{'|'.join(sorted(ordinals, key=len, reverse=True))})"
    month = "|".join(sorted(months, key=len, reverse=True))
    year = r"(?:,?\s+((?:19|20)\d\d)(?!\d))?"
    flags = re.IGNORECASE if code != "en" else 0  # "may" is no month

    def read(first: str, second: str, name: str, year: str, written: str) -> list[Figure]:
        days = [
            ordinals.get(one.lower()) or int(one) if one.isdigit() or one.lower() in ordinals else 0
            for one in (first, second)
            if one
        ]
        number = months.get(name) or months.get(name.lower()) or 0  # letters that only look alike name none
        return [
            Figure(frozenset({("date", f"{number:02}-{day:02}")}), written, year)
            for day in days
            if _is_date(day, number)
        ]

    before = re.compile(
        rf"(?<![\w.,])({day}){_SUFFIX}(?:{_DASH}({day}){_SUFFIX})?\s+(?:of\s+|day\s+of\s+)?({month})\b{year}", flags
    )
    patterns: list[tuple[re.Pattern[str], _Reader]] = [
        (before, lambda match: read(match[1], match[2], match[3], match[4] or "", match[0]))
    ]
    if code == "en":
        after = re.compile(rf"\b({month})\s+({day}){_SUFFIX}(?:\s*[–-]\s*({day}){_SUFFIX})?(?!\w){year}")
        patterns.append((after, lambda match: read(match[2], match[3], match[1], match[4] or "", match[0])))
    return patterns


def _is_date(day: str | int, month: str | int) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= _LONGEST_MONTHS[int(month) - 1]


def _date(day: str, month: str) -> Reading:
    return "date", f"{int(month):02}-{int(day):02}"


def _iso_date(match: re.Match[str]) -> Iterator[Figure]:
    if _is_date(match[3], match[2]):
        yield Figure(frozenset({_date(match[3], match[2])}), match[0], match[1])


def _full_date(match: re.Match[str]) -> Iterator[Figure]:
    if _is_date(match[1], match[3]):
        yield Figure(frozenset({_date(match[1], match[3])}), match[0], match[4])


def _short_date(match: re.Match[str]) -> Iterator[Figure]:
    if _is_date(match[1], match[2]):
        both = {_date(match[1], match[2]), ("number", _plain(f"{match[1]}.{match[2]}"))}
        yield Figure(frozenset(both), match[0])


def _short_range(match: re.Match[str]) -> Iterator[Figure]:
    first, last, month = match[1], match[2], match[3]
    if _is_date(first, month) and _is_date(last, month):
        yield Figure(frozenset({_date(first, month), ("number", _plain(first))}), match[0])
        yield Figure(frozenset({_date(last, month), ("number", _plain(f"{last}.{month}"))}), match[0])


def _phone(match: re.Match[str]) -> Iterator[Figure]:
    digits = re.sub(r"[^\d+]", "", match[0])
    yield Figure(frozenset({("phone", re.sub(r"^(\+358|00358)", "0", digits))}), match[0])


def _time(hour: str, minute: str | None, written: str) -> Iterator[Figure]:
    if int(hour) <= 24 and int(minute or 0) < 60:
        readings = {("time", f"{int(hour) % 24:02}:{int(minute or 0):02}")}
        if minute is None:
            readings.add(("number", _plain(hour)))
        yield Figure(frozenset(readings), written)


def _clock(match: re.Match[str]) -> Iterator[Figure]:
    yield from _time(match[1], match[2], match[0])
    if match[3]:
        yield from _time(match[3], match[4], match[0])


def _clock_of_two(match: re.Match[str]) -> Iterator[Figure]:
    yield from _time(match[1], match[2], match[0])


def _english_time(match: re.Match[str]) -> Iterator[Figure]:
    later = 12 if match[5].lower() == "p" else 0
    for hour, minute in ((match[1], match[2]), (match[3], match[4])):
        if hour and 1 <= int(hour) <= 12:
            value = f"{int(hour) % 12 + later:02}:{int(minute or 0):02}"
            yield Figure(frozenset({("time", value)}), match[0])


def _plain(number: str) -> str:
    """Return a number as digits: "1 500" and "1,500" are 1500, "1,5" is 1.5."""
    text = re.sub(r"[ \u00a0\u202f]", "", number)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    return format(Decimal(text.replace(",", ".")).normalize(), "f")


def _number(number: str, written: str, kind: str = "number") -> Figure:
    return Figure(frozenset({(kind, _plain(number))}), written.strip())


def _word(written: str, words: dict[str, int]) -> list[Figure]:
    value = words.get(written.lower())
    return [] if value is None else [Figure(frozenset({("number", str(value))}), written, soft=value == 1)]
