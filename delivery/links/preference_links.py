"""The links in mails to subscribers to their preferences, which work for as long as the address is theirs."""

from django.core.signing import BadSignature
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from delivery.models import Mailing, Subscription

from .signing import NOBODY, BadLink, BoundLinks, LinkSigner, TestLink

PREFER = "delivery.prefer"


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
