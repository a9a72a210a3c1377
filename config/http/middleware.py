"""What a request meets before any app."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.cache import get_conditional_response
from django.utils.csp import CSP, build_policy
from django.utils.translation import get_language_from_request, override

from campaigns import page_changes
from campaigns.feed_responses import etag_of
from website.api.base import PROBLEM, problem_of

from . import body_limits, error_views
from .page_cache import AWAY

# What no page of ours asks a browser for, and so no script on it can.
NEVER_ASKED_FOR = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer", "microphone"),
    *("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
LONGEST_ADDRESS = 8_000  # characters of path and query; pages of ours need a tenth of it
WITH_FIELDS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class HeadersMiddleware:
    """
    Give every answer the headers by which a browser protects itself: pages, files, redirects and refusals. It is the
    outermost, so that what other middleware refuses has them too. What a view says itself stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_open = response.get("Access-Control-Allow-Origin") == "*"
        for name, value in (
            (str(CSP.HEADER_ENFORCE), build_policy(settings.SECURE_CSP)),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
            ("Permissions-Policy", ", ".join(f"{name}=()" for name in NEVER_ASKED_FOR)),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"),
        ):
            response.headers.setdefault(name, value)
        if not getattr(response, "xframe_options_exempt", False):
            response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        return response


class OwnPagesMiddleware:
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


class ProblemsMiddleware:
    """
    Tell every error of the API as a problem (RFC 9457), whoever found it: the view, the framework (an address that is no number, a
    method that is not taken), or what stands before both.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_told = response.get("Content-Type", "").startswith(PROBLEM)
        if response.status_code < 400 or is_told or not request.path.startswith("/api/"):
            return response
        with override(get_language_from_request(request)):
            return problem_of(response)


class ReadableMiddleware:
    """
    Refuse (400) what no page can mean and PostgreSQL would not take: a NUL in the address or a cookie, and an address
    of more than 8,000 characters. Forms refuse a NUL themselves, so that what was typed stays; a field that no form
    looks at is refused when the database does. What programs send is looked at where it is read
    (bulletins.intake.api_schemas).

    A body that is longer than its address takes is refused (413) before anyone reads it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.get_full_path()) > LONGEST_ADDRESS:
            raise BadRequest("The address is too long.")
        if "\0" in request.path or any("\0" in text for text in request.COOKIES.values()) or has_nul(request.GET):
            raise BadRequest("There is a NUL in the address or a cookie.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *unused: Any) -> HttpResponse | None:
        """Refuse a body that is too long: here the address is known, and nothing has been read yet."""
        match = request.resolver_match
        is_ours = match is not None and match.namespace not in body_limits.READ_ELSEWHERE
        return error_views.too_long(request) if is_ours and body_limits.is_too_long(request) else None

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Answer 400 where a view handed a NUL in a field of a form on to the database, which took nothing."""
        match = request.resolver_match
        is_form = request.content_type in WITH_FIELDS and match and match.namespace not in body_limits.READ_ELSEWHERE
        if is_form and isinstance(fault, ValueError | DataError) and has_nul(request.POST):
            return error_views.bad_request(request, fault)
        return None


def has_nul(fields: QueryDict) -> bool:
    """Return whether a name or a value has a NUL in it."""
    return any("\0" in name or any("\0" in text for text in texts) for name, texts in fields.lists())


class DatabaseAwayMiddleware:
    """
    While the database is away, say so at once (503) instead of letting each request wait for it, so that the threads stay
    free for the pages that are kept. Health probes look for themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(AWAY) and not request.path.startswith(("/health/", "/metrics")):
            return error_views.database_away(request)
        return self.get_response(request)


class ConditionalPagesMiddleware:
    """
    Give every page that is nobody's own its ETag, and answer 304 to whoever has it already. A page for a session or a
    token, with a cookie of its own or not to be stored, has none. A 304 is as much a kept page as what it stands for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_for_anybody(request, response) or response.has_header("ETag"):
            return response
        response["ETag"] = etag = etag_of(response.content)
        answer = get_conditional_response(request, etag=etag, response=response)
        assert isinstance(answer, HttpResponse)  # the page itself at least
        if page_changes.MARK in response:
            answer[page_changes.MARK] = response[page_changes.MARK]
        return answer


def is_for_anybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether an answer is a page that anyone who asks the same would get. Who brings a token is someone."""
    return (
        request.method in {"GET", "HEAD"}
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "Authorization" not in request.headers
        and response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.get("Cache-Control", "")
    )
