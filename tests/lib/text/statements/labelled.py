"""
Pairs of what holds and what a post says of it, each with what it is: "!" contradicts, "+" agrees, "?" is about something else or
can't be told. They were all written before the first rule was. Where several bulletins hold side by side ("%"), "<" says again what one of
them said before it was corrected, which contradicts what holds.

Two thirds are worked with by whoever changes the rules; a third, chosen by a hash of the pair, is kept: it is measured, and its mistakes
are not looked at. Of those with several bulletins it is a half.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from lib.text.statements.comparison import Finding, Ground, Outcome, compare, compare_all

PAIRS = Path(__file__).parent / "pairs"
LANGUAGES = ("fi", "sv", "en")
type Weigh = Callable[[Sequence[Finding]], Sequence[Finding]]
LABELS = {Outcome.CONTRADICTS: "!", Outcome.AGREES: "+"}
REPEATED = "<"


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


@dataclass(frozen=True)
class Beside:
    """A post beside several bulletins: of each what it says, and what it said before."""

    language: str
    day: date
    bulletins: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    label: str
    post: str

    @property
    def is_kept(self) -> bool:
        """Whether it belongs to the half that is measured at the end."""
        said = "\n".join([self.language, *(one for holds, _was in self.bulletins for one in holds), self.post])
        return hashlib.sha256(said.encode()).digest()[0] % 2 == 0

    def finding(self, weigh: Weigh | None = None) -> Finding:
        """Return what the rules make of it, and what `weigh` makes of what they leave open."""
        grounds = [Ground(holds, self.language, was=was, today=self.day) for holds, was in self.bulletins]
        return compare_all(self.post, grounds, self.language, today=self.day, weigh=weigh)


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


@cache
def neighbours() -> tuple[Beside, ...]:
    """Return those with several bulletins on neighbouring subjects."""
    return tuple(one for language in LANGUAGES for one in _beside(language, PAIRS / "neighbours" / f"{language}.txt"))


def _beside(language: str, file: Path) -> Iterator[Beside]:
    day = date.min
    bulletins: list[tuple[list[str], list[str]]] = []
    for line in file.read_text("utf-8").splitlines():
        sign, _space, words = line.partition(" ")
        if sign == "@":
            day, bulletins = date.fromisoformat(words), []
        elif sign == "%":
            bulletins.append(([], []))
        elif sign in {"=", "~"}:
            bulletins[-1][sign == "~"].append(words)
        elif sign in {"!", "+", "?", REPEATED} and words:
            frozen = tuple((tuple(holds), tuple(was)) for holds, was in bulletins)
            yield Beside(language, day, frozen, sign, words)


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


def score(pairs: Iterable[Pair | Beside], outcome: Outcome = Outcome.CONTRADICTS, weigh: Weigh | None = None) -> Score:
    """Return how the rules, and a model, do on some pairs: how many of those that contradict, or agree, they call so."""
    total = Score()
    for pair in pairs:
        is_found = pair.finding(weigh).outcome == outcome
        is_marked = ("!" if pair.label == REPEATED else pair.label) == LABELS[outcome]
        total.marked += is_marked
        total.found += is_found
        total.right += is_found and is_marked
    return total
