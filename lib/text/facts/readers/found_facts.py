"""From tokens to facts: the form of some words, and a fact for each of the values that they say."""

from collections.abc import Iterable, Sequence

from lib.text.facts.fact import Fact, Form, Reading, Slot
from lib.text.facts.tokens import Tokens

Marks = dict[tuple[int, int], Slot]  # the slots of a form, by the tokens that they stand for
DIGITS = frozenset("93Y45")  # the classes of digits


def letter_case(word: str) -> str:
    """Return how a word is written: lower, Capital or UPPER."""
    if word.isupper() and len(word) > 1:
        return "UPPER"
    return "Capital" if word[:1].isupper() else "lower"


def facts_of(
    tok: Tokens,
    start: int,
    end: int,
    kind: str,
    values: Sequence[str],
    marks: Marks,
    *,
    also: Sequence[Iterable[Reading]] = (),
    weekday: int = 0,
    soft: bool = False,
) -> list[Fact]:
    """Return one fact for each value of the tokens from `start` to `end`."""
    pieces: list[str | Slot] = []
    at = start
    for (first, last), slot in sorted(marks.items(), key=lambda one: one[0]):
        if first > at:
            pieces.append(tok.written(at, first))
        pieces.append(slot)
        at = max(last, at)
    if at < end:
        pieces.append(tok.written(at, end))
    form = Form(tok.language, tuple(pieces), kind, tuple(values), weekday)
    written = tok.written(start, end)
    return [
        Fact(
            kind, value, tok.starts[start], tok.starts[start] + len(written), written, form, part,
            frozenset(also[part]) if also else frozenset(), weekday if not part else 0, soft,
        )
        for part, value in enumerate(values)
    ]  # fmt: skip
