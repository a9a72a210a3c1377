"""The dates that the demo's texts say, moved as far as its calendar: nothing says "until 19 April" that holds until December."""

import re
from collections.abc import MutableMapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from demo.content_files.content import BulletinFile, Content, Correction, EasyEditionFile, EditionFile, MessageInputFile
from lib.text.facts.detection import facts_in
from lib.text.facts.fact import Fact, day_of
from lib.text.facts.replacement import Unwritable, render
from lib.yaml_files import ContentError, Item

from .demo_dates import Calendar

WRITTEN = date(2020, 4, 1)  # the texts are about; what names no year is of the year around it
# What a text says of a source stays as it is: it is the source's own date. An address is no text.
_LINK = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)|https?://\S+")


def move(content: Content, calendar: Calendar) -> None:
    """Move the dates in all texts of a content, in place; those in languages that nobody reads stay."""
    Mover(calendar, set(content.languages)).walk(content, "")


class Mover:
    """Walks through a content and knows in which language it is."""

    def __init__(self, calendar: Calendar, languages: set[str]) -> None:
        self.calendar, self.languages = calendar, languages

    def walk(self, thing: Any, language: str) -> Any:
        """Return a thing with its texts moved; a mapping, which others may hold too, is changed in place."""
        match thing:
            case str():
                return moved(thing, language, self.calendar) if language else thing
            case list() | tuple():
                return type(thing)(self.walk(one, language) for one in thing)
            case MutableMapping():
                self.walk_mapping(thing, language)
            case Item():
                self.walk(thing.data, language)
            case Content() | MessageInputFile() | BulletinFile() | EditionFile() | EasyEditionFile() | Correction():
                for name in (field.name for field in fields(thing)):
                    object.__setattr__(thing, name, self.walk(getattr(thing, name), language))
        return thing

    def walk_mapping(self, thing: MutableMapping[str, Any], language: str) -> None:
        """Move the texts of a mapping: it may name its language, or have one for a key."""
        own = thing.get("language")
        language = own if own in self.languages else language
        for key, value in thing.items():
            thing[key] = self.walk(value, key if key in self.languages else language)


def moved(text: str, language: str, calendar: Calendar) -> str:
    """Return a text with its dates as many days later, each said as it was."""
    at, pieces = 0, []
    for fact in dates_in(text, language):
        form = fact.form
        later = tuple(later_value(value, calendar) for value in form.values)
        try:
            words = render(later[-1], replace(form, values=later), len(later) - 1)
        except Unwritable as fault:
            raise ContentError(f"“{fact.written}” ({language}) cannot be moved: {fault}") from None
        pieces += [text[at : fact.start], words]
        at = fact.end
    return "".join([*pieces, text[at:]])


def later_value(value: str, calendar: Calendar) -> str:
    """Return a date with its year, moved."""
    day = day_of(value, WRITTEN)
    assert day is not None
    return calendar.day(day).isoformat()


def dates_in(text: str, language: str) -> list[Fact]:
    """Return the dates of a text, each range once, without what a link says."""
    links = [found.span() for found in _LINK.finditer(text)]
    found = {
        fact.start: fact
        for fact in facts_in(text, language)
        if fact.kind == "date" and not any(start <= fact.start < end for start, end in links)
    }
    return [found[start] for start in sorted(found)]
