"""
Subscribers' cursors: who may get a digest, moving them on with it, and back for people whom it never left to.

A cursor moves in the transaction that writes its reader's row, or in the one that finds that there is nothing to say.
What a digest says is not known here: a share names its readers by their topics, their cursor and since when they are
there.
"""

import itertools
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import attrgetter, or_
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from delivery.models import Audience, Delivery, DigestShare, Membership, Recipient, Send, Subscription

AT_ONCE = 50  # shares in a statement
NOT_TOLD = Q(state__in=Delivery.WITHHELD, possible_duplicate=False)


class Readers(Protocol):
    """Readers to whom the same is to be said, as a DigestShare names them."""

    topics_id: int
    told_topics_id: int
    cursor: int
    since_from: int
    since_until: int | None


def ready(audience: Audience, *, at: datetime) -> QuerySet[Subscription]:
    """
    Return the subscriptions of an audience that may get a digest at `at`: not paused, of people whom mail may go to, and
    not waiting for an earlier digest, which may leave yet or has to give their cursor back. One digest after the other,
    so a cursor says all there is.
    """
    person = Recipient.objects.filter(pk=OuterRef("recipient_id")).deliverable()
    member = Membership.objects.filter(audience=audience, recipient=OuterRef("recipient_id"), left_at=None)
    wanted = Subscription.objects.served(at=at).filter(Exists(person), Exists(member), audience=audience)
    flying = list(in_flight(audience.campaign_id))
    if not flying:
        return wanted
    rows = Delivery.objects.filter(mailing=OuterRef("mailing_id"), recipient=OuterRef("recipient_id"))
    unsent = rows.filter(Q(state__in=Delivery.TO_GO) | NOT_TOLD)
    return wanted.exclude(Q(mailing__in=flying) & Exists(unsent))


def in_flight(campaign_id: int) -> QuerySet[Any, int]:
    """Return the keys of the digests of a campaign that have rows and are not settled."""
    sends = Send.objects.filter(Exists(DigestShare.objects.filter(send=OuterRef("pk"))), settled_at=None)
    sends = sends.filter(fanned_out_at__isnull=False, mailing__campaign=campaign_id)
    return sends.values_list("mailing", flat=True)


def unvisited(subscriptions: QuerySet[Subscription], *, slot: datetime) -> QuerySet[Subscription]:
    """Return people who were subscribers before a slot and have not been looked at in it, or since."""
    return subscriptions.alias(looked=Coalesce("considered_at", "subscribed_at")).filter(looked__lt=slot)


def only(subscriptions: QuerySet[Subscription], readers: Readers) -> QuerySet[Subscription]:
    """Return those of the subscriptions that are of such readers."""
    return subscriptions.filter(are(readers))


def are(readers: Readers) -> Q:
    """Return the condition for subscriptions of such readers."""
    such = Q(
        topics=readers.topics_id,
        told_topics=readers.told_topics_id,
        cursor=readers.cursor,
        since__gte=readers.since_from,
    )
    return such if readers.since_until is None else such & Q(since__lt=readers.since_until)


def move(send: Send, shares: Iterable[DigestShare], *, at: datetime) -> int:
    """
    Move the cursors of whom a send's shares are for, and return how many. Inside the transaction that writes its rows. One
    statement for many shares: what costs is to read the subscriptions, which lie among those of others.
    """
    readers, moved = ready(send.audience, at=at), 0
    for upto, same in itertools.groupby(sorted(shares, key=attrgetter("upto")), key=attrgetter("upto")):
        for some in itertools.batched(same, AT_ONCE):
            chosen = readers.filter(reduce(or_, map(are, some)), topics__in={share.topics_id for share in some})
            moved += chosen.update(
                cursor_before=F("cursor"), cursor=upto, mailing=send.mailing_id, considered_at=send.slot_at
            )
    return moved


def skip_uninterested(waiting: QuerySet[Subscription], readers: Readers, *, upto: int, slot: datetime) -> int:
    """Of people who wait in a slot, move the cursors of readers to whom it has nothing to say, and return how many."""
    return only(waiting, readers).update(cursor_before=None, cursor=upto, mailing=None, considered_at=slot)


@transaction.atomic
def rewind(send: Send, *, once_more: bool, at: datetime) -> int:
    """
    Settle a digest's send that is over: move the cursors back of people whom it certainly did not leave to (superseded,
    expired or suppressed), and return how many. What failed, or is in doubt, stays as the ledger has it. Twice changes
    nothing more.

    They are looked at anew in the next slot; with `once_more` in this one.
    """
    if not Send.objects.filter(pk=send.pk, settled_at=None).update(settled_at=at):
        return 0
    looked: dict[str, Any] = {"considered_at": None} if once_more else {}
    return Subscription.objects.filter(
        mailing=send.mailing_id,
        campaign=send.audience.campaign_id,
        cursor_before__isnull=False,
        recipient__in=Delivery.objects.of(send).filter(NOT_TOLD).values("recipient"),
    ).update(cursor=F("cursor_before"), cursor_before=None, mailing=None, **looked)


def skip(send: Send, *, at: datetime) -> int:
    """
    Let people whom a digest was for that a person cancelled before it began wait for the next slot; return how many.
    """
    readers = ready(send.audience, at=at)
    waiting = [unvisited(only(readers, share), slot=send.slot_at) for share in send.shares.all()]
    return sum(one.update(considered_at=send.slot_at) for one in waiting)
