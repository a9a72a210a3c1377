"""
Where providers report by HTTP. A report that nobody vouches for changes nothing.

django-anymail reads what each provider posts. Whether it is believed is decided here: a provider that signs must
have signed, recently where that is all its signature says, and one that doesn't must know one of WEBHOOK_SECRETS.
"""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anymail.utils import get_request_basic_auth
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from delivery.message import verp
from delivery.models import ProviderEvent, address_hash
from lib.http.body_length import announced

from . import receipts
from .receipts import Report

log = logging.getLogger(__name__)

LARGEST = 1_000_000  # octets of a request; DATA_UPLOAD_MAX_MEMORY_SIZE is larger
FRESH_SECONDS = 600  # how old a signature may be that covers nothing but its own age

Kind = ProviderEvent.Kind
# What is kept, by Anymail's names. Openings and clicks are not: nobody has asked the readers.
KINDS = {
    "delivered": Kind.DELIVERED,
    "bounced": Kind.BOUNCED,
    "rejected": Kind.BOUNCED,
    "failed": Kind.BOUNCED,
    "deferred": Kind.DEFERRED,
    "complained": Kind.COMPLAINED,
    "unsubscribed": Kind.UNSUBSCRIBED,
}


class Refused(Exception):
    """A report that is not believed. The text says why, for the log, without anything secret."""


def signed_lately(request: HttpRequest, *, at: datetime) -> None:
    """
    Raise Refused when Mailgun's signature is more than ten minutes old, or from the future.

    It covers a time and a token, not the body, so only its age and the token, which is the event's name here, keep
    someone who saw one from using it again.
    """
    of_json = request.content_type == "application/json"
    said = json.loads(request.body)["signature"]["timestamp"] if of_json else request.POST["timestamp"]
    if not abs(at.timestamp() - float(said)) <= FRESH_SECONDS:
        raise Refused("its signature is too old")


def signed_by_amazon(request: HttpRequest, *, at: datetime) -> None:
    """Raise unless Amazon signed it; see delivery.feedback.sns."""
    from . import sns

    sns.check(request, at=at)


@dataclass(frozen=True, slots=True)
class Provider:
    """
    Who may report, and why it is believed: Anymail's view, what that calls the signing key (empty: one of
    WEBHOOK_SECRETS is asked for), and a check of our own. `probe` is the method by which it looks whether the address exists;
    `asked` says that it only shows the secret when it is asked to.
    """

    view: str
    key: str = ""
    check: Callable[..., None] | None = None
    probe: str = ""
    asked: bool = False


# By their names in MAIL_URL. Scaleway reports nothing that Anymail can read.
PROVIDERS = {
    "amazon-ses": Provider("delivery.feedback.sns.SESWebhook", check=signed_by_amazon, asked=True),
    "brevo": Provider("anymail.webhooks.brevo.BrevoTrackingWebhookView"),
    "mailersend": Provider("anymail.webhooks.mailersend.MailerSendTrackingWebhookView", key="signing_secret"),
    "mailgun": Provider(
        "anymail.webhooks.mailgun.MailgunTrackingWebhookView", key="webhook_signing_key", check=signed_lately
    ),
    "mailjet": Provider("anymail.webhooks.mailjet.MailjetTrackingWebhookView"),
    "mandrill": Provider("anymail.webhooks.mandrill.MandrillCombinedWebhookView", key="webhook_key", probe="HEAD"),
    "postmark": Provider("anymail.webhooks.postmark.PostmarkTrackingWebhookView"),
    "resend": Provider("anymail.webhooks.resend.ResendTrackingWebhookView"),
    "sendgrid": Provider(
        "anymail.webhooks.sendgrid.SendGridTrackingWebhookView", key="tracking_webhook_verification_key"
    ),
    "sparkpost": Provider("anymail.webhooks.sparkpost.SparkPostTrackingWebhookView"),
    "unisender_go": Provider(
        "anymail.webhooks.unisender_go.UnisenderGoTrackingWebhookView", key="api_key", probe="GET"
    ),
}


def lacks(provider: str, known: Provider | None = None) -> str:
    """Return the name of the setting without which reports of a provider are not believed; "" when it is there."""
    if (known or PROVIDERS[provider]).key:
        return "" if settings.WEBHOOK_KEYS.get(provider) else "WEBHOOK_KEYS"
    return "" if settings.WEBHOOK_SECRETS else "WEBHOOK_SECRETS"


@csrf_exempt
def report(request: HttpRequest, provider: str) -> HttpResponse:
    """
    Keep what a provider reports, and answer at once: 200 kept, now or before; 400 not believed or not understood;
    413 too long; 503 come again. Nothing is written unless it is 200.
    """
    known = PROVIDERS.get(provider)
    if known is None:
        raise Http404
    if request.method == known.probe:
        return HttpResponse()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if is_too_long(request):
        return HttpResponse(status=413)
    if known.asked and "Authorization" not in request.headers:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Basic"})
    at = timezone.now()
    try:
        events = believed_events(request, provider, at=at)
        reports = list(reports_of(provider, events, at=at))
    except ConnectionError:  # whoever must vouch for it does not answer
        return HttpResponse(status=503)
    except Exception as fault:  # what providers post, or someone in their name, can be wrong in any way
        said = str(fault) if isinstance(fault, Refused) else type(fault).__name__
        log.warning("A report in the name of %s was refused: %s", provider, said)
        return HttpResponse(status=400)
    receipts.take(reports, at=at)
    return HttpResponse()


def is_too_long(request: HttpRequest) -> bool:
    """Return whether more is announced than is read; none of it is read then."""
    return announced(request) > LARGEST


def knows_the_secret(request: HttpRequest) -> bool:
    """Return whether the request carries one of WEBHOOK_SECRETS (HTTP basic authentication)."""
    said = get_request_basic_auth(request) or ""
    return any(constant_time_compare(said, secret) for secret in settings.WEBHOOK_SECRETS)


def believed_events(request: HttpRequest, provider: str, *, at: datetime) -> list[Any]:
    """Return the events in a report (Anymail's), or raise: Refused, or whatever tells that it cannot be read."""
    events: list[Any] = verified_view(request, provider, at=at, known=PROVIDERS[provider]).parse_events(request)
    return events


def verified_view(request: HttpRequest, provider: str, *, at: datetime, known: Provider) -> Any:
    """
    Return Anymail's view, which reads what was posted, once it is believed, or raise as `believed_events`. `known` says why: for a
    report, or for mail that came in.
    """
    if missing := lacks(provider, known):
        raise Refused(f"{missing} is not set")
    if not known.key and not knows_the_secret(request):  # before anything of it is read
        raise Refused("it came without the secret")
    view = view_of(provider, known)
    view.run_validators(request)
    if known.check:
        known.check(request, at=at)
    return view


def view_of(provider: str, known: Provider) -> Any:
    """Return Anymail's view of a provider, with what it looks at signatures with."""
    guard: dict[str, Any] = {"webhook_secret": [] if known.key else settings.WEBHOOK_SECRETS}
    if known.key:
        guard[known.key] = settings.WEBHOOK_KEYS[provider]
    return import_string(known.view)(**guard)


def reports_of(provider: str, events: Iterable[Any], *, at: datetime) -> Iterator[Report]:
    """Yield what is kept of Anymail's events."""
    named: Counter[str] = Counter()
    for event in events:
        kind = KINDS.get(event.event_type)
        if kind is None:
            continue
        metadata = event.metadata if isinstance(event.metadata, dict) else {}
        mark, message_id = plain(metadata.get("delivery")), plain(event.message_id)
        name = plain(event.event_id) or made_name(event, mark, message_id)
        named[name] += 1
        yield Report(
            provider=provider,
            # Amazon names a notification, which may be about several recipients.
            event_id=name if named[name] == 1 else f"{name}/{named[name]}",
            kind=kind,
            happened_at=moment(event.timestamp, at=at),
            message_id=message_id,
            delivery_id=verp.delivery_of_mark(mark) or verp.delivery_of_message_id(message_id),
            code=receipts.status_in(plain(event.mta_response) or plain(event.description)),
        )


def made_name(event: Any, mark: str, message_id: str) -> str:
    """Return a name for an event that its provider gave none: the same for the same news."""
    recipient = address_hash(plain(event.recipient))
    said = [event.event_type, mark, message_id, recipient, str(event.timestamp), plain(event.mta_response)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def plain(value: object) -> str:
    """Return a name, number or sentence as text that any database takes, 180 characters at most; "" for the rest."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    text = value if isinstance(value, str) else str(value) if abs(value) < 10**40 else ""
    return "".join(sign for sign in text[:180] if sign.isprintable())


def moment(value: object, *, at: datetime) -> datetime:
    """Return when it happened, or `at` when the provider doesn't say, or says what cannot be."""
    if not isinstance(value, datetime) or not 2000 <= value.year <= at.year + 1:
        return at
    return value if value.tzinfo else value.replace(tzinfo=UTC)
