from .arrivals import SeedArrival
from .channels import OF_THEMSELVES, Channel, ChannelChoice, ChannelProof, QuietHours, Wanted
from .kept_counts import KeptCount
from .limits import Bucket, DomainLimit, MailerHealth, MailerLimit
from .preflight import Preflight
from .processes import HostProcess, Pulse
from .provider_events import ProviderEvent
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
from .rooms import Room
from .sends import Delivery, Lease, Mailing, Message, Newcomer, NotPossible, Send, SendTotal
from .single_mails import SingleMail
from .single_messages import Purpose, SingleMessageCount
from .subscriptions import DigestShare, NewAddress, SignUp, Subscription, TopicSet
from .whatsapp import WhatsAppTemplate, WhatsAppWindow

__all__ = [
    "OF_THEMSELVES",
    "Audience",
    "AudienceSize",
    "Bucket",
    "Channel",
    "ChannelChoice",
    "ChannelProof",
    "Consent",
    "ConsentText",
    "Delivery",
    "DigestShare",
    "DomainLimit",
    "HostProcess",
    "KeptCount",
    "Lease",
    "MailChoice",
    "MailerHealth",
    "MailerLimit",
    "Mailing",
    "Membership",
    "Message",
    "NewAddress",
    "Newcomer",
    "NotPossible",
    "Preflight",
    "ProviderEvent",
    "Pulse",
    "Purpose",
    "QuietHours",
    "Recipient",
    "Room",
    "SeedAddress",
    "SeedArrival",
    "Send",
    "SendTotal",
    "SignUp",
    "SingleMail",
    "SingleMessageCount",
    "Snooze",
    "Subscription",
    "Suppression",
    "TopicSet",
    "Wanted",
    "WhatsAppTemplate",
    "WhatsAppWindow",
    "address_hash",
]
