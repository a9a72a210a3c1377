"""
Who gets a mailing by which channel, kept when a send gets its rows. What is urgent comes by mail and by every channel that
somebody chose for it; anything else by one: the chosen one as long as it works, else by mail (where it fails after that:
stand_ins.py).
"""

from django.db.models import Exists, OuterRef

from delivery.models import Audience, Channel, ChannelChoice, Mailing, Message, Send, Wanted
from delivery.transports import channels

CHOSEN = """
  AND EXISTS (SELECT 1 FROM {channel_choice} k WHERE k.recipient_id = r.id AND k.wants = %(wants)s)
"""

# Whoever chose a channel by which it goes, and which works, gets no mail of it, but for a newer version of what came by mail.
ELSEWHERE = """
  AND (NOT EXISTS (SELECT 1 FROM {channel_choice} k JOIN {recipient} o ON o.id = k.recipient_id
                   WHERE o.person_id = r.id AND o.channel IN ({instead}) AND k.wants = %(wants)s AND o.state = 'active'
                     AND NOT EXISTS (SELECT 1 FROM {suppression} x WHERE x.address_hash = o.address_hash)
                     AND EXISTS (SELECT 1 FROM {consent} c WHERE c.recipient_id = o.id AND c.purpose = 'bulletins'
                                 AND c.confirmed_at IS NOT NULL AND c.withdrawn_at IS NULL)) {or_reached})
"""


def wanted_of(mailing: Mailing) -> Wanted:
    """Return as what people choose a mailing."""
    return Wanted.URGENT if mailing.queue == Mailing.Queue.URGENT else Wanted.BULLETINS


def rooms_of(mailing: Mailing) -> Audience | None:
    """Return the chat rooms of a campaign, None where none of them wants a mailing; one query where rooms are set up."""
    if Channel.ROOM not in channels.beside_mail(mailing.campaign):
        return None
    of_rooms = Audience.objects.filter(campaign=mailing.campaign_id, kind=Audience.Kind.ROOMS)
    wanting = ChannelChoice.objects.filter(
        wants=wanted_of(mailing), recipient__memberships__audience=OuterRef("pk"), recipient__memberships__left_at=None
    )
    return of_rooms.filter(Exists(wanting)).first()


def instead_of_mail(send: Send, mailing: Mailing) -> list[str]:
    """Return the channels by which people may get a mailing instead of this mail; two queries where there may be any."""
    by_mail = send.channel == Channel.MAIL and send.audience.kind == Audience.Kind.INFLUENCERS
    if not by_mail or mailing.queue == Mailing.Queue.URGENT or send.exposed_only or send.newcomers_only or send.pace:
        return []
    if send.instead_of_id:  # the chosen channel has failed
        return []
    if not ChannelChoice.objects.filter(wants=Wanted.BULLETINS).exists():
        return []
    return others_of(mailing)


def others_of(mailing: Mailing) -> list[str]:
    """Return the channels but mail by which a mailing may go and has words; one query where any is set up."""
    known = channels.beside_mail(mailing.campaign)
    found = Message.objects.filter(mailing=mailing, channel__in=known)
    return sorted(set(found.values_list("channel", flat=True))) if known else []


def clauses(send: Send, instead: list[str]) -> list[str]:
    """Return the clauses by which these wishes are kept. Who is told of a correction got the words before by the same channel."""
    if send.channel != Channel.MAIL:
        return [] if send.exposed_only else [CHOSEN]
    return [ELSEWHERE] if instead else []
