"""
Heavy work on stories: rows are the queue (lib.job_rows), Celery only wakes it. The tasks have a queue of their own, so that
no card or picture of a bulletin waits behind a film; FFmpeg runs behind whatever else the machine does, so that no send is slower for it.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from lib import job_rows, task_queue
from stories.models import Story, StoryJob

log = logging.getLogger(__name__)

QUEUE = "films"
MOST_WOKEN = 20  # in one round
SIZES_FIRST = Case(When(kind=StoryJob.Kind.SIZES, then=Value(0)), default=Value(1))


def enqueue(story: Story, kind: str, label: str = "", *, at: datetime) -> StoryJob:
    """Ask for heavy work on a story (lib.job_rows.enqueue) and return its row; `label` is the language of a draft or a cut."""
    with transaction.atomic(savepoint=False):
        row: StoryJob = job_rows.enqueue(StoryJob, {"story": story, "kind": kind, "label": label}, at=at)
        pk = row.pk
        transaction.on_commit(lambda: wake(pk))
    return row


def wake(pk: int) -> None:
    """Ask a worker to take up a row. A broker that is away costs one tick."""
    try:
        task_queue.wake("stories.tasks.make", pk, queue=QUEUE)
    except Exception:
        log.warning("Nobody could be woken for work %s on a story; the next tick tries again.", pk)


def wake_waiting(*, at: datetime) -> int:
    """
    Wake workers for what waits, and for what someone died over: web sizes first, as nothing is published without them. Return how many
    were asked.
    """
    waiting = StoryJob.objects.filter(job_rows.waiting(at=at)).order_by(SIZES_FIRST, "asked_at", "pk")
    keys = list(waiting.values_list("pk", flat=True)[:MOST_WOKEN])
    for pk in keys:
        wake(pk)
    return len(keys)


def take(pk: int, gave_up: str, *, at: datetime) -> StoryJob | None:
    """Take up a row that nobody works on, and return it; None when it is done, taken, or failed too often."""
    free = StoryJob.objects.filter(job_rows.waiting(at=at), pk=pk)
    job_rows.fail_worn_out(free, gave_up, at=at)
    if not job_rows.take(free, at=at):
        return None
    return StoryJob.objects.select_related("story__campaign", "story__municipality").get(pk=pk)


def latest(story: Story) -> list[StoryJob]:
    """Return the newest row of each kind and label, those that were asked for first before the others; one query."""
    found: dict[tuple[str, str], StoryJob] = {}
    for row in StoryJob.objects.filter(story=story).order_by("-pk")[:60]:
        found.setdefault((row.kind, row.label), row)
    return sorted(found.values(), key=lambda row: (row.asked_at, row.pk))


def of_video(story: Story) -> StoryJob | None:
    """Return the newest work on the web sizes of a story; one query."""
    return StoryJob.objects.filter(story=story, kind=StoryJob.Kind.SIZES).order_by("-pk").first()


def trouble(story: Story) -> str:
    """Return in words what is wrong with the video that was sent last, "" when nothing is known of that; one query."""
    row = of_video(story)
    return _(row.error) if row and row.state == StoryJob.State.FAILED and row.error else ""
