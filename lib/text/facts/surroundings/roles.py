"""What an hour or a day is in its sentence: the one until which something holds, from which it does, or an end of a range of opening hours."""

import re

from lib.text.facts.fact import Fact

UNTIL, SINCE, OPENS, CLOSES = "until", "since", "opens", "closes"
RANGE = frozenset({OPENS, CLOSES})
KINDS = frozenset({"date", "time"})
_REACH = 70  # characters of a line that are looked at on each side
# What may stand between a day or hour and the word that says what it is: the other of the two.
_BESIDE = (
    r"(?:(?:\d[\d.:]*(?:st|nd|rd|th)?(?::\w+)?|kl\.?|klo|kello|den|the|on|at|of|noon|o’clock|o'clock|[ap]\.?m\.?|"
    r"\w*(?:maanantai|tiistai|keskiviik|torstai|perjantai|lauantai|sunnuntai|kuuta|kuun|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag)\w*|"
    r"\w+day|januari|februari|mars|april|maj|juni|juli|augusti|january|february|march|may|june|july|august|"
    r"september|o[ck]tober|november|de[ck]ember),?\s){0,7}"
)
_UNTIL = r"(?:until|till|through|by|no later than|ends(?: at)?|fram till|till och med|t\.?\s?o\.?\s?m\.?|senast|upphör|päättyy|viimeistään)"
_SINCE = r"(?:from|since|starts(?: at)?|begins(?: at)?|från(?: och med)?|fr\.?\s?o\.?\s?m\.?|börjar|alkaa)"
_UNTIL_BEFORE = re.compile(rf"(?i)(?<!\w){_UNTIL}\s{_BESIDE}$")
_SINCE_BEFORE = re.compile(rf"(?i)(?<!\w){_SINCE}\s{_BESIDE}$")
_UNTIL_AFTER = re.compile(rf"(?i)\s{_BESIDE}(?:asti|saakka|mennessä)\b")
_SINCE_AFTER = re.compile(rf"(?i)\s{_BESIDE}(?:alkaen|lähtien)\b")
_UNTIL_FORM = re.compile(r"(?i)\d:(?:een|aan|ään|hun|iin)$")  # klo 18:aan
# From eight until four is a range, in words.
_BEGAN = re.compile(rf"(?i)(?<!\w){_SINCE}\s{_BESIDE}{_UNTIL}\s{_BESIDE}$")
_GOES_ON = re.compile(rf"(?i)\s{_BESIDE}{_UNTIL}\s{_BESIDE}\d")


def role_of(text: str, fact: Fact) -> str:
    """Return what a fact is in its sentence; "" where its words do not say it."""
    if len(fact.form.values) == 2:
        return CLOSES if fact.part else OPENS
    if fact.kind not in KINDS:
        return ""
    before = text[max(0, fact.start - _REACH) : fact.start].rpartition("\n")[2]
    after = text[fact.end : fact.end + _REACH].partition("\n")[0]
    if _BEGAN.search(before):
        return CLOSES
    if _SINCE_AFTER.match(after) or _SINCE_BEFORE.search(before):
        return OPENS if _GOES_ON.match(after) else SINCE
    is_end = _UNTIL_AFTER.match(after) or _UNTIL_BEFORE.search(before) or _UNTIL_FORM.search(fact.written)
    return UNTIL if is_end else ""
