"""A new value for a fact, as someone typed it; what nobody would say is refused with the reason."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bulletins.models import NotAllowed
from lib.text.facts.detection import facts_in
from lib.text.facts.fact import day_of, plain, wrong_weekday
from lib.text.facts.value_words import words_of
from lib.text.facts.values import AMOUNTS, is_day, is_too_little, is_value
from lib.text.facts.words.calendar import WEEKDAY_NAMES

from .fact_list import FactRow

# What is put into a text as somebody typed it, in no form of a language; no sign in it may be mark-up there.
AS_TYPED = {
    "phone": re.compile(r"\+?\d[\d ()-]{1,24}"),
    "web": re.compile(r"[^\s()\[\]<>*`\"'\\]{1,300}\.[^\s()\[\]<>*`\"'\\]{1,300}"),
    "address": re.compile(r"[^\n<>\[\]()*_`#!|\\]{3,100}"),
}


class NoValue(NotAllowed):
    """What was typed is no value that the fact could have."""


def read(row: FactRow, typed: str, *, today: date) -> str:
    """
    Return the value that someone typed for a fact, as people write it in their language or as the list has it; of a date without a year
    `today` says near to which day it is. Raise NoValue, with the reason in words for whoever typed it.
    """
    typed = " ".join(typed.split())
    value = _value(row, typed, today)
    if value is None:
        raise NoValue(_not_of_kind(row.kind))
    if row.kind == "date" and not is_day(value, today):
        raise NoValue(_("There is no 29 February in that year, nor in those beside it."))
    if is_too_little(row.kind, value):
        raise NoValue(_("Nothing is less than zero, and a time of zero needs other words. Write them in each text."))
    if value == row.value:
        raise NoValue(_("The texts say that already."))
    return value


def _not_of_kind(kind: str) -> str:
    if kind == "date":
        return _("There is no such day, or it is not written as in a text: “4 April”, “4.4.2026”.")
    if kind == "time":
        return _("There is no such time, or it is not written as in a text: “7.30 p.m.”, “19:30”.")
    return _("This is not a value of that kind. Write it as the text does.")


def _value(row: FactRow, typed: str, today: date) -> str | None:
    if row.kind in AS_TYPED:
        return typed if AS_TYPED[row.kind].fullmatch(typed) else None
    unit = row.value.partition(" ")[2]
    # "2 litres" is as good a measure as "2 l", which is how it is kept.
    if typed and is_value(row.kind, typed) and (row.kind != "measure" or typed.partition(" ")[2] == unit):
        return _without_zeros(row.kind, typed)
    languages = [(get_language() or "en").partition("-")[0], *row.languages]
    if found := _day(row, typed, languages, today) if row.kind == "date" else _said(row.kind, typed, languages):
        return found
    with_unit = f"{typed} {unit}"
    return _without_zeros(row.kind, with_unit) if unit and is_value(row.kind, with_unit) else None


def _said(kind: str, typed: str, languages: Iterable[str]) -> str:
    """Return the one value of a kind that was typed in a language, the first in which there is one, or ""."""
    for language in dict.fromkeys(languages):
        facts = [fact for fact in facts_in(typed, language) if fact.kind == kind]
        if len(facts) == 1:
            return facts[0].value if not _is_below_zero(typed, facts[0].start) else f"-{facts[0].value}"
        if kind == "month" and (month := _month_alone(typed, language)):
            return month
    return ""


def _day(row: FactRow, typed: str, languages: Iterable[str], today: date) -> str:
    """
    Return the day that was typed, with its year where the fact has one, or "". A weekday counts in every language that has words for
    days, and no word is passed over: what was said and what is written would differ, and nobody would see it.
    """
    days = [
        (fact, len(fact.written))
        for language in dict.fromkeys([*languages, *WEEKDAY_NAMES])
        for facts in [[one for one in facts_in(typed, language) if one.kind == "date"]]
        if len(facts) == 1
        for fact in facts
    ]
    if not days:
        return ""
    fact = max(days, key=lambda one: one[1])[0]
    if any(sign.isalpha() for sign in typed[: fact.start] + typed[fact.end :]):
        return ""
    near = day_of(row.value, today)
    if weekday := wrong_weekday(fact, near or today):
        raise NoValue(_("“%(date)s”: that day is a %(weekday)s.") % {"date": typed, "weekday": WEEKDAYS[weekday - 1]})
    day = day_of(fact.value, near) if near and len(row.value) > len(fact.value) else None
    return day.isoformat() if day else fact.value


def _month_alone(typed: str, language: str) -> str:
    """Return the month whose name was typed and nothing else: in a text "March" and "May" may be other words."""
    months = (f"{number:02}" for number in range(1, 13))
    return next((one for one in months if words_of("month", one, language).casefold() == typed.casefold()), "")


def _is_below_zero(typed: str, start: int) -> bool:
    return bool(re.search(r"[-−–]\s?$", typed[:start]))


def _without_zeros(kind: str, value: str) -> str:
    """Return an amount without needless zeros: 007 is 7."""
    if kind not in AMOUNTS:
        return value
    number, space, unit = value.partition(" ")
    return plain(Decimal(number)) + space + unit
