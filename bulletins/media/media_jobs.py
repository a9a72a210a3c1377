"""Heavy work: rows are the queue, Celery only wakes it. A killed worker costs at most the piece it was at."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_noop

from accounts.models import User
from bulletins.models import Bulletin, MediaJob, MovingCard, TranslationDraft
from lib import task_queue

log = logging.getLogger(__name__)

State = MediaJob.State
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
QUEUE = "background"
WAKE_SECONDS = 60
MOST_WOKEN = 20  # of each sort in one round

GAVE_UP = gettext_noop("It failed three times. Request it again; if it still fails, tell the site administrator.")


class Lost(Exception):
    """Someone else works on it now."""


def enqueue(bulletin: Bulletin, kind: str, *, by: User | None, at: datetime) -> MediaJob:
    """
    Ask for heavy work and return its row. While the same waits already, nothing more is queued; while it runs, it
    runs once more afterwards, so that what changed meanwhile is not missed.
    """
    with transaction.atomic(savepoint=False):
        for _attempt in range(3):
            row = (
                MediaJob.objects.select_for_update()
                .filter(bulletin=bulletin, kind=kind, state__in=[State.QUEUED, State.RUNNING])
                .first()
            )
            if row is not None:
                # A later moment than the one that its worker began with tells that it was asked for again.
                row.asked_at = max(at, row.asked_at + timedelta(microseconds=1))
                MediaJob.objects.filter(pk=row.pk).update(asked_at=row.asked_at, asked_by=by)
                break
            try:
                with transaction.atomic():
                    row = MediaJob.objects.create(bulletin=bulletin, kind=kind, asked_by=by, asked_at=at)
                break
            except IntegrityError:  # someone asked in the same moment
                continue
        assert row is not None
        pk = row.pk
        transaction.on_commit(lambda: wake(pk))
    return row


def wake(pk: int) -> None:
    """Ask a worker to take up a row. A broker that is away costs one tick."""
    try:
        task_queue.wake("bulletins.tasks.make", pk, queue=QUEUE, expires=WAKE_SECONDS)
    except Exception:
        log.warning("Nobody could be woken for the heavy work %s; the next tick tries again.", pk)


def wake_waiting(*, at: datetime) -> int:
    """
    Wake workers for what waits, and for what someone died over; return how many were asked. Moving cards, minutes each, come last:
    those of bulletins without any first, and of these the ones that were asked for last, which everybody opens.
    """
    waiting = MediaJob.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lte=at))
    moving = waiting.filter(kind=MediaJob.Kind.MOVING).annotate(
        has_some=Exists(MovingCard.objects.filter(bulletin=OuterRef("bulletin")))
    )
    others = waiting.exclude(kind=MediaJob.Kind.MOVING).order_by("asked_at", "pk")
    rows = *others[:MOST_WOKEN], *moving.order_by("has_some", "-asked_at", "-pk")[:MOST_WOKEN]
    keys = [row.pk for row in rows]
    for pk in keys:
        wake(pk)
    return len(keys)


def take(pk: int, *, at: datetime) -> MediaJob | None:
    """
    Take up a row that nobody works on, and return it; None when it is done, taken, or failed too often, and for moving cards while
    pictures or drafts of translations wait: those take minutes, and the next tick wakes them again.
    """
    free = MediaJob.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lte=at), pk=pk)
    free.filter(attempts__gte=MOST_ATTEMPTS).update(state=State.FAILED, error=GAVE_UP, finished_at=at, lease_until=None)
    pictures = MediaJob.objects.filter(state=State.QUEUED, kind=MediaJob.Kind.CARDS)
    drafts = TranslationDraft.objects.filter(state=TranslationDraft.State.QUEUED, lease_until=None)
    if pictures.exists() or drafts.exists():
        free = free.exclude(kind=MediaJob.Kind.MOVING)
    won = free.update(state=State.RUNNING, lease_until=at + LEASE, attempts=F("attempts") + 1, done=0, error="")
    return MediaJob.objects.select_related("bulletin").get(pk=pk) if won else None


def held(row: MediaJob) -> Any:
    """Return the row as long as this worker holds it: a lease that another one took has another end."""
    return MediaJob.objects.filter(pk=row.pk, state=State.RUNNING, lease_until=row.lease_until)


def renew(row: MediaJob, *, done: int, total: int, at: datetime) -> None:
    """Write how far it is and hold it for longer. Raise Lost when another worker has it."""
    until = at + LEASE
    if not held(row).update(done=done, total=total, lease_until=until):
        raise Lost
    row.lease_until, row.done, row.total = until, done, total


def fail(row: MediaJob, says: str, *, at: datetime) -> None:
    """Give up on a row and say why."""
    held(row).update(state=State.FAILED, error=says[:300], finished_at=at, lease_until=None)


def finish(row: MediaJob, *, at: datetime) -> None:
    """Note that it is done; when it was asked for again meanwhile, queue it once more."""
    done = held(row).filter(asked_at=row.asked_at).update(state=State.DONE, finished_at=at, lease_until=None)
    if done and row.kind != MediaJob.Kind.PACKAGES and row.total and row.bulletin.packages.exists():
        enqueue(row.bulletin, MediaJob.Kind.PACKAGES, by=None, at=at)  # they hold what was just made
    if not done and held(row).update(state=State.QUEUED, attempts=0, lease_until=None):
        wake(row.pk)


def latest(bulletin: Bulletin) -> dict[str, MediaJob]:
    """Return the newest row of each kind; one query."""
    found: dict[str, MediaJob] = {}
    for row in MediaJob.objects.filter(bulletin=bulletin).order_by("-pk")[:30]:
        found.setdefault(row.kind, row)
    return found
