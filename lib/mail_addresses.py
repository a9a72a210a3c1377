"""
Email addresses in one form, so that one person is not two: lower case, NFC, and the domain in ASCII (IDNA 2008). What is
kept of an address that may be known no more is its code.
"""

import hashlib
import hmac
import unicodedata
from functools import lru_cache

import idna
from django.conf import settings


def canonical(address: str) -> str:
    """Return an address in its one form; one whose domain is none only trimmed, in lower case and NFC."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).lower().rpartition("@")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            pass  # nothing can be sent to it; it stays as it was written
    return f"{local}{at}{domain}"


def spellings(address: str) -> frozenset[str]:
    """Return the forms in which an address may be kept: the one form, and with the domain in its own letters."""
    one = canonical(address)
    local, at, domain = one.rpartition("@")
    try:
        return frozenset({one, f"{local}{at}{idna.decode(domain)}"})
    except idna.IDNAError:
        return frozenset({one})


def code_of(address: str) -> str:
    """Return the HMAC-SHA256 (hex) of an address in its one form, under SUPPRESSION_KEY."""
    keyed = _keyed(settings.SUPPRESSION_KEY).copy()
    keyed.update(canonical(address).encode())
    return keyed.hexdigest()


@lru_cache(maxsize=2)
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod=hashlib.sha256)
