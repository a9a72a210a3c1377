"""
The mail in the browser, for those whose mail program shows it badly: signed links that open nothing else.

Looking changes nothing and leaves no trace. What was replaced is not shown again: its newest version is.
"""

from dataclasses import dataclass

from django.core.signing import BadSignature
from django.utils.translation import gettext as _

from delivery.links.portal_marks import PortalMarks
from delivery.links.preference_links import PreferenceLinks
from delivery.links.seen_links import SeenLinks
from delivery.links.signing import NOBODY, BadLink, Links, LinkSigner, TestLink
from delivery.links.unsubscribe import UnsubscribeLinks
from delivery.models import Message, Recipient

from .headers import printable
from .personal_fields import filled

PURPOSE = "delivery.read"


class ReadLinks(Links):
    """The links to one message in the browser, by recipient."""

    def __init__(self, message_id: int, language: str) -> None:
        super().__init__(PURPOSE, "delivery:read", about=message_id, language=language)


@dataclass(frozen=True, slots=True)
class Page:
    """A message as its recipient sees it in the browser. `is_newer` says that their mail was an earlier version."""

    message: Message
    html: str
    text: str
    is_newer: bool


def page(token: str) -> Page:
    """Return what a link shows. Raise BadLink when it isn't one of ours, or its reader has been erased."""
    try:
        recipient_id, message_id = LinkSigner(PURPOSE).unsign(token).split(".")
        if int(recipient_id) == NOBODY:
            raise TestLink
        recipient = Recipient.objects.exclude(state=Recipient.State.ERASED).get(pk=recipient_id)
        sent = Message.objects.select_related("mailing__campaign").get(pk=message_id)
        shown = newest(sent)
    except (BadSignature, ValueError, Recipient.DoesNotExist, Message.DoesNotExist) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    # The links are of the mail that was opened: whoever reads an address from before gets no more than it had.
    address = recipient.email if recipient.had_address_at(sent.mailing.created_at) else ""
    values = {
        "name": printable(recipient.name),
        "unsubscribe_url": UnsubscribeLinks(sent.mailing_id, shown.language).of(recipient.pk, address),
        "read_url": ReadLinks(sent.pk, shown.language).of(recipient.pk),
        "preferences_url": PreferenceLinks(sent.mailing.campaign_id, shown.language).of(recipient.pk, address),
        "portal_mark": PortalMarks().of(recipient.pk, address),
        "seen_url": SeenLinks(shown.mailing_id, shown.language).of(recipient.pk, address),
    }
    return Page(
        message=shown,
        html=filled(shown.html, values, in_html=True),
        text=filled(shown.text, values, in_html=False),
        is_newer=shown.pk != sent.pk,
    )


def newest(message: Message) -> Message:
    """
    Return the message itself or, once its mailing is replaced, what the newest version says: in its language, else in
    the campaign's main one, else in any. Raise ValueError when that says nothing.
    """
    mailing = message.mailing
    if mailing.superseded_by_id is None:
        return message
    later = mailing.superseded_by
    while later is not None and later.superseded_by_id is not None:  # the thread of a roundup may go on in a part of it
        later = later.superseded_by
    return min(
        Message.objects.select_related("mailing__campaign").filter(mailing=later),
        key=lambda row: (
            row.language != message.language,
            row.language != mailing.campaign.default_language,
            row.reading_level != message.reading_level,
            row.pk,
        ),
    )
