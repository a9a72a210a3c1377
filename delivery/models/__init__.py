from .events import ProviderEvent, Pulse
from .people import Audience, AudienceSize, Consent, Membership, Recipient, Suppression, address_hash
from .sends import Delivery, Mailing, Message, NotPossible, Send

__all__ = [
    "Audience",
    "AudienceSize",
    "Consent",
    "Delivery",
    "Mailing",
    "Membership",
    "Message",
    "NotPossible",
    "ProviderEvent",
    "Pulse",
    "Recipient",
    "Send",
    "Suppression",
    "address_hash",
]
