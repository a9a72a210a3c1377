"""
What a subscriber may change by the link in each mail: how often, about what, in which language, a pause, the address, and
leaving. What is pending stays pending, however it is changed: the cursor is not touched.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from delivery.links import preference_links, unsubscribe
from delivery.links.signing import BadLink, mark_of
from delivery.models import Audience, Membership, NewAddress, Subscription
from lib.mail_addresses import canonical

from . import topic_sets
from .signup import codes_of, wake

LONGEST_PAUSE = timedelta(days=365)
MOST_AT_ONCE = 500  # pauses that one call ends; the next goes on


class NotChanged(Exception):
    """A change that cannot be made. The message says why and what to do; nothing was changed."""


def read(token: str) -> Subscription:
    """Return the subscription of a link, also one that was left. Raise BadLink when the link opens none."""
    recipient_id, campaign_id, mark = preference_links.read_preferences(token)
    rows = Subscription.objects.select_related("recipient", "campaign", "audience", "topics")
    subscription = rows.filter(recipient=recipient_id, campaign=campaign_id).first()
    email = subscription.recipient.email if subscription else ""
    if subscription is None or not email or mark != mark_of(email):
        raise BadLink(
            _("This link is incomplete, or the digest now goes to another address. Open it from the newest email.")
        )
    return subscription


@transaction.atomic
def choose(
    subscription: Subscription,
    *,
    audience: Audience,
    topics: Iterable[int],
    language: str,
    prefers_easy: bool | None = None,
    at: datetime,
) -> None:
    """Serve a subscriber with all that they chose, or change nothing of it. Raise NotChanged."""
    change_cadence(subscription, audience, at=at)
    change_topics(subscription, topics)
    change_language(subscription, language, prefers_easy=prefers_easy)


@transaction.atomic
def change_cadence(subscription: Subscription, audience: Audience, *, at: datetime) -> None:
    """Serve a subscriber as often as another audience; what is pending comes in its next slot. Raise NotChanged."""
    held = lock_subscription(subscription)
    if audience.campaign_id != held.campaign_id or audience.kind != Audience.Kind.DIGEST:
        raise NotChanged(_("The digest is not sent that way. Choose again how often you want it."))
    if audience.pk == held.audience_id:
        return
    stop_delivery(held, because="changed", at=at)
    held.audience, held.considered_at = audience, at
    held.save(update_fields=["audience", "considered_at"])
    if held.paused_until is None:
        allow_delivery(held, reason="changed", at=at)


@transaction.atomic
def change_topics(subscription: Subscription, topics: Iterable[int]) -> None:
    """Serve a subscriber with other topics (their keys; none: everything). Raise NotChanged."""
    held = lock_subscription(subscription)
    held.topics = topic_sets.choice_of(held.campaign, topics)
    held.told_topics = topic_sets.together(held.told_topics, held.topics)
    held.save(update_fields=["topics", "told_topics"])


@transaction.atomic
def change_language(subscription: Subscription, language: str, *, prefers_easy: bool | None = None) -> None:
    """
    Serve a subscriber in another language, in easy language where there is one or not; None leaves that as it is. Raise
    NotChanged.
    """
    held = lock_subscription(subscription)
    held.language = language
    held.prefers_easy = held.prefers_easy if prefers_easy is None else prefers_easy
    held.save(update_fields=["language", "prefers_easy"])


@transaction.atomic
def pause(subscription: Subscription, *, until: datetime, at: datetime) -> None:
    """
    Send a subscriber nothing until a moment; what is published meanwhile comes after it. Takes effect within one window.
    Raise NotChanged.
    """
    held = lock_subscription(subscription)
    # The day on which it ends begins at midnight, which the clocks may have moved by an hour.
    if not at < until <= at + LONGEST_PAUSE + timedelta(hours=1):
        raise NotChanged(_("A pause ends on a future day, within a year. Choose the day again."))
    stop_delivery(held, because="paused", at=at)
    held.paused_until = until
    held.save(update_fields=["paused_until"])


@transaction.atomic
def resume(subscription: Subscription, *, at: datetime) -> None:
    """End a pause. Without one nothing changes. Raise NotChanged."""
    held = lock_subscription(subscription)
    if held.paused_until is None:
        return
    held.paused_until = None
    held.save(update_fields=["paused_until"])
    allow_delivery(held, reason="resumed", at=at)


def resume_due(*, at: datetime) -> int:
    """End the pauses whose time is over, and return how many. Those of closed campaigns stay as they are."""
    due = Subscription.objects.filter(paused_until__lte=at, left_at=None, campaign__closed_at=None)
    ended = 0
    for subscription in due.order_by("paused_until", "pk")[:MOST_AT_ONCE]:
        with suppress(NotChanged), transaction.atomic():  # left, or closed, meanwhile
            held = lock_subscription(subscription)
            if held.paused_until and held.paused_until <= at:
                resume(held, at=at)
                ended += 1
    return ended


@transaction.atomic
def request_address_change(subscription: Subscription, email: str, *, place: str, at: datetime) -> None:
    """
    Note the address that a subscriber wants to have instead, to which a mail is written; until its link is confirmed all
    stays. Raise NotChanged.
    """
    held = lock_subscription(subscription)
    email = canonical(email)
    if email == held.recipient.email:
        raise NotChanged(_("The digest already goes to this address."))
    if NewAddress.objects.filter(subscription=held).exclude(moved_at=None).exists():
        raise NotChanged(
            _("The address has just been changed, and the old one is being notified. Try again in a few minutes.")
        )
    NewAddress.objects.update_or_create(
        subscription=held,
        defaults={
            "email": email,
            "secret": "",
            **codes_of(place),
            "asked_at": at,
            "mail_due_at": at,
            "mailed_at": None,
        },
    )
    transaction.on_commit(wake, robust=True)


@transaction.atomic
def end_subscription(subscription: Subscription, *, at: datetime) -> None:
    """End a subscription at once. Twice changes nothing more."""
    unsubscribe.end_digests(subscription.recipient_id, subscription.campaign_id, at=at)


# --- Parts -----------------------------------------------------------------------------------------


def lock_subscription(subscription: Subscription) -> Subscription:
    """Return the subscription, locked until the end of the transaction. Raise NotChanged for one that was left."""
    rows = Subscription.objects.select_related("recipient", "campaign", "topics__campaign", "told_topics__campaign")
    held = rows.select_for_update(of=("self",)).get(pk=subscription.pk)
    if held.left_at is not None:
        raise NotChanged(
            _("You have unsubscribed from the digest, so nothing was changed. Subscribe again to come back.")
        )
    if held.campaign.closed_at is not None:
        raise NotChanged(_("This campaign has ended and sends no more digests, so nothing was changed."))
    return held


def allow_delivery(subscription: Subscription, *, reason: str, at: datetime) -> None:
    """Let mail be handed over to a subscriber from now on; in a transaction that holds the subscription."""
    Membership.objects.get_or_create(
        audience=subscription.audience,
        recipient=subscription.recipient,
        left_at=None,
        defaults={"joined_at": at, "reason": reason},
    )


def stop_delivery(subscription: Subscription, *, because: str, at: datetime) -> None:
    """Hand over no more to a subscriber, within one window; in a transaction that holds the subscription."""
    Membership.objects.filter(
        recipient=subscription.recipient_id,
        audience__campaign=subscription.campaign_id,
        audience__kind=Audience.Kind.DIGEST,
        left_at=None,
    ).update(left_at=Greatest("joined_at", Value(at)), left_because=because)
