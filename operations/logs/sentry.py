"""
Reporting errors to a Sentry server, or one that speaks its language. Off unless SENTRY_DSN says where.

What is logged as an error is reported, whichever process it is: Django and Celery log what nobody caught. An event is
built anew from what may leave the house, so what a later version of the SDK adds stays here: no request but its route, no
local variables, of the user the key. A thread sends it; when the server is away events are dropped, and nobody waits.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from operations.version import release

from .client_errors import is_of_client
from .formatters import DOING, message_of, whereabouts, without_path
from .redaction import clean

LAST_SECONDS = 2  # for what has not been sent when a process ends
PLAIN = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk")
OF_A_FRAME = ("filename", "function", "lineno", "module", "in_app", "context_line", "pre_context", "post_context")


def begin() -> None:
    """Report from now on, if the settings say where to. Without that nothing is imported."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=release(),
        environment=settings.SENTRY_ENVIRONMENT,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        before_send=may_leave,
        include_local_variables=False,
        include_source_context=True,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        shutdown_timeout=LAST_SECONDS,
    )


def may_leave(event: Any, hint: dict[str, Any]) -> Any:
    """
    Return an event that holds what may leave the house and nothing else, cleaned like the logs; None for what is a client's
    fault.
    """
    record = hint.get("log_record")
    if record is not None and is_of_client(record):
        return None
    about = whereabouts(record)
    kept: dict[str, Any] = {name: event[name] for name in PLAIN if name in event}
    kept["tags"] = {name: ",".join(map(str, value)) if name == "keys" else value for name, value in about.items()}
    if name := about.get("route") or about.get("task"):
        kept["transaction"] = name
    if key := user_key():
        kept["user"] = {"id": key}
    if record is not None:
        kept["logentry"] = {"formatted": without_path(record, message_of(record))}
    faults = (event.get("exception") or {}).get("values") or []
    if faults:
        kept["exception"] = {"values": [fault_of(fault) for fault in faults]}
    return cleaned_of(kept)


def fault_of(fault: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exception as its kind, its words, and the lines of code that led to it."""
    frames = (fault.get("stacktrace") or {}).get("frames") or []
    return {
        **{name: fault[name] for name in ("type", "value", "module") if name in fault},
        "stacktrace": {"frames": [{name: one[name] for name in OF_A_FRAME if name in one} for one in frames]},
    }


def user_key() -> str:
    """Return the key of whoever is logged in, "" when nobody is or nobody has asked yet: no query is made for it."""
    request = DOING.get().get("request")
    known = getattr(request, "_cached_user", None)  # where Django keeps it once someone has asked
    return str(known.pk) if known is not None and known.pk else ""


def cleaned_of(value: Any, name: str = "") -> Any:
    """Return data with every text in it cleaned, but for the marks of the event itself."""
    if isinstance(value, str):
        return value if name in {"event_id", "request_id"} else clean(value)
    if isinstance(value, Mapping):
        return {key: cleaned_of(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned_of(one) for one in value]
    return value
