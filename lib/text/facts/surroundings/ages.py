"""Numbers that are ages, and so the same fact as so many years: "over 70", "70-vuotiaat", "70-åringar"."""

import re

from lib.text.facts.fact import Fact

_BEFORE = re.compile(r"(?i)\b(?:over|under|aged|above|age|yli|alle|över|under|fyllt)\s(?:the\s)?$")
_AFTER = re.compile(r"(?i)[ -]?(?:year-old|vuotia|vuotta|åring|åriga|s\b)")
# What goes on after an age, and counts nothing: the words that join, the verbs and the places and times beside it.
_NO_NOUN = re.compile(
    r"(?i)s?(?:[.,;:!?)\n]|$| [-–—]| (?:"
    r"and|or|but|if|when|while|because|who|whose|as|than|is|are|was|were|be|has|have|had|do|does|did|will|would|should|must|may|might|"
    r"can|could|cannot|need|needs|get|gets|go|stay|stays|keep|live|lives|living|not|also|too|now|today|tomorrow|"
    r"on|in|at|by|to|for|from|with|without|during|until|after|before|outside|"
    r"ja|tai|sekä|mutta|jos|kun|joka|jotka|on|ovat|oli|olivat|ei|eivät|saa|saavat|voi|voivat|pitää|täytyy|kannattaa|myös|"
    r"och|eller|men|om|när|medan|som|är|var|har|hade|ska|skall|bör|får|kan|måste|behöver|stannar|håller|bor|inte|också|nu|"
    r"på|i|till|från|för|med|utan|under|vid|hos|innan|efter"
    r")\b)"
)


def is_age(text: str, fact: Fact) -> bool:
    """Return whether a number is an age: it says so itself, or nothing is counted after "over 70"."""
    if fact.kind != "number":
        return False
    if _AFTER.match(text, fact.end):
        return True
    return bool(_BEFORE.search(text[max(0, fact.start - 12) : fact.start]) and _NO_NOUN.match(text, fact.end))
