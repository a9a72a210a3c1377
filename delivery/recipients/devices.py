"""Devices on which somebody allowed notifications: an address of the channel each. What comes by them is chosen for all of them."""

from collections.abc import Collection
from datetime import datetime, time

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from delivery.models import Channel, ChannelChoice, QuietHours, Recipient, Wanted, address_hash
from delivery.models.recipients import address_form
from delivery.throttle import token_bucket
from delivery.transports.push.subscriptions import Subscription

from . import channel_addresses
from .address_codes import DAY, NotPossible

MOST, A_DAY = 10, 20  # devices of one person, and how many they may allow


def devices_of(person: Recipient) -> QuerySet[Recipient]:
    """Return somebody's devices, the first first."""
    return channel_addresses.addresses_of(person).filter(channel=Channel.PUSH)


def allow(person: Recipient, to: Subscription, *, at: datetime) -> Recipient:
    """
    Take a device on which its person has just allowed notifications; what comes by it is what comes by their others, else what is
    urgent. One that is theirs already stays as it is. Raise NotPossible when there are too many.
    """
    mine = list(devices_of(person))
    code = address_hash(address_form(Channel.PUSH, to.address))
    if known := next((one for one in mine if one.address_hash == code), None):
        return known
    working = Recipient.objects.filter(pk__in=[one.pk for one in mine]).deliverable().count()
    if working >= MOST:
        raise NotPossible(_("Not added: you have ten devices. Remove one that you no longer use."))
    if not token_bucket.take(f"push-device:{person.pk}", 1, rate=A_DAY / DAY, burst=A_DAY, at=at):
        raise NotPossible(_("Not added: too many devices were added today. Try again tomorrow."))
    wants = sorted(wanted_by(person)) if mine else [Wanted.URGENT.value]
    return channel_addresses.take(person, Channel.PUSH, to.address, wants=wants, at=at)


def wanted_by(person: Recipient) -> set[str]:
    """Return what comes by somebody's devices."""
    choices = ChannelChoice.objects.filter(recipient__in=devices_of(person).values("pk"))
    return set(choices.values_list("wants", flat=True))


@transaction.atomic
def choose(person: Recipient, wants: Collection[str], *, at: datetime) -> None:
    """Have these things come by each of somebody's devices from now on."""
    for device in devices_of(person):
        channel_addresses.choose(device, wants, at=at)


def keep_quiet(person: Recipient, begins: time | None, ends: time | None) -> None:
    """Have only what is urgent come by other channels than mail between two times of day, or at any time without them."""
    if begins is None or ends is None:
        QuietHours.objects.filter(person=person).delete()
    else:
        QuietHours.objects.update_or_create(person=person, defaults={"begins": begins, "ends": ends})
