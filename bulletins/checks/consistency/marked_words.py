"""Texts as words in which each value that can be changed is one, by its kind: what stands between the same words is the same thing."""

import re
from collections.abc import Iterable, Iterator

from lib.text.facts.fact import Fact
from lib.text.facts.values import KINDS

from .figures_match import facts

type Word = tuple[str, Fact | None]

_WORD = re.compile(r"\w+")
END = "\n"  # of a text among several


def values_of(text: str, language: str) -> list[Fact]:
    """Return what can be changed in a text."""
    return [one for one in facts(text, language) if one.kind in KINDS and not one.soft]


def marked_words(text: str, language: str) -> Iterator[Word]:
    """Yield the words of a text without case, with each value where it stands, by its kind."""
    at = 0
    for one in values_of(text, language):
        yield from ((word, None) for word in _WORD.findall(text[at : one.start].casefold()))
        yield f"[{one.kind}]", one
        at = max(at, one.end)
    yield from ((word, None) for word in _WORD.findall(text[at:].casefold()))


def pattern(text: str, language: str) -> list[str]:
    """Return the words of a text, each value as its kind."""
    return [word for word, _fact in marked_words(text, language)]


def is_among(fact: Fact, known: Iterable[Fact]) -> bool:
    """Return whether a value is one of some."""
    return any(one.kind == fact.kind and one.matches(fact) for one in known)
