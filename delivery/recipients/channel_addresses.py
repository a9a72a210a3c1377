"""
Addresses of other channels than mail: proven by a code that came there, with what their person wants by them, and left with
one act. A code is short and lives ten minutes; who guesses wrong five times asks for another.
"""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.audit import trail
from accounts.login.codes import CODE_LASTS, MOST_GUESSES, new_code, normalized
from campaigns.models import Campaign
from campaigns.publication_details import PrintedWords
from delivery.models import (
    Channel,
    ChannelChoice,
    ChannelProof,
    Consent,
    ConsentText,
    Recipient,
    Suppression,
    Wanted,
    address_hash,
)
from delivery.models.recipients import address_form
from delivery.throttle import token_bucket
from delivery.transports import one_message

from . import suppression

# What somebody agrees to who proves an address; the version changes whenever the words do.
CONSENT_TEXT = "channel-2026-12"
CONSENT = gettext_lazy(
    "Send me what I chose here, and corrections of it, by this channel. I can change or stop that at any time."
)

# Codes that may be asked for: by one person an hour, to one address a day, and by everybody together an hour. A text message
# costs money, and to send them to expensive numbers is a fraud.
BY_ONE, TO_ONE, BY_ALL = 3, 5, 200
BY_ONE_LINK, LONGEST_TOKEN = 20, 100
HOUR, DAY = timedelta(hours=1).total_seconds(), timedelta(days=1).total_seconds()
OFFERED = (Wanted.URGENT, Wanted.BULLETINS, Wanted.ANSWERS, Wanted.REMINDERS)


class NotPossible(Exception):
    """A refused step. The text says why and what now, in the user's language."""


def addresses_of(person: Recipient) -> QuerySet[Recipient]:
    """Return the addresses that somebody has proven and not left, with what they want by each; two queries."""
    active = person.other_addresses.filter(state=Recipient.State.ACTIVE)
    return active.prefetch_related("channel_choices").order_by("pk")


# --- Proving ---------------------------------------------------------------------------------------


def ask(person: Recipient, channel: str, address: str, *, campaign: Campaign, at: datetime) -> ChannelProof:
    """
    Send a code to an address, as its channel writes it, and remember that it was asked for. Raise NotPossible when it is
    somebody's already, when too many codes were asked for, and when none could be sent. Not for use in a transaction.
    """
    code_of_address = address_hash(address_form(channel, address))
    known = Recipient.objects.filter(address_hash=code_of_address, state=Recipient.State.ACTIVE)
    if known.filter(person=person).exists():
        raise NotPossible(_("You get messages there already. Choose below what you want by it."))
    for name, most, seconds in (
        (f"channel-code:person:{person.pk}", BY_ONE, HOUR),
        (f"channel-code:address:{code_of_address}", TO_ONE, DAY),
        ("channel-code:all", BY_ALL, HOUR),
    ):
        if not token_bucket.take(name, 1, rate=most / seconds, burst=most, at=at):
            raise NotPossible(_("No code was sent: too many were asked for. Try again in an hour."))
    code = new_code()
    proof, _new = ChannelProof.objects.update_or_create(
        person=person,
        channel=channel,
        defaults={"address": address, "digest": digest_of(person, code), "tries": 0, "asked_at": at},
    )
    with override(person.language):
        words = _(
            "%(code)s is your code for %(campaign)s. It works for ten minutes. Did you not ask for it? Do nothing."
        )
        text = words % {"code": code, "campaign": PrintedWords.of(campaign).in_language(person.language).name}
    # Whose address it is already, is not told apart from here: a code there proves who holds it now.
    if not one_message.send(channel, address, text, campaign=campaign, at=at):
        raise NotPossible(_("No code could be sent there just now. Look whether it is right, or try again later."))
    return proof


def ask_for_link(person: Recipient, channel: str, *, at: datetime) -> str:
    """Return a token that, sent by a channel itself within ten minutes, proves that an address there is somebody's."""
    if not token_bucket.take(f"channel-link:person:{person.pk}", 1, rate=BY_ONE_LINK / HOUR, burst=BY_ONE_LINK, at=at):
        raise NotPossible(_("No link was made: too many were asked for. Try again in an hour."))
    token = secrets.token_urlsafe(24)
    ChannelProof.objects.update_or_create(
        person=person,
        channel=channel,
        defaults={"address": "", "digest": digest_of_token(token), "tries": 0, "asked_at": at},
    )
    return token


def prove_by_link(channel: str, token: str, address: str, *, wants: Collection[str], at: datetime) -> Recipient:
    """Take an address from which a token came. Raise NotPossible for one that is old, used or not ours."""
    proofs = ChannelProof.objects.filter(channel=channel, digest=digest_of_token(token), asked_at__gt=at - CODE_LASTS)
    proof = proofs.select_related("person").first()
    if proof is None:
        raise NotPossible(_("This link works no more. Open your settings and press the button again."))
    return take(proof.person, channel, address, wants=wants, at=at)


def digest_of_token(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(f"channel-link:{token[:LONGEST_TOKEN]}".encode()).hexdigest()


def digest_of(person: Recipient, code: str) -> str:
    """Return what is kept of a code."""
    key = f"{settings.SECRET_KEY}:channel-code".encode()
    return hmac.new(key, f"{person.pk}:{normalized(code)}".encode(), sha256).hexdigest()


def waiting(person: Recipient, *, at: datetime) -> QuerySet[ChannelProof]:
    """Return the codes that somebody was sent and may still type."""
    return person.channel_proofs.filter(asked_at__gt=at - CODE_LASTS, tries__lt=MOST_GUESSES)


def prove(person: Recipient, channel: str, code: str, *, wants: Collection[str], at: datetime) -> Recipient:
    """Take the address to which a code came, with what its person wants by it. Raise NotPossible for a wrong code."""
    # A try is taken before the code is compared, so that guesses made at the same moment are counted too.
    here = waiting(person, at=at).filter(channel=channel)
    proof = person.channel_proofs.filter(channel=channel).first() if here.update(tries=F("tries") + 1) else None
    if proof is None:
        raise NotPossible(_("This code has expired. Have another one sent."))
    if not hmac.compare_digest(proof.digest, digest_of(person, code)):
        raise NotPossible(_("That is not the code. Look at the newest message, and type all six digits."))
    return take(person, channel, proof.address, wants=wants, at=at)


@transaction.atomic
def take(person: Recipient, channel: str, address: str, *, wants: Collection[str], at: datetime) -> Recipient:
    """Store an address that its person has just proven, and that they agree. Whoever had it before has it no more."""
    person = Recipient.objects.select_for_update().get(pk=person.pk)
    code = address_hash(address_form(channel, address))
    for other in Recipient.objects.select_for_update().filter(address_hash=code):
        free(other, at=at)
    made = Recipient.objects.create(
        channel=channel, address=address, person=person, language=person.language, created_at=at
    )
    Suppression.objects.filter(address_hash=code, reason__in=suppression.LIFTED).delete()
    Consent.objects.create(
        recipient=made,
        purpose=Consent.Purpose.BULLETINS,
        text_version=CONSENT_TEXT,
        language=person.language,
        source="portal",
        given_at=at,
        confirmed_at=at,
    )
    with override(person.language):
        ConsentText.objects.get_or_create(
            purpose=Consent.Purpose.BULLETINS,
            version=CONSENT_TEXT,
            language=person.language,
            defaults={"words": str(CONSENT), "first_at": at},
        )
    person.channel_proofs.filter(channel=channel).delete()
    choose(made, wants, at=at)
    trail.note("channel.added", made, by=None, at=at, channel=channel)
    return made


# --- Choosing and leaving --------------------------------------------------------------------------


@transaction.atomic
def choose(address: Recipient, wants: Collection[str], *, at: datetime) -> None:
    """Have these things come to an address from now on. Whatever comes by one channel only comes by no other of its person."""
    wanted = [one for one in OFFERED if one in wants]
    address.channel_choices.exclude(wants__in=wanted).delete()
    alone = [one for one in wanted if one != Wanted.URGENT]
    mine = Q(recipient=address)
    if address.channel == Channel.PUSH:  # something chosen for notifications comes to all devices
        mine |= Q(recipient__channel=Channel.PUSH)
    ChannelChoice.objects.filter(recipient__person=address.person_id, wants__in=alone).exclude(mine).delete()
    ChannelChoice.objects.bulk_create(
        [ChannelChoice(recipient=address, wants=one, since=at) for one in wanted], ignore_conflicts=True
    )


def leave(person: Recipient, key: int, *, at: datetime) -> bool:
    """Stop everything that comes to an address of somebody's and forget it; return whether there was such a one."""
    with transaction.atomic():
        address = person.other_addresses.select_for_update().filter(pk=key, state=Recipient.State.ACTIVE).first()
        if address is not None:
            free(address, at=at)
            trail.note("channel.left", address, by=None, at=at, channel=address.channel)
    return address is not None


def free(address: Recipient, *, at: datetime) -> None:
    """Let an address go: nothing leaves for it any more, and whoever proves it may have it; in a transaction."""
    address.consents.filter(withdrawn_at=None).update(withdrawn_at=at)
    address.channel_choices.all().delete()
    state = address.state if address.state == Recipient.State.ERASED else Recipient.State.LEFT
    Recipient.objects.filter(pk=address.pk).update(address="", address_hash=f"left:{address.pk}", state=state)
