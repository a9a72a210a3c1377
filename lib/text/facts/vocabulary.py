"""
What the words of a language mean to the grammar: each has a class, which is one letter, a value and a form.

    M m  month, short month          T  and, to, or: what stands between two values
    K k  weekday, short weekday      F  from, at, between: what stands before a time
    N O  number, ordinal             G  daily, on weekdays: what stands before hours
    J    hundred, million            R  what stands before a number that is a name: bus 65, section 58
    U Q  unit of time, of measure    l  what stands after one: 58 §, 12 artikla
    E P  money, per cent             y  year, in Finnish and Swedish before its number
    C    clock                       d  the, den
    A    a.m., p.m.                  o  of
    H V  half, quarter               a  a, an
    Z D  noon, today                 i  what makes an ordinal of digits: 26th
    p    in the evening              L  call, the number
    q b  past, to                    S s  street, and a word before its name
    v    between, after two hours    W w  any other word, with a capital or without
    z    the s of 1990s              X    several that are called by numbers: buses 65 and 66
    f    a time code of subtitles    e    what stands before a result: won 4–2
    g    opens, closes, begins       t    a phone number in words
    B    street, in small letters: Aleksis Kiven katu
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .words import calendar as calendar_words
from .words import numbers as number_words
from .words import units as unit_words
from .words.classes import BEFORE_STREETS, SPOKEN_PHONES, STREETS, WORDS
from .words.names import is_head, names


@dataclass(frozen=True, slots=True)
class Word:
    """A class, a value, and the form that the value is in: a case, "one" or "many", which of two spellings."""

    cls: str
    value: float | str = ""
    form: str = ""
    row: tuple[tuple[str, str], ...] = ()  # (form, spelling) of the same word in every form


# What a weekday may go on with, as in keskiviikkoaamuun and söndagskväll.
_DAY_ENDINGS = {
    "fi": ("aamu", "ilta", "yö", "päiv"),
    "sv": ("skväll", "smorgon", "snatt", "seftermiddag", "sförmiddag"),
}
_HOUR_BEGINNINGS = ("aamupäivä", "iltapäivä", "aamu", "ilta", "yö")
CLITIC = "kin"  # even ten is kymmenenkin


@cache
def words_of(language: str) -> Mapping[str, Word]:
    """Return {spelling: Word} of a language, in lower case but for English names of days and months; {} if unknown."""
    known: dict[str, Word] = {}
    if language not in WORDS:
        return known
    one, several_ = names(language)
    known |= dict.fromkeys(one, Word("R")) | dict.fromkeys(several_, Word("X"))
    for cls, spelt in WORDS[language].items():
        known |= {word: Word(cls) for word in spelt.split()}
    known |= {word: Word("t", phone) for word, phone in SPOKEN_PHONES[language].items()}
    for word, (day, form) in number_words.ordinals(language).items():
        known[word] = Word("O", day, form)
    for word, (value, forms) in number_words.read_by(language).items():
        if known.get(word, Word("")).cls not in {"R", "l"}:
            known[word] = Word("N", value, forms)
    known |= _units(language) | _calendar(language)
    known |= {word: Word("V", minutes) for word, minutes in calendar_words.MINUTES[language].items()}
    return known


def _units(language: str) -> dict[str, Word]:
    known: dict[str, Word] = {}
    classes: tuple[tuple[str, Mapping[Any, Iterable[Mapping[str, str]]]], ...] = (
        *(("Q", {code: [{"": sign}]}) for sign, code in unit_words.SIGNS.items()),
        ("Q", unit_words.MEASURES[language]),
        ("E", unit_words.MONEY[language] | {" EUR": [{"": "eur"}, {"": "EUR"}]}),
        ("P", {"": unit_words.PERCENT[language]}),
        ("U", unit_words.DURATIONS[language]),
        ("J", unit_words.MULTIPLES[language]),
    )
    for cls, tables in classes:
        for code, rows in tables.items():
            value = code.strip() if isinstance(code, str) else float(code)
            for row in rows:
                known |= _rows(cls, value, row)
    return _as_said(known) | known if language == "fi" else known


def _as_said(known: Mapping[str, Word]) -> dict[str, Word]:
    """Return what people say of some units in Finnish: päiväks, tuntii, euroo."""
    translative = {word[:-1]: unit for word, unit in known.items() if word.endswith("ksi")}
    return translative | {
        word[:-1] + word[-2]: unit
        for word, unit in known.items()
        if word.endswith(("ia", "iä", "oa")) and unit.form == "par"
    }


def _calendar(language: str) -> dict[str, Word]:
    known: dict[str, Word] = {}
    names = calendar_words
    classes: tuple[tuple[str, Mapping[str, Sequence[Mapping[str, str]]]], ...] = (
        ("k", names.WEEKDAY_SHORT), ("m", names.MONTH_SHORT), ("K", names.WEEKDAY_NAMES), ("M", names.MONTH_NAMES),
    )  # fmt: skip
    for cls, tables in classes:
        for number, row in enumerate(tables.get(language, []), 1):
            known |= {word: one for word, one in _rows(cls, number, row).items() if one.cls != "k" or word not in known}
    known |= {word: Word("p", float(late)) for word, late in names.DAY_PARTS[language].items()}
    for cls, table in (("D", names.RELATIVE_DAYS), ("Z", names.NAMED_HOURS)):
        known |= {word: Word(cls, value, form) for word, (value, form) in table[language].items()}
    return known


def _rows(cls: str, value: float | str, row: Mapping[str, str]) -> dict[str, Word]:
    forms: dict[str, list[str]] = {}
    for form, spelt in row.items():
        forms.setdefault(spelt, []).append(form)
    return {spelt: Word(cls, value, " ".join(names), tuple(row.items())) for spelt, names in forms.items()}


def meaning_of(text: str, language: str) -> Word:
    """Return what a word means; one that the vocabulary does not have is just a word."""
    known = words_of(language)
    found = known.get(text)
    if found is None:
        low = text.lower()
        found = known.get(low)
        if found is None and language == "en" and text.isupper() and len(text) > 2:
            found = known.get(text.capitalize())
    if found is not None:
        return found
    return _made(text, language) or Word("w" if text.islower() else "W")


def _made(text: str, language: str) -> Word | None:
    """Return what a word means that is put together: Fleminginkatu, keskiviikkoaamuun, aamuseitsemän."""
    low = text.lower()
    if text[:1].isupper() and low.endswith(STREETS):
        return Word("S")
    if text[:1].isupper() and low in BEFORE_STREETS:
        return Word("s")
    if language == "fi":
        return _day_and_part(low, "fi", "nom") or _number_and_part(low) or _named(low, "fi")
    return (_day_and_part(low, "sv", "") or _named(low, "sv")) if language == "sv" else None


def _named(low: str, language: str) -> Word | None:
    return Word("R") if is_head(low, language) else None


def _day_and_part(low: str, language: str, form: str) -> Word | None:
    names = [row[form] for row in calendar_words.WEEKDAY_NAMES[language]]
    name = next((one for one in names if low.startswith(one)), "")
    rest = low.removeprefix(name)
    if not name or not rest.startswith(_DAY_ENDINGS[language]):
        return None
    return Word("K", names.index(name) + 1, "made", tuple((one, one + rest) for one in names))


def _number_and_part(low: str) -> Word | None:
    numbers = number_words.read_by("fi")
    if low.endswith(CLITIC) and (even := numbers.get(low.removesuffix(CLITIC))):
        return Word("N", *even)
    beginning = next((one for one in _HOUR_BEGINNINGS if low.startswith(one)), "")
    hour, forms = numbers.get(low.removeprefix(beginning), (0, "")) if beginning else (0, "")
    if not 1 <= hour <= 12:
        return None
    return Word("h", hour + (12 if beginning.startswith("ilta") else 0), f"{beginning} {forms}")


def several(language: str) -> Iterator[str]:
    """Yield what is one word of the vocabulary and several to the eye, the longest first."""
    yield from sorted(
        (word for word in words_of(language) if not word.isalnum() and " " in word), key=len, reverse=True
    )
