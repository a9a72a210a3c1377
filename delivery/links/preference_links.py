"""
The links in mails to subscribers: to confirm, which works once and for seven days, and to their preferences, which works
for as long as the address is theirs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from delivery.models import Mailing, NewAddress, SignUp, Subscription
from lib.text.languages import site_language

from .signing import NOBODY, BadLink, BoundLinks, LinkSigner, TestLink

CONFIRM = "delivery.confirm"
PREFER = "delivery.prefer"
LASTS = timedelta(days=7)
KINDS: dict[str, type[SignUp] | type[NewAddress]] = {"s": SignUp, "a": NewAddress}


class ExpiredLink(BadLink):
    """A link of ours that opens nothing any more. The text says why, and what to do."""


class EarlyLink(BadLink):
    """A link of ours that opens nothing at this moment. The text says when again."""


# --- To confirm ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """What a link confirms: a row of SignUp or NewAddress, and its secret."""

    model: type[SignUp] | type[NewAddress]
    pk: int
    secret: str


def confirm_url(row: SignUp | NewAddress, *, language: str, at: datetime) -> str:
    """Return the absolute address that confirms a row, for seven days from `at`."""
    kind = next(kind for kind, model in KINDS.items() if isinstance(row, model))
    until = int((at + LASTS).timestamp())
    token = LinkSigner(CONFIRM).sign(f"{kind}.{row.pk}.{row.secret}.{until}")
    with override(site_language(language)):
        return settings.PUBLIC_URL + reverse("subscriptions:confirm", args=[token])


def read_confirm(token: str, *, at: datetime) -> PendingConfirmation:
    """Return what a link confirms. Raise BadLink for what is not ours, and ExpiredLink for one that is too old."""
    try:
        kind, key, secret, until = LinkSigner(CONFIRM).unsign(token).split(".")
        waiting = PendingConfirmation(KINDS[kind], int(key), secret)
        lasts = datetime.fromtimestamp(int(until), UTC)
    except (BadSignature, ValueError, KeyError) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or subscribe again.")) from fault
    if at > lasts:
        raise ExpiredLink(_("This link was valid for seven days and has expired. Subscribe again to get a new one."))
    return waiting


# --- To the preferences ----------------------------------------------------------------------------


class PreferenceLinks(BoundLinks):
    """The links to the preferences of one campaign's subscribers."""

    def __init__(self, campaign_id: int, language: str) -> None:
        super().__init__(PREFER, "subscriptions:preferences", about=campaign_id, language=language)


def preferences_of(recipient_id: int, mailing: Mailing) -> str:
    """
    Return the address of the preferences of whoever got a mailing, "" when they get no digest of its campaign any more, or
    when it went to an address that they have no more; one query.
    """
    mine = Subscription.objects.filter(recipient=recipient_id, campaign=mailing.campaign_id, left_at=None)
    subscription = mine.select_related("recipient").first()
    if subscription is None or not subscription.recipient.had_address_at(mailing.created_at):
        return ""
    links = PreferenceLinks(mailing.campaign_id, get_language() or subscription.language)
    return links.of(recipient_id, subscription.recipient.email)


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
