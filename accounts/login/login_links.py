"""
The link in the mail with a code. It does what the code does, under the same rules: once, for ten minutes, in the browser that
asked. Opening it changes nothing, so a scanner that follows it logs nobody in, and neither does one that presses its button:
what it opens is another browser. The session of the browser that asked holds a mark of the token, and where the person was going.
"""

import re
import secrets
from typing import Any

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest

from accounts.crypto import keyed_hashes

SALT = "accounts.login.login_links"
KEPT = "accounts.login.login_links"
LONGEST = 400  # characters that are read of a pasted link
BY_CODE, BY_LINK = "code", "mail link"  # what the audit log calls the ways
TOKEN = re.compile(r"/link/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])")


def new_link(request: HttpRequest, email: str) -> str:
    """
    Return the token of a link for whoever asks in this browser, for `email`, known or not; an earlier one works no more. Whoever
    asks for the mail once more is led where they were going.
    """
    token = secrets.token_urlsafe(32)
    going_to = get_next_redirect_url(request) or kept_in(request).get("next") or ""
    request.session[KEPT] = {"mark": mark_of(token), "next": going_to, "email": email.strip().lower()}
    return token


def kept_in(request: HttpRequest) -> dict[str, Any]:
    """Return what the session of a browser that asked holds, {} for another browser."""
    kept = request.session.get(KEPT)
    return kept if isinstance(kept, dict) else {}


def fits(request: HttpRequest, token: str) -> bool:
    """Return whether this browser asked for the mail with this link, and for none after it."""
    kept = kept_in(request).get("mark", "")
    return bool(kept) and keyed_hashes.is_mark_of(kept, SALT, token)


def token_in(typed: str) -> str:
    """Return the token when somebody put the whole link into the field for the code, else ""."""
    found = TOKEN.search(typed[:LONGEST])
    return found[1] if found else ""


def note_way(request: HttpRequest, way: str) -> None:
    """Note by which of the two someone is getting in; the link works no more."""
    request.session[KEPT] = {"way": way, "next": kept_in(request).get("next", "")}


def used_way(request: HttpRequest) -> str:
    """Return by which of the two someone got in, and forget it."""
    kept = request.session.pop(KEPT, None) or {}
    return str(kept.get("way") or BY_CODE)


def mark_of(token: str) -> str:
    """Return what a session keeps of a token: an HMAC-SHA256 (hex)."""
    return keyed_hashes.mark(SALT, token)
