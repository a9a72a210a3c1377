"""Hours of the day, read from the tokens that the grammar found; [] when they are none, None for what is read over."""

import re
from dataclasses import dataclass

from lib.text.facts.fact import Fact, Slot
from lib.text.facts.tokens import Tokens
from lib.text.facts.vocabulary import Word
from lib.text.facts.words import calendar as calendar_words

from .dates import day, weekday
from .found_facts import Marks, facts_of, letter_case

_MINUTES = re.compile(r"N(?: U)? [qb] (?:N|9)|N U T N")
_PART_BEFORE = re.compile(r"[pD](?: [wFC])?(?: [FC])? $")
_LOG = 120  # characters beside a line that are looked at
_LOGGED = re.compile(r"(?:^|\n)\d\d?\.(?:00|1[3-9]|[2-5]\d) ")
_CASE_BEFORE = {"jälkeen": "gen", "mennessä": "ill", "asti": "ill", "saakka": "ill", "aikaan": "gen"}
_SINCE = frozenset("sen alas om noin n ca".split())
_GOES_ON = frozenset("and because but when or on in then to for with until as".split())


@dataclass(slots=True)
class _Hour:
    """An hour of a clock as it is read: `half` is 12 after noon, 0 before, None where nothing says."""

    hour: int
    minute: int = 0
    half: int | None = None
    bare: bool = True

    def take_part(self, late: float) -> bool:
        """
        Let a part of the day say which half it is of, where nothing else does: "klo 8 illalla", not "klo 20 illalla". Return whether
        it did.
        """
        if late == calendar_words.NIGHT:
            late = 6 <= self.hour < 12
        if self.half is not None or self.hour > 12 or (self.hour == 12 and not late):
            return False
        self.half, self.bare = 12 if late else 0, False
        return True

    @property
    def of_day(self) -> int:
        """The hour of twenty-four."""
        return self.hour if self.half is None or self.hour > 12 else self.hour % 12 + self.half

    @property
    def is_hour(self) -> bool:
        """Whether there is such an hour; 15 p.m. is said, 15 a.m. is not."""
        twelve = self.half is None or 1 <= self.hour <= 12 or (bool(self.half) and 12 < self.hour < 24)
        return twelve and self.hour <= 24 and self.minute < 60


def time(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read an hour of the day, or the two of a range; 0:25 by itself is a place in a film."""
    if tok.words[start] == "0" and tok.classes[start : start + 3] == "9:9" and tok.classes[start - 2] not in "FTC":
        return None
    hours: list[_Hour] = []
    marks: Marks = {}
    index = start
    while index < end:
        index = _note_time(tok, index, end, hours, marks)
    _take_part_beside(tok, start, end, hours, marks)
    _share_half(hours, marks)
    _let_end_be_later(tok, start, hours, marks)
    if not 0 < len(hours) < 3 or not all(one.is_hour for one in hours):
        return []
    values = [f"{one.of_day % 24:02}:{one.minute:02}" for one in hours]
    also = [{("number", str(one.hour))} if one.bare and not one.minute else set() for one in hours]
    return facts_of(tok, start, end, "time", values, marks, also=also)


def _note_time(tok: Tokens, index: int, end: int, hours: list[_Hour], marks: Marks) -> int:
    """Read what is said at a token, and return where to go on."""
    cls, meaning, part = tok.classes[index], tok.meanings[index], len(hours)
    if cls == "9":
        return _note_digits(tok, index, end, hours, marks)
    if cls in "HV" or (cls == "N" and _MINUTES.match(tok.classes, index, end)):
        return _note_half(tok, index, end, hours, marks)
    if cls in "Nh":
        value = float(meaning.value)
        hours.append(_Hour(int(value) if value.is_integer() else 99))
        style = (meaning.form, letter_case(tok.words[index]), "" if cls == "N" else "made")
        marks[index, index + 1] = Slot("hour_word", part, style)
    elif hours:
        _note_after_hour(tok, index, hours[-1], part - 1, marks)
    return index + 1


def _note_after_hour(tok: Tokens, index: int, hour: _Hour, part: int, marks: Marks) -> None:
    """Read what stands after an hour and belongs to it: p.m., in the evening, the Finnish ending of "klo 17:ään"."""
    cls, word = tok.classes[index], tok.words[index]
    if cls == "A":
        hour.half = 12 if word[0] in "pPnN" else 0
        marks[index, index + 1] = Slot("half", part, (word,))
    elif cls == "p":
        hour.take_part(float(tok.meanings[index].value))
        marks[index, index + 1] = Slot("day_part", part)
    elif cls in "wi" and tok.classes[index - 1] == ":" and tok.language == "fi":
        marks[index, index + 1] = Slot("ending", part, (word,))


def _note_digits(tok: Tokens, index: int, end: int, hours: list[_Hour], marks: Marks) -> int:
    """Read 15, 15.30 and 15:30."""
    part = len(hours)
    marks[index, index + 1] = Slot(
        "hour", part, ("pad" if len(tok.words[index]) == 2 and tok.words[index][0] == "0" else "",)
    )
    if index + 2 >= end or not re.match(r"9[.:]9", tok.classes[index : index + 3]):
        hours.append(_Hour(int(tok.words[index])))
        return index + 1
    minutes = tok.words[index + 2]
    hours.append(_Hour(int(tok.words[index]), int(minutes) if len(minutes) == 2 else 99, bare=False))
    marks[index + 1, index + 3] = Slot("minute", part, (tok.words[index + 1], "shown"))
    return index + 3


def _note_half(tok: Tokens, index: int, end: int, hours: list[_Hour], marks: Marks) -> int:
    """Read half past seven, halv åtta, puoli kahdeksaan, quarter past one, ten past three."""
    at = next(one for one in range(index + 1, end) if tok.classes[one] in "N9")
    number = tok.meanings[at]
    hour, past = int(number.value or tok.words[at]), "q" in tok.classes[index:at]
    minute = 30 if tok.classes[index] == "H" else 15
    if tok.classes[index] == "N":
        minute = int(tok.meanings[index].value)
    if not past and tok.classes[index] != "H":
        minute = 60 - minute
    to = tok.classes[index : at + 1] == "N U T N"
    if to and (tok.meanings[index + 2].value != "min" or tok.words[at - 2] != "to"):
        hour = 99
    if not (0 < minute < 60 and 1 <= hour <= 24):
        hour, past = 99, True
    hours.append(_Hour(hour if past else (hour + 10) % 12 + 1, minute, bare=False))
    style = (number.form, letter_case(tok.words[index]))
    marks[index, at + 1] = Slot("clock", len(hours) - 1, style)
    return at + 1


def _share_half(hours: list[_Hour], marks: Marks) -> None:
    """Let the first hour of a range be before noon or after as the second is: 2–6 p.m., and 10–2 p.m."""
    if len(hours) == 2 and hours[0].half is None and hours[1].half is not None and hours[0].hour <= 12:
        first, second = (one.hour % 12 * 60 + one.minute for one in hours)
        hours[0].half = hours[1].half if first < second else 12 - hours[1].half
        sample = next((slot.style[0] for slot in marks.values() if slot.what == "half"), "")
        if sample:
            after = max(last for (_first, last), slot in marks.items() if slot.part == 0)
            marks[after, after] = Slot("half", 0, (sample, "unless_same"))


def _take_part_beside(tok: Tokens, start: int, end: int, hours: list[_Hour], marks: Marks) -> None:
    """Let a part of the day before an hour, or "tonight" after it, say which half it is of: "illalla kuudelta", "ten o'clock tonight"."""
    if not hours or any(slot.what in {"half", "day_part"} for slot in marks.values()) or not hours[-1].hour <= 12:
        return
    part = _part_beside(tok, start, end)
    if part is None or (part.cls == "D" and part.form != "evening"):
        return
    late = float(part.value) if part.cls == "p" else 4 <= hours[-1].hour < 12
    for number, hour in enumerate(hours):
        if hour.take_part(late):
            marks[end, end + number] = Slot("beside", number, ("late" if hour.of_day >= 12 else "early",))


def _part_beside(tok: Tokens, start: int, end: int) -> Word | None:
    """Return the part of a day, or the day, right before an hour or after it."""
    if before := _PART_BEFORE.search(tok.classes, max(0, start - 8), start):
        return tok.meanings[before.start()]
    if tok.classes[end : end + 2] == " D":
        return tok.meanings[end + 1]
    if tok.classes[end : end + 4] == " w p" and tok.words[end + 1] in _CASE_BEFORE:  # kuuden jälkeen illalla
        return tok.meanings[end + 3]
    return None


def _let_end_be_later(tok: Tokens, start: int, hours: list[_Hour], marks: Marks) -> None:
    """Let the end of a range in words come after its beginning: "aamukahdeksasta neljään"."""
    if len(hours) != 2 or tok.classes[start] not in "Nh" or any(hour.half is not None for hour in hours):
        return
    first, second = hours
    if second.hour <= 12 and second.hour < first.hour <= 12 and not second.minute:
        second.half, second.bare = 12, False
        last = max(end for _start, end in marks)
        marks[last, last] = Slot("beside", 1, ("late",))


def exact_time(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read 12:51:43, of which the seconds say nothing."""
    return time(tok, start, end - 2)


def table_time(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read 5.12 that fills a field of a table; a date would end with a dot."""
    return clear_time(tok, start, end)


def log_time(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "19.50 more tankers" at the beginning of a line, where a line near it begins with what can only be an hour."""
    at = tok.starts[start]
    near = tok.text[max(0, at - _LOG) : at + _LOG]
    return clear_time(tok, start, end) if _LOGGED.search(near) else []


def four_digits(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read 0640 and "klo 1830"."""
    digits = tok.words[end - 1]
    said = tok.classes[start - 2] == "F" or tok.words[start - 2].lower() in _SINCE
    if tok.classes[start] != "C" and (digits[0] != "0" or not said or tok.classes[end : end + 2] == " w"):
        return []
    hour, minute = int(digits[:2]), int(digits[2:])
    if hour > 23 or minute > 59 or len(digits) != 4:
        return []
    return facts_of(tok, start, end, "time", [f"{hour:02}:{minute:02}"], {(end - 1, end): Slot("hour_and_minute")})


def spoken_clock(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read "kello kahdeksantoista neljäkymmentäviisi"."""
    hour, minute = (tok.meanings[index] for index in range(start + 1, end) if tok.classes[index] == "N")
    if hour.form.split()[:1] != ["nom"] or not 0 <= int(hour.value) <= 24 or not 10 <= int(minute.value) < 60:
        return []
    first = next(index for index in range(start + 1, end) if tok.classes[index] == "N")
    slot = Slot("clock", 0, ("nom", letter_case(tok.words[first])))
    return facts_of(
        tok, first, end, "time", [f"{int(hour.value) % 24:02}:{int(minute.value):02}"], {(first, end): slot}
    )


def until_hour(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "kuuteen mennessä", by six, and "kuuden jälkeen", after six."""
    meaning = tok.meanings[start]
    case = _CASE_BEFORE.get(tok.words[end + 1].lower())
    if not case or case not in meaning.form.split() or not 1 <= float(meaning.value) <= 24:
        return []
    return time(tok, start, end)


def opening_hour(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "closes at 18", "vi stänger redan 18"."""
    found = time(tok, end - 1, end) if 5 <= int(tok.words[end - 1]) <= 24 else []
    return [*(day(tok, start + 2, start + 3) if tok.classes[start + 2] == "D" else []), *found] if found else []


def clear_time(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read 9.30 where only the sense says that it is a time: it has two digits of minutes."""
    first = start + 2 if tok.classes[start] in "FT" else start
    minutes = [tok.words[index] for index in range(first, end) if tok.classes[index] == "9"][1::2]
    return time(tok, first, end) if all(len(one) == 2 for one in minutes) else []


def time_span(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "kello kolmesta viiteen", from three to five."""
    forms = [meaning.form.split()[-1:] for meaning in tok.meanings[start:end] if meaning.cls in {"N", "h"}]
    forms = [form for one in forms for form in one]
    start += 2 * (tok.classes[start] == "G")
    hours = [int(meaning.value) for meaning in tok.meanings[start:end] if meaning.cls == "N"]
    if forms == ["ela", "ill"] and tok.classes[start:end] == "N N" and not hours[0] < hours[1] <= 24:
        return []
    return time(tok, start, end) if forms == ["ela", "ill"] or (forms == ["ela"] and end - start == 1) else []


def hours(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read the hours beside a weekday, or beside daily: "ma–pe 9–16". The weekday is a fact of its own."""
    digits = [index for index in range(start, end) if tok.classes[index] == "9"]
    found = time(tok, digits[0], digits[-1] + 1) or []
    days = [index for index in (start, end - 1) if tok.classes[index] in "Kk"] if found else []
    return sorted(
        [*found, *(fact for index in days for fact in weekday(tok, index, index + 1))], key=lambda one: one.start
    )


def hour_list(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read several hours after a colon: "Meals: 11–13, 17–19". One of them is after noon."""
    digits = [index for index in range(start, end) if tok.classes[index] == "9"]
    if not any(12 < int(tok.words[index]) < 25 for index in digits):
        return []
    pairs = list(zip(digits[::2], digits[1::2], strict=True))
    if len(pairs) == 1 and int(tok.words[digits[0]]) >= int(tok.words[digits[1]]):
        return []
    found = [time(tok, first, last + 1) for first, last in pairs]
    return [fact for one in found for fact in one or ()] if all(found) else []


def slot_hours(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "Group 1: 6–8"."""
    return time(tok, start, end)


def single_hours(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read hours one by one: "klo 6, 12 ja 18"."""
    if tok.classes[start - 2 : start] == "F " and tok.words[start - 2] != "at":
        return []
    digits = [index for index in range(start, end) if tok.classes[index] == "9"]
    found = [time(tok, index, index + 1) for index in digits]
    return [fact for one in found for fact in one or ()] if all(found) else []


def plain_hour(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "at 8 tomorrow", "until 8 on Monday"."""
    at = tok.words[start - 2].lower()
    if tok.classes[start] == "N" and tok.classes[end : end + 2] != " D":
        following = tok.words[end + 1].lower() if tok.classes[end] == " " else ""
        stays = tok.language == "en" and at in {"by", "until", "till"} and not following
        return time(tok, start, end) if stays or (at == "at" and (not following or following in _GOES_ON)) else []
    near_day = tok.classes[end] == " "
    found = time(tok, start, end) if at == "at" or (near_day and at in {"until", "till", "by"}) else []
    return found


def between(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "between 6 and 22", where the second can only be an hour."""
    first, second = int(tok.words[start]), int(tok.words[end - 1])
    said = tok.words[start - 2].lower() == "between" and tok.words[end - 3].lower() == "and"
    return time(tok, start, end) if said and first < 12 < second <= 24 else []


def ablative_time(tok: Tokens, start: int, end: int) -> list[Fact] | None:
    """Read "kuudelta", at six; before a word in the ablative ("kolmelta rannalta") it is a number."""
    meaning = tok.meanings[start]
    follows = tok.words[end + 1] if tok.classes[end] == " " else ""
    if meaning.form != "abl" or float(meaning.value) > 12 or follows.endswith(("lta", "ltä")):
        return []
    return time(tok, start, end)


def named_time(tok: Tokens, start: int, end: int) -> list[Fact]:
    """Read noon and midnight."""
    meaning = tok.meanings[end - 1]
    slot = Slot("named_hour", 0, (meaning.form, letter_case(tok.words[end - 1])))
    return facts_of(tok, end - 1, end, "time", [f"{int(meaning.value):02}:00"], {(end - 1, end): slot})
