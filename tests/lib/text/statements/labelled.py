"""
Pairs of what holds and what a post says of it, each with what it is: "!" contradicts, "+" agrees, "?" is about something else or
can't be told. They were all written before the first rule was.

Two thirds are worked with by whoever changes the rules; a third, chosen by a hash of the pair, is kept: it is measured, and its mistakes
are not looked at.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from lib.text.statements.comparison import Finding, Outcome, compare

PAIRS = Path(__file__).parent / "pairs"
LANGUAGES = ("fi", "sv", "en")
type Weigh = Callable[[Sequence[Finding]], Sequence[Finding]]
LABELS = {Outcome.CONTRADICTS: "!", Outcome.AGREES: "+"}


@dataclass(frozen=True)
class Pair:
    """A post beside what holds, and what held before."""

    language: str
    day: date
    holds: tuple[str, ...]
    was: tuple[str, ...]
    label: str
    post: str

    @property
    def is_kept(self) -> bool:
        """Whether it belongs to the third that is measured at the end."""
        said = "\n".join([self.language, *self.holds, self.post])
        return hashlib.sha256(said.encode()).digest()[0] % 3 == 0

    def finding(self, weigh: Weigh | None = None) -> Finding:
        """Return what the rules make of it, and what `weigh` makes of what they leave open."""
        return compare(self.post, self.holds, self.language, was=self.was, today=self.day, weigh=weigh)


@cache
def pairs() -> tuple[Pair, ...]:
    """Return all of them."""
    return tuple(pair for language in LANGUAGES for pair in _read(language, PAIRS / f"{language}.txt"))


@cache
def later() -> tuple[Pair, ...]:
    """Return those that were written after the first rules, all worked with."""
    return tuple(pair for language in LANGUAGES for pair in _read(language, PAIRS / "later" / f"{language}.txt"))


@cache
def everyday() -> tuple[Pair, ...]:
    """Return those that say again in everyday words what holds, and those that only sound so, all worked with."""
    return tuple(pair for language in LANGUAGES for pair in _read(language, PAIRS / "everyday" / f"{language}.txt"))


def _read(language: str, file: Path) -> Iterator[Pair]:
    day = date.min
    holds: list[str] = []
    was: list[str] = []
    for line in file.read_text("utf-8").splitlines():
        sign, _space, words = line.partition(" ")
        if sign == "@":
            day, holds, was = date.fromisoformat(words), [], []
        elif sign == "=":
            holds.append(words)
        elif sign == "~":
            was.append(words)
        elif sign in {"!", "+", "?"} and words:
            yield Pair(language, day, tuple(holds), tuple(was), sign, words.replace("|", "\n"))


@dataclass
class Score:
    """How many pairs contradict (or agree), how many were called so, and how many of those rightly."""

    marked: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Return what share of those that were called so are."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Return what share of those that are so was called so."""
        return self.right / self.marked if self.marked else 1.0


def score(pairs: Iterable[Pair], outcome: Outcome = Outcome.CONTRADICTS, weigh: Weigh | None = None) -> Score:
    """Return how the rules, and a model, do on some pairs: how many of those that contradict, or agree, they call so."""
    total = Score()
    for pair in pairs:
        is_found = pair.finding(weigh).outcome == outcome
        is_marked = pair.label == LABELS[outcome]
        total.marked += is_marked
        total.found += is_found
        total.right += is_found and is_marked
    return total
