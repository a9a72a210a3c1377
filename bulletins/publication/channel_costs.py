"""What the messages of a bulletin will cost of which each is paid for, before it is approved."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from django.db.models import Count

from bulletins.editing.variants import seen_line
from bulletins.models import Bulletin, Target, Urgency
from campaigns.models import ReadingLevel
from delivery.models import Audience, Channel, Wanted
from delivery.transports import channels, costs


def of_messages(bulletin: Bulletin, *, at: datetime) -> list[costs.Cost]:
    """
    Return what its messages would cost as it stands, of each channel that is paid for and for which it has words, and which limit holds
    them if they leave at `at` or in their first slot.
    """
    known = [channel for channel in channels.beside_mail(bulletin.campaign) if channel in costs.PRICED]
    if not known or bulletin.kind == Bulletin.Kind.RETRACTION:
        return []
    texts = texts_of(bulletin, known)
    wants = Wanted.URGENT if bulletin.urgency == Urgency.URGENT else Wanted.BULLETINS
    targets = Target.objects.filter(bulletin=bulletin, audience__kind=Audience.Kind.INFLUENCERS)
    slots = {one.audience: max(one.slot_at or at, at) for one in targets.select_related("audience")}
    first = min(slots.values(), default=at)

    def cost_of(channel: str, audiences: Iterable[Audience]) -> costs.Cost:
        return costs.expected(channel, audiences, texts[channel], wants=wants)

    return [
        costs.would_pass(
            cost_of(channel, slots),
            partial(lambda name: [cost_of(name, [one]) for one in slots], channel),
            bulletin.campaign,
            at=first,
        )
        for channel in known
        if texts[channel]
    ]


def free_of_charge(bulletin: Bulletin) -> list[tuple[Channel, int]]:
    """Return how many people get its messages as it stands by each channel that costs nothing and for which it has words."""
    beside = channels.beside_mail(bulletin.campaign)
    known = [channel for channel in beside if channel not in costs.PRICED and channel != Channel.ROOM]
    if not known or bulletin.kind == Bulletin.Kind.RETRACTION:
        return []
    texts = texts_of(bulletin, known)
    wants = Wanted.URGENT if bulletin.urgency == Urgency.URGENT else Wanted.BULLETINS
    audiences = list(Audience.objects.filter(targets__bulletin=bulletin, kind=Audience.Kind.INFLUENCERS))
    people = [
        (one, costs.who_chose(one, audiences, wants=wants).aggregate(n=Count("person", distinct=True))["n"])
        for one in known
        if texts[one]
    ]
    return [one for one in people if one[1]]


def texts_of(bulletin: Bulletin, known: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """Return its words for each of these channels by language, those of the campaign's first language first; two queries."""
    editions = bulletin.editions.filter(reading_level=ReadingLevel.STANDARD).prefetch_related("variants")
    first = bulletin.campaign.default_language
    found: dict[str, dict[str, str]] = {channel: {} for channel in known}
    for edition in sorted(editions, key=lambda edition: edition.language != first):
        for one in edition.variants.all():
            if one.platform in found and one.caption.strip():
                found[one.platform][edition.language] = one.caption + seen_line(
                    bulletin, one.platform, edition.language
                )
    return found
