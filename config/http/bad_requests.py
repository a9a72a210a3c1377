"""
Requests that Django cannot begin to read.

It takes the charset of a Content-Type for granted while it makes the request, before anything of ours could answer: one
that is no text encoding ("zlib", "undefined") would be an empty 500 with a traceback in the log.
"""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

READ = {"utf-8", "ascii", "iso8859-1"}
UNREADABLE = (
    b"Not taken: this Content-Type cannot be read. Send it again as UTF-8, with charset=utf-8 or without charset.\n"
)


class Refusing:
    """A WSGI application in front of another: 400 for a body that cannot be read."""

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
