"""
Mail that providers take in for us and post: believed as their reports are (webhooks.py), and read by django-anymail.

What becomes of a mail is the business of whoever asks for it; what is about our own sending (bounces, people who leave) is
taken here first.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message as Mail
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from delivery.links import unsubscribe
from delivery.seeds import seed_arrivals
from lib.http.body_length import announced

from . import inbound_headers, return_path_mails
from .webhooks import Provider, plain, signed_by_amazon, signed_lately, verified_view, view_of

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000

# By their names in MAIL_URL. The others take in no mail that Anymail can read.
PROVIDERS = {
    "amazon-ses": Provider("delivery.feedback.sns.SESInboundWebhook", check=signed_by_amazon, asked=True),
    "brevo": Provider("anymail.webhooks.brevo.BrevoInboundWebhookView"),
    "mailersend": Provider("anymail.webhooks.mailersend.MailerSendInboundWebhookView", key="inbound_secret"),
    "mailgun": Provider(
        "anymail.webhooks.mailgun.MailgunInboundWebhookView", key="webhook_signing_key", check=signed_lately
    ),
    "mailjet": Provider("anymail.webhooks.mailjet.MailjetInboundWebhookView"),
    "mandrill": Provider("anymail.webhooks.mandrill.MandrillCombinedWebhookView", key="webhook_key", probe="HEAD"),
    "postmark": Provider("anymail.webhooks.postmark.PostmarkInboundWebhookView"),
    "resend": Provider("anymail.webhooks.resend.ResendInboundWebhookView"),
    "sendgrid": Provider("anymail.webhooks.sendgrid.SendGridInboundWebhookView"),
    "sparkpost": Provider("anymail.webhooks.sparkpost.SparkPostInboundWebhookView"),
}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that a provider took in, the addresses in its envelope, and whether the provider thinks that it is spam."""

    mail: Mail
    to: tuple[str, ...]
    is_spam: bool


def most() -> int:
    """Return how many octets a request with a mail may have."""
    return settings.INBOUND_MEGABYTES * MEGABYTE


def read_body(request: HttpRequest) -> bool:
    """
    Read the body of a request that may be larger than others, and return whether it is within the limit. No more is
    read than the limit allows.
    """
    if announced(request) > most():
        return False
    # Django keeps the body here and holds every other request to DATA_UPLOAD_MAX_MEMORY_SIZE while it fills it.
    request._body = request.read(most() + 1)
    return len(request._body) <= most()


def verify_sender(request: HttpRequest, provider: str, *, at: datetime) -> None:
    """Raise unless what a provider posts is believed; none of its mails is read."""
    verified_view(request, provider, at=at, known=PROVIDERS[provider])


def mails_of(request: HttpRequest, provider: str) -> list[Arrived]:
    """Return the mails that a provider posted, or raise whatever tells that they cannot be read. `verify_sender` comes before."""
    events = view_of(provider, PROVIDERS[provider]).parse_events(request)
    return [arrived(event) for event in events if getattr(event, "message", None) is not None]


def arrived(event: Any) -> Arrived:
    """Return the mail of one of Anymail's events."""
    message = event.message
    to = plain(message.envelope_recipient)
    return Arrived(message, (to,) if to else (), message.spam_detected is True)


def take_own_mail(mail: Mail, to: Sequence[str], *, at: datetime) -> bool:
    """
    Take a mail that is about our own sending: someone leaves, a report, or what a seed address forwards. Return whether it was one. One that the
    library stumbles over is none, but for the addresses in its envelope.
    """
    addresses, report = list(to), None
    try:
        inbound_headers.shorten(mail)
        addresses += return_path_mails.addressed(mail, return_path_mails.CAME_TO)
        report = mail.as_bytes() if mail.get_content_type() == "multipart/report" else None
    except Exception as fault:  # whatever someone sent
        log.warning("A mail could not be read: %s", type(fault).__name__)
    if any(unsubscribe.unsubscribe_by_address(address, at=at) for address in addresses[: return_path_mails.ADDRESSES]):
        return True
    if seed_arrivals.take(mail, addresses[: return_path_mails.ADDRESSES], at=at):
        return True
    if report is None:
        return False
    if len(report) <= return_path_mails.LARGEST:
        return_path_mails.take(report, at=at, to=to)
    return True
