"""The digest that an agreement binds to. Its version is kept beside it, since what was agreed to earlier stays agreed to."""

import hashlib
import json
from typing import Any

import rfc8785

CURRENT = 1  # version 0: the spelling of each kind up to release 1.6.1 (Kind.old_digest)


def digest_of(kind: str, content: dict[str, Any]) -> str:
    """
    Return the SHA-256 (hex) of plain data as canonical JSON (RFC 8785). Kind and version stand before it, so that the digest of
    one kind is never that of another.
    """
    return hashlib.sha256(f"agreement {CURRENT} {kind}\n".encode() + rfc8785.dumps(content)).hexdigest()


def old_digest_of(content: Any, *, separators: tuple[str, str] | None = None) -> str:
    """Return the digest of content as version 0 spelled it."""
    spelled = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=separators)
    return hashlib.sha256(spelled.encode()).hexdigest()
