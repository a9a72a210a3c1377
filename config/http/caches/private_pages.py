"""What no cache may keep, because it is someone's own."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class PrivatePagesMiddleware:
    """
    Keep what is someone's own out of every cache: all that is answered to whoever has a session, but for what its view
    calls public, and every page whose address is a key. Such an address is told to nobody either.

    Not `no-referrer`: with it browsers post a form without its origin, which the check against forged forms refuses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        is_a_key = match is not None and "token" in match.kwargs
        is_own = any(settings.SESSION_COOKIE_NAME in cookies for cookies in (request.COOKIES, response.cookies))
        if is_a_key or (is_own and "public" not in response.get("Cache-Control", "")):
            response.headers["Cache-Control"] = "private, no-store"
        if is_a_key:
            response.headers.setdefault("Referrer-Policy", "strict-origin")
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response
