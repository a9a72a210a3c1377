"""What will go out, to whom and when: planned sends, and slots of bulletins that are in review or approved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from bulletins.models import Bulletin, Target, Urgency
from campaigns.models import Campaign
from delivery.models import OF_THEMSELVES, Audience, Channel, Send

from . import roundups


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


def upcoming(campaign: Campaign, *, at: datetime | None = None) -> list[Planned]:
    """
    Return what will go out, the earliest first: planned sends, and slots of bulletins in review or approved. Those
    that will leave in one mail are one row, and so is what goes to the same people at the same time by other channels.
    """
    waiting = Target.objects.filter(
        bulletin__campaign=campaign,
        bulletin__state__in=Bulletin.REVIEWED,
        slot_at__gte=(at or timezone.now()) - timedelta(days=1),
    ).select_related("bulletin", "audience")
    sends = Send.objects.filter(mailing__campaign=campaign, state__in=[Send.State.PLANNED, Send.State.HELD])
    sends = sends.select_related("mailing__version__bulletin", "audience").prefetch_related(
        "mailing__parts__version__bulletin"
    )
    planned = [
        Planned(target.slot_at, target.audience, bulletin=target.bulletin) for target in waiting if target.slot_at
    ]
    planned += [
        Planned(send.slot_at, send.audience, send=send, together=of_roundup(send)) for send in fold_channels(sends)
    ]
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


def fold_channels(sends: Iterable[Send]) -> list[Send]:
    """Return the sends without those that begin by another channel together with mail: how many want it by that is known then."""
    planned = [send for send in sends if send.state == Send.State.PLANNED]
    by_mail = {place_of(send) for send in planned if send.channel == Channel.MAIL}
    beside = {send.pk for send in planned if send.channel not in OF_THEMSELVES and place_of(send) in by_mail}
    return [send for send in sends if send.pk not in beside]


def place_of(send: Send) -> tuple[int, int, datetime]:
    """Return what a send is of, to whom and when, whatever its channel."""
    return send.mailing_id, send.audience_id, send.slot_at


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
        joins = version and send.state == Send.State.PLANNED and send.channel == Channel.MAIL and not send.exposed_only
        return version.bulletin if version and joins and roundups.may_join(version) else None
    joins = bulletin and bulletin.kind == Bulletin.Kind.ORIGINAL and bulletin.urgency != Urgency.URGENT
    return bulletin if joins else None
