"""The same finding in several key messages, which one reason may keep as they are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .findings import STOPS, Finding


def alike(found: Iterable[Finding], one: Finding) -> list[Finding]:
    """Return those of all findings that one reason keeps as they are: of a finding in a key message the same in all of them, else it alone."""
    return (
        [other for other in found if _is_in_message(other) and other.code == one.code] if _is_in_message(one) else [one]
    )


def counted(found: Sequence[Finding]) -> list[Finding]:
    """Return findings, each with in how many key messages the same is found, 0 unless in several."""
    several = {code: n for code, n in Counter(one.code for one in found if _is_in_message(one)).items() if n > 1}
    return [replace(one, alike=several.get(one.code, 0)) if _is_in_message(one) else one for one in found]


def _is_in_message(one: Finding) -> bool:
    return one.level == STOPS and one.overridable and one.override is None and one.place.startswith("message:")
