"""
What goes beside the mail of a bulletin, before it is approved: to whom by each channel, and what the messages cost of which each is paid
for.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from bulletins.editing import earlier_words
from bulletins.editing.earlier_words import EarlierWords
from bulletins.editing.variants import seen_line
from bulletins.models import Bulletin, Parts, Target, Urgency
from campaigns.models import Campaign, ReadingLevel
from delivery.fanout import correction_recipients
from delivery.models import Audience, Channel, Recipient, Send, Wanted
from delivery.transports import channels, costs

from . import channel_messages, distribution, publish


@dataclass(frozen=True, slots=True)
class Leaving:
    """
    What leaves by a channel: its words by language, those for readers of others first; to which audiences, and when (None for at once).
    Of those that are `told_again`, it goes to whoever got one of the `earlier` mailings or may have, whatever they choose now.
    """

    channel: Channel
    texts: Mapping[str, str]
    slots: Mapping[Audience, datetime | None]
    wants: str
    told_again: frozenset[Audience] = frozenset()
    earlier: tuple[int, ...] = ()

    def people(self, audiences: Collection[Audience]) -> QuerySet[Recipient]:
        """Return the addresses in some of its audiences to which it goes."""
        again = [one for one in audiences if one in self.told_again]
        chosen = [one for one in audiences if one not in self.told_again]
        got = correction_recipients.who_got(self.channel, again, self.earlier)
        chose = costs.who_chose(self.channel, chosen, wants=self.wants)
        return got | chose if again and chosen else got if again else chose


def of_messages(bulletin: Bulletin, *, at: datetime) -> list[costs.Cost]:
    """
    Return what its messages would cost as it stands, of each channel that is paid for and by which it goes, and which limit holds
    them if they leave at `at` or in their first slot.
    """
    known = [channel for channel in channels.beside_mail(bulletin.campaign) if channel in costs.PRICED]
    return [cost_of(one, bulletin.campaign, at=at) for one in leaving(bulletin, known)]


def cost_of(one: Leaving, campaign: Campaign, *, at: datetime) -> costs.Cost:
    """Return what leaves by one channel would cost."""

    def cost(audiences: Collection[Audience]) -> costs.Cost:
        return costs.expected(one.channel, one.people(audiences), one.texts)

    first = min((max(slot or at, at) for slot in one.slots.values()), default=at)
    return costs.would_pass(cost(one.slots), lambda: [cost([audience]) for audience in one.slots], campaign, at=first)


def free_of_charge(bulletin: Bulletin) -> list[tuple[Channel, int]]:
    """Return how many people get its messages as it stands by each channel that costs nothing and by which it goes."""
    beside = channels.beside_mail(bulletin.campaign)
    known = [channel for channel in beside if channel not in costs.PRICED and channel != Channel.ROOM]
    people = [
        (one.channel, one.people(one.slots).aggregate(n=Count("person", distinct=True))["n"])
        for one in leaving(bulletin, known)
    ]
    return [one for one in people if one[1]]


def leaving(bulletin: Bulletin, known: Iterable[Channel]) -> list[Leaving]:
    """Return what a version leaves by each of these channels, those left out by which it does not go."""
    if not known:
        return []
    wants = Wanted.URGENT if bulletin.urgency == Urgency.URGENT else Wanted.BULLETINS
    if bulletin.version > 1:
        return following(bulletin, known, wants)
    texts = texts_of(bulletin, known, {})
    targets = Target.objects.filter(bulletin=bulletin, audience__kind=Audience.Kind.INFLUENCERS)
    slots = {one.audience: one.slot_at for one in targets.select_related("audience")}
    return [Leaving(channel, texts[channel], slots, wants) for channel in known if texts[channel]]


def following(bulletin: Bulletin, known: Iterable[Channel], wants: str) -> list[Leaving]:
    """Return what a later version leaves by each channel: where an earlier one went, as its publication will plan it."""
    sends: dict[Channel, dict[Audience, list[Send]]] = {}
    for send in distribution.earlier_sends([bulletin])[bulletin.pk]:
        if Channel(send.channel) in known and send.audience.kind == Audience.Kind.INFLUENCERS:
            sends.setdefault(Channel(send.channel), {}).setdefault(send.audience, []).append(send)
    mailings = {one.mailing_id for by_audience in sends.values() for ones in by_audience.values() for one in ones}
    texts = texts_of(bulletin, sends, earlier_words.of_mailings(mailings, sends))
    found = []
    for channel, by_audience in sends.items():
        slots, again = slots_of(bulletin, by_audience)
        earlier = tuple(sorted({one.mailing_id for ones in by_audience.values() for one in ones}))
        if slots and texts[channel]:
            found.append(Leaving(channel, texts[channel], slots, wants, again, earlier))
    return found


def slots_of(
    bulletin: Bulletin, by_audience: Mapping[Audience, list[Send]]
) -> tuple[dict[Audience, datetime | None], frozenset[Audience]]:
    """Return when a later version leaves to audiences that had these sends by a channel, and in which only whoever got one of them."""
    slots: dict[Audience, datetime | None] = {}
    again = set()
    for audience, ones in by_audience.items():
        begun, under_way = publish.standing_of([one for one in ones if not one.pace and not one.instead_of_id])
        if under_way and bulletin.kind != Bulletin.Kind.RETRACTION:
            slots[audience] = None if begun else max(one.slot_at for one in ones)
        elif begun:
            slots[audience] = None
            again.add(audience)
    return slots, frozenset(again)


def texts_of(
    bulletin: Bulletin, known: Iterable[Channel], earlier: EarlierWords
) -> Mapping[Channel, Mapping[str, str]]:
    """
    Return its words for each of these channels by language, those of the campaign's first language first, given what earlier versions said;
    two queries.
    """
    editions = bulletin.editions.filter(reading_level=ReadingLevel.STANDARD).prefetch_related("variants")
    first = bulletin.campaign.default_language
    found: dict[Channel, dict[str, str]] = {channel: {} for channel in known}
    parts = Parts(bulletin)
    for edition in sorted(editions, key=lambda edition: edition.language != first):
        for channel, _title, text in channel_messages.words_of(parts, edition, found, earlier):
            found[Channel(channel)][edition.language] = text + seen_line(bulletin, channel, edition.language)
    return found
