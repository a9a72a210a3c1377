"""
The mark in a mail's links to the portal of whom it was sent to, so that they need not type their address where they log in. It opens
nothing: whoever has it can have a login mail sent to that address, as everybody can who knows it, and is not told the address.
"""

from django.core.signing import BadSignature

from delivery.models import Recipient

from .signing import LinkSigner, mark_of

PURPOSE = "delivery.portal"


class PortalMarks:
    """The marks of recipients, each bound to the address that a mail is sent to."""

    def __init__(self) -> None:
        self._sign = LinkSigner(PURPOSE).sign

    def of(self, recipient_id: int, email: str) -> str:
        """Return the mark of a recipient who has the address `email`, "" without an address."""
        return self._sign(f"{recipient_id}.{mark_of(email)}") if email else ""


def address_of(mark: str) -> str:
    """Return the address that a mark was sent to, "" when it is none of ours, or when that person has it no more; one query."""
    try:
        recipient_id, _dot, bound = LinkSigner(PURPOSE).unsign(mark).partition(".")
    except BadSignature:
        return ""
    recipient = Recipient.objects.exclude(state=Recipient.State.ERASED).filter(pk=int(recipient_id)).first()
    return recipient.email if recipient and mark_of(recipient.email) == bound else ""
