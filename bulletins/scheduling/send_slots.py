"""In which slot each audience of a bulletin gets it: fixed when it is submitted, or when it is approved."""

from datetime import datetime

from django.utils.translation import gettext as _

from bulletins.models import Cadence, NotAllowed, Parts, Target
from delivery.models import Audience

from .tier_stagger import stagger

AT_ONCE_GRACE_MINUTES = 60


def fix_slots(parts: Parts, *, at: datetime) -> None:
    """
    Fix when each audience gets a bulletin that is held: the next slot of its cadences, or the time that was chosen.

    Nothing is fixed for "as soon as it is approved". Raise NotAllowed when an audience has no slot to come.
    """
    bulletin = parts.bulletin
    earliest = max(at, bulletin.embargo_until) if bulletin.embargo_until else at
    for target in parts.targets:
        grace = AT_ONCE_GRACE_MINUTES
        slot: datetime | None = None
        if target.timing == Target.Timing.AT_TIME and target.at:
            slot = target.at + stagger(bulletin, target.audience)
        elif target.timing == Target.Timing.NEXT_SLOT:
            chosen = next_slot(target.audience, urgency=bulletin.urgency, after=earliest)
            if chosen is None:
                says = _("Not submitted: %(audience)s has no upcoming slot. Choose a time, or give it a cadence.")
                raise NotAllowed(says % {"audience": target.audience})
            slot, grace = chosen
        target.slot_at, target.grace_minutes = slot, grace
        Target.objects.filter(pk=target.pk).update(slot_at=slot, grace_minutes=grace)


def fix_immediate_slots(parts: Parts, *, at: datetime) -> None:
    """
    Fix the slots of what goes as soon as it is approved: at `at`, or when the embargo ends, tier after tier. The
    bulletin is held.
    """
    bulletin = parts.bulletin
    first = max(at, bulletin.embargo_until) if bulletin.embargo_until else at
    for target in parts.targets:
        if target.timing == Target.Timing.AT_ONCE:
            target.slot_at = first + stagger(bulletin, target.audience)
            Target.objects.filter(pk=target.pk).update(slot_at=target.slot_at)


def next_slot(audience: Audience, *, urgency: str, after: datetime) -> tuple[datetime, int] | None:
    """Return the first slot of an audience's cadences for this urgency and its grace in minutes, or None."""
    slots = [
        (slot, cadence.grace_minutes)
        for cadence in Cadence.objects.filter(audience=audience).select_related("audience__campaign")
        if cadence.only_urgency in {"", urgency} and (slot := cadence.next_slot(after=after)) is not None
    ]
    return min(slots, default=None)
