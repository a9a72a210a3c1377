"""The steps in which a bulletin is written, in any order, and how far each of them is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from .findings import STOPS, Finding, Workspace

# {step: (its name, the places of findings that are mended in it, whether anything is there yet)}, in their usual order.
# Whatever belongs nowhere else is shown where the bulletin is checked.
STEPS: dict[str, tuple[Any, frozenset[str], Callable[[Workspace], bool]]] = {
    "write": (
        gettext_lazy("Write"),
        frozenset({"edition"}),
        lambda desk: any(one.body for one in desk.editions),
    ),
    "messages": (
        gettext_lazy("Key messages"),
        frozenset({"message", "action", "actions"}),
        lambda desk: bool(desk.messages or desk.actions),
    ),
    "channels": (
        gettext_lazy("Channels"),
        frozenset({"variant"}),
        lambda desk: any(one.variants.all() for one in desk.editions),
    ),
    "pictures": (
        gettext_lazy("Pictures"),
        frozenset({"asset"}),
        lambda desk: desk.has_cards or bool(desk.assets),
    ),
    "recipients": (
        gettext_lazy("Recipients and timing"),
        frozenset({"targets", "embargo", "next_word_at", "inputs", "claims", "changed"}),
        lambda desk: bool(desk.targets),
    ),
    "check": (gettext_lazy("Check and submit"), frozenset(), lambda _desk: True),
}


@dataclass(frozen=True)
class EditorStep:
    """A step as the bar shows it. `stops` is how much must be fixed in it; `is_begun`, whether anything is there yet."""

    name: str
    label: Any
    number: int
    stops: int
    is_begun: bool


def step_of(finding: Finding) -> str:
    """Return the step in which something is mended."""
    kind = finding.place.partition(":")[0]
    return next((name for name, (_label, places, _is_begun) in STEPS.items() if kind in places), "check")


def editor_steps(desk: Workspace | None, found: list[Finding]) -> list[EditorStep]:
    """Return the steps of a bulletin with what was found in each; no query beyond what was gathered, if anything was."""
    stops = [step_of(one) for one in found if one.level == STOPS]
    return [
        EditorStep(name, label, number, stops.count(name), desk is not None and is_begun(desk))
        for number, (name, (label, _places, is_begun)) in enumerate(STEPS.items(), start=1)
    ]


def first_stop(found: list[Finding]) -> Finding | None:
    """Return what to fix next: the first in the order of the steps."""
    order = list(STEPS)
    stops = [one for one in found if one.level == STOPS]
    return min(stops, key=lambda one: order.index(step_of(one)), default=None)
