"""Addresses of channels as their person reads them."""

from dataclasses import dataclass
from typing import Any

from campaigns.models import Campaign
from delivery.models import Channel, QuietHours, Recipient, Suppression
from delivery.recipients import channel_addresses
from delivery.recipients.address_forms import as_read
from delivery.transports import channels

from .forms import WantsForm


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """
    An address with what comes by it; `works` is whether messages still go there, `brings_nothing` whether nothing is chosen for it.
    """

    row: Recipient
    text: str
    works: bool
    brings_nothing: bool
    form: WantsForm


def addresses(person: Recipient, *, refused: tuple[int, WantsForm] | None = None) -> list[ShownAddress]:
    """Return somebody's addresses but their devices, the first first, one with the form that was refused; three queries."""
    rows = list(channel_addresses.addresses_of(person).exclude(channel=Channel.PUSH))
    codes = [row.address_hash for row in rows]
    dead = set(Suppression.objects.filter(address_hash__in=codes).values_list("address_hash", flat=True))
    return [
        ShownAddress(
            row,
            as_read(row.channel, row.address),
            row.address_hash not in dead,
            not row.channel_choices.all(),
            refused[1]
            if refused and refused[0] == row.pk
            else WantsForm(
                initial={"wants": [one.wants for one in row.channel_choices.all()]}, auto_id=f"wants{row.pk}_%s"
            ),
        )
        for row in rows
    ]


def has_telegram(campaign: Campaign) -> bool:
    """Return whether Telegram is set up, and among the channels of a campaign. An exercise has no bot to press Start with."""
    return Channel.TELEGRAM in channels.beside_mail(campaign) and not campaign.is_exercise


def quiet_hours(person: Recipient) -> dict[str, Any]:
    """Return the hours of quiet that somebody chose, by name, and nothing without any; one query."""
    hours = QuietHours.objects.filter(person=person).first()
    return {"begins": hours.begins, "ends": hours.ends} if hours else {}
