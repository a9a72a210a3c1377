"""
Amazon's notifications, whose signatures django-anymail leaves unchecked.

The signature is verified with the certificate that the message names, and that one is fetched from Amazon only.
Source: "Verifying the signatures of Amazon SNS messages" in Amazon's developer guide.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from anymail.webhooks.amazon_ses import AmazonSESInboundWebhookView, AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.core.cache import cache
from django.http import HttpRequest

from lib.http import safe_fetch, url_parts

AMAZON = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?")
SECONDS = 5.0  # for each answer of Amazon's
LARGEST = 20_000  # octets of a certificate
KEPT_SECONDS = 24 * 3600  # a certificate, in the cache
HASHES: dict[str, type[hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}  # by SignatureVersion
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class Forged(Exception):
    """A notification that Amazon did not sign."""


class SESWebhook(AmazonSESTrackingWebhookView):
    """Anymail's view, with signatures, and without the need for boto3 when only notifications are taken."""

    def __init__(self, **kwargs: Any) -> None:
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """Confirm a subscription that came with our secret and Amazon's signature."""
        fetch(str(sns_message["SubscribeURL"]))


class SESInboundWebhook(AmazonSESInboundWebhookView):
    """Anymail's view of mail that came in, with signatures; without boto3 it takes what is in the notification itself."""

    kms_key_id: str | None = None

    def __init__(self, **kwargs: Any) -> None:
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """Confirm a subscription that came with our secret and Amazon's signature."""
        fetch(str(sns_message["SubscribeURL"]))


def check(request: HttpRequest, *, at: datetime) -> None:
    """Raise Forged unless Amazon signed what is posted, and ConnectionError when its certificate cannot be had."""
    verify(AmazonSESTrackingWebhookView._parse_sns_message(request), at=at)


def verify(message: Mapping[str, Any], *, at: datetime) -> None:
    """Raise Forged unless Amazon signed the message, and ConnectionError when its certificate cannot be had."""
    try:
        names = SIGNED[message["Type"]]
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name != "Subject" or message.get(name))
        signature = base64.b64decode(message["Signature"], validate=True)
        algorithm = HASHES[message["SignatureVersion"]]()
        certificate = x509.load_pem_x509_certificate(pem(str(message["SigningCertURL"])))
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise Forged("The certificate has no RSA key.")
        if not certificate.not_valid_before_utc <= at.astimezone(UTC) <= certificate.not_valid_after_utc:
            raise Forged("The certificate is not valid now.")
        key.verify(signature, text.encode(), padding.PKCS1v15(), algorithm)
    except (Forged, ConnectionError):
        raise
    except Exception as fault:  # whatever is wrong with it, it is not what Amazon signs
        raise Forged(type(fault).__name__) from fault


def pem(url: str) -> bytes:
    """Return the certificate at an address of Amazon's, from the cache where it is there."""
    if not url.endswith(".pem"):
        raise Forged("The certificate's address is not one of Amazon's.")
    key = f"sns:{hashlib.sha256(url.encode()).hexdigest()}"
    kept = cache.get(key)
    if kept is None:
        kept = fetch(url)
        cache.set(key, kept, KEPT_SECONDS)
    return bytes(kept)


def fetch(url: str) -> bytes:
    """Return what is at an https address of Amazon's notifications. No redirects. Raise Forged or ConnectionError."""
    parts = url_parts.parts_of(url)
    if parts is None or parts.scheme != "https" or not AMAZON.fullmatch(parts.netloc):
        raise Forged("The address is not one of Amazon's.")
    try:
        answer = safe_fetch.fetch(url, most_bytes=LARGEST, most_seconds=SECONDS, most_redirects=0)
    except safe_fetch.FetchFault as fault:
        raise ConnectionError(f"Amazon did not answer: {type(fault).__name__}") from fault
    if answer.status != HTTPStatus.OK:
        raise ConnectionError(f"Amazon answered {answer.status}.")
    return answer.content
