"""Claims that a person found to be the same as another share its verdict, until someone finds them different."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from factcheck.models import Claim, ClaimStep, Distinction, NotConfirmable
from factcheck.verdicts import verdict_workflow

Status, Kind = Claim.Status, ClaimStep.Kind


@transaction.atomic
def merge(claim: Claim, *, into: Claim, by: User, at: datetime) -> None:
    """
    Confirm that a claim is the same as another, whose verdict then counts for both. When that one is a duplicate, its
    main claim is meant; duplicates of the merged claim move along. Sightings stay with their claim.

    Raise NotConfirmable for another campaign's claim, for itself, for one that is a duplicate already, into one that was
    set aside or withdrawn, and when readers would find another verdict than before: a published claim may only join one
    whose published verdict is the same.
    """
    held, main, moved = _lock_both(claim, into)
    _refuse_strangers(held, main, _("Not merged: %s"))
    if held.duplicate_of_id:
        raise NotConfirmable(_("Not merged: this claim is already merged into another. Split it from that one first."))
    if main.status == Status.WITHDRAWN:
        raise NotConfirmable(
            _("Not merged: the verdict on the other claim was withdrawn. Check this claim separately.")
        )
    if main.status == Status.SET_ASIDE:
        raise NotConfirmable(
            _("Not merged: the other claim was set aside. Start checking it first, or set this one aside too.")
        )
    _refuse_news(held, main)
    verdict_workflow.change(
        held, status=Status.MERGED, duplicate_of=main, digest="", proposed_by=None, confirmed_by=None
    )
    Claim.objects.filter(pk__in=[one.pk for one in moved]).update(duplicate_of=main)
    _distinctions(held, main).delete()
    verdict_workflow.note(held, Kind.MERGED, by=by, at=at)
    page_changes.changed()
    trail.note("claim.merged", held, by=by, at=at, into=main.slug, moved=[one.slug for one in moved])
    claim.refresh_from_db()


@transaction.atomic
def split(claim: Claim, *, by: User, at: datetime) -> None:
    """
    Find a claim different from the one it was merged into: it is open again, or under review if a verdict on it is
    public, and is not suggested to be the same any more. Raise NotConfirmable when it is no duplicate.
    """
    held = verdict_workflow.lock_claim(claim, (Status.MERGED,), _("Not split: this claim is not merged into another."))
    main = held.duplicate_of
    assert main
    verdict_workflow.change(
        held, status=Status.IN_REVIEW if held.current_version_id else Status.OPEN, duplicate_of=None
    )
    _distinguish(held, main, by=by, at=at)
    verdict_workflow.note(held, Kind.SPLIT, by=by, at=at)
    page_changes.changed()
    trail.note("claim.split", held, by=by, at=at, apart_from=main.slug)
    claim.refresh_from_db()


@transaction.atomic
def mark_different(claim: Claim, other: Claim, *, by: User, at: datetime) -> None:
    """
    Note that two claims that look alike are different, so that neither is suggested for the other again.

    Raise NotConfirmable for another campaign's claim, for itself, and for two that are merged.
    """
    held, main, _duplicates = _lock_both(claim, other)
    if held.duplicate_of_id and held.duplicate_of_id == main.pk:
        raise NotConfirmable(_("Not marked as different: the two are merged. Split them first."))
    _refuse_strangers(held, main, _("Not marked as different: %s"))
    if _distinguish(held, main, by=by, at=at):
        trail.note("claim.told_apart", held, by=by, at=at, other=main.slug)


# --- Parts -----------------------------------------------------------------------------------------


def _lock_both(claim: Claim, other: Claim) -> tuple[Claim, Claim, list[Claim]]:
    """
    Return a claim, the other's main claim, and the claim's duplicates, all locked in the order of their keys, so that
    two people who merge in opposite directions wait for each other. Raise NotConfirmable if someone was faster.
    """
    main_id = Claim.objects.values_list("duplicate_of", flat=True).get(pk=other.pk) or other.pk
    wanted = Claim.objects.filter(Q(pk__in={claim.pk, other.pk, main_id}) | Q(duplicate_of=claim.pk))
    held = {one.pk: one for one in wanted.order_by("pk").select_for_update()}
    late = _("Nothing changed: someone has just merged or split one of these claims. Reload the page.")
    if (held[other.pk].duplicate_of_id or other.pk) != main_id or held[main_id].duplicate_of_id:
        raise NotConfirmable(late)
    moved = [one for one in held.values() if one.duplicate_of_id == claim.pk]
    if Claim.objects.filter(duplicate_of=claim.pk).exclude(pk__in=[one.pk for one in moved]).exists():
        raise NotConfirmable(late)
    return held[claim.pk], held[main_id], moved


def _refuse_strangers(held: Claim, main: Claim, says: str) -> None:
    """Raise NotConfirmable for a claim with itself or with another campaign's."""
    if held.pk == main.pk:
        raise NotConfirmable(says % _("it is the same claim, or already merged into it."))
    if held.campaign_id != main.campaign_id:
        raise NotConfirmable(says % _("the other claim belongs to another campaign."))


def _refuse_news(held: Claim, main: Claim) -> None:
    """Raise NotConfirmable when readers of a published claim would find something else than before."""
    if held.current_version is None:
        return
    if held.status == Status.WITHDRAWN or held.paused_at or main.paused_at:
        raise NotConfirmable(_("Not merged: a verdict is paused or withdrawn. Show it again first."))
    if main.current_version is None:
        raise NotConfirmable(
            _(
                "Not merged: a verdict on this claim is public, and there is none on the other. Merge the "
                "other into this one."
            )
        )
    if main.current_version.verdict != held.current_version.verdict:
        raise NotConfirmable(_("Not merged: the two public verdicts differ. Correct one of them first."))


def _distinguish(one: Claim, other: Claim, *, by: User, at: datetime) -> bool:
    """Note that two claims are different, and return whether nobody had before."""
    low, high = sorted((one, other), key=lambda claim: claim.pk)
    return Distinction.objects.get_or_create(one=low, other=high, defaults={"by": by, "at": at})[1]


def _distinctions(one: Claim, other: Claim) -> QuerySet[Distinction]:
    """Return the note that two claims are different, if there is one."""
    low, high = sorted((one.pk, other.pk))
    return Distinction.objects.filter(one=low, other=high)
