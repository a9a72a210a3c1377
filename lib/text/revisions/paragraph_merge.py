"""Two texts that were made from one, brought together paragraph by paragraph, line by line, or item by item."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .word_diff import Matcher

_PARAGRAPHS = re.compile(r"(\n[ \t]*\n\s*)")
_LINES = re.compile(r"(\n\s*)")

# Which pieces of the base give way, from and to, and to what.
_Change = tuple[int, int, tuple[str, ...]]


def merge_paragraphs(base: str, one: str, other: str) -> str | None:
    """
    Return `base` with the changes of both texts, or None where both changed the same paragraph, put something in at the same
    place, or one put something beside what the other took away: a person has to look at those.
    """
    return _merge(_PARAGRAPHS, base, one, other)


def merge_lines(base: str, one: str, other: str) -> str | None:
    """Return the same line by line, for short texts in which each line stands alone: captions, key messages."""
    return _merge(_LINES, base, one, other)


def merge_items(base: Sequence[str], one: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return the items of `one` without those that `other` took away, and what `other` added: each once, whatever their order."""
    left = [item for item in one if item in other or item not in base]
    return list(dict.fromkeys([*left, *(item for item in other if item not in base)]))


def _merge(gap: re.Pattern[str], base: str, one: str, other: str) -> str | None:
    old = _pieces(gap, base)
    changes = sorted(
        {*_changes(old, _pieces(gap, one)), *_changes(old, _pieces(gap, other))}, key=lambda change: change[:2]
    )
    if any(_meet(first, second) for first, second in pairwise(changes)):
        return None
    pieces, at = [], 0
    for start, end, new in changes:
        pieces += [*old[at:start], *new]
        at = end
    return "".join([*pieces, *old[at:]])


def _pieces(gap: re.Pattern[str], text: str) -> list[str]:
    """Return what stands between the gaps, each with the gap before it, so that a new one at the end leaves the last as it was."""
    first, *rest = gap.split(text)
    return [first, *(gap + words for gap, words in zip(rest[::2], rest[1::2], strict=True))]


def _changes(old: list[str], new: list[str]) -> set[_Change]:
    return {(a, b, tuple(new[c:d])) for tag, a, b, c, d in Matcher(old, new).get_opcodes() if tag != "equal"}


def _meet(first: _Change, second: _Change) -> bool:
    """Return whether two changes, in their order, are of one place."""
    if second[0] != first[1]:
        return second[0] < first[1]
    puts_in = [start == end for start, end, _new in (first, second)]
    takes_away = [not "".join(new).strip() for _start, _end, new in (first, second)]
    return all(puts_in) or (any(puts_in) and any(takes_away))
