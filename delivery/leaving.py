"""
One click, or one mail, and out. The signed links and addresses need no row and open nothing else.

Links survive a new SECRET_KEY through SECRET_KEY_FALLBACKS; addresses are marked under SUPPRESSION_KEY.
"""

import re
from datetime import datetime

from django.core.signing import BadSignature
from django.db import transaction
from django.utils.translation import gettext as _

from .models import Audience, Consent, Mailing, Membership, Subscription
from .signing import NOBODY, BadLink, Links, LinkSigner, TestLink, marks

PURPOSE = "delivery.unsubscribe"
LEAVE_ADDRESS = re.compile(r"[^@]*\+leave-([^@+]+)@[^@]+", re.IGNORECASE)


def unsubscribe_url(recipient_id: int, mailing_id: int, language: str) -> str:
    """Return the absolute address that takes this recipient off what this mailing is one of."""
    return UnsubscribeLinks(mailing_id, language).of(recipient_id)


class UnsubscribeLinks(Links):
    """The unsubscribe links of one mailing in one language, by recipient."""

    def __init__(self, mailing_id: int, language: str) -> None:
        super().__init__(PURPOSE, "delivery:unsubscribe", about=mailing_id, language=language)


def read(token: str) -> tuple[int, Mailing]:
    """Return the recipient's key and the mailing of a link. Raise BadLink when it isn't one of ours."""
    try:
        recipient_id, mailing_id = LinkSigner(PURPOSE).unsign(token).split(".")
        if int(recipient_id) == NOBODY:
            raise TestLink
        return int(recipient_id), Mailing.objects.select_related("campaign").get(pk=mailing_id)
    except (BadSignature, ValueError, Mailing.DoesNotExist) as fault:
        raise BadLink(_("This link is not complete. Open it from the mail itself, or reply to the mail.")) from fault


def leave_address(recipient_id: int, mailing_id: int, *, bounces: str) -> str:
    """
    Return the address that takes this recipient off what this mailing is one of, when a mail comes to it.

    `bounces` is the address that bounces come back to (compiling.bounce_address).
    """
    local, _at, domain = bounces.rpartition("@")
    return f"{local}+leave-{marks(PURPOSE).of(recipient_id, mailing_id)}@{domain}"


def token_of_leave_address(address: str) -> str | None:
    """Return the token of an address for leaving, in lower case, or None when it is another kind of address."""
    match = LEAVE_ADDRESS.fullmatch(address.strip().strip("<>"))
    return match[1].lower() if match else None


def leave_by_address(address: str, *, at: datetime) -> bool:
    """
    Take off whoever wrote to their address for leaving; tell whether it was one that we have given.

    Twice changes nothing more. It does not matter who wrote: the address is the key, as the link is.
    """
    token = token_of_leave_address(address)
    numbers = marks(PURPOSE).numbers(token, count=2) if token else None
    if numbers is None:
        return False
    recipient_id, mailing_id = numbers
    mailing = Mailing.objects.filter(pk=mailing_id).first()
    if mailing is None:
        return False
    take_off(recipient_id, mailing, at=at)
    return True


@transaction.atomic
def take_off(recipient_id: int, mailing: Mailing, *, at: datetime) -> None:
    """
    Take the recipient off the campaign's bulletins, or its digests when the mailing is a digest.

    Takes effect on mail that is being sent within one window.
    """
    if mailing.is_digest:
        end_digests(recipient_id, mailing.campaign_id, at=at)
        return
    close(recipient_id, mailing.campaign_id, Audience.Kind.INFLUENCERS, at=at)
    Consent.objects.filter(recipient=recipient_id, purpose=Consent.Purpose.BULLETINS, withdrawn_at=None).update(
        withdrawn_at=at
    )


def end_digests(recipient_id: int, campaign_id: int, *, at: datetime) -> None:
    """
    Take a recipient off the digests of a campaign; in a transaction. Their consent stands only for as long as they get the
    digests of another one. Twice changes nothing more.
    """
    open_now = Subscription.objects.filter(recipient=recipient_id, left_at=None)
    open_now.filter(campaign=campaign_id).update(left_at=at)
    close(recipient_id, campaign_id, Audience.Kind.DIGEST, at=at)
    if not open_now.exists():
        Consent.objects.filter(recipient=recipient_id, purpose=Consent.Purpose.DIGEST, withdrawn_at=None).update(
            withdrawn_at=at
        )


def close(recipient_id: int, campaign_id: int, kind: str, *, at: datetime) -> None:
    """End a recipient's memberships of one kind of a campaign's audiences."""
    Membership.objects.filter(
        recipient=recipient_id, audience__campaign=campaign_id, audience__kind=kind, left_at=None
    ).update(left_at=at, left_because="unsubscribed")
