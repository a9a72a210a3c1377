"""Putting a selection in force: the chosen come into its tier, and who was in it and is not chosen goes back."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from delivery.models import Membership
from influencers.models import Choice, Influencer, Selection
from influencers.profiles import tiers

from .candidates import read
from .coverage_cells import CannotChoose, grid_of
from .exclusion_rules import HARD, OF_ONE, Rules


class NotApplied(Exception):
    """Nothing was put in force and nobody was moved; the message says why, and what to do."""


@dataclass(frozen=True)
class Moves:
    """Who would come into the tier and who would go out of it."""

    comes: list[Influencer]
    goes: list[Influencer]
    stays: int


def moves(selection: Selection, *, at: datetime) -> Moves:
    """Return whom putting a selection in force would move; two queries."""
    picked = Choice.objects.filter(selection=selection).exclude(decision=Choice.Decision.LEFT_OUT)
    chosen = {row.influencer_id: row.influencer for row in picked.select_related("influencer__recipient")}
    inside = Membership.objects.filter(audience=selection.audience_id).open(at=at).values("recipient")
    members = Influencer.objects.filter(campaign=selection.campaign_id, recipient__in=inside)
    now = {person.pk: person for person in members.select_related("recipient")}
    comes = [chosen[key] for key in chosen if key not in now]
    goes = [now[key] for key in now if key not in chosen]
    return Moves(comes, sorted(goes, key=lambda person: person.reference), len(chosen) - len(comes))


@transaction.atomic
def apply(selection: Selection, *, by: User, at: datetime) -> Moves:
    """
    Put a draft in force and return who was moved; the selection that was in force for the tier is replaced.

    Raise NotApplied, with nothing changed, when it is no draft any more, when someone chosen can no longer be in it, or
    when there is no room.
    """
    tiers.tiers_of(selection.campaign_id)  # locked: of two that are put in force at once, the second replaces the first
    if not Selection.objects.filter(pk=selection.pk, state=Selection.State.DRAFT).exists():
        raise NotApplied(_("Nothing changed: this selection is no longer a draft. Make a new one from it."))
    refuse_lost(selection, at=at)
    change = moves(selection, at=at)
    if not change.comes and not change.stays:
        raise NotApplied(_("Nothing changed: there is nobody left in this selection. Make a new one from it."))
    reason = _("Selection: %(name)s") % {"name": selection.name}
    try:
        places = tiers.tiers_after(change.goes, selection.audience, at=at) if change.goes else {}
        places[selection.audience] = change.comes
        tiers.rearrange(places, by=by, at=at, reason=reason)
    except tiers.NotMoved as refusal:
        raise NotApplied(str(refusal)) from refusal
    in_force = Selection.objects.filter(audience=selection.audience_id, state=Selection.State.APPLIED)
    in_force.update(state=Selection.State.REPLACED)
    selection.state, selection.applied_by, selection.applied_at = Selection.State.APPLIED, by, at
    selection.save(update_fields=["state", "applied_by", "applied_at"])
    trail.note(
        "selection.applied", selection, by=by, at=at, comes=len(change.comes), goes=len(change.goes), stays=change.stays
    )
    return change


def refuse_lost(selection: Selection, *, at: datetime) -> None:
    """Raise NotApplied when someone chosen has left, took back a signature or consent, or is to be kept out by now."""
    picked = Choice.objects.filter(selection=selection).exclude(decision=Choice.Decision.LEFT_OUT)
    keys = set(picked.values_list("influencer", flat=True))
    try:
        grid = grid_of(selection.targets)
    except CannotChoose as fault:
        raise NotApplied(str(fault)) from fault
    people = read(selection.campaign, grid, Rules(), audience=selection.audience, at=at)
    lost = [person for person in people if person.pk in keys and person.rule in HARD]
    if lost:
        raise NotApplied(
            " ".join(
                [
                    _("Nothing changed: some of the people can no longer be chosen."),
                    *(f"{person.name or person.reference}: {OF_ONE[person.rule]}." for person in lost[:5]),
                    _("Choose again from it to replace them."),
                ]
            )
        )
