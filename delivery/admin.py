"""The desk's pages about delivery: Django finds them here; each stands beside the rules of its subject."""

from .feedback import admin as feedback
from .message import admin as message
from .preflight import admin as preflight
from .recipients import admin as recipients
from .rooms import admin as rooms
from .seeds import admin as seeds
from .sending import admin as sending
from .single_mails import admin as single_mails
from .subscriptions import admin as subscriptions
from .throttle import admin as throttle
from .transports.whatsapp import admin as whatsapp

__all__ = [
    "feedback",
    "message",
    "preflight",
    "recipients",
    "rooms",
    "seeds",
    "sending",
    "single_mails",
    "subscriptions",
    "throttle",
    "whatsapp",
]
