"""
Whose fault a line in the log tells of. What a client sent, or did not send to its end, is never an error of ours: such lines
are warnings, are not counted, and are reported nowhere. So a stranger wakes nobody.
"""

import copy
import logging

from django.http import UnreadablePostError

SUSPICIOUS = "django.security"  # Django logs as errors whatever it refuses: fields, sizes, hosts, paths
OURS_FROM = 500  # statuses


def is_of_client(record: logging.LogRecord) -> bool:
    """Return whether a record tells of what a client did wrong."""
    status = getattr(record, "status_code", None)
    if isinstance(status, int):
        return status < OURS_FROM
    if record.name == SUSPICIOUS or record.name.startswith(f"{SUSPICIOUS}."):
        return True
    return record.exc_info is not None and is_left(record.exc_info[1] if isinstance(record.exc_info, tuple) else None)


def is_left(fault: BaseException | None) -> bool:
    """Return whether a client went away before it had sent everything."""
    return isinstance(fault, UnreadablePostError)


class Ours(logging.Filter):
    """Let through what is no client's fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is handled."""
        return not is_of_client(record)


class AsWarning(logging.Filter):
    """Show as a warning what is a client's fault. Others see the record as it was."""

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record, or a copy of it that is a warning."""
        if record.levelno <= logging.WARNING or not is_of_client(record):
            return record
        shown = copy.copy(record)
        shown.levelno, shown.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return shown
