"""Where the messages of an exercise go: whatever their channel, to the mail catcher on this machine, and never further."""

from copy import copy

from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.message import personal_fields
from delivery.models import Channel, Message, Room
from delivery.models.sends import ASKS_SEEN

from .push import subscriptions


def address_of(channel: str, recipient_id: int) -> str:
    """Return the address of mail that stands in the catcher for an address of another channel."""
    return f"{recipient_id}@{channel}.invalid"


def shown(channel: str, address: str) -> str:
    """Return what people are shown of an address of another channel: itself, the push service of a device, a room's organisation."""
    if channel == Channel.ROOM:
        return Room.objects.filter(address=address).values_list("organisation", flat=True).first() or address
    return subscriptions.host_of(address) if channel == Channel.PUSH else address


def with_button(message: Message) -> Message:
    """Return a message of another channel with the button under it, by which somebody says that they have seen it, as a link of each reader's."""
    if ASKS_SEEN not in message.headers:
        return message
    shown = copy(message)
    with override(message.language):
        shown.text = f"{message.text}\n\n{_('I have seen it')}: {personal_fields.field('seen_url')}"
    return shown
