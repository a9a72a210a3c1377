"""
Risk by impact: reach × harm × doubt, each 1 to 3, chosen by a person. Reach and doubt are proposed where the week's numbers say
something; harm is nothing that can be counted. ABCDE are the five things that RESIST (UK Government Communication Service) asks about.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from factcheck.models import Thresholds

FACTORS = ("reach", "harm", "doubt")
LOW, MEDIUM, HIGH = 1, 2, 3
LEVELS = {
    LOW: pgettext_lazy("risk", "low"),
    MEDIUM: pgettext_lazy("risk", "medium"),
    HIGH: pgettext_lazy("risk", "high"),
}
REACH = {LOW: _("few people"), MEDIUM: _("thousands of people"), HIGH: _("a large part of the public")}
HARM = {
    LOW: _("annoying or soon put right"),
    MEDIUM: _("costs people money, time or trust"),
    HIGH: _("endangers health or safety"),
}
DOUBT = {LOW: _("fades, few believe it"), MEDIUM: _("stays as it was"), HIGH: _("grows, many waver")}
NAMES: dict[str, Any] = {"reach": _("Reach"), "harm": _("Harm"), "doubt": _("Doubt")}
CHOICES: dict[str, Mapping[int, Any]] = {"reach": REACH, "harm": HARM, "doubt": DOUBT}
ABCDE: dict[str, Any] = {
    "actor": _("Actor: who spreads it, as a kind of group, never a person or an account"),
    "behaviour": _("Behaviour: how it is passed on"),
    "content": _("Content: what it says and looks like"),
    "degree": _("Degree: how far and how fast it goes, whom it meets"),
    "effect": _("Effect: what it did to people"),
}
ABCDE_NAMES: dict[str, Any] = {
    "actor": _("Actor"),
    "behaviour": _("Behaviour"),
    "content": _("Content"),
    "degree": _("Degree"),
    "effect": _("Effect"),
}
GROWS, FADES = 1.5, 0.67  # times as often as the week before


def level_of(judged: Mapping[str, Any]) -> int | None:
    """Return 1 to 3 for the product of the three (1 to 27), None where one of them is open."""
    values = [judged.get(name) for name in FACTORS]
    if not all(values):
        return None
    product = product_of(judged)
    return HIGH if product >= 12 else MEDIUM if product >= 6 else LOW


def product_of(judged: Mapping[str, Any]) -> int:
    """Return reach × harm × doubt, 0 where one of them is open."""
    product = 1
    for name in FACTORS:
        product *= judged.get(name) or 0
    return product


def proposed(claim: Mapping[str, Any], thresholds: Thresholds) -> dict[str, int]:
    """Return what the numbers of a claim say of its reach and its doubt; nothing of what is not known."""
    found = {}
    if claim["reach"] is not None:
        loud = thresholds.least_reach
        found["reach"] = LOW if claim["reach"] < loud else MEDIUM if claim["reach"] < 10 * loud else HIGH
    if claim["seen"] and claim["before"]:
        times = claim["seen"] / claim["before"]
        found["doubt"] = HIGH if times >= GROWS else LOW if times <= FADES else MEDIUM
    return found
