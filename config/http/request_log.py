"""A number for each request, which every line about it has, and one line at its end."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from campaigns.http import page_changes
from operations.logs.formatters import doing

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
HARMLESS = re.compile(r"[0-9a-f]{8,32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Whoever watches asks every few seconds, and it says nothing.
QUIET = {"health_live", "health_ready", "health_serving", "metrics"}


class NotingMiddleware:
    """
    Give a request its number, the proxy's own (X-Request-ID) where that is plain hexadecimal, and answer with it. At
    the end one line says route, status and milliseconds; a page that is kept for everyone has no number.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        number = number_of(request)
        with doing(request=request, request_id=number):
            response = self.get_response(request)
            if page_changes.MARK not in response:
                response[HEADER] = number
            match = request.resolver_match
            level = logging.DEBUG if match is not None and match.view_name in QUIET else logging.INFO
            if log.isEnabledFor(level):
                ms = round((time.perf_counter() - began) * 1000, 1)
                log.log(
                    level,
                    "%s %s: %s in %s ms",
                    *(request.method, match.view_name if match else "no route", response.status_code, ms),
                    extra={"status": response.status_code, "ms": ms},
                )
        return response


def number_of(request: HttpRequest) -> str:
    """Return the number that a proxy gave a request, if it can be nothing else, or a new one."""
    given = request.headers.get(HEADER, "").lower()
    return given if HARMLESS.fullmatch(given) else uuid.uuid4().hex
