"""Requests that are refused before a page reads them: they cannot be read, or nobody can mean them."""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import parse_header_parameters

from . import body_limits, error_views

LONGEST_TARGET = 8_000  # characters of path and query; pages of ours need a tenth of it
WITH_FIELDS = {"application/x-www-form-urlencoded", "multipart/form-data"}
READ = {"utf-8", "ascii", "iso8859-1"}
UNREADABLE = (
    b"Not taken: this Content-Type cannot be read. Send it again as UTF-8, with charset=utf-8 or without charset.\n"
)


class Refusing:
    """
    A WSGI application in front of another: 400 for a body that Django cannot begin to read.

    It takes the charset of a Content-Type for granted while it makes the request, before anything of ours could answer: one
    that is no text encoding ("zlib", "undefined") would be an empty 500 with a traceback in the log.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request. A type counts only where there is a body: GET and HEAD have none."""
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            environ.pop("CONTENT_TYPE", None)
        elif not is_readable(environ.get("CONTENT_TYPE", "")):
            length = str(len(UNREADABLE))
            start("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", length)])
            return [UNREADABLE]
        return self.application(environ, start)


def is_readable(content_type: str) -> bool:
    """Return whether Django can read a body of this type. It reads a charset that nobody knows as UTF-8."""
    try:
        _kind, parameters = parse_header_parameters(content_type)
        return codecs.lookup(parameters.get("charset", "utf-8")).name in READ
    except LookupError:
        return True
    except ValueError:
        return False


class BadRequestMiddleware:
    """
    Refuse (400) what no page can mean and PostgreSQL would not take: a NUL in the address or a cookie, and an address
    of more than 8,000 characters. Forms refuse a NUL themselves, so that what was typed stays; a field that no form
    looks at is refused when the database does. What programs send is looked at where it is read
    (bulletins.intake.api_requests).

    A body that is longer than its address takes is refused (413) before anyone reads it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if len(request.get_full_path()) > LONGEST_TARGET:
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
