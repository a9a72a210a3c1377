"""What the page of channels shows of notifications: the devices, and what comes by them."""

from dataclasses import dataclass

from django.conf import settings

from delivery.models import Channel, Recipient
from delivery.recipients import devices
from delivery.transports import channels
from delivery.transports.push import vapid
from delivery.transports.push.shown_device import Device, device_of
from influencers.access.portal_request import PortalRequest

from .forms import WantsForm


@dataclass(frozen=True, slots=True)
class Panel:
    """What the page shows of notifications: our public key, the devices, and what comes by them: nothing when `brings_nothing`."""

    key: str
    devices: list[Device]
    brings_nothing: bool
    form: WantsForm
    refusal: str = ""


def is_offered(request: PortalRequest) -> bool:
    """Return whether notifications are there: set up, and among the channels of the campaign."""
    return bool(settings.VAPID_PRIVATE_KEY) and Channel.PUSH in channels.beside_mail(request.campaign)


def panel_of(request: PortalRequest, *, form: WantsForm | None = None, refusal: str = "") -> Panel | None:
    """Return what the page shows, None where there are no notifications; three queries."""
    if not is_offered(request):
        return None
    person = request.influencer.recipient
    rows = list(devices.devices_of(person))
    working = set(Recipient.objects.filter(pk__in=[row.pk for row in rows]).deliverable().values_list("pk", flat=True))
    wants = sorted({choice.wants for row in rows for choice in row.channel_choices.all()})
    shown = [device_of(row.pk, row.address, since=row.created_at, works=row.pk in working) for row in rows]
    return Panel(
        vapid.identity().public, shown, bool(rows) and not wants, form or wants_form(initial={"wants": wants}), refusal
    )


def wants_form(*args: object, **kwargs: object) -> WantsForm:
    """Return the form of what comes by the devices."""
    return WantsForm(*args, auto_id="push_%s", **kwargs)  # type: ignore[arg-type]  # what a form takes
