"""What is answered while the database is away."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ..caches.page_cache import AWAY
from .error_pages import plain_page

RETRY_SECONDS = 5
WITHOUT_DATABASE = ("/health/", "/metrics", "/c/", "/C/")


class DatabaseOutageMiddleware:
    """
    While the database is away, say so at once (503) instead of letting each request wait for it, so that the threads stay
    free for the pages that are kept. Health probes look for themselves; the short address of a code only leads on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(AWAY) and not request.path.startswith(WITHOUT_DATABASE):
            return database_away(request)
        return self.get_response(request)


def database_away(request: HttpRequest) -> HttpResponse:
    """Say that this page has to wait for the database, and when to come back."""
    return retry_later(request)


def retry_later(request: HttpRequest, *, why: str = "") -> HttpResponse:
    """Return an error page that is kept nowhere, and says when to come back."""
    response = plain_page(request, 503, why=why)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
