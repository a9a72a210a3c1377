"""
The address of somebody who comes by a link that was sent to them, so that they need not type it where they log in. Pages show it
hidden but for its first letters: a link may have been passed on.
"""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from allauth.account.utils import get_next_redirect_url
from django.http import HttpRequest

NAMED = "for"  # in the address that somebody wanted to open: the mark of whom its link was sent to
LONGEST = 200  # characters of a mark that are read
KEPT = "accounts.login.known_address"
READERS: list[
    Callable[[str], str]
] = []  # each returns the address that a mark stands for, or ""; the app that sends links adds its own


def address_for(request: HttpRequest) -> str:
    """Return the address of whoever asks to log in, as the link that they opened tells it; "" for others."""
    asked = parse_qs(urlsplit(get_next_redirect_url(request) or "").query).get(NAMED, [""])[0][:LONGEST]
    return next((address for read in READERS if asked and (address := read(asked))), "")


def hidden(address: str) -> str:
    """Return an address as only its owner knows it again: "o…@e….org"."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain[:1]}….{domain.rpartition('.')[2]}"


def note(request: HttpRequest, *, is_known: bool) -> None:
    """Remember in the session whether the address that a code goes to came by a link."""
    if is_known:
        request.session[KEPT] = True
    else:
        request.session.pop(KEPT, None)


def shown(request: HttpRequest, address: str) -> str:
    """Return an address as whoever waits for a code may read it."""
    return hidden(address) if address and request.session.get(KEPT) else address
