"""What is answered while the database is away."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import error_views
from .page_cache import AWAY

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
            return error_views.database_away(request)
        return self.get_response(request)
