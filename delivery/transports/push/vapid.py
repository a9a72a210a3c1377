"""Who we are to push services (VAPID, RFC 8292): a signed word for each of them, with our key and where we can be reached."""

import json
import time
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings

from .encryption import CURVE, point
from .subscriptions import from_base64, in_base64

LASTS = 12 * 3600  # seconds; no service takes one for more than 24 hours
RENEWED = 3600  # seconds before it ends


class Identity:
    """Our key. Its words are kept as long as they hold: signing is slow, and services know again what they have seen."""

    def __init__(self, private: str, contact: str) -> None:
        """Take the private key as `vapid_keys` prints it, and an address as a URI. Raise ValueError for what is no key."""
        self._key = key_of(private)
        self._contact = contact
        self._words: dict[str, tuple[str, float]] = {}
        self.public = in_base64(point(self._key.public_key()))

    def authorization(self, origin: str, *, now: float | None = None) -> str:
        """Return the header of a request to a push service, `https://push.example.org`."""
        now = time.time() if now is None else now
        word, until = self._words.get(origin, ("", 0.0))
        if now > until - RENEWED:
            until = now + LASTS
            word = self._signed({"aud": origin, "exp": int(until), "sub": self._contact})
            self._words[origin] = word, until
        return f"vapid t={word}, k={self.public}"

    def _signed(self, claims: dict[str, object]) -> str:
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        text = ".".join(in_base64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{in_base64(r.to_bytes(32) + s.to_bytes(32))}"


def key_of(private: str) -> ec.EllipticCurvePrivateKey:
    """Return a private key from its 32 octets in base64url. Raise ValueError."""
    octets = from_base64(private)
    if len(octets) != 32:
        raise ValueError("A private key has 32 octets.")
    return ec.derive_private_key(int.from_bytes(octets), CURVE)


def new_pair() -> tuple[str, str]:
    """Return a new private key, as the settings take it, and the public one that belongs to it."""
    key = ec.generate_private_key(CURVE)
    return in_base64(key.private_numbers().private_value.to_bytes(32)), in_base64(point(key.public_key()))


@lru_cache(maxsize=4)
def _identity(private: str, contact: str) -> Identity:
    return Identity(private, contact)


def identity() -> Identity:
    """Return who we are by the settings."""
    return _identity(settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT)
