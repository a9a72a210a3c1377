"""
The sends by mail that stand in for sends by other channels. What is not urgent goes to each person by one channel, the chosen one;
where that did not take it for good (refused, a bot that was blocked, a device that is gone, a landline, an address that was left),
the person gets it by mail within the same minute: by a send of its own that names the one that it stands in for
(`Send.instead_of`). The row that failed stays as it is, and so each ledger adds up by itself.

Whoever may have got it, by whatever address of theirs, or still waits for it there, is not told again. What is urgent went by mail
beside all others in any case; of a correction this holds too, for it follows every channel by which an earlier version went.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from delivery.models import Channel, Delivery, Mailing, ProviderEvent, Send
from delivery.models.sends import SendQuerySet

from . import fanout

# For how long after its slot a bulletin still gets a stand-in, and how often late reports are looked for.
LASTS = timedelta(hours=24)
LATELY = timedelta(hours=1)

State = Send.State
NOT_BEGUN = (State.PLANNED, State.HELD)
GAVE_UP = (Delivery.State.FAILED, Delivery.State.SUPPRESSED)


def plan_due(*, at: datetime) -> int:
    """Plan a send by mail for each send by another channel that has failed people who have it from nowhere; return how many."""
    planned = [stand_in(send, at=at) for send in failing(at=at) if lacks(send, at=at)]
    # Two at once make the same one.
    Send.objects.bulk_create(planned, ignore_conflicts=True)
    return len(planned)


def failing(*, at: datetime) -> SendQuerySet:
    """
    Return the sends by other channels than mail that are under way or ended a while ago, or of which a bounce was reported lately,
    whose mailing goes by mail too, and whose people are not just being told by it. One query.
    """
    by_mail = Send.objects.filter(mailing=OuterRef("mailing"), audience=OuterRef("audience"), channel=Channel.MAIL)
    bounced = ProviderEvent.objects.filter(
        kind=ProviderEvent.Kind.BOUNCED,
        processed_at__gt=at - LATELY,
        delivery__gte=OuterRef("first_delivery"),
        delivery__lte=OuterRef("last_delivery"),
    )
    waits = Send.objects.filter(instead_of=OuterRef("pk"), state__in=NOT_BEGUN, fanned_out_at=None)
    sends = Send.objects.filter(
        Q(finished_at=None) | Q(finished_at__gt=at - LATELY) | Exists(bounced),
        Exists(by_mail.filter(instead_of=None).exclude(state=State.CANCELLED)),
        ~Q(mailing__queue=Mailing.Queue.URGENT) | Q(exposed_only=True),
        ~Exists(waits),
        state__in=[State.SENDING, State.FINISHED],
        fanned_out_at__gt=at - LASTS,
        first_delivery__isnull=False,
        summed_at=None,
        unlinked_at=None,
        mailing__superseded_by=None,
    ).exclude(channel=Channel.MAIL)
    return sends.select_related("mailing", "audience").annotate(before=Count("stand_ins")).order_by("pk")


def lacks(send: Send, *, at: datetime) -> bool:
    """Return whether somebody has a mailing from nowhere because a send failed; a query, and another where anything failed."""
    rows = Delivery.objects.of(send)
    if not rows.filter(Q(state__in=GAVE_UP) | Q(receipt=Delivery.Receipt.BOUNCED)).exists():
        return False
    return fanout.finds_anybody(stand_in(send, at=at), send.mailing, at=at)


def stand_in(send: Send, *, at: datetime) -> Send:
    """Return, unsaved, what stands in for a send: the same mailing to the same audience by mail, now."""
    return Send(
        mailing=send.mailing,
        audience=send.audience,
        channel=Channel.MAIL,
        instead_of=send,
        slot_key=f"{send.slot_key[:100]}-instead-{send.before + 1}",  # type: ignore[attr-defined]  # annotated
        slot_at=at,
        deadline=send.deadline,
    )


def row_instead(delivery: Delivery) -> Delivery | None:
    """Return the row by which its person was told instead, if there is one; one query."""
    person = delivery.recipient.person_id if delivery.recipient else None
    if person is None:
        return None
    return Delivery.objects.filter(
        mailing=delivery.mailing_id, recipient=person, send__instead_of=delivery.send_id
    ).first()
