"""
The links by which somebody says that they have seen an urgent message: one for each recipient of a mailing, bound to the address that
it was sent to. Opening one counts nothing, since mail scanners open links too. What a press means is for the app that asks.
"""

from django.core.signing import BadSignature
from django.utils.translation import gettext as _

from delivery.models import Mailing, Recipient

from .signing import MARK_DIGITS, NOBODY, BadLink, BoundLinks, LinkSigner, TestLink

SEEN = "delivery.seen"


class SeenLinks(BoundLinks):
    """The links of one mailing in one language, by recipient."""

    def __init__(self, mailing_id: int, language: str) -> None:
        super().__init__(SEEN, "seen:link", about=mailing_id, language=language)


def read_seen(token: str) -> tuple[Recipient, Mailing]:
    """
    Return the recipient and the mailing, with its campaign, that a link names; two queries. Raise BadLink when it is none of
    ours, or was sent to an address that the recipient has no more.
    """
    try:
        recipient_id, mailing_id, mark = LinkSigner(SEEN).unsign(token).split(".")
        if int(recipient_id) == NOBODY:
            raise TestLink
        mailing = Mailing.objects.select_related("campaign").get(pk=int(mailing_id))
        recipient = Recipient.objects.exclude(state=Recipient.State.ERASED).get(pk=int(recipient_id))
    except (BadSignature, ValueError, Mailing.DoesNotExist, Recipient.DoesNotExist) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    if recipient.address_hash[:MARK_DIGITS] != mark:
        raise BadLink(_("This email went to an address that has changed since. Open the link in the newest email."))
    return recipient, mailing
