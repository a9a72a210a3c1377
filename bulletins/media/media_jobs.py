"""Heavy work: rows are the queue, Celery only wakes it. A killed worker costs at most the piece it was at."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from accounts.models import User
from bulletins.models import Bulletin, MediaJob, MovingCard, TranslationDraft
from lib import job_rows, task_queue

log = logging.getLogger(__name__)

State = MediaJob.State
QUEUE = "background"
WAKE_SECONDS = 60
MOST_WOKEN = 20  # of each sort in one round

GAVE_UP = gettext_noop("It failed three times. Request it again; if it still fails, tell the site administrator.")


def enqueue(bulletin: Bulletin, kind: str, *, by: User | None, at: datetime) -> MediaJob:
    """Ask for heavy work (lib.job_rows.enqueue) and return its row."""
    with transaction.atomic(savepoint=False):
        row: MediaJob = job_rows.enqueue(MediaJob, {"bulletin": bulletin, "kind": kind}, at=at, asked_by=by)
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
    waiting = MediaJob.objects.filter(job_rows.waiting(at=at))
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
    free = MediaJob.objects.filter(job_rows.waiting(at=at), pk=pk)
    job_rows.fail_worn_out(free, GAVE_UP, at=at)
    pictures = MediaJob.objects.filter(state=State.QUEUED, kind=MediaJob.Kind.CARDS)
    drafts = TranslationDraft.objects.filter(state=TranslationDraft.State.QUEUED, lease_until=None)
    if pictures.exists() or drafts.exists():
        free = free.exclude(kind=MediaJob.Kind.MOVING)
    return MediaJob.objects.select_related("bulletin").get(pk=pk) if job_rows.take(free, at=at) else None


def finish(row: MediaJob, *, at: datetime) -> None:
    """Note that it is done; when it was asked for again meanwhile, queue it once more."""
    done = job_rows.finish(row, at=at)
    if done and row.kind != MediaJob.Kind.PACKAGES and row.total and row.bulletin.packages.exists():
        enqueue(row.bulletin, MediaJob.Kind.PACKAGES, by=None, at=at)  # they hold what was just made
    if done is False:
        wake(row.pk)


def latest(bulletin: Bulletin) -> dict[str, MediaJob]:
    """Return the newest row of each kind; one query."""
    found: dict[str, MediaJob] = {}
    for row in MediaJob.objects.filter(bulletin=bulletin).order_by("-pk")[:30]:
        found.setdefault(row.kind, row)
    return found
