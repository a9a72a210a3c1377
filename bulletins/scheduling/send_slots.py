"""From approved bulletins to sends: which audience, which slot. One tick does it; two at once are harmless."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from bulletins.models import Bulletin, Cadence, NotAllowed, Parts, Target, Urgency
from campaigns.models import Campaign
from delivery.models import Audience, Send

from . import roundups

AT_ONCE_GRACE_MINUTES = 60


@dataclass(frozen=True)
class Planned:
    """
    Something that will go out: when, what (a bulletin, and its send once there is one), to whom.

    `together` are the bulletins that leave in one roundup, the urgent first; it is empty for what leaves on its own.
    """

    at: datetime
    audience: Audience
    bulletin: Bulletin | None = None
    send: Send | None = None
    together: tuple[Bulletin, ...] = ()


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


def stagger(bulletin: Bulletin, audience: Audience) -> timedelta:
    """Return how long after the first audience this one gets a bulletin. What is urgent, or corrects, waits for none."""
    waits = bulletin.urgency != Urgency.URGENT and bulletin.kind == Bulletin.Kind.ORIGINAL
    return timedelta(minutes=audience.stagger_minutes if waits else 0)


def next_slot(audience: Audience, *, urgency: str, after: datetime) -> tuple[datetime, int] | None:
    """Return the first slot of an audience's cadences for this urgency and its grace in minutes, or None."""
    slots = [
        (slot, cadence.grace_minutes)
        for cadence in Cadence.objects.filter(audience=audience).select_related("audience__campaign")
        if cadence.only_urgency in {"", urgency} and (slot := cadence.next_slot(after=after)) is not None
    ]
    return min(slots, default=None)


def upcoming(campaign: Campaign, *, at: datetime | None = None) -> list[Planned]:
    """
    Return what will go out, the earliest first: planned sends, and slots of bulletins in review or approved. Those
    that will leave in one mail are one row.
    """
    waiting = Target.objects.filter(
        bulletin__campaign=campaign,
        bulletin__state__in=[Bulletin.State.IN_REVIEW, Bulletin.State.APPROVED],
        slot_at__gte=(at or timezone.now()) - timedelta(days=1),
    ).select_related("bulletin", "audience")
    sends = Send.objects.filter(mailing__campaign=campaign, state__in=[Send.State.PLANNED, Send.State.HELD])
    sends = sends.select_related("mailing__version__bulletin", "audience").prefetch_related(
        "mailing__parts__version__bulletin"
    )
    planned = [
        Planned(target.slot_at, target.audience, bulletin=target.bulletin) for target in waiting if target.slot_at
    ]
    planned += [Planned(send.slot_at, send.audience, send=send, together=of_roundup(send)) for send in sends]
    alone: list[Planned] = []
    meeting: dict[tuple[datetime, int], list[Planned]] = {}
    for one in planned:
        if joining(one):
            meeting.setdefault((one.at, one.audience.pk), []).append(one)
        else:
            alone.append(one)
    for (moment, _audience), ones in meeting.items():
        together = in_order(bulletin for one in ones if (bulletin := joining(one)))
        if len(together) > 1:
            ones = [Planned(moment, ones[0].audience, ones[0].bulletin, ones[0].send, together=together)]
        alone += ones
    return sorted(alone, key=lambda one: one.at)


def of_roundup(send: Send) -> tuple[Bulletin, ...]:
    """Return the bulletins of a roundup's send, () for any other."""
    return in_order(part.version.bulletin for part in send.mailing.parts.all())


def in_order(bulletins: Iterable[Bulletin]) -> tuple[Bulletin, ...]:
    """Return bulletins as a roundup has them: what is more urgent first, then by number."""
    return tuple(sorted(bulletins, key=lambda one: (one.urgency != Urgency.ELEVATED, one.number)))


def joining(planned: Planned) -> Bulletin | None:
    """Return the bulletin that will join others of its slot in a roundup, None when this leaves as it is."""
    send, bulletin = planned.send, planned.bulletin
    if send is not None:
        version = getattr(send.mailing, "version", None)
        joins = version and send.state == Send.State.PLANNED and not send.exposed_only and roundups.may_join(version)
        return version.bulletin if version and joins else None
    joins = bulletin and bulletin.kind == Bulletin.Kind.ORIGINAL and bulletin.urgency != Urgency.URGENT
    return bulletin if joins else None
