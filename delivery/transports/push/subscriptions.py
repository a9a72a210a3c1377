"""
Where notifications of one browser go: the address that its push service gave it, and the keys for which they are encrypted.
Kept as compact JSON, which is the address of a recipient of this channel.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from lib.http import url_parts
from lib.http.safe_fetch import FetchFault, checked, looks_private

LONGEST = 2000  # characters, as Recipient.address
POINT, SECRET = 65, 16  # octets of the browser's key (an uncompressed point of P-256) and of its secret


class BadSubscription(ValueError):
    """What is no subscription, or one that leads where nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """
    `endpoint` is the address at the push service, `key` the browser's public key, `secret` what only it and we know. `ours` is the
    beginning of our own public key as it was then: a browser takes nothing from another one.
    """

    endpoint: str
    key: bytes
    secret: bytes
    ours: str = ""

    @property
    def address(self) -> str:
        """The address of the recipient."""
        kept = {
            "endpoint": self.endpoint,
            "p256dh": in_base64(self.key),
            "auth": in_base64(self.secret),
            "k": self.ours,
        }
        return json.dumps(kept, separators=(",", ":"))

    @property
    def origin(self) -> str:
        """Whose it is: the scheme, host and port of the push service."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.lower()}"


def read(text: str) -> Subscription:
    """Return what an address says. Raise BadSubscription."""
    try:
        kept = json.loads(text)
        keys = kept.get("keys", kept)  # as a browser writes it, or as it is kept
        key, secret = from_base64(keys["p256dh"]), from_base64(keys["auth"])
        endpoint, ours = kept["endpoint"], kept.get("k", "")
        if len(key) != POINT or len(secret) != SECRET or not isinstance(endpoint, str) or not isinstance(ours, str):
            raise BadSubscription("It lacks something.")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise BadSubscription("This is no subscription.") from fault
    return Subscription(endpoint, key, secret, ours)


def accepted(text: str, *, ours: str) -> Subscription:
    """
    Return the subscription that a browser has just given us, made for our own public key. Raise BadSubscription also where it
    leads anywhere but to a host on the internet by https.
    """
    if len(text) > 2 * LONGEST:
        raise BadSubscription("It is too long.")
    given = read(text)
    made = Subscription(given.endpoint, given.key, given.secret, ours[:8])
    if not may_be_opened(made.endpoint):
        raise BadSubscription("It leads where nothing is sent.")
    if len(made.address) > LONGEST:
        raise BadSubscription("It is too long.")
    return made


def may_be_opened(endpoint: str) -> bool:
    """
    Tell, without asking anyone, whether something may be sent to an address: by https, to no host inside our network. Hosts in
    FETCH_ALLOW may be both.
    """
    try:
        host, port, scheme = checked(endpoint)
    except FetchFault:
        return False
    is_ours = f"{host}:{port}" in settings.FETCH_ALLOW
    return is_ours or (scheme == "https" and not looks_private(endpoint))


def host_of(address: str) -> str:
    """Return the host of the push service of a recipient's address, "" of what is none."""
    try:
        return url_parts.host_of(read(address).endpoint)
    except BadSubscription:
        return ""


def in_base64(octets: bytes) -> str:
    """Return octets as browsers write them: base64url without padding."""
    return urlsafe_b64encode(octets).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    """Return the octets of base64url, padded or not. Raise ValueError."""
    if not text.isascii():
        raise ValueError("This is not base64url.")
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
