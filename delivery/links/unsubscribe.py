"""
One click, or one mail, and out. The signed links and addresses need no row and open nothing else. They are bound to the address
that a mail was sent to: who reads an address from before takes nobody off who has moved on. Those of mails from before they
were bound hold as long as the address has not changed since.

Links survive a new SECRET_KEY through SECRET_KEY_FALLBACKS; addresses are marked under SUPPRESSION_KEY.
"""

import re
from datetime import datetime, timedelta

from django.core.signing import BadSignature
from django.db import transaction
from django.utils.translation import gettext as _

from delivery.models import Audience, Consent, MailChoice, Mailing, Membership, Recipient, Subscription

from .signing import MARK_DIGITS, NOBODY, BadLink, BoundLinks, LinkSigner, TestLink, mark_of, marks

PURPOSE = "delivery.unsubscribe"
NAMED = re.compile(
    r"(?P<text>(?P<recipient>[1-9][0-9]{0,17})\.(?P<mailing>[1-9][0-9]{0,17}))\.(?P<signature>[0-9a-f]+)"
)
LESS = PAUSE, URGENT_ONLY = "pause", "urgent"  # what is offered before leaving
LESS_DAYS = 30
LEAVE_ADDRESS = re.compile(r"[^@]*\+leave-([^@+]+)@[^@]+", re.IGNORECASE)


class UnsubscribeLinks(BoundLinks):
    """The unsubscribe links of one mailing in one language, by recipient."""

    def __init__(self, mailing_id: int, language: str) -> None:
        super().__init__(PURPOSE, "delivery:unsubscribe", about=mailing_id, language=language)


def read(token: str) -> tuple[int, Mailing]:
    """
    Return the recipient's key and the mailing of a link. Raise BadLink when it isn't one of ours, or was sent to an address
    that the recipient has no more.
    """
    try:
        recipient_id, mailing_id, *bound = LinkSigner(PURPOSE).unsign(token).split(".")
        who = int(recipient_id)
        if who == NOBODY:
            raise TestLink
        mailing = Mailing.objects.select_related("campaign").get(pk=mailing_id)
    except (BadSignature, ValueError, Mailing.DoesNotExist) as fault:
        raise BadLink(_("This link is incomplete. Open it from the email itself, or reply to the email.")) from fault
    recipient = Recipient.objects.filter(pk=who).first()
    if recipient is not None and not (
        bound == [mark_at(recipient)] if bound else still_has_address(recipient, mailing)
    ):
        raise BadLink(
            _(
                "The subscription that this email belongs to now goes to another address. Open the link in the "
                "newest email."
            )
        )
    return who, mailing


def mark_at(recipient: Recipient) -> str:
    """Return the mark of the address that a recipient has; that of one who was erased is known still."""
    return recipient.address_hash[:MARK_DIGITS]


def still_has_address(recipient: Recipient, mailing: Mailing) -> bool:
    """Return whether the address is still the one that a mailing went to."""
    return recipient.had_address_at(mailing.created_at)


def unsubscribe_address(recipient_id: int, mailing_id: int, *, email: str, bounces: str) -> str:
    """
    Return the address that takes this recipient, at the address `email`, off what this mailing is one of, when a mail comes to
    it. The mark of `email` is in the signature and not in the text, which must stay short.

    `bounces` is the address that bounces come back to (addresses.bounce_address).
    """
    local, _at, domain = bounces.rpartition("@")
    signature = marks(PURPOSE).of(recipient_id, mailing_id, number_of(mark_of(email))).rpartition(".")[2]
    return f"{local}+leave-{recipient_id}.{mailing_id}.{signature}@{domain}"


def number_of(mark: str) -> int:
    """Return the mark of an address as a number that marks take: 1 to 18 digits."""
    return int(mark, 16) % 10**18 + 1


def token_of_unsubscribe_address(address: str) -> str | None:
    """Return the token of an address for leaving, in lower case, or None when it is another kind of address."""
    match = LEAVE_ADDRESS.fullmatch(address.strip().strip("<>"))
    return match[1].lower() if match else None


def unsubscribe_by_address(address: str, *, at: datetime) -> bool:
    """
    Take off whoever wrote to their address for leaving; return whether it was one that we have given.

    Twice changes nothing more. It does not matter who wrote: the address is the key, as the link is.
    """
    named = NAMED.fullmatch(token_of_unsubscribe_address(address) or "")
    if named is None:
        return False
    recipient = Recipient.objects.filter(pk=named["recipient"]).first()
    mailing = Mailing.objects.filter(pk=named["mailing"]).first()
    if recipient is None or mailing is None:
        return False
    known, (text, signature) = marks(PURPOSE), (named["text"], named["signature"])
    is_bound = known.numbers(f"{text}.{number_of(mark_at(recipient))}.{signature}", count=3)
    if not is_bound and not (known.numbers(f"{text}.{signature}", count=2) and still_has_address(recipient, mailing)):
        return False
    unsubscribe_recipient(recipient.pk, mailing, at=at)
    return True


@transaction.atomic
def get_less(recipient_id: int, mailing: Mailing, way: str, *, at: datetime) -> None:
    """
    Have a recipient of a campaign's bulletins get only what is urgent from now on ("urgent"), or for LESS_DAYS ("pause"). Corrections
    of what they got come all the same, and so does what was being gathered for them. Twice changes nothing more, nor does it for who
    gets none.
    """
    if mailing.is_digest or way not in LESS or not gets_bulletins(recipient_id, mailing):
        return
    held = MailChoice.objects.select_for_update()
    choice, _new = held.get_or_create(campaign_id=mailing.campaign_id, recipient_id=recipient_id)
    if way == PAUSE:
        choice.break_until = at + timedelta(days=LESS_DAYS)
    elif choice.pace != MailChoice.Pace.URGENT:
        choice.pace_before, choice.changed_at, choice.pace = choice.pace, at, MailChoice.Pace.URGENT
    choice.save()


def gets_bulletins(recipient_id: int, mailing: Mailing) -> bool:
    """Return whether a recipient still gets the bulletins of a mailing's campaign; one query."""
    mine = Membership.objects.filter(recipient=recipient_id, audience__campaign=mailing.campaign_id, left_at=None)
    return mine.filter(audience__kind=Audience.Kind.INFLUENCERS).exists()


@transaction.atomic
def unsubscribe_recipient(recipient_id: int, mailing: Mailing, *, at: datetime) -> None:
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
