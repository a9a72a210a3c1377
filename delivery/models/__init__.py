from .events import ProviderEvent, Pulse
from .limits import Bucket, DomainLimit, MailerHealth, MailerLimit, Preflight
from .recipients import (
    Audience,
    AudienceSize,
    Consent,
    ConsentText,
    MailChoice,
    Membership,
    Recipient,
    SeedAddress,
    Snooze,
    Suppression,
    address_hash,
)
from .sends import Delivery, Lease, Mailing, Message, NotPossible, Send
from .subscriptions import DigestShare, NewAddress, SignUp, Subscription, TopicSet

__all__ = [
    "Audience",
    "AudienceSize",
    "Bucket",
    "Consent",
    "ConsentText",
    "Delivery",
    "DigestShare",
    "DomainLimit",
    "Lease",
    "MailChoice",
    "MailerHealth",
    "MailerLimit",
    "Mailing",
    "Membership",
    "Message",
    "NewAddress",
    "NotPossible",
    "Preflight",
    "ProviderEvent",
    "Pulse",
    "Recipient",
    "SeedAddress",
    "Send",
    "SignUp",
    "Snooze",
    "Subscription",
    "Suppression",
    "TopicSet",
    "address_hash",
]
