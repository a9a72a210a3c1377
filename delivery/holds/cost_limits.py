"""Text messages that would cost more than was allowed wait for a person: all of a send, never a part of its people."""

from datetime import datetime

from django.utils.translation import gettext_noop

from delivery.models import Send
from delivery.transports.sms import costs

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


def hold_costly(send: Send, *, at: datetime) -> bool:
    """Hold a send that has just got its rows and goes beyond a limit of costs; return whether this call did."""
    limit = costs.over_limit(send, at=at)
    return bool(limit) and holds.hold(send, REASONS[limit], at=at)
