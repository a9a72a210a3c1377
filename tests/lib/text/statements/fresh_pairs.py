"""
What we say, and what 360 posts say beside it, 120 a language: written as people write them, before any rule was looked at, and
frozen. Below ">" stands what we say; a post has a code of three signs before it. First what it means: "s" the same, "c" the opposite
or something else of the same thing, "n" nothing of it. Then its values: "s" ours, "d" another one, "a" none of those that
we compare. Last "v" where it has our words as they are.

A half, chosen by a hash of the pair, is held out: it is measured, and its mistakes are not looked at.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lib.text.linguistics.sentences import markdown_sentences
from lib.text.statements.comparison import Sentence, is_verbatim

PAIRS = Path(__file__).parent / "fresh"
LANGUAGES = ("en", "fi", "sv")
DAY = date(2020, 6, 1)  # on which all were posted


@dataclass(frozen=True, slots=True)
class Pair:
    """A post beside what we say, and what a person says of both."""

    language: str
    ours: str
    post: str
    meaning: str
    values: str
    is_verbatim: bool

    @property
    def is_held_out(self) -> bool:
        """Whether it belongs to the half that is only measured."""
        return hashlib.sha256(f"{self.language}\n{self.ours}\n{self.post}".encode()).digest()[0] % 2 == 0

    def verdict(self) -> tuple[str, bool]:
        """Return what the comparison says of its values, in the same letters, and whether it has our words as they are."""
        values = Sentence(self.post, self.language, DAY).compared(Sentence(self.ours, self.language, DAY))
        ours = is_verbatim(markdown_sentences(self.post), markdown_sentences(self.ours))
        return "d" if values.other else "s" if values.same else "a", ours


def pairs(*, held_out: bool) -> list[Pair]:
    """Return one half of all pairs."""
    return [pair for language in LANGUAGES for pair in _read(language) if pair.is_held_out == held_out]


def _read(language: str) -> Iterator[Pair]:
    ours = ""
    for line in (PAIRS / f"{language}.txt").read_text("utf-8").splitlines():
        code, post = line.split(" ", 1)
        if code == ">":
            ours = post
        else:
            yield Pair(language, ours, post, code[0], code[1], code[2] == "v")
