"""Where the messages of an exercise go: whatever their channel, to the mail catcher on this machine, and never further."""

from delivery.models import Channel

from .push import subscriptions


def address_of(channel: str, recipient_id: int) -> str:
    """Return the address of mail that stands in the catcher for an address of another channel."""
    return f"{recipient_id}@{channel}.invalid"


def shown(channel: str, address: str) -> str:
    """Return what people are shown of an address of another channel: itself, or the push service of a device."""
    return subscriptions.host_of(address) if channel == Channel.PUSH else address
