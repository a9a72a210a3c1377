"""
What is written to the logs: a line for people, or a JSON object for machines, and in neither an address or a token.

Every handler has the filter `Clean`. The law is that code logs keys; the filter is the net below it. A line says which
request or task it came from: the route by its name, never the path, which may hold a token.
"""

import copy
import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.middleware import csrf

from .redaction import clean, clean_trace

log = logging.getLogger(__name__)

# What is being done in this thread: {"request": …, "request_id": …} or {"task": …, "keys": …}.
DOING: ContextVar[dict[str, Any]] = ContextVar("doing", default={})  # noqa: B039  (never changed in place)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
TRACEBACK = logging.Formatter()
# What Django says when it takes a request for a forged one: what the request brought stands in some of it.
FORGED = {
    csrf.REASON_BAD_ORIGIN: "bad-origin",
    csrf.REASON_NO_REFERER: "no-referer",
    csrf.REASON_BAD_REFERER: "bad-referer",
    csrf.REASON_MALFORMED_REFERER: "malformed-referer",
    csrf.REASON_INSECURE_REFERER: "insecure-referer",
    csrf.REASON_NO_CSRF_COOKIE: "no-cookie",
    csrf.REASON_CSRF_TOKEN_MISSING: "no-token",
    "CSRF cookie": "bad-cookie",
    "CSRF token": "bad-token",
}


class Clean(logging.Filter):
    """Take addresses, tokens and passwords out of a record: its words, arguments and traceback. Others see it as it was."""

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a copy of the record that may be written."""
        shown = copy.copy(record)
        shown.msg, shown.args = clean(without_path(record, message_of(record))), None
        if record.exc_info and record.exc_info[0]:
            shown.exc_text = clean_trace(TRACEBACK.formatException(record.exc_info))
        elif record.exc_text:
            shown.exc_text = clean_trace(record.exc_text)
        shown.exc_info = None
        shown.stack_info = clean_trace(record.stack_info) if record.stack_info else None
        return shown


class Lines(logging.Formatter):
    """A line for people. What someone else wrote cannot begin a line of its own; only a traceback does."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line, and at its end which request it is about."""
        number = DOING.get().get("request_id", "")
        line = CONTROL.sub(lambda found: repr(found[0])[1:-1], super().formatMessage(record))
        return f"{line} [{number}]" if number else line


class JsonLines(logging.Formatter):
    """
    One JSON object a line: at (UTC), level, logger, message and process; the fault with its traceback; of a request its
    id, method and route, and at its end status and milliseconds; of a task its name and the keys of its rows.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **whereabouts(record),
        }
        if record.exc_text:
            told["exception"] = record.exc_text
        if record.stack_info:
            told["stack"] = record.stack_info
        return json.dumps(told)


# --- What is being done --------------------------------------------------------------------------------


@contextmanager
def doing(**what: Any) -> Iterator[None]:
    """Say in every line of this thread what is being done meanwhile."""
    token = DOING.set(what)
    try:
        yield
    finally:
        DOING.reset(token)


def whereabouts(record: logging.LogRecord | None = None) -> dict[str, Any]:
    """Return which request or task this thread is at, as a line tells it: keys and names only."""
    what = DOING.get()
    request = what.get("request") or getattr(record, "request", None)
    told: dict[str, Any] = {name: what[name] for name in ("request_id", "task", "keys") if name in what}
    if isinstance(request, HttpRequest):
        told |= {"method": request.method, "route": route_of(request)}
    return told | {name: vars(record)[name] for name in ("status", "ms") if record and name in vars(record)}


def route_of(request: HttpRequest) -> str:
    """Return the name of the route of a request; "" when it has none (yet). Its path may hold a token."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name) if match else ""


def message_of(record: logging.LogRecord) -> str:
    """Return the words of a record, also of one whose arguments don't fit; of a request that looks forged a code for why."""
    if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
        reason = str(record.args[0])
        code = next((code for says, code in FORGED.items() if reason.startswith(says.partition("%s")[0])), "other")
        return f"Refused as forged ({code}): {record.args[-1]}"
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} (its arguments do not fit)"


def without_path(record: logging.LogRecord, words: str) -> str:
    """Return the words that Django wrote about a request with its route for its path."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest) or len(request.path) < 2:
        return words
    shown = route_of(request) or "[path]"
    return words.replace(request.get_full_path(), shown).replace(request.path, shown)


# --- What nobody caught --------------------------------------------------------------------------------


def take_uncaught() -> None:
    """Log what ends a process or a thread, instead of letting Python print it as it is."""
    sys.excepthook = note_uncaught
    threading.excepthook = lambda args: (
        None
        if args.exc_type is SystemExit
        else note_uncaught(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
    )


def note_uncaught(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """Log a fault that nobody caught; Ctrl-C is none."""
    if not issubclass(kind, KeyboardInterrupt):
        log.critical("Nobody expected this fault, and it ended the work at hand.", exc_info=(kind, fault, trace))
