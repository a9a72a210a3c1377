"""The links in mails to subscribers to their preferences, which work for as long as the address is theirs."""

from collections.abc import Callable
from datetime import datetime

from django.core.signing import BadSignature
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from delivery.models import Mailing, Subscription

from .signing import NOBODY, BadLink, BoundLinks, LinkSigner, TestLink

PREFER = "delivery.prefer"
# Each tells whether a subscription can be narrowed to what is urgent; the app that knows how often digests come adds its own.
NARROWS: list[Callable[[Subscription, datetime], bool]] = []


class PreferenceLinks(BoundLinks):
    """The links to the preferences of one campaign's subscribers."""

    def __init__(self, campaign_id: int, language: str) -> None:
        super().__init__(PREFER, "subscriptions:preferences", about=campaign_id, language=language)


def preferences_of(recipient_id: int, mailing: Mailing) -> str:
    """
    Return the address of the preferences of whoever got a mailing, "" when they get no digest of its campaign any more, or
    when it went to an address that they have no more; one query.
    """
    subscription = subscription_of(recipient_id, mailing)
    if subscription is None:
        return ""
    links = PreferenceLinks(mailing.campaign_id, get_language() or subscription.language)
    return links.of(recipient_id, subscription.recipient.email)


def can_be_narrowed(recipient_id: int, mailing: Mailing, *, at: datetime) -> bool:
    """Return whether whoever got a mailing of a digest can have only what is urgent instead; three queries."""
    subscription = subscription_of(recipient_id, mailing)
    return subscription is not None and any(narrows(subscription, at) for narrows in NARROWS)


def subscription_of(recipient_id: int, mailing: Mailing) -> Subscription | None:
    """Return the digest that whoever got a mailing has of its campaign, None when it went to an address that they have no more."""
    mine = Subscription.objects.filter(recipient=recipient_id, campaign=mailing.campaign_id, left_at=None)
    found = mine.select_related("recipient", "campaign").first()
    return found if found and found.recipient.had_address_at(mailing.created_at) else None


def read_preferences(token: str) -> tuple[int, int, str]:
    """
    Return the keys of the recipient and the campaign that a link names, and the mark of the address that it was sent to.
    Raise BadLink when it is no such link of ours.
    """
    try:
        recipient_id, campaign_id, mark = LinkSigner(PREFER).unsign(token).split(".")
        who = int(recipient_id), int(campaign_id), mark
    except (BadSignature, ValueError) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    if who[0] == NOBODY:
        raise TestLink
    return who
