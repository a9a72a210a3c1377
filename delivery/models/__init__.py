from .events import ProviderEvent, Pulse
from .limits import Bucket, DomainLimit, MailerHealth, MailerLimit, Preflight
from .people import (
    Audience,
    AudienceSize,
    Consent,
    MailChoice,
    Membership,
    Recipient,
    SeedAddress,
    Snooze,
    Suppression,
    address_hash,
)
from .sends import Delivery, Lease, Mailing, Message, NotPossible, Send

__all__ = [
    "Audience",
    "AudienceSize",
    "Bucket",
    "Consent",
    "Delivery",
    "DomainLimit",
    "Lease",
    "MailChoice",
    "MailerHealth",
    "MailerLimit",
    "Mailing",
    "Membership",
    "Message",
    "NotPossible",
    "Preflight",
    "ProviderEvent",
    "Pulse",
    "Recipient",
    "SeedAddress",
    "Send",
    "Snooze",
    "Suppression",
    "address_hash",
]
