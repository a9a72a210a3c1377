"""A sentence cut into words and facts, and those into clauses."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from lib.text import similarity
from lib.text.facts.detection import facts_in
from lib.text.facts.fact import Fact

from . import spoken_language, vocabulary
from .clauses import usual_aspect
from .moments import Item
from .words.subjects import ALLOWED, NEEDED

MOST_WORDS = 80  # of a sentence

_WORD = re.compile(r"[^\W_]+")
_SIGN = re.compile(r"[;:!?…]+|,(?!\d)|\s[-–—]+\s|(?<!\d)\.(?!\d)(?=\s|$)")
_NO_AMOUNT = frozenset({"name", "year", "web", "place", "address"})
_AND = {"fi": frozenset({"ja", "eika"}), "sv": frozenset({"och"}), "en": frozenset({"and"})}
_NOR = frozenset({"eika", "eivatka", "varken", "nor", "or"})
_SAYING = frozenset({"NEGATIONS", "WELL", "ILL", "ONLY", "ALL", "WITHOUT", "IF"})


def clauses_in(sentence: str, code: str, today: date | None) -> list[list[Item]]:
    """Return the words and facts of each clause of a sentence of a post."""
    written = spoken_language.in_writing(sentence, code, today)
    facts = [fact for fact in facts_in(written, code, today=today) if fact.kind not in _NO_AMOUNT]
    items, breaks = _joined(*_items(written, facts, code), code)
    return [list(items[start:end]) for start, end in _spans(items, breaks, code)]


def _items(written: str, facts: Sequence[Fact], code: str) -> tuple[list[Item], list[int]]:
    """Return the words and facts of a sentence, at most 80, and before which of them a sign ends a clause."""
    spans: dict[tuple[int, int], list[Fact]] = {}
    for fact in facts:
        spans.setdefault((fact.start, fact.end), []).append(fact)
    within = [False] * len(written)
    for start, end in spans:
        within[start:end] = [True] * (end - start)
    pieces = [(start, written[start:end], tuple(found)) for (start, end), found in spans.items()]
    pieces += [(found.start(), found[0], ()) for found in _WORD.finditer(written) if not within[found.start()]]
    signs = [found.start() for found in _SIGN.finditer(written) if not within[found.start()]]
    items: list[Item] = []
    breaks: list[int] = []
    at = 0
    for start, raw, own in sorted(pieces, key=lambda one: one[0])[:MOST_WORDS]:
        while at < len(signs) and signs[at] < start:
            breaks.append(len(items))
            at += 1
        items.append(Item("" if own else vocabulary.mended(similarity.plain(raw), code), raw, own, len(breaks)))
    return items, breaks


def _joined(items: Sequence[Item], breaks: Sequence[int], code: str) -> tuple[list[Item], list[int]]:
    """Put words together that are one ("take away"), and move the breaks along."""
    words, longest = vocabulary.compounds(code)
    joined: list[Item] = []
    moved = {len(items): 0}
    at = 0
    while at < len(items):
        lengths = range(min(longest, len(items) - at), 1, -1)
        pieces = ((length, " ".join(item.word for item in items[at : at + length])) for length in lengths)
        length, piece = next(((length, piece) for length, piece in pieces if piece in words), (1, ""))
        moved |= dict.fromkeys(range(at, at + length), len(joined))
        joined += (
            [Item(one, items[at].raw, piece=items[at].piece) for one in words[piece].split()]
            if length > 1
            else [items[at]]
        )
        at += length
    moved[len(items)] = len(joined)
    return joined, sorted({moved[one] for one in breaks})


def _spans(items: Sequence[Item], breaks: Sequence[int], code: str) -> list[tuple[int, int]]:
    """Return where clauses begin and end: at signs, at words such as "but", and at "and" where both sides say something."""
    joints = vocabulary.joints(code)
    both = _AND.get(code, frozenset())
    cuts = {0, len(items), *breaks}
    for at, item in enumerate(items):
        if item.word in joints or (item.word in both and _claims(items[:at], code) and _claims(items[at + 1 :], code)):
            cuts.add(at)
    edges = sorted(cuts)
    merged: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        # A day after a comma belongs to what stands before it, and so does the rest of a list.
        if merged and items[start].word not in joints and not _stands_alone(items[start:end], code):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _stands_alone(items: Sequence[Item], code: str) -> bool:
    """Return whether some words are a clause of their own, and not the rest of a list or a day."""
    if all(item.facts or len(item.word) < 3 for item in items):
        return False
    words = vocabulary.of(code)
    said = [item.word for item in items if item.word]
    return (
        any(item.facts for item in items)
        or any(words.aspects.find(word) for word in said)
        or any(_SAYING & set(words.marks.find(word)) for word in said if word not in _NOR)
        or any(usual_aspect(one) in {NEEDED, ALLOWED} for word in said for one in words.subjects.find(word, code))
    )


def _claims(items: Sequence[Item], code: str) -> bool:
    """Return whether some words say that something is so, or not so."""
    words = vocabulary.of(code)
    said = [item.word for item in items if item.word]
    return any(words.aspects.find(word) or "NEGATIONS" in words.marks.find(word) for word in said)
