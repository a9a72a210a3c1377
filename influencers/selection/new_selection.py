"""From the targets, the rules and what staff pinned or left out to a saved selection with its reasons."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Audience
from influencers.models import Choice, Selection
from influencers.profiles import tiers

from . import explanation, optimizer
from .candidates import Person, read
from .coverage_cells import DEPTH, CannotChoose, Grid, grid_of, targets_of
from .exclusion_rules import HARD, OF_ONE, RULES, UNNAMED, Rules

LISTED = 20  # people that are named for each rule which kept them out, those of UNNAMED never


def choose(
    campaign: Campaign,
    *,
    name: str,
    audience: Audience,
    size: int,
    rules: Rules,
    by: User,
    at: datetime,
    pinned: Mapping[int, str] | None = None,
    left_out: Mapping[int, str] | None = None,
    before: Selection | None = None,
    seconds: float = optimizer.SECONDS,
) -> Selection:
    """
    Choose `size` people who together cover most of whom the campaign wants to reach, and save them as a draft.

    `pinned` and `left_out` are {influencer's key: reason}; `before` is the selection that this one is made from. HiGHS
    looks for `seconds` at most. Raise CannotChoose, with nothing saved, when the wishes cannot be met together.
    """
    began = time.perf_counter()
    pinned, left_out = dict(pinned or {}), dict(left_out or {})
    refuse_sizes(campaign, audience, size, pinned, left_out)
    targets = targets_of(campaign)
    grid = grid_of(targets)
    people = read(campaign, grid, rules, audience=audience, left_out=left_out, at=at)
    people = eligible_first(refuse_pins(people, pinned), pinned)
    free = [person for person in people if not person.rule]
    if not free:
        raise CannotChoose(nobody_reason(people))
    problem = optimizer.Problem(
        weights=grid.weights,
        covers=[person.covers for person in free],
        size=size,
        pinned=tuple(number for number, person in enumerate(free) if person.pk in pinned),
    )
    read_seconds = time.perf_counter() - began
    solution = optimizer.solve(problem, seconds=seconds)
    counts = problem.counts(solution.people)
    result = {
        **figures(grid, problem, solution, counts, people, free),
        "before": before.pk if before else None,
        "seconds": {"reading": read_seconds, **solution.seconds},
    }
    choices = list(chosen(grid, problem, solution, counts, free, pinned))
    result["seconds"]["all"] = time.perf_counter() - began
    selection = Selection(
        campaign=campaign,
        audience=audience,
        name=name,
        size=size,
        rules=rules.stored(),
        targets=targets,
        result=result,
        made_by=by,
        made_at=at,
    )
    save_selection(selection, choices, left_out, pinned=len(pinned))
    return selection


@transaction.atomic
def save_selection(selection: Selection, choices: list[Choice], left_out: Mapping[int, str], *, pinned: int) -> None:
    """Save a selection with those who were chosen and those who were left out."""
    selection.save(force_insert=True)
    standing = [
        Choice(influencer_id=pk, decision=Choice.Decision.LEFT_OUT, note=note) for pk, note in sorted(left_out.items())
    ]
    for choice in (*choices, *standing):
        choice.selection = selection
    Choice.objects.bulk_create([*choices, *standing])
    by, at = selection.made_by, selection.made_at
    trail.note("selection.made", selection, by=by, at=at, people=len(choices), pinned=pinned, out=len(left_out))


def refuse_sizes(
    campaign: Campaign, audience: Audience, size: int, pinned: Mapping[int, str], left_out: Mapping[int, str]
) -> None:
    """Raise CannotChoose when the audience is no tier, the size does not fit, or a pin contradicts something."""
    if audience.pk not in [tier.pk for tier in tiers.tiers_of(campaign.pk)]:
        raise CannotChoose(
            _("Nobody was chosen: %(audience)s is not a tier of this campaign.") % {"audience": audience}
        )
    if size < 1:
        raise CannotChoose(_("Nobody was chosen: choose at least one person."))
    if audience.max_size is not None and size > audience.max_size:
        raise CannotChoose(
            _(
                "Nobody was chosen: %(size)d people do not fit, because the maximum size of "
                "%(audience)s is %(most)d. Choose fewer people, or change the maximum."
            )
            % {"size": size, "most": audience.max_size, "audience": audience}
        )
    if len(pinned) > size:
        raise CannotChoose(
            ngettext(
                "Nobody was chosen: %(pinned)d people are pinned, but only %(size)d is to be chosen. "
                "Remove some pins, or choose more people.",
                "Nobody was chosen: %(pinned)d people are pinned, but only %(size)d are to be chosen. "
                "Remove some pins, or choose more people.",
                size,
            )
            % {"pinned": len(pinned), "size": size}
        )
    if set(pinned) & set(left_out):
        raise CannotChoose(_("Nobody was chosen: someone is both pinned and left out. Choose one or the other."))


def refuse_pins(people: list[Person], pinned: Mapping[int, str]) -> list[Person]:
    """Return the people, those pinned free of the rules that a pin overrules. Raise CannotChoose for those it does not."""
    found = {person.pk for person in people}
    held = [person for person in people if person.pk in pinned and person.rule in HARD]
    if held:
        raise CannotChoose(
            " ".join(
                [
                    _("Nobody was chosen: these people are pinned but cannot be chosen."),
                    *(f"{person.name or person.reference}: {OF_ONE[person.rule]}." for person in held),
                    _("Remove the pins, or deal with the reasons first."),
                ]
            )
        )
    if set(pinned) - found:
        raise CannotChoose(_("Nobody was chosen: someone who is pinned is no longer in this campaign. Remove the pin."))
    return [freed(person) if person.pk in pinned and person.rule else person for person in people]


def freed(person: Person) -> Person:
    """Return someone whom no rule keeps out."""
    return replace(person, rule="")


def eligible_first(people: list[Person], pinned: Mapping[int, str]) -> list[Person]:
    """
    Return people in the order of who is taken of people who cover the same: whoever is pinned, then who is in the tier
    already, then whose answers to the values questions were higher, then by reference.
    """
    return sorted(people, key=lambda one: (one.pk not in pinned, not one.is_in, -one.goodwill, one.reference))


def nobody_reason(people: list[Person]) -> str:
    """Return in words why there is nobody to choose from."""
    if not people:
        return _("Nobody was chosen: there is no influencer in this campaign yet.")
    counts = Counter(person.rule for person in people)
    return " ".join(
        [
            ngettext(
                "Nobody was chosen: the rules exclude the only person there is.",
                "Nobody was chosen: the rules exclude all %(count)d people.",
                len(people),
            )
            % {"count": len(people)},
            *(f"{counts[rule]}: {capfirst(str(text))}." for rule, text in RULES.items() if counts[rule]),
        ]
    )


def figures(
    grid: Grid,
    problem: optimizer.Problem,
    solution: optimizer.Solution,
    counts: Counter[int],
    people: list[Person],
    free: list[Person],
) -> dict[str, Any]:
    """Return the figures of a selection: what it covers and misses, what is proven, and whom the rules kept out."""
    possible = Counter(cell for person in free for cell in person.covers)
    picked = {free[number].pk for number in solution.people}
    ruled: dict[str, list[str]] = {}
    for person in people:
        if person.rule:
            ruled.setdefault(person.rule, []).append(person.reference)
    return {
        **explanation.shares_covered(grid.weights, counts),
        "people": len(people),
        "eligible": len(free),
        "chosen": len(solution.people),
        "possible": explanation.shares_covered(grid.weights, possible),
        "value": solution.value,
        "bound": solution.bound,
        "gap": solution.gap,
        "method": solution.method,
        "greedy": {"value": solution.greedy_value, "bound": solution.greedy_bound},
        "depth": list(DEPTH),
        "dimensions": explanation.by_dimension(grid, counts, possible),
        "misses": explanation.misses(grid, counts, people, picked),
        "kept_out": {
            rule: {"count": len(ruled[rule]), "people": [] if rule in UNNAMED else sorted(ruled[rule])[:LISTED]}
            for rule in RULES
            if rule in ruled
        },
        "unknown": dict(sorted(Counter(name for person in free for name in person.unknown).items())),
    }


def chosen(
    grid: Grid,
    problem: optimizer.Problem,
    solution: optimizer.Solution,
    counts: Counter[int],
    free: list[Person],
    pinned: Mapping[int, str],
) -> Iterator[Choice]:
    """Yield an unsaved choice for everyone chosen, in the order in which each adds the most."""
    swaps = {swap.out: swap for swap in optimizer.swaps(problem, solution.people)}
    for position, number in enumerate(explanation.in_order(problem, solution.people), start=1):
        person = free[number]
        is_pinned = person.pk in pinned
        yield Choice(
            influencer_id=person.pk,
            decision=Choice.Decision.PINNED if is_pinned else Choice.Decision.CHOSEN,
            position=position,
            gain=explanation.loss(problem, number, counts),
            why=explanation.why(grid, person.covers, counts, len(problem.depth)),
            swap=explanation.exchange(grid, problem, swaps[number], free, counts),
            note=pinned.get(person.pk, ""),
        )
