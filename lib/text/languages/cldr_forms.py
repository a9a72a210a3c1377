"""
How a language writes days, hours and numbers, by the Unicode CLDR: handed to Django as its formats, so that all that tells a date
or a number tells it so. The digits are 0 to 9 in every language.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.localedata import exists
from django.utils import dateformat, dates, formats, numberformat, translation

TERRITORY = "FI"  # whose customs a language follows where it has any there: Northern Sámi as in Finland
# What CLDR's letters are in Django's; the names of months are those within a date.
LETTERS = {
    "y": "Y",
    "yyyy": "Y",
    "yy": "y",
    "M": "n",
    "MM": "m",
    "MMM": "N",
    "MMMM": "E",
    "L": "n",
    "LL": "m",
    "LLL": "N",
    "LLLL": "F",
    "d": "j",
    "dd": "d",
    "E": "D",
    "EE": "D",
    "EEE": "D",
    "EEEE": "l",
    "ccc": "D",
    "cccc": "l",
    "H": "G",
    "HH": "H",
    "m": "i",
    "mm": "i",
    "G": "",
}
FIELD = re.compile(r"'(?P<said>(?:[^']|'')*)'|(?P<field>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<plain>.)", re.DOTALL)
MARKS = re.compile("[\u061c\u200e\u200f]")
SPECIAL = re.compile(r"([aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ\\])")


@lru_cache(maxsize=64)
def locale_of(code: str) -> Locale | None:
    """Return what CLDR knows of a language, None when that is nothing."""
    for name in (f"{code}_{TERRITORY}", code):
        try:
            if exists(name):
                return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None


@lru_cache(maxsize=1)
def known() -> dict[str, str]:
    """Return {code: English name} of every language of two or three letters that CLDR names."""
    return {
        code: name
        for code, name in Locale("en").languages.items()
        if re.fullmatch("[a-z]{2,3}", code) and code not in {"und", "mul", "mis", "zxx", "root"}
    }


def name_in(code: str, language: str) -> str:
    """Return what a language is called in another one, "" when CLDR does not say."""
    locale = locale_of(language)
    return (locale.languages.get(code) or "") if locale else ""


def own_name(code: str) -> str:
    """Return a language's own name for itself, "" when CLDR does not say."""
    return name_in(code, code)


def is_rtl(code: str) -> bool:
    """Return whether CLDR knows a language as written from right to left."""
    locale = locale_of(code)
    return locale is not None and locale.text_direction == "rtl"


def plural_categories(code: str) -> list[str]:
    """Return the categories of CLDR that a language tells whole numbers apart by, in their order; "other" is the last."""
    locale = locale_of(code)
    rule = locale.plural_form if locale else None
    order = ("zero", "one", "two", "few", "many", "other")
    found = {rule(number) for number in _SAMPLES} if rule else {"one", "other"}
    return [name for name in order if name in found | {"other"}]


def plural_of(code: str, number: float) -> str:
    """Return the category of a number in a language."""
    locale = locale_of(code)
    if locale is None:
        return "one" if number == 1 else "other"
    return str(locale.plural_form(number))


@lru_cache(maxsize=64)
def plural_samples(code: str) -> dict[str, str]:
    """Return {category: numbers that belong to it, in short} of a language: {"few": "3–10, 103–110"}."""
    found: dict[str, list[int]] = {}
    for number in range(201):
        found.setdefault(plural_of(code, number), []).append(number)
    return {name: _in_short(numbers) for name, numbers in found.items()}


_SAMPLES = (*range(201), 1000, 1001, 10_000, 100_000, 1_000_000, 1_000_002)


def _in_short(numbers: list[int]) -> str:
    """Return the first runs of some whole numbers in order."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs[:3]]
    return ", ".join(told) + (", …" if len(runs) > 3 or numbers[-1] == 200 else "")


# --- As Django's formats ------------------------------------------------------------------------------


def install(code: str, fallback: str) -> None:
    """Have Django write days, hours and numbers of a language as CLDR says; as `fallback` where it does not know the language."""
    forget(code)
    locale = locale_of(code)
    chosen = [SimpleNamespace(**formats_of(locale))] if locale else formats.get_format_modules(fallback)
    _modules()[code] = chosen


def forget(code: str) -> None:
    """Have Django's own formats of a language again."""
    _modules().pop(code, None)
    kept: Any = formats
    for key in [key for key in kept._format_cache if key[1] == code]:
        kept._format_cache.pop(key, None)


def _modules() -> dict[str, Any]:
    kept: Any = formats
    found: dict[str, Any] = kept._format_modules_cache
    return found


def formats_of(locale: Locale) -> dict[str, Any]:
    """Return Django's formats of a language, in Django's letters."""
    symbols: Any = locale.number_symbols.get("latn") or next(iter(locale.number_symbols.values()), {})
    date, hour = _pattern(locale, "yMMMEd", "yMMMd"), _pattern(locale, "Hm")
    short = in_django(locale.date_formats["medium"].pattern)
    if MARKS.search(short):
        short = _pattern(locale, "yMMMd")  # marks that hold a date together tear it apart within another language
    together = str(locale.datetime_formats.get("medium", "{1}, {0}")).replace("'", "")
    months = _pattern(locale, "MMMMd", "MMMd")
    return {
        "DATE_FORMAT": date,
        "SHORT_DATE_FORMAT": short,
        "TIME_FORMAT": hour,
        "DATETIME_FORMAT": _joined(together, date, hour),
        "SHORT_DATETIME_FORMAT": _joined(together, short, hour),
        "MONTH_DAY_FORMAT": months,
        "YEAR_MONTH_FORMAT": _pattern(locale, "yMMMM", "yMMM").replace("E", "F"),
        "FIRST_DAY_OF_WEEK": (locale.first_week_day + 1) % 7,
        "DECIMAL_SEPARATOR": symbols.get("decimal", "."),
        "THOUSAND_SEPARATOR": symbols.get("group", "\N{NO-BREAK SPACE}"),
        "NUMBER_GROUPING": 3,
    }


def examples(code: str, moment: datetime) -> list[str] | None:
    """Return a day, an hour and a number as a language writes them, in the active one's words; None when CLDR does not know it."""
    locale = locale_of(code)
    if locale is None:
        return None
    forms = formats_of(locale)
    number = numberformat.format(
        12480.5,
        forms["DECIMAL_SEPARATOR"],
        decimal_pos=1,
        grouping=forms["NUMBER_GROUPING"],
        thousand_sep=forms["THOUSAND_SEPARATOR"],
        force_grouping=True,
    )
    return [dateformat.format(moment, forms["DATE_FORMAT"]), dateformat.format(moment, forms["TIME_FORMAT"]), number]


def _joined(frame: str, date: str, hour: str) -> str:
    """Return a day and an hour together, as CLDR's `frame` ("{1}, {0}") has them."""
    before, _, rest = frame.partition("{1}")
    between, _, after = rest.partition("{0}")
    return f"{_said(before)}{date}{_said(between)}{hour}{_said(after)}"


def _pattern(locale: Locale, *names: str) -> str:
    """Return the first of CLDR's patterns of these names that a language has, in Django's letters."""
    for name in names:
        found = locale.datetime_skeletons.get(name)
        if found is not None:
            return in_django(str(found.pattern))
    return in_django(str((locale.time_formats if names[0] == "Hm" else locale.date_formats)["short"].pattern))


def in_django(pattern: str) -> str:
    """Return a pattern of CLDR in the letters of Django's dates; what Django cannot tell is left out."""
    found = []
    for match in FIELD.finditer(pattern):
        if match["field"]:
            found.append(LETTERS.get(match["field"], ""))
        elif match["said"] is not None:
            found.append(_said(match["said"].replace("''", "'") or "'"))
        else:
            found.append(_said(match["plain"]))
    return "".join(found).strip()


def _said(text: str) -> str:
    """Return text that a date says as it stands."""
    return SPECIAL.sub(r"\\\1", text)


@lru_cache(maxsize=64)
def calendar_words(code: str) -> dict[str, str]:
    """Return CLDR's names of days and months by the sources that Django looks them up by."""
    locale = locale_of(code)
    if locale is None:
        return {}
    days, months = locale.days, locale.months
    wide = months["format"]["wide"]
    tables: Iterable[tuple[dict[int, Any], str, Any]] = (
        (dates.WEEKDAYS, "", days["format"]["wide"]),
        (dates.WEEKDAYS_ABBR, "", days["format"]["abbreviated"]),
        (dates.MONTHS, "", months.get("stand-alone", {}).get("wide") or wide),
        (dates.MONTHS_3, "", months["format"]["abbreviated"]),
        (dates.MONTHS_AP, "abbrev. month", months["format"]["abbreviated"]),
        (dates.MONTHS_ALT, "alt. month", wide),
    )
    found = {}
    with translation.override(None):
        for sources, context, names in tables:
            for number, source in sources.items():
                key = f"{context}\x04{source}" if context else str(source)
                found[key] = names[number] if number in names else wide[number]
    return found
