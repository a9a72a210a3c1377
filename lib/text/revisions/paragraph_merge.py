"""Two texts that were made from one, brought together paragraph by paragraph, line by line, or item by item."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .word_diff import Matcher

_PARAGRAPHS = re.compile(r"(\n[ \t]*\n\s*)")
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}\.)[ \t]")
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


def merge_doubled(base: str | None, one: str, other: str, mark: str) -> str:
    """
    Return the changes of both texts in one, line by line. Where both changed the same lines those of `one` stand first, then those of `other`,
    each of these with `mark`; so do lines that one changed and the other took away. Without `base` what only one text has counts as put in.
    """
    ours, theirs = _pieces(_LINES, one), _pieces(_LINES, other)
    if base is None:
        found = []
        for tag, a, b, c, d in Matcher(ours, theirs).get_opcodes():
            found += _doubled(ours[a:b], theirs[c:d], mark) if tag == "replace" else ours[a:b] or theirs[c:d]
        return "".join(found)
    old = _pieces(_LINES, base)
    mine, yours = _by_line(_changes(old, ours)), _by_line(_changes(old, theirs))
    found, at = [], 0
    for start, end in _places({*mine, *yours}):
        first, second = (_within(old, changes, start, end) for changes in (mine, yours))
        was = old[start:end]
        found += old[at:start]
        if first == second or second == was:
            found += first
        else:
            found += second if first == was else _doubled(first, second, mark)
        at = end
    return "".join([*found, *old[at:]])


def _by_line(changes: set[_Change]) -> list[_Change]:
    """Return changes in their order; one of as many lines as before is one for each."""
    return sorted(
        one
        for start, end, new in changes
        for one in (
            [(start + at, start + at + 1, (line,)) for at, line in enumerate(new)]
            if end - start == len(new)
            else [(start, end, new)]
        )
    )


def _places(changes: set[_Change]) -> list[tuple[int, int]]:
    """Return where the base changes, from and to: changes of one place together."""
    found: list[_Change] = []
    for change in sorted(changes, key=lambda one: one[:2]):
        if found and _meet(found[-1], change):
            found[-1] = (found[-1][0], max(found[-1][1], change[1]), (*found[-1][2], *change[2]))
        else:
            found.append(change)
    return [(start, end) for start, end, _new in found]


def _within(old: list[str], changes: list[_Change], start: int, end: int) -> list[str]:
    """Return what stands in a place of the base after some changes."""
    found, at = [], start
    for first, last, new in changes:
        if start <= first and last <= end:
            found += [*old[at:first], *new]
            at = last
    return [*found, *old[at:end]]


def _doubled(one: list[str], other: list[str], mark: str) -> list[str]:
    """Return both, each line of the other with a mark; a line that only one has with it too."""
    if not one or not other:
        return [_with_mark(piece, mark) for piece in one or other]
    first, *rest = other
    if _ITEM.match(first.lstrip()):
        first = f"\n{first.lstrip()}"  # in the same list
    return [
        *one,
        _with_mark(first if first.startswith("\n") else f"\n\n{first}", mark),
        *(_with_mark(piece, mark) for piece in rest),
    ]


def _with_mark(piece: str, mark: str) -> str:
    """Return a line with a mark before its words."""
    return re.sub(r"\A(\s*(?:(?:[-+*>]|\d+\.|#{1,6})[ \t]+)*)", lambda begin: f"{begin[1]}{mark} ", piece)


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
