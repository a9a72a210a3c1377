"""
The ledger of consents: what each person agreed to, in the very words that they read. The apps that ask say which words
they show (`offer`); the first yes to a version in a language writes them down for good.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from delivery.links import unsubscribe
from delivery.models import Audience, Consent, ConsentText, Membership, Recipient, Subscription

Purpose = Consent.Purpose


@dataclass(frozen=True, slots=True)
class Offered:
    """The words that pages show now, and their version."""

    version: str
    words: Any


_offered: dict[str, Offered] = {}


def offer(purpose: str, *, version: str, words: Any) -> None:
    """Say which words (translated lazily) people are asked to agree to now. Each version has other words."""
    _offered[purpose] = Offered(version, words)


def text_in(purpose: str, language: str) -> str:
    """Return the words that people are asked to agree to now, in a language."""
    with override(language):
        return str(_offered[purpose].words)


def record_consents(consents: Iterable[Consent]) -> None:
    """Write down that someone agreed, with the words; in a transaction. What they said before ends."""
    for consent in consents:
        keep_text(consent)
        Consent.objects.filter(recipient=consent.recipient_id, purpose=consent.purpose, withdrawn_at=None).update(
            withdrawn_at=consent.confirmed_at or consent.given_at
        )
        consent.save()


def keep_text(consent: Consent) -> None:
    """Write down the words of a consent unless they are. Words of an older version were written when they were new."""
    offered = _offered.get(consent.purpose)
    if offered is None or offered.version != consent.text_version:
        return
    ConsentText.objects.get_or_create(
        purpose=consent.purpose,
        version=consent.text_version,
        language=consent.language,
        defaults={"words": text_in(consent.purpose, consent.language), "first_at": consent.given_at},
    )


def text_of(consent: Consent) -> ConsentText | None:
    """Return the words that someone agreed to, None for those from before words were written down; one query."""
    texts = ConsentText.objects.filter(purpose=consent.purpose, version=consent.text_version)
    return texts.filter(language=consent.language).first()


def proof(consent: Consent, *, at: datetime) -> dict[str, Any]:
    """Return all that shows that someone agreed, as plain data; moments as they are."""
    text = text_of(consent)
    return {
        "exported_at": at,
        "consent": consent.pk,
        "address": consent.recipient.email,
        "address_code": consent.recipient.address_hash,
        "purpose": consent.purpose,
        "version": consent.text_version,
        "language": consent.language,
        "words": text.words if text else None,
        "words_sha256": text.sha256 if text else None,
        "source": consent.source,
        "given_at": consent.given_at,
        "confirmed_at": consent.confirmed_at,
        "withdrawn_at": consent.withdrawn_at,
    }


@transaction.atomic
def withdraw(consent: Consent, *, by: User | None, at: datetime) -> bool:
    """
    Take a yes back for someone who asks for it, and with it what it was for; return whether it still stood. Mail on its
    way stops within one window. To come back they join or subscribe, and confirm, anew.
    """
    recipient = Recipient.objects.select_for_update().get(pk=consent.recipient_id)
    if not Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=at):
        return False
    if consent.purpose == Purpose.DIGEST:
        for campaign in Subscription.objects.filter(recipient=recipient, left_at=None).values_list(
            "campaign", flat=True
        ):
            unsubscribe.end_digests(recipient.pk, campaign, at=at)
    elif consent.purpose == Purpose.BULLETINS:
        mine = Membership.objects.filter(recipient=recipient, audience__kind=Audience.Kind.INFLUENCERS, left_at=None)
        for campaign in set(mine.values_list("audience__campaign", flat=True)):
            unsubscribe.close(recipient.pk, campaign, Audience.Kind.INFLUENCERS, at=at)
    trail.note("consent.withdrawn", consent, by=by, at=at, purpose=consent.purpose)
    return True
