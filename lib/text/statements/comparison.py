"""
Which values of a statement of ours a sentence of a text has, and which others in their place. That is all that is compared: two
texts with the same values may mean the opposite, so no one is told that they agree. Only what has our words as they
are says the same (`is_verbatim`).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from lib.text import similarity
from lib.text.facts.detection import facts_in
from lib.text.facts.fact import Fact
from lib.text.linguistics import lexicon

COMPARED = frozenset("date month weekday time duration number money percent measure phone".split())
WEAK = frozenset({"weekday"})  # proves nothing alone
BEGINNING = 5  # letters by which two forms of a word are known, in all three languages
SHORTEST = 4  # letters of a word that tells what a sentence is about

_SMALL_MONTH = re.compile(r"(?<=\d )(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?=[a-z]{0,6}\b)")
_WORD = re.compile(r"[^\W\d_]+")
_NO_MATTER = re.compile(r"[\"'”“’‘«»*_,;](?!\d)|(?<!\s)\s++(?=[.!…])|(?<![.!…])[.!…]++$")
_DASH = re.compile(r"[‐‑‒–—−]")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of ours as it is written, and the one in its place, which is "" where the text has ours."""

    kind: str
    ours: str
    theirs: str = ""


@dataclass(frozen=True)
class Comparison:
    """A sentence beside a statement of ours: values that both have, those that differ, and those of ours that it does not mention."""

    same: tuple[Value, ...] = ()
    other: tuple[Value, ...] = ()
    missing: tuple[Value, ...] = ()
    shared: int = 0

    @property
    def is_about(self) -> bool:
        """Return whether the sentence has anything to do with the statement, as far as values and words show."""
        return bool(self.same or self.other)


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a short statement of several, read once."""

    text: str
    language: str
    today: date | None = None

    @cached_property
    def values(self) -> list[Fact]:
        """The values in it that are compared."""
        found = facts_in(with_capitals(self.text, self.language), self.language, today=self.today)
        return [fact for fact in found if fact.kind in COMPARED and not fact.soft]

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first letters of the words that tell what it is about."""
        bare = self.text
        for fact in self.values:  # two sentences are not about the same because both name a day in April
            if fact.kind in {"date", "month", "weekday"}:
                bare = bare[: fact.start] + " " * (fact.end - fact.start) + bare[fact.end :]
        return frozenset(beginnings_of(bare, self.language))

    def compared(self, ours: "Sentence") -> Comparison:
        """
        Return what it has of a statement of ours. Another value counts only beside a word in common, of the same kind and
        unit; the same value beside one, or where two kinds of values are the same. A telephone number needs none.
        """
        shared = len(self.beginnings & ours.beginnings)
        same = [one for one in ours.values if any(is_same(one, other) for other in self.values)]
        left = [one for one in ours.values if one not in same]
        strange = [one for one in self.values if not any(is_same(one, other) for other in ours.values)]
        telling = {one.kind for one in same} - WEAK
        if not shared and len(telling) < 2 and "phone" not in telling:
            same = []
        other = [(own, one) for own in left if (one := _in_place_of(own, strange))] if shared else []
        if not (telling or other):
            same = []
        replaced = [own for own, _one in other]
        return Comparison(
            tuple(Value(one.kind, one.written) for one in same),
            tuple(Value(own.kind, own.written, one.written) for own, one in other),
            tuple(Value(one.kind, one.written) for one in ours.values if one not in same and one not in replaced),
            shared,
        )


def is_same(one: Fact, other: Fact) -> bool:
    """Return whether two values are the same; "over 70" is 70 years too, but 20 % are not 20 seconds."""
    return one.matches(other) if one.kind == other.kind else _bare(one) is not None and _bare(one) == _bare(other)


def _bare(fact: Fact) -> str | None:
    """Return the number of a mere number, or of an age; None for what has another unit."""
    if fact.kind == "number":
        return fact.value
    number, _space, unit = fact.value.partition(" ")
    return number if fact.kind == "duration" and unit == "y" else None


def _in_place_of(own: Fact, strange: Iterable[Fact]) -> Fact | None:
    """Return the value that stands where one of ours would; None without one of its kind and unit."""
    return next((one for one in strange if _sort(one) == _sort(own)), None)


def _sort(fact: Fact) -> tuple[str, str]:
    """Return what a value is an amount of; durations in any unit, and ages and mere numbers, are of one sort."""
    if _bare(fact) is not None:
        return "number", ""
    return fact.kind, fact.value.partition(" ")[2] if fact.kind in {"measure", "money"} else ""


def with_capitals(text: str, language: str) -> str:
    """Return a text of the same length whose English months have a capital after a number: "31 may" is a day."""
    return _SMALL_MONTH.sub(lambda match: match[0].capitalize(), text) if language.startswith("en") else text


def beginnings_of(text: str, language: str) -> Iterable[str]:
    """Return the beginnings of the words of a text that tell what it is about, in their order."""
    common = lexicon.of(lexicon.COMMON, language)
    words = (similarity.plain(word) for word in _WORD.findall(text))
    return dict.fromkeys(word[:BEGINNING] for word in words if len(word) >= SHORTEST and word not in common)


def normal(text: str) -> str:
    """Return a text as it is compared word for word: case, quotation marks, commas, spaces and the last full stop do not count."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKC", text.casefold()) if unicodedata.category(sign) != "So"
    )
    plain = _DASH.sub("-", plain.replace("\ufe0f", ""))
    return _NO_MATTER.sub("", _NO_MATTER.sub("", " ".join(plain.split()))).strip()


def is_verbatim(sentences: Sequence[str], ours: Sequence[str]) -> bool:
    """
    Return whether every sentence of ours is one of a text, whole. A word more, less or changed breaks it, as do a question mark
    and what introduces it ("It is false that …").
    """
    have = {normal(one) for one in sentences}
    return bool(ours) and all(normal(one) in have for one in ours)
