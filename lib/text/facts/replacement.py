"""A fact written again with another value, in the form that it has: case, ending, clock, separators, capitals."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

from lib.text.linguistics.sentences import ends_sentence

from .fact import Fact, Form, Slot, day_of, days_near, plain
from .values import is_after, is_value
from .words import calendar
from .words.numbers import (
    ENGLISH_ORDINALS,
    SWEDISH_ORDINALS,
    finnish_ending,
    finnish_ordinal,
    finnish_ordinal_ending,
    spelled,
)
from .words.units import DURATIONS, PERCENT, SECONDS

# English has words for both twelves, which "12 p.m." and "12 a.m." leave to be guessed.
TWELVES = {"12:00": "noon", "00:00": "midnight"}
_TWELVE = re.compile(r"(?<!\d)12(?:[.:]00)?[ \u00a0]?(noon|midnight)")


class Unwritable(ValueError):
    """A value that a form cannot say: a person writes these words anew."""


class Backwards(Unwritable):
    """A range that would end before it begins."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A text with a fact changed, and the facts whose words a person has to write anew."""

    text: str
    changed: tuple[Fact, ...]
    left: tuple[Fact, ...]


def render(value: str, form: Form, part: int = 0, *, today: date | None = None) -> str:
    """
    Return the words of a form with another value: "04-01" for "torstaina 26. maaliskuuta" is "keskiviikkona 1. huhtikuuta".

    `part` says which end of a range changes. A weekday follows its date; a date that names no year takes it from the value,
    or is the one nearest to `today`. Raise Unwritable where the form cannot say the value, Backwards where a range would end
    before it begins.
    """
    if not is_value(form.kind, value):
        raise Unwritable(f"“{value}” is no {form.kind}.")
    value = _in_unit_of(form, part, value)
    values = tuple(value if index == part else known for index, known in enumerate(form.values))
    if len(values) == 2 and is_after(form.kind, *reversed(form.values)) and not is_after(form.kind, *reversed(values)):
        raise Backwards("This range would end before it begins.")
    writer = _Writer(form, values, today)
    words = "".join(piece if isinstance(piece, str) else writer.write(piece) for piece in _spread(form, values))
    return _TWELVE.sub(r"\1", words) if form.language == "en" and form.kind == "time" else words


def beside(text: str, fact: Fact, words: str) -> str:
    """Return the words of a mention so that its sentence keeps one full stop, which that of "p.m." is at its end and "noon" has not."""
    rest = text[fact.end :]
    if fact.written.endswith(".") and not words.endswith(".") and ends_sentence(rest):
        return f"{words}."
    if words.endswith(".") and not fact.written.endswith(".") and rest.startswith("."):
        return words[:-1]
    return words


def replaced(
    text: str, facts: Iterable[Fact], new_value: str, language: str, *, today: date | None = None
) -> Replacement:
    """Return a text in which some of its facts say another value; each keeps its form. Facts of another language stay."""
    changed: list[Fact] = []
    left: list[Fact] = []
    at, pieces = 0, []
    for fact in sorted(facts, key=lambda one: one.start):
        if (
            fact.form.language != language.partition("-")[0]
            or text[fact.start : fact.end] != fact.written
            or fact.start < at
        ):
            left.append(fact)
            continue
        try:
            words = render(new_value, fact.form, fact.part, today=today)
        except Unwritable:
            left.append(fact)
            continue
        pieces += [text[at : fact.start], beside(text, fact, words)]
        at = fact.end
        changed.append(fact)
    return Replacement("".join([*pieces, text[at:]]), tuple(changed), tuple(left))


# --- Units ----------------------------------------------------------------------------------------------


def _in_unit_of(form: Form, part: int, value: str) -> str:
    """Return an amount in the unit that a form has: 48 hours are two days; 36 are none that it can say."""
    number, _space, unit = value.partition(" ")
    own = form.values[part].partition(" ")[2]
    if unit == own or any(isinstance(piece, Slot) and piece.what == "phrase" for piece in form.pieces):
        return value
    if unit in SECONDS and own in SECONDS:
        amount = Decimal(number) * SECONDS[unit] / SECONDS[own]
        if amount == int(amount):
            return f"{plain(amount)} {own}"
    raise Unwritable("These words count in another unit.")


# --- Ranges ----------------------------------------------------------------------------------------------


def _spread(form: Form, values: Sequence[str]) -> Sequence[str | Slot]:
    """Return the pieces of a form; where the ends of a range of days no longer share their month, each says its own."""
    if form.kind != "date" or len(values) < 2 or values[0][-5:-3] == values[1][-5:-3]:
        return form.pieces
    pieces = list(form.pieces)
    first, second = (index for index, piece in enumerate(pieces) if says(piece, "day", "ordinal"))
    month_at = next(index for index, piece in enumerate(pieces) if says(piece, "month"))
    style = cast(Slot, pieces[month_at]).style
    own, other = Slot("month", 0, style), Slot("month", 1, style)
    if month_at < first:  # March 24–26
        return [*pieces[: second - 1], " – ", other, *pieces[month_at + 1 : first], *pieces[second:]]
    dot = ["."] if pieces[month_at + 1 : month_at + 2] == ["."] else []
    between = [piece for piece in pieces[second + 1 : month_at] if not says(piece, "suffix")]
    dash = "–" if style[0] == "9" else " – "
    return [*pieces[: first + 1], *between, own, *dot, dash, *pieces[second:month_at], other, *pieces[month_at + 1 :]]


def says(piece: str | Slot, *what: str) -> bool:
    """Return whether a piece of a form is a slot for one of some things."""
    return isinstance(piece, Slot) and piece.what in what


# --- Slots -----------------------------------------------------------------------------------------------


class _Writer:
    """Writes each slot of a form with the form's new values."""

    def __init__(self, form: Form, values: Sequence[str], today: date | None) -> None:
        self.form, self.values, self.today = form, values, today
        self.language = form.language
        self.old = form.values[0] if form.kind == "date" and form.weekday else ""
        self.by_what: dict[str, Callable[[Slot, str], str]] = {
            name.removeprefix("_"): getattr(self, name)
            for name in dir(type(self))
            if name[:1] == "_" and name[1:2] != "_"
        }

    def write(self, slot: Slot) -> str:
        """Return what a slot says."""
        return self.by_what[slot.what](slot, self.values[slot.part])

    # Dates.

    def _nothing(self, _slot: Slot, _value: str) -> str:
        return ""

    def _weekday(self, slot: Slot, value: str) -> str:
        cls, form, case, *row = slot.style
        if value in calendar.WEEKDAYS:
            number = calendar.WEEKDAYS.index(value) + 1
        elif day := day_of(self._with_year(value), self._reference()):
            number = day.isoweekday()
        else:
            raise Unwritable("The year of this date is not known, and so not its weekday.")
        if row:
            return cased(row[number - 1], case)
        names = (calendar.WEEKDAY_NAMES if cls == "K" else calendar.WEEKDAY_SHORT)[self.language][number - 1]
        return cased(names[first_of(form)], case)

    def _reference(self) -> date | None:
        """Return a day near to which the date is: the old one in the year in which its weekday fits, or today."""
        if not self.today or not self.old:
            return self.today
        fitting = (day for day in days_near(self.old[-5:], self.today) if day.isoweekday() == self.form.weekday)
        return next(fitting, self.today)

    def _with_year(self, value: str) -> str:
        old = next((one for one in self.form.values if len(one) > 5), "")
        return value if len(value) > 5 or not old else f"{old[:4]}-{value}"

    def _month(self, slot: Slot, value: str) -> str:
        cls, form, case = slot.style[:3]
        number = int(value[-2:] if self.form.kind == "month" else value[-5:-3])
        if cls == "9":
            return f"{number:02}" if form == "pad" else str(number)
        names = (calendar.MONTH_NAMES if cls == "M" else calendar.MONTH_SHORT)[self.language][number - 1]
        return cased(names[first_of(form)], case)

    def _day(self, slot: Slot, value: str) -> str:
        return f"{int(value[-2:]):02}" if slot.style == ("pad",) else str(int(value[-2:]))

    def _ordinal(self, slot: Slot, value: str) -> str:
        form, case = slot.style
        day = int(value[-2:])
        if self.language == "fi":
            return cased(finnish_ordinal(day, form.split()[0]), case)
        return cased((SWEDISH_ORDINALS if self.language == "sv" else ENGLISH_ORDINALS)[day - 1], case)

    def _suffix(self, slot: Slot, value: str) -> str:
        day = int(value[-2:])
        if self.language == "sv":
            return "a" if day % 10 in {1, 2} and day not in {11, 12} else "e"
        if self.language == "fi":
            return finnish_ordinal_ending(day, slot.style[0])
        if self.language != "en":
            return slot.style[0]
        return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")

    def _year(self, slot: Slot, value: str) -> str:
        year = value if self.form.kind == "year" else self._with_year(value)[:4]
        if len(year) != 4 or not year.isdecimal() or (self.form.kind == "month" and "-" not in value):
            raise Unwritable("These words name a year, the new value does not.")
        return year[2:] if slot.style == ("short",) else year

    def _relative(self, slot: Slot, value: str) -> str:
        form, case = slot.style
        words = calendar.RELATIVE_DAYS[self.language]
        for word, (days, its) in words.items():
            if str(days) == value and its == form:
                return cased(word, case)
        raise Unwritable("There is no such word for this day.")

    # Times.

    def _hour(self, slot: Slot, value: str) -> str:
        hour = _hour_of(value)
        if self._is_half(slot.part):
            hour = (hour + 11) % 12 + 1
        return f"{hour:02}" if slot.style == ("pad",) else f"{hour}{self._minutes_unless_shown(slot, value)}"

    def _is_half(self, part: int) -> bool:
        slots = [piece for piece in self.form.pieces if isinstance(piece, Slot)]
        return any(
            slot.what in {"half", "day_part", "beside"} and (slot.part == part or slot.what != "half") for slot in slots
        )

    def _minutes_unless_shown(self, slot: Slot, value: str) -> str:
        shown = any(
            isinstance(one, Slot) and one.what == "minute" and one.part == slot.part for one in self.form.pieces
        )
        minute = value[3:5]
        point = ":" if self.language == "en" else "."
        others = [one.style[0] for one in self.form.pieces if isinstance(one, Slot) and one.what == "minute"]
        return "" if shown or minute == "00" else f"{(others or [point])[0]}{minute}"

    def _minute(self, slot: Slot, value: str) -> str:
        return f"{slot.style[0]}{value[3:5]}"

    def _ending(self, slot: Slot, value: str) -> str:
        """Write the Finnish ending after digits; of an hour with minutes it is theirs."""
        if self.form.kind == "time":
            number = int(value[3:5]) or _hour_of(value)
        elif self._number(value) == int(self._number(value)):
            number = int(self._number(value))
        else:
            number = -1
        try:
            return finnish_ending(number, slot.style[0])
        except ValueError:
            raise Unwritable("The ending after these digits is not known.") from None

    def _half(self, slot: Slot, value: str) -> str:
        if value in TWELVES and value != self.form.values[slot.part]:
            return TWELVES[value]
        late = _hour_of(value) >= 12
        if "unless_same" in slot.style and late == (_hour_of(self.values[1]) >= 12):
            return ""
        sample = slot.style[0]
        if sample.lower() in TWELVES.values():
            if value in TWELVES:
                return sample
            sample = "p.m."
        letter = "p" if late else "a"
        letter = letter.upper() if sample[0].isupper() else letter
        return (" " if "unless_same" in slot.style else "") + letter + sample[1:]

    def _beside(self, slot: Slot, value: str) -> str:
        if (_hour_of(value) >= 12) != (slot.style == ("late",)):
            raise Unwritable("A word beside this hour says which half of the day it is of.")
        return ""

    def _hour_and_minute(self, _slot: Slot, value: str) -> str:
        return value[:2] + value[3:5]

    def _day_part(self, _slot: Slot, value: str) -> str:
        hour = _hour_of(value)
        words = {
            "fi": ("yöllä", "aamulla", "aamupäivällä", "iltapäivällä", "illalla"),
            "sv": ("på natten", "på morgonen", "på förmiddagen", "på eftermiddagen", "på kvällen"),
            "en": ("in the morning", "in the morning", "in the morning", "in the afternoon", "in the evening"),
        }[self.language]
        return words[0 if hour < 4 else 1 if hour < 9 else 2 if hour < 12 else 3 if hour < 18 else 4]

    def _hour_word(self, slot: Slot, value: str) -> str:
        form, case, made = slot.style[:3]
        hour = _hour_of(value)
        if value[3:5] != "00":
            raise Unwritable("An hour in words has no minutes.")
        if made:
            beginning = "yö" if hour < 4 else "aamu" if hour < 12 else "ilta"
            return cased(beginning + spelled((hour + 11) % 12 + 1, "fi", form.split()[1]), case)
        if self._is_half(slot.part):
            hour = (hour + 11) % 12 + 1
        return cased(spelled(hour or 24, self.language, first_of(form)), case)

    def _clock(self, slot: Slot, value: str) -> str:
        if value[3:5] != "30":
            raise Unwritable("These words say half or a quarter.")
        form, case = slot.style
        hour = (_hour_of(value) + 11) % 12 + 1
        following = hour % 12 + 1
        if self.language == "en":
            return cased(f"half past {spelled(hour, 'en')}", case)
        word = spelled(following, self.language, first_of(form))
        return cased(f"{'puoli' if self.language == 'fi' else 'halv'} {word}", case)

    def _named_hour(self, slot: Slot, value: str) -> str:
        form, case = slot.style
        for word, (hour, its) in calendar.NAMED_HOURS[self.language].items():
            if f"{hour:02}:00" == value and its == form:
                return cased(word, case)
        if self.language == "en":  # of the twelves alone there are words
            hour, minute = (_hour_of(value) + 11) % 12 + 1, "" if value[3:5] == "00" else f".{value[3:5]}"
            return f"{hour}{minute} {'p' if _hour_of(value) >= 12 else 'a'}.m."
        raise Unwritable("There is no word for this hour.")

    # Numbers.

    def _number(self, value: str) -> Decimal:
        try:
            return Decimal(value.split(" ")[0])
        except InvalidOperation:
            raise Unwritable("This is no number.") from None

    def _digits(self, slot: Slot, value: str) -> str:
        thousands, point, multiple = slot.style
        number = self._number(value) / Decimal(multiple)
        whole, _point, rest = plain(abs(number)).partition(".")
        if self.form.kind == "money" and multiple == "1" and len(rest) == 1:
            rest += "0"  # 1,50
        if len(whole) > 4 or (len(whole) == 4 and thousands != "none"):
            separator = thousands if thousands and thousands != "none" else ("," if self.language == "en" else "\u00a0")
            whole = f"{int(whole):,}".replace(",", separator)
        return ("-" if number < 0 else "") + whole + (f"{point}{rest}" if rest else "")

    def _words(self, slot: Slot, value: str) -> str:
        form, case, clitic = slot.style
        number = self._number(value)
        if number != int(number) or not 0 < number < 10_000 or (number >= 100 and number % 50):
            return plain(number).replace(".", "." if self.language == "en" else ",")
        if self.language == "sv" and number % 10 == 1:
            form = (
                "ett"
                if self._unit_of(slot) in {"år", "dygn", "kilo", "kilogram", "gram", "ton"} or not self._unit_of(slot)
                else "en"
            )
        elif self.language == "sv":
            form = ""
        return cased(spelled(int(number), self.language, first_of(form)) + clitic, case)

    def _unit_of(self, _slot: Slot) -> str:
        unit = next((piece for piece in self.form.pieces if isinstance(piece, Slot) and piece.what == "unit"), None)
        return dict(pair.split("=", 1) for pair in unit.style[4:]).get("one", "") if unit else ""

    def _multiple(self, slot: Slot, value: str) -> str:
        _cls, multiple, form, *pairs = slot.style
        return self._agreeing(form, dict(pair.split("=", 1) for pair in pairs), self._number(value) / Decimal(multiple))

    def _unit(self, slot: Slot, value: str) -> str:
        _cls, form, hyphen, case, *pairs = slot.style
        row = dict(pair.split("=", 1) for pair in pairs)
        return cased(row[first_of(form)] if hyphen else self._agreeing(form, row, self._number(value)), case)

    def _agreeing(self, form: str, row: dict[str, str], number: Decimal) -> str:
        """Return a unit as its number asks for: one day, two days; yksi päivä, kaksi päivää, kahden päivän."""
        if "many" in row and first_of(form) in {"one", "many"}:
            return row["one" if number == 1 else "many"]
        if "of_one" in row and first_of(form) in {"of", "of_one"}:
            return row["of_one" if number == 1 else "of"]
        if first_of(form) == "the" and number == 1:
            raise Unwritable("These words say that there are several.")
        forms = form.split()
        if self.language == "fi" and ("par" in forms or "nom" in forms) and self._counts_in_nominative():
            return row["nom" if number == 1 else "par"]
        return row[first_of(form)]

    def _counts_in_nominative(self) -> bool:
        words = [one for one in self.form.pieces if isinstance(one, Slot) and one.what == "words"]
        return not words or words[-1].style[0] == "nom"

    def _phrase(self, slot: Slot, value: str) -> str:
        """Write half an hour anew, as so many minutes or hours, and half a per cent."""
        number, _space, unit = value.partition(" ")
        rows = PERCENT[self.language] if self.form.kind == "percent" else DURATIONS[self.language].get(unit)
        if not rows:
            raise Unwritable("These words say a half or a quarter.")
        amount = plain(number).replace(".", "." if self.language == "en" else ",")
        form = "par" if self.language == "fi" else "many"
        return f"{amount} {self._agreeing(form if form in rows[0] else '', rows[0], Decimal(number))}"

    def _place(self, slot: Slot, value: str) -> str:
        if slot.style != ("as it is",):
            raise Unwritable("The name of a place is bent as its own sounds ask for.")
        return value

    def _text(self, _slot: Slot, value: str) -> str:
        return value


def first_of(forms: str) -> str:
    """Return the first of the forms that a spelling has."""
    return forms.split()[0] if forms else ""


def _hour_of(value: str) -> int:
    return int(value[:2])


def cased(word: str, case: str) -> str:
    """Return a word in the case of letters that another one has: lower, Capital or UPPER."""
    if case == "UPPER":
        return word.upper()
    return word[:1].upper() + word[1:] if case == "Capital" else word
