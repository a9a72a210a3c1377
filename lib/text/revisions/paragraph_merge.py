"""Two texts that were made from one, brought together paragraph by paragraph."""

import re
from itertools import pairwise

from .word_diff import Matcher

_GAP = re.compile(r"(\n[ \t]*\n\s*)")

# Which paragraphs of the base give way, from and to, and to what.
_Change = tuple[int, int, tuple[str, ...]]


def merge_paragraphs(base: str, one: str, other: str) -> str | None:
    """
    Return `base` with the changes of both texts, or None where both changed the same paragraph, put something in at the same
    place, or one put something beside what the other took away: a person has to look at those.
    """
    old = _paragraphs(base)
    changes = sorted({*_changes(old, one), *_changes(old, other)}, key=lambda change: change[:2])
    if any(_meet(first, second) for first, second in pairwise(changes)):
        return None
    pieces, at = [], 0
    for start, end, new in changes:
        pieces += [*old[at:start], *new]
        at = end
    return "".join([*pieces, *old[at:]])


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs, each with the gap before it, so that a new one at the end leaves the last as it was."""
    first, *rest = _GAP.split(text)
    return [first, *(gap + words for gap, words in zip(rest[::2], rest[1::2], strict=True))]


def _changes(old: list[str], text: str) -> set[_Change]:
    new = _paragraphs(text)
    return {(a, b, tuple(new[c:d])) for tag, a, b, c, d in Matcher(old, new).get_opcodes() if tag != "equal"}


def _meet(first: _Change, second: _Change) -> bool:
    """Return whether two changes, in their order, are of one place."""
    if second[0] != first[1]:
        return second[0] < first[1]
    puts_in = [start == end for start, end, _new in (first, second)]
    takes_away = [not "".join(new).strip() for _start, _end, new in (first, second)]
    return all(puts_in) or (any(puts_in) and any(takes_away))
