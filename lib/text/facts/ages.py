"""Numbers that are ages, and so the same fact as so many years: "over 70", "70-vuotiaat", "70-åringar"."""

import re

from .fact import Fact

_BEFORE = re.compile(r"(?i)\b(?:over|under|aged|above|age|yli|alle|över|under|fyllt)\s(?:the\s)?$")
_AFTER = re.compile(r"(?i)[ -]?(?:year-old|vuotia|vuotta|åring|åriga|s\b)")
_NO_NOUN = re.compile(
    r"(?i)s?(?:[.,;:!?)\n]|$| (?:and|or|should|must|may|can|are|with|who|stay|have|ja|tai|och|eller|ska|bör|som|stannar|har|är|får)\b)"
)


def is_age(text: str, fact: Fact) -> bool:
    """Return whether a number is an age: it says so itself, or nothing is counted after "over 70"."""
    if fact.kind != "number":
        return False
    if _AFTER.match(text, fact.end):
        return True
    return bool(_BEFORE.search(text[max(0, fact.start - 12) : fact.start]) and _NO_NOUN.match(text, fact.end))
