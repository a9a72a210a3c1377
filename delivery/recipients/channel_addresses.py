"""
Addresses of other channels than mail: proven by a code that came there (address_codes.py), with what their person wants by
them, and left with one act.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.audit import trail
from accounts.login.codes import CODE_LASTS, new_code
from campaigns.models import Campaign
from delivery.models import (
    Channel,
    ChannelChoice,
    ChannelProof,
    Consent,
    ConsentText,
    Recipient,
    Suppression,
    Wanted,
    WhatsAppWindow,
)

from . import address_codes, suppression
from .address_codes import NotPossible

# What somebody agrees to who proves an address; the version changes whenever the words do.
CONSENT_TEXT = "channel-2026-12"
CONSENT = gettext_lazy(
    "Send me what I chose here, and corrections of it, by this channel. I can change or stop that at any time."
)
# Where a channel wants more to be said: Meta asks that the channel is named, and how to end it.
OTHER_CONSENTS = {
    Channel.WHATSAPP: (
        "whatsapp-2026-12",
        gettext_lazy(
            "Send me on WhatsApp what I chose here, and corrections of it. Meta, whose WhatsApp is, gets my number for it. I can change "
            "or stop that at any time, also by answering STOP."
        ),
    ),
}

# Called with whoever had an address that somebody else has proven (their recipient, channel, address, when), in the transaction; the app
# that knows them as more than recipients tells them.
TAKEN_OVER: list[Callable[[Recipient, str, str, datetime], None]] = []

OFFERED = (Wanted.URGENT, Wanted.BULLETINS, Wanted.ANSWERS, Wanted.REMINDERS)


def addresses_of(person: Recipient) -> QuerySet[Recipient]:
    """Return the addresses that somebody has proven and not left, with what they want by each; two queries."""
    active = person.other_addresses.filter(state=Recipient.State.ACTIVE)
    return active.prefetch_related("channel_choices").order_by("pk")


def consent_to(channel: str) -> tuple[str, Promise]:
    """Return (version, words) of what somebody agrees to who proves an address of a channel."""
    return OTHER_CONSENTS.get(Channel(channel), (CONSENT_TEXT, CONSENT))


# --- Proving ---------------------------------------------------------------------------------------


def ask(person: Recipient, channel: str, address: str, *, campaign: Campaign, at: datetime) -> ChannelProof:
    """
    Send a code to an address, as its channel writes it, and remember that it was asked for. Raise NotPossible when it is
    theirs already, when too many codes were asked for, and when none could be sent. Not for use in a transaction.
    """
    known = Recipient.objects.filter(address_hash=address_codes.code_of(channel, address), state=Recipient.State.ACTIVE)
    if known.filter(person=person).exists():
        raise NotPossible(_("You get messages there already. Choose on this page what you want by it."))
    address_codes.count_request(f"person:{person.pk}", channel, address, at=at)
    code = new_code()
    digest = address_codes.digest_of(str(person.pk), code)
    proof, _new = ChannelProof.objects.update_or_create(
        person=person,
        channel=channel,
        defaults={"address": address, "user_hash": "", "digest": digest, "tries": 0, "asked_at": at},
    )
    practised = campaign.is_exercise
    address_codes.send(code, channel, address, language=person.language, campaign=campaign, at=at, practised=practised)
    return proof


def ask_for_link(person: Recipient, channel: str, *, at: datetime) -> str:
    """Return a token that, sent by a channel itself within ten minutes, proves that an address there is somebody's."""
    token = address_codes.new_token(f"person:{person.pk}", at=at)
    ChannelProof.objects.update_or_create(
        person=person,
        channel=channel,
        defaults={"address": "", "digest": address_codes.digest_of_token(token), "tries": 0, "asked_at": at},
    )
    return token


def prove_by_link(channel: str, token: str, address: str, *, wants: Collection[str], at: datetime) -> Recipient:
    """Take an address from which a token came. Raise NotPossible for one that is old, used or not ours."""
    proof = address_codes.of_token(ChannelProof.objects.select_related("person"), channel, token, at=at)
    if proof is None:
        raise NotPossible(_("This link works no more. Open your settings and press the button again."))
    return take(proof.person, channel, address, wants=wants, at=at)


def waiting(person: Recipient, *, at: datetime) -> QuerySet[ChannelProof]:
    """Return the codes that somebody was sent and may still type."""
    return address_codes.usable(person.channel_proofs.all(), at=at)


def prove(person: Recipient, channel: str, code: str, *, wants: Collection[str], at: datetime) -> Recipient:
    """Take the address to which a code came, with what its person wants by it. Raise NotPossible for a wrong code."""
    proof = address_codes.guessed(person.channel_proofs.filter(channel=channel), str(person.pk), code, at=at)
    return take(person, channel, proof.address, wants=wants, at=at)


def was_just_proven(person: Recipient, channel: str, *, at: datetime) -> bool:
    """Return whether an address was proven while its code still held, and no other has been asked for: the code may come twice."""
    if person.channel_proofs.filter(channel=channel).exists():
        return False
    return addresses_of(person).filter(channel=channel, created_at__gt=at - CODE_LASTS).exists()


@transaction.atomic
def take(person: Recipient, channel: str, address: str, *, wants: Collection[str], at: datetime) -> Recipient:
    """Store an address that its person has just proven, and that they agree. Whoever had it before has it no more, and is told."""
    person = Recipient.objects.select_for_update().get(pk=person.pk)
    code = address_codes.code_of(channel, address)
    proofs = person.channel_proofs.filter(channel=channel, address=address)
    known = set(proofs.values_list("user_hash", flat=True))
    for other in Recipient.objects.select_for_update().filter(address_hash=code):
        known.add(other.user_hash)  # the code that came there has just told who has it
        free(other, at=at)
        if other.person is not None and other.person_id != person.pk and other.state == Recipient.State.ACTIVE:
            for tell in TAKEN_OVER:
                tell(other.person, channel, address, at)
    made = Recipient.objects.create(
        channel=channel,
        address=address,
        user_hash=max(known, default=""),
        person=person,
        language=person.language,
        created_at=at,
    )
    Suppression.objects.filter(address_hash=code, reason__in=suppression.LIFTED).delete()
    version, words = consent_to(channel)
    Consent.objects.create(
        recipient=made,
        purpose=Consent.Purpose.BULLETINS,
        text_version=version,
        language=person.language,
        source="portal",
        given_at=at,
        confirmed_at=at,
    )
    with override(person.language):
        ConsentText.objects.get_or_create(
            purpose=Consent.Purpose.BULLETINS,
            version=version,
            language=person.language,
            defaults={"words": str(words), "first_at": at},
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
    WhatsAppWindow.objects.filter(recipient=address).delete()
    state = address.state if address.state == Recipient.State.ERASED else Recipient.State.LEFT
    Recipient.objects.filter(pk=address.pk).update(
        address="", address_hash=f"left:{address.pk}", user_hash="", state=state
    )
