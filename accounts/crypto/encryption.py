"""Texts that must come back as they were, and that nobody reads in a copy of the database: keys of apps, codes by mail."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Locked(Exception):
    """The text was locked with a key that this site no longer has."""


def lock(text: str) -> str:
    """Return `text` encrypted under SECRET_KEY (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return keys().encrypt(text.encode()).decode()


def unlock(locked: str) -> str:
    """Return what was locked, under SECRET_KEY or one of SECRET_KEY_FALLBACKS. Raise Locked."""
    return unseal(locked).decode()


def seal(content: bytes) -> str:
    """Return `content` encrypted as by `lock`, but without the time that Fernet writes beside it in the clear."""
    return keys().encrypt_at_time(content, 0).decode()


def unseal(sealed: str) -> bytes:
    """Return what was sealed, under SECRET_KEY or one of SECRET_KEY_FALLBACKS. Raise Locked."""
    try:
        return keys().decrypt(sealed.encode())
    except InvalidToken as fault:
        raise Locked from fault


def keys() -> MultiFernet:
    """Return the keys: the first one locks, each unlocks."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(key_from(secret)) for secret in secrets])


def key_from(secret: str) -> bytes:
    """Return the key that a secret of the settings makes for this purpose only."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"accounts.crypto.encryption\n{secret}".encode()).digest())
