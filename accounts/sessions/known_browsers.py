"""
Browsers in which someone has logged in before. A signed cookie remembers it, so that strangers who use up the tries for
an address cannot lock its owner out (accounts.login.login_limits). It logs nobody in, and no address can be read from
it.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.crypto import keyed_hashes
from accounts.models import User

SALT = "accounts.sessions.trusted_devices"  # as it is in the cookies of browsers
LASTS_DAYS = 180
MOST_PEOPLE = 4  # of one browser, whoever logged in last first


def known_browser(request: HttpRequest, address: str) -> str:
    """Return the name of the browser if whoever has `address` has logged in with it, else "". No query."""
    device, people = read(request)
    return device if any(keyed_hashes.is_mark_of(one, SALT, address) for one in people) else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Note in a browser that someone has just logged in with it."""
    device, people = read(request)
    others = [one for one in people if not keyed_hashes.is_mark_of(one, SALT, user.email)]
    kept = {"device": device or secrets.token_urlsafe(12), "people": [keyed_hashes.mark(SALT, user.email), *others]}
    kept["people"] = kept["people"][:MOST_PEOPLE]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(kept, salt=SALT),
        max_age=LASTS_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def read(request: HttpRequest) -> tuple[str, list[str]]:
    """Return the name of a browser and the marks of who has logged in with it; "" and none without a cookie of ours."""
    try:
        held = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=LASTS_DAYS * 86_400
        )
        return str(held["device"]), [str(one) for one in held["people"]]
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return "", []
