"""From approved bulletins to sends: which audience, which slot. One tick does it; two at once are harmless."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from delivery.models import Audience, Send

from . import publishing
from .models import Bulletin, Cadence, NotAllowed, Target

log = logging.getLogger(__name__)

AT_ONCE_GRACE_MINUTES = 60


@dataclass(frozen=True)
class Planned:
    """Something that will go out: when, what (a bulletin, and its send once there is one), to whom."""

    at: datetime
    audience: Audience
    bulletin: Bulletin | None = None
    send: Send | None = None


def fix_slots(bulletin: Bulletin, *, at: datetime) -> None:
    """
    Fix when each audience gets a bulletin: the next slot of its cadences, or the time that was chosen.

    Nothing is fixed for "as soon as it is approved". Raise NotAllowed when an audience has no slot to come.
    """
    earliest = max(at, bulletin.embargo_until) if bulletin.embargo_until else at
    for target in bulletin.targets.select_related("audience__campaign"):
        grace = AT_ONCE_GRACE_MINUTES
        slot: datetime | None = None
        if target.timing == Target.Timing.AT_TIME:
            slot = target.at
        elif target.timing == Target.Timing.NEXT_SLOT:
            chosen = next_slot(target.audience, urgency=bulletin.urgency, after=earliest)
            if chosen is None:
                says = _("Not submitted: %(audience)s has no slot to come. Choose a time, or give it a cadence.")
                raise NotAllowed(says % {"audience": target.audience})
            slot, grace = chosen
        Target.objects.filter(pk=target.pk).update(slot_at=slot, grace_minutes=grace)


def next_slot(audience: Audience, *, urgency: str, after: datetime) -> tuple[datetime, int] | None:
    """Return the first slot of an audience's cadences for this urgency and its grace in minutes, or None."""
    slots = [
        (slot, cadence.grace_minutes)
        for cadence in Cadence.objects.filter(audience=audience).select_related("audience__campaign")
        if cadence.only_urgency in {"", urgency} and (slot := cadence.next_slot(after=after)) is not None
    ]
    return min(slots, default=None)


def plan_due_sends(*, at: datetime) -> list[Bulletin]:
    """
    Publish every approved bulletin whose first slot has come, which plans its sends; return them.

    One that cannot be published is noted in the log and does not stand in the way of the others.
    """
    published = []
    for bulletin in Bulletin.objects.due(at=at):
        try:
            publishing.publish(bulletin, at=at)
        except NotAllowed as refusal:
            log.warning("Bulletin %s was due and is not published: %s", bulletin, refusal)
        except Exception:
            log.exception("Bulletin %s was due and could not be published.", bulletin)
        else:
            published.append(bulletin)
    return published


def upcoming(campaign: Campaign, *, at: datetime | None = None) -> list[Planned]:
    """Return what will go out, the earliest first: planned sends, and slots of bulletins in review or approved."""
    waiting = Target.objects.filter(
        bulletin__campaign=campaign,
        bulletin__state__in=[Bulletin.State.IN_REVIEW, Bulletin.State.APPROVED],
        slot_at__gte=(at or timezone.now()) - timedelta(days=1),
    ).select_related("bulletin", "audience")
    sends = Send.objects.filter(mailing__campaign=campaign, state__in=[Send.State.PLANNED, Send.State.HELD])
    planned = [
        Planned(target.slot_at, target.audience, bulletin=target.bulletin) for target in waiting if target.slot_at
    ]
    planned += [Planned(send.slot_at, send.audience, send=send) for send in sends.select_related("mailing", "audience")]
    return sorted(planned, key=lambda one: one.at)
