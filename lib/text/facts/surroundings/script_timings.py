"""What of a script no reader is told: the seconds at which a scene begins and ends, and numbers of its directions."""

import re

from lib.text.facts.fact import Fact

_CLOCK = re.compile(r"\d{1,2}:\d\d(?:\s?[-–]\s?\d{1,2}:\d\d)?")
_SIGNS = " \t*_>-–•|[("
_REACH = 300  # characters of a line that are looked at
_LATEST = "03:00"  # as hours and minutes; of a script they are minutes and seconds


def is_timing(text: str, fact: Fact) -> bool:
    """
    Return whether a fact of a script is a timing: at the beginning of a line, or in brackets; or a number of what to do there
    ("[timer 20 → 0]"). A date that is to be seen stays a fact.
    """
    before = text[max(0, fact.start - _REACH) : fact.start].rpartition("\n")[2]
    if fact.kind in {"number", "duration"} and before.rfind("[") > before.rfind("]"):
        return True
    begins = not before.strip(_SIGNS) or before.endswith(("(", "["))
    if fact.kind == "time":
        return begins and fact.value < _LATEST and bool(_CLOCK.fullmatch(fact.written))
    return begins and fact.kind == "duration" and fact.value.endswith(" s")
