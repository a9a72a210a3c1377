"""
How long one statement may take, and how long it may wait for a lock, on PostgreSQL: little where somebody waits for a page, more
in workers, without end in commands (migrations, back-ups, restores). One that takes longer is stopped, and what it was part of is
undone.
"""

from django.conf import settings
from django.db import DatabaseError, connections

WEB_LOCK_SECONDS = 5
WORKER_LOCK_SECONDS = 30
# What PostgreSQL calls it: query_canceled, lock_not_available, deadlock_detected.
STOPPED = {"57014", "55P03", "40P01"}


def limit_web() -> None:
    """Limit the connections that this process opens from now on, as one that answers requests."""
    limit(settings.WEB_STATEMENT_SECONDS, WEB_LOCK_SECONDS)


def limit_worker() -> None:
    """Limit the connections that this process and its children open from now on, as ones that do tasks."""
    limit(settings.WORKER_STATEMENT_SECONDS, WORKER_LOCK_SECONDS)


def limit(statement_seconds: int, lock_seconds: int) -> None:
    """
    Let a statement take so many seconds on connections opened from now on, and wait so many for a lock. Behind a pooler nothing
    is limited here, as others would have the connection next: the pooler does it.
    """
    for database in connections.settings.values():
        if database["ENGINE"].endswith("postgresql") and not database["DISABLE_SERVER_SIDE_CURSORS"]:
            said = database["OPTIONS"].get("options", "")
            limits = f"-c statement_timeout={statement_seconds}s -c lock_timeout={lock_seconds}s"
            database["OPTIONS"]["options"] = f"{said} {limits}".strip()


def was_stopped(fault: BaseException | None) -> bool:
    """Return whether a fault says that a statement took too long, or waited too long for others."""
    return isinstance(fault, DatabaseError) and getattr(fault.__cause__, "sqlstate", "") in STOPPED
