"""
Heavy work as rows: the row is the queue, Celery only wakes it. Whoever takes a row up holds it until its `lease_until`, and holds it
for longer after each piece; a killed worker costs at most the piece it was at.

The rows have `state` (queued, running, done, failed), `done` of `total`, `attempts`, `error`, `asked_at`, `lease_until`, `finished_at`.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3


class Lost(Exception):
    """Someone else works on it now."""


class Again(Exception):
    """It could not be done this time, and is tried again. The text says why, for people."""


def enqueue(model: Any, key: dict[str, Any], *, at: datetime, **values: Any) -> Any:
    """
    Ask for heavy work, within a transaction, and return its row. While the same waits already, nothing more is queued; while it
    runs, it runs once more afterwards, so that what changed meanwhile is not missed.
    """
    for _attempt in range(3):
        open_rows = model.objects.select_for_update().filter(**key, state__in=["queued", "running"])
        row = open_rows.first()
        if row is not None:
            # A later moment than the one that its worker began with tells that it was asked for again.
            row.asked_at = max(at, row.asked_at + timedelta(microseconds=1))
            model.objects.filter(pk=row.pk).update(asked_at=row.asked_at, **values)
            return row
        try:
            with transaction.atomic():
                return model.objects.create(**key, **values, asked_at=at)
        except IntegrityError:  # someone asked in the same moment
            continue
    raise AssertionError("neither there nor to be made")


def waiting(*, at: datetime) -> Q:
    """Return the condition for rows that nobody works on, and those that someone died over."""
    return Q(state="queued") | Q(state="running", lease_until__lte=at)


def fail_worn_out(rows: models.QuerySet[Any], gave_up: str, *, at: datetime) -> None:
    """Give up on those of `rows` that were begun often enough."""
    worn_out = rows.filter(attempts__gte=MOST_ATTEMPTS)
    worn_out.update(state="failed", error=gave_up, finished_at=at, lease_until=None)


def take(rows: models.QuerySet[Any], *, at: datetime) -> bool:
    """Take up the one row of `rows`, which wait; return whether there was one."""
    return bool(rows.update(state="running", lease_until=at + LEASE, attempts=F("attempts") + 1, done=0, error=""))


def held(row: Any) -> models.QuerySet[Any]:
    """Return the row as long as this worker holds it: a lease that another one took has another end."""
    found: models.QuerySet[Any] = type(row).objects.filter(pk=row.pk, state="running", lease_until=row.lease_until)
    return found


def renew(row: Any, *, done: int, total: int, at: datetime) -> None:
    """Write how far it is and hold it for longer. Raise Lost when another worker has it."""
    until = at + LEASE
    if not held(row).update(done=done, total=total, lease_until=until):
        raise Lost
    row.lease_until, row.done, row.total = until, done, total


def fail(row: Any, says: str, *, at: datetime) -> None:
    """Give up on a row and say why; one that was asked for again meanwhile, perhaps for something else, is queued once more."""
    as_asked = held(row).filter(asked_at=row.asked_at)
    if not as_asked.update(state="failed", error=says[:300], finished_at=at, lease_until=None):
        held(row).update(state="queued", attempts=0, lease_until=None)


def finish(row: Any, *, at: datetime) -> bool | None:
    """Note that it is done, and return True; False when it was asked for again meanwhile: it is queued once more. None: it was lost."""
    if held(row).filter(asked_at=row.asked_at).update(state="done", finished_at=at, lease_until=None):
        return True
    return False if held(row).update(state="queued", attempts=0, lease_until=None) else None


def work(
    row: Any,
    pieces: Iterable[tuple[int, int]],
    *,
    clock: Callable[[], datetime],
    refusals: tuple[type[Exception], ...],
    gave_up: str,
) -> bool:
    """
    Take the pieces of a row, which tell (done, total), as long as this worker holds it; return whether all were taken. One of
    `refusals` ends it, with its words; anything else is tried again.
    """
    try:
        for done, total in pieces:
            renew(row, done=done, total=total, at=clock())
    except Lost:
        return False
    except refusals as fault:
        fail(row, str(fault), at=clock())
        return False
    except Exception as fault:
        says = str(fault) if isinstance(fault, Again) else ""
        log.exception("Heavy work went wrong: %s %s.", type(row).__name__, row.pk)
        if row.attempts >= MOST_ATTEMPTS:
            fail(row, says or gave_up, at=clock())
        else:
            held(row).update(state="queued", error=says[:300], lease_until=None)
        return False
    return True
