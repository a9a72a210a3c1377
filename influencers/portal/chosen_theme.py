"""The theme that a reader chose for their cards: a cookie of their browser keeps it for the next bulletin; the server keeps nothing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from campaigns.cards.card_look import THEME_NAMES

LASTS = 365 * 86_400  # seconds


def asked_by(request: HttpRequest) -> dict[str, Any]:
    """Return what a reader asks for on this page, with the theme that they chose before."""
    return {"theme": request.COOKIES.get(settings.CARD_COOKIE_NAME, ""), **request.GET.dict()}


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser keep the theme that was chosen, if it is another."""
    theme = request.GET.get("theme", "")
    if theme not in THEME_NAMES or theme == request.COOKIES.get(settings.CARD_COOKIE_NAME):
        return
    response.set_cookie(
        settings.CARD_COOKIE_NAME,
        theme,
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
