"""Numbers that are limits: "at most ten", which matter however small they are."""

import re

from lib.text.facts.fact import Fact

_BEFORE = re.compile(
    r"(?i)\b(?:at most|at least|up to|more than|fewer than|less than|no more than|over|under|maximum of|limit of|"
    r"enintään|korkeintaan|vähintään|yli|alle|enemmän kuin|högst|minst|över|under|fler än|färre än|max|max\.)\s$"
)


def is_limit(text: str, fact: Fact) -> bool:
    """Return whether a number says how many there may be, or have to be."""
    return bool(_BEFORE.search(text[max(0, fact.start - 20) : fact.start]))
