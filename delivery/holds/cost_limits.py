"""Messages that would cost more than was allowed wait for a person: all of a send, never a part of its people."""

from datetime import datetime

from django.utils.translation import gettext_noop

from delivery.models import Channel, Send
from delivery.transports import costs

from . import holds

REASONS = {
    "send": gettext_noop(
        "Its text messages have more parts than a send may have. Look at what it costs, then release or cancel it. "
        "The limit stands under Sending limits."
    ),
    "day": gettext_noop(
        "With it, the text messages of today have more parts than a day may have. Look at what it costs, then release or "
        "cancel it. The limit stands under Sending limits."
    ),
}
OF_OTHERS = {
    "send": gettext_noop(
        "It has more messages than a send may have. Look at what it costs, then release or cancel it. The limit stands under "
        "Sending limits."
    ),
    "day": gettext_noop(
        "With it, there are more messages of this channel today than a day may have. Look at what it costs, then release or "
        "cancel it. The limit stands under Sending limits."
    ),
}


def hold_costly(send: Send, *, at: datetime) -> bool:
    """Hold a send that has just got its rows and goes beyond a limit of costs; return whether this call did."""
    limit = costs.over_limit(send, at=at)
    reasons = REASONS if send.channel == Channel.SMS else OF_OTHERS
    return bool(limit) and holds.hold(send, reasons[limit], at=at)
