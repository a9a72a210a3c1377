"""Dates, weekdays, months and years, read from the tokens that the grammar found; [] when they are no such fact."""

import re
from dataclasses import dataclass

from lib.text.facts.fact import Fact, Slot, day_of, plain
from lib.text.facts.tokens import Tokens
from lib.text.facts.vocabulary import Word
from lib.text.facts.words import calendar as calendar_words
from lib.text.facts.words.nouns import COUNTED

from .found_facts import Marks, facts_of, letter_case

_PARTS_OF_DAYS = frozenset("aamuna iltana yönä iltapäivänä aamulla illalla kväll morgon".split())
_BOUNDING = frozenset("asti saakka alkaen lähtien mennessä jälkeen".split())
_KNOWN = frozenset({"fi", "sv", "en"})
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_date(day: int, month: int) -> bool:
    """Return whether a month has such a day."""
    return 1 <= month <= 12 and 1 <= day <= _LONGEST_MONTHS[month - 1]


@dataclass(slots=True)
class _Date:
    """What a date is read into: its days, with the tokens of each, its month and its year."""

    days: list[int]
    month: int = 0
    year: str = ""
    weekday: int = 0


def date(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a date, or the two of a range that share their month."""
    classes = tok.classes[start:end]
    month_at = _month_at(tok, start, end)
    found = _Date([])
    marks: Marks = {}
    for index in range(start, end):
        _note_date(tok, index, month_at, found, marks)
    most = 2 if set(classes) & set("–-T") else 1
    if not 0 < len(found.days) <= most or not all(is_date(day, found.month) for day in found.days):
        return []
    values = [f"{found.year}{'-' if found.year else ''}{found.month:02}-{day:02}" for day in found.days]
    if found.year and not all(day_of(value) for value in values):
        return []
    return facts_of(tok, start, end, "date", values, marks, weekday=found.weekday)


def _month_at(tok: Tokens, start: int, end: int) -> int:
    """Return which token is the month of a date in digits; -1 where it has a name."""
    digits = [index for index in range(start, end) if tok.classes[index] in "9Y"]
    if set(tok.classes[start:end]) & set("Mm") or len(digits) < 2:
        return -1
    return digits[-2 if tok.classes[digits[-1]] == "Y" or _short_year(tok, start, end) else -1]


def _short_year(tok: Tokens, start: int, end: int) -> bool:
    """Return whether a numeric date ends with a year of two digits: 5.12.26."""
    return bool(re.search(r"9\.9\.9$", tok.classes[start:end])) and "20" <= tok.words[end - 1] < "60"


def _note_date(tok: Tokens, index: int, month_at: int, found: _Date, marks: Marks) -> None:
    """Note what a token says of a date."""
    cls, word, meaning = tok.classes[index], tok.words[index], tok.meanings[index]
    pad = "pad" if word[:1] == "0" else ""
    style = (cls, meaning.form, letter_case(word), *_row(meaning))
    slot: Slot | None = None
    if cls in "Kk":
        part = len(found.days)
        found.weekday = found.weekday or (0 if part else int(meaning.value))
        slot = Slot("weekday", part, style)
    elif cls in "Mm":
        found.month, slot = int(meaning.value), Slot("month", 0, style)
    elif cls == "O":
        _note_ordinal(tok, index, found, marks)
    elif index == month_at:
        found.month, slot = int(word), Slot("month", 0, ("9", pad, ""))
    elif cls == "Y":
        found.year, slot = word, Slot("year")
    elif cls == "9" and -1 < month_at < index:
        found.year, slot = f"20{word}", Slot("year", 0, ("short",))
    elif cls == "9":
        found.days.append(int(word))
        slot = Slot("day", len(found.days) - 1, (pad,))
    elif cls == "i" or tok.classes[index - 1] == ":":
        slot = Slot("suffix", len(found.days) - 1, (word,))
    if slot:
        marks[index, index + 1] = slot


def _note_ordinal(tok: Tokens, index: int, found: _Date, marks: Marks) -> None:
    """Note a day in words; it may be in two words."""
    day, before = int(tok.meanings[index].value), tok.classes[index - 2 : index]
    if found.days and before == "O ":  # kahdenteenkymmenenteen viidenteen
        found.days[-1] += day
        marks[index - 1, index + 1] = Slot("nothing", len(found.days) - 1)
        return
    first = index
    if before == "N-":  # twenty-fifth
        first = index - 2
        day += int(tok.meanings[first].value)
    found.days.append(day)
    style = (tok.meanings[index].form, letter_case(tok.words[first]))
    marks[first, index + 1] = Slot("ordinal", len(found.days) - 1, style)


def _row(word: Word) -> tuple[str, ...]:
    return tuple(spelt for _form, spelt in word.row) if word.form == "made" else ()


def bounding_date(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read "tammikuun 21. asti", but not "tammikuun 21. luokka"."""
    return date(tok, start, end) if tok.word_after(end) in _BOUNDING else []


def legal_date(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read "26 päivänä helmikuuta 2021", but not "3 päivää tammikuussa"."""
    day = tok.meanings[start + 2]
    return date(tok, start, end) if day.value == "d" and set(day.form.split()) & {"ess", "ill", "ela", "gen"} else []


def iso_date(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read 2026-03-26."""
    year, month, day = (tok.words[index] for index in (start, start + 2, start + 4))
    if not is_date(int(day), int(month)):
        return []
    marks = {
        (start, start + 1): Slot("year"),
        (start + 2, start + 3): Slot("month", 0, ("9", "pad", "")),
        (start + 4, end): Slot("day", 0, ("pad",)),
    }
    return facts_of(tok, start, end, "date", [f"{year}-{int(month):02}-{int(day):02}"], marks)


def short_date(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read 26.3. or 24.–26.3., which may be a number as well, and is none when a month has no such day."""
    found = date(tok, start, end)
    digits = [tok.words[index] for index in range(start, end) if tok.classes[index] == "9"]
    ends = tok.classes[end - 1] == "."
    clear = ends or tok.classes[start] in "Kkd" or len(digits) > 2
    if not clear and len(digits[-1]) == 2 and (digits[-1][0] == "0" or int(digits[-1]) > 12):
        return []  # 9.05 and 9.30 are times
    if found and tok.classes[start] == "9" and len(digits) == 2:
        also = [{("number", plain(f"{digits[0]}.{digits[1]}"))}]
        return facts_of(tok, start, end, "date", [found[0].value], _marks_again(tok, start, end), also=also)
    return found


def _marks_again(tok: Tokens, start: int, end: int) -> Marks:
    first, second = (index for index in range(start, end) if tok.classes[index] == "9")
    month = tok.words[second]
    return {
        (first, first + 1): Slot("day", 0, ("pad" if tok.words[first][0] == "0" else "",)),
        (second, second + 1): Slot("month", 0, ("9", "pad" if month[0] == "0" else "", "")),
    }


def late_date(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read "on 9.12." and "until 31.12." in English, where 9.12 is a number or an hour elsewhere."""
    late = tok.classes[start - 2] in "FT" and int(tok.words[start]) > 24 and tok.classes[end - 1] == "."
    return short_date(tok, start, end) if late or tok.words[start - 2] == "on" else []


def weekday(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a weekday without a date, or the two of a range."""
    at = [index for index in range(start, end) if tok.classes[index] in "Kk"]
    if tok.classes[start] == "k" and len(at) == 1 and not _stands_alone(tok, start, end):
        return []
    values, marks = [], {}
    for part, index in enumerate(at):
        meaning = tok.meanings[index]
        values.append(calendar_words.WEEKDAYS[int(meaning.value) - 1])
        style = (tok.classes[index], meaning.form, letter_case(tok.words[index]), *_row(meaning))
        marks[index, index + 1] = Slot("weekday", part, style)
    return facts_of(tok, start, end, "weekday", values, marks)


def _stands_alone(tok: Tokens, start: int, end: int) -> bool:
    """Return whether a short weekday is no other word: "(ma", "tänään ja to", "la iltana"; "to" and "on" are words too."""
    opens = tok.classes[start - 1] in "(\n" or tok.classes[start - 2 : start] in {"\n(", "D ", " (", "T "}
    return opens or tok.classes[end : end + 2] != " w" or tok.words[end + 1] in _PARTS_OF_DAYS


def day(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read today or tomorrow."""
    meaning = tok.meanings[start]
    slot = Slot("relative", 0, (meaning.form, letter_case(tok.words[start])))
    return facts_of(tok, start, end, "day", [str(int(meaning.value))], {(start, end): slot})


def month(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a month without a day, with its year or without."""
    meaning = tok.meanings[start]
    marks = {(start, start + 1): Slot("month", 0, ("M", meaning.form, letter_case(tok.words[start])))}
    year = tok.words[end - 1] if tok.classes[end - 1] == "Y" else ""
    if year:
        marks[end - 1, end] = Slot("year")
    value = f"{year}-{int(meaning.value):02}" if year else f"{int(meaning.value):02}"
    return facts_of(tok, start, end, "month", [value], marks, also=[{("month", value[-2:])}])


def bare_year(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a year that nothing says is one: "2025 we had", not "2000 asukasta", so many of something."""
    following = tok.words[end + 1] if tok.classes[end : end + 2] == " w" else ""
    counted = following in COUNTED.get(tok.language, ())  # Finnish writes 2 025 asukasta
    sized = bool(re.match(r" ?[UQEP%€J]", tok.classes[end : end + 2])) and tok.classes[end : end + 2] != " U"
    round_one = tok.words[start].endswith("00") and bool(following)
    return [] if counted or sized or round_one or tok.language not in _KNOWN else year(tok, start, end)


def year(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read a year, or the two of a range."""
    meaning = tok.meanings[start]
    if meaning.cls == "U" and meaning.value != "y":
        return []
    at = [index for index in range(start, end) if tok.classes[index] == "Y"]
    values = [tok.words[index] for index in at]
    marks = {(index, index + 1): Slot("year", part) for part, index in enumerate(at)}
    return facts_of(tok, at[0], end, "year", values, marks, also=[{("number", value)} for value in values])
