"""
The links by which somebody says that they have seen an urgent message: one for each recipient of a mailing, bound to the address that
it was sent to. Opening one counts nothing, since mail scanners open links too. What a press means is for the app that asks.

In a text message each sign costs, so its link is short: two numbers and a mark of always the same length. It leads to the long one.
"""

import re

from django.conf import settings
from django.core.signing import BadSignature
from django.utils.crypto import constant_time_compare
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext as _

from delivery.models import Channel, Mailing, Recipient
from delivery.models.recipients import address_form

from .signing import MARK_DIGITS, NOBODY, BadLink, BoundLinks, LinkSigner, TestLink, mark_of

SEEN = "delivery.seen"
SHORT = "delivery.seen.short"
# Signs of a short link: base 36 of the recipient and of the mailing, and 60 bits of a signature in base 64.
OF_RECIPIENT, OF_MAILING, OF_MARK = 7, 5, 10
CODE = re.compile(rf"([0-9a-z]{{{OF_RECIPIENT}}})([0-9a-z]{{{OF_MAILING}}})([\w-]{{{OF_MARK}}})", re.ASCII)
# What stands behind a link in a sentence, which some messengers take for a part of it; no code has such a sign.
BEHIND = ".,:;!?…)]>»”’\"'"


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
        raise BadLink(_("This link is incomplete. Open it from the message itself.")) from fault
    if recipient.address_hash[:MARK_DIGITS] != mark:
        raise BadLink(why_not(recipient))
    return recipient, mailing


def why_not(recipient: Recipient) -> str:
    """Return why a link counts no more that went to an address which a recipient has left or changed, without calling a message an email."""
    if recipient.channel == Channel.MAIL:
        return _("This email went to an address that has changed since. Open the link in the newest email.")
    return _(
        "The address that this message went to (%(channel)s) is no longer in use. Open the link in the newest message that you got."
    ) % {"channel": recipient.get_channel_display()}


# --- Short ------------------------------------------------------------------------------------------


class ShortSeenLinks:
    """The same links for text messages, by recipient; they have no language, for they lead on in that of their reader."""

    def __init__(self, mailing_id: int) -> None:
        self._signer, self._mailing = LinkSigner(SHORT), mailing_id

    def of(self, recipient_id: int, address: str = "") -> str:
        """Return the absolute address for one recipient with an address."""
        numbers = padded(recipient_id, OF_RECIPIENT) + padded(self._mailing, OF_MAILING)
        return short_address(numbers + short_mark(self._signer, numbers, mark_of(address)))


def padded(number: int, signs: int) -> str:
    """Return a number in base 36, with zeros before it."""
    return int_to_base36(number).rjust(signs, "0")


def short_mark(signer: LinkSigner, numbers: str, bound: str) -> str:
    """Return the mark of a short link that is bound to an address."""
    return signer.signature(f"{numbers}.{bound}")[:OF_MARK]


def short_address(code: str) -> str:
    """Return the absolute address of a short link."""
    return f"{settings.PUBLIC_URL}/s/{code}"


def short_sample() -> str:
    """Return a link of nobody, of the length that all have."""
    return short_address("0" * (OF_RECIPIENT + OF_MAILING + OF_MARK))


def read_short(code: str) -> str:
    """
    Return the long link to which a short one leads, in the language of its recipient; one query. Raise BadLink when it is none of ours, or was
    sent to an address that they have no more.
    """
    found = CODE.fullmatch(code.rstrip(BEHIND))
    recipients = Recipient.objects.exclude(state=Recipient.State.ERASED)
    recipient = recipients.filter(pk=base36_to_int(found[1])).first() if found else None
    if found and recipient:
        mark = short_mark(LinkSigner(SHORT), found[1] + found[2], recipient.address_hash[:MARK_DIGITS])
        if constant_time_compare(mark, found[3]):
            bound = address_form(recipient.channel, recipient.email or recipient.address)
            return SeenLinks(base36_to_int(found[2]), recipient.language).of(recipient.pk, bound)
    raise BadLink(_("This link is incomplete, or older than your number here. Open the newest message."))
