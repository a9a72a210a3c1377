"""What is kept of a short-lived secret: an HMAC under SECRET_KEY. It is known again after that key has changed."""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def mark(salt: str, text: str) -> str:
    """Return the HMAC-SHA256 (hex) of `text` for one purpose, under SECRET_KEY."""
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()


def marks(salt: str, text: str) -> list[str]:
    """Return the HMAC-SHA256 (hex) of `text` under SECRET_KEY and under each of SECRET_KEY_FALLBACKS."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(salt, text, secret=key, algorithm="sha256").hexdigest() for key in keys]


def is_mark_of(kept: str, salt: str, text: str) -> bool:
    """Return whether `kept` is the mark of `text` under a key that still counts."""
    return any(constant_time_compare(kept, one) for one in marks(salt, text))
