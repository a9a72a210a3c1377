"""Words beside a number that may no longer fit it: "at most ten people", once it is one."""

import re
from decimal import Decimal

from lib.text.facts.fact import Fact, Slot
from lib.text.facts.values import AMOUNTS, amount_of

_FOLLOWING = re.compile(r"[ \u00a0]([^\W\d_]{2,})")
# Determiners that are of one or of several, right before a number.
_COUNTING = re.compile(
    r"(?i)\b(?:these|those|next|last|past|first|following|coming|both|all|de|dessa|kommande|närmaste|senaste|första|alla|nämä|nuo|seuraavat|"
    r"viimeiset|ensimmäiset)\s$"
)
_CASES = (
    "n",
    "ssa",
    "ssä",
    "sta",
    "stä",
    "lla",
    "llä",
    "lta",
    "ltä",
    "lle",
)  # endings of Finnish nouns that do not ask for a number
_WITHOUT_NOUN = frozenset(
    "of in at to from on by per for and or out is are was were has have will can with as than if but "
    "ja tai on ovat oli prosenttia sekä kuin jos mutta klo "
    "av i på till från och eller är var har kan som än om men med per".split()
)


def may_disagree(text: str, fact: Fact, value: str) -> bool:
    """
    Return whether what stands beside an amount was written for one or for several, and the new value is the other. Units and
    Finnish cases other than the nominative follow by themselves.
    """
    if fact.kind not in AMOUNTS or (amount_of(fact.value) == 1) == (amount_of(value) == 1):
        return False
    if _COUNTING.search(text[max(0, fact.start - 16) : fact.start]):
        return True
    if fact.kind != "number":
        return False
    following = _FOLLOWING.match(text, fact.end)
    word = following[1] if following else ""
    if not word or word.lower() in _WITHOUT_NOUN:
        return False
    return fact.form.language != "fi" or _is_in_nominative(fact, word, becomes_one=amount_of(value) == Decimal(1))


def _is_in_nominative(fact: Fact, word: str, *, becomes_one: bool) -> bool:
    """Return whether a Finnish number asks for a partitive after it, which one does not: kymmenen ihmistä, yksi ihminen."""
    spelt = next(
        (piece.style[0] for piece in fact.form.pieces if isinstance(piece, Slot) and piece.what == "words"), ""
    )
    if spelt and "nom" not in spelt.split():
        return False
    if becomes_one:
        return word.endswith(("a", "ä"))
    return word.endswith("nen") or not word.endswith(_CASES)
