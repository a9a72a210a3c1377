"""
The steps of an import: a file is taken, read by a worker, shown, and stored or dropped.

Both steps of the worker go through the file by thousands and keep in memory only addresses and accounts, so its size
hardly matters. A step that was cut off begins again and finds what is stored. People join while a file is stored: a
thousand rows get their fate and are stored while nobody else comes in.
"""

import hashlib
import itertools
import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.core.files.temp import NamedTemporaryFile
from django.db import connection, transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from influencers.models import ImportRun
from influencers.profiles.profile import one_at_a_time
from lib import task_queue

from .reader import NotReadable, opened, table
from .row_outcomes import Before, decide
from .row_parser import ADDS, NEW, SAME, Book, Row, normalized, understood
from .stored_rows import add, write

log = logging.getLogger(__name__)

MOST_BYTES = 100 * 1024 * 1024
AT_ONCE = 1_000  # rows
WAITS_DAYS = 7  # that a file may wait to be stored
LOST_AFTER = timedelta(minutes=15)  # a worker that said nothing for so long is gone

State = ImportRun.State


class NotPossible(Exception):
    """A step that an import cannot take now. The text says why."""


def take(campaign: Campaign, file: Any, *, name: str, source: str, by: User, at: datetime) -> ImportRun:
    """Keep an uploaded file (Django's) to be read by a worker. Raise NotReadable for one that is empty or too large."""
    if not file.size:
        raise NotReadable(_("The file is empty. Its first row names the columns."))
    if file.size > MOST_BYTES:
        raise NotReadable(
            _("The file is larger than %(most)d MB. Split it and import the parts one by one.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    run = ImportRun(
        campaign=campaign,
        name=normalized(name)[:120] or "influencers.csv",
        source=normalized(source)[:200],
        language=get_language() or "",
        by=by,
        at=at,
    )
    run.sha256 = digest.hexdigest()
    run.file.save(f"{run.sha256[:16]}.csv", file, save=False)
    run.save()
    trail.note("influencers.file_taken", run, by=by, at=at, digest=run.sha256)
    transaction.on_commit(wake, robust=True)
    return run


def request_store(run: ImportRun, *, by: User, at: datetime) -> None:
    """Have a worker store what was shown. Raise NotPossible unless it waits for that."""
    moved = ImportRun.objects.filter(pk=run.pk, state=State.PLANNED).update(state=State.STORING, done=0, begun_at=None)
    if not moved:
        raise NotPossible(_("Nothing was done: this file is no longer waiting to be saved."))
    trail.note("influencers.file_stored", run, by=by, at=at, digest=run.sha256)
    transaction.on_commit(wake, robust=True)


def drop(run: ImportRun, *, by: User | None, at: datetime) -> None:
    """Store nothing of a file and delete it. Raise NotPossible when it is being stored, or over."""
    open_states = [State.READING, State.PLANNED, State.UNREADABLE]
    if not ImportRun.objects.filter(pk=run.pk, state__in=open_states).update(state=State.DROPPED, ended_at=at):
        raise NotPossible(_("Nothing was done: this file is being saved, or already has been."))
    forget_files(run)
    trail.note("influencers.file_dropped", run, by=by, at=at, digest=run.sha256)


def work(*, at: datetime) -> int:
    """
    Do what waits: read files, store those that staff agreed to, drop those that waited too long; return how many.

    A run is claimed by one conditional update; one whose worker is gone is taken again. Not inside a transaction.
    """
    done = 0
    for run in ImportRun.objects.filter(state=State.PLANNED, at__lte=at - timedelta(days=WAITS_DAYS)):
        drop(run, by=None, at=at)
    waiting = ImportRun.objects.filter(state__in=[State.READING, State.STORING]).order_by("at")
    for run in waiting.select_related("campaign", "by"):
        if run.begun_at is not None and run.begun_at > at - LOST_AFTER:
            continue
        if not ImportRun.objects.filter(pk=run.pk, state=run.state, begun_at=run.begun_at).update(begun_at=at):
            continue
        with override(run.language or run.by.language or run.campaign.default_language):
            try:
                read(run) if run.state == State.READING else store(run, at=at)
            except NotReadable as fault:
                ImportRun.objects.filter(pk=run.pk).update(state=State.UNREADABLE, why=str(fault), ended_at=at)
                forget_files(run)
            except Exception:
                log.exception("The import %s was cut off; it is taken up again.", run.pk)
                continue
        done += 1
    return done


def wake_waiting(*, at: datetime) -> None:
    """Wake a worker when a file waits, or has waited too long to be stored."""
    stale = ImportRun.objects.filter(state=State.PLANNED, at__lte=at - timedelta(days=WAITS_DAYS))
    if ImportRun.objects.filter(state__in=[State.READING, State.STORING]).exists() or stale.exists():
        wake()


def wake() -> None:
    """Ask a worker to read or store what waits; the tick does it too."""
    task_queue.wake("influencers.tasks.work_imports", queue="background")


def read(run: ImportRun) -> None:
    """Find the fate of every row and keep it beside the file. Raise NotReadable."""
    counts: Counter[str] = Counter()
    ignored: list[str] = []
    before = Before()
    with NamedTemporaryFile("w+b", suffix=".jsonl") as out:
        for rows, left_out in rows_of(run):
            ignored = left_out
            decide(rows, run.campaign, before)
            for row in rows:
                counts[row.fate] += 1
                said = {"row": row.number, "fate": row.fate, "name": row.name, "email": row.email, "why": row.why}
                out.write(json.dumps(said | {"notes": row.notes}, ensure_ascii=False).encode() + b"\n")
            step(run, rows)
        if not counts:
            raise NotReadable(_("The file has no rows below the first one. Nothing was saved."))
        out.flush()
        out.seek(0)
        run.fates.save(f"{run.sha256[:16]}-fates.jsonl", File(out), save=False)
    ImportRun.objects.filter(pk=run.pk, state=State.READING).update(
        state=State.PLANNED, fates=run.fates.name, counts=counts, ignored=ignored, begun_at=None, done=0
    )


def store(run: ImportRun, *, at: datetime) -> None:
    """Store the rows, a thousand at a time, each by the same rules as they were shown. Raise NotReadable."""
    counts: Counter[str] = Counter()
    before = Before()
    for rows, _ignored in rows_of(run):
        with transaction.atomic():
            one_at_a_time(run.campaign)
            decide(rows, run.campaign, before)
            write([row for row in rows if row.fate == NEW], run, at=at)
            add([row for row in rows if row.fate in {ADDS, SAME}], run.campaign, at=at)
        counts.update(row.fate for row in rows)
        step(run, rows)
    ImportRun.objects.filter(pk=run.pk).update(state=State.APPLIED, ended_at=at, counts=counts, begun_at=None)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # so that the next questions about so many rows are planned well
            cursor.execute("ANALYZE influencers_influencer, influencers_platformaccount, delivery_recipient")
    forget_files(run)


def step(run: ImportRun, rows: list[Row]) -> None:
    """Note how far a run is, and that its worker is there."""
    from django.utils import timezone

    ImportRun.objects.filter(pk=run.pk).update(done=rows[-1].number - 1, begun_at=timezone.now())


def forget_files(run: ImportRun) -> None:
    """Delete a run's files: they hold addresses of people who said nothing yet."""
    for kept in (run.file, run.fates):
        if kept.name:
            kept.storage.delete(kept.name)
    ImportRun.objects.filter(pk=run.pk).update(file="", fates="")


def rows_of(run: ImportRun) -> Iterator[tuple[list[Row], list[str]]]:
    """
    Yield the rows of a run's file by the thousand, as they are understood, and the columns that are left out; those that
    are refused have their fate. Raise NotReadable.
    """
    book = Book.of(run.campaign)
    with opened(run) as text:
        lines, places, width, ignored = table(text, book)
        for chunk in itertools.batched(lines, AT_ONCE):
            yield [understood(number, cells, places, width, book) for number, cells in chunk], ignored


def shown(run: ImportRun, *, fate: str = "", start: int = 0, most: int = 200) -> list[dict[str, Any]]:
    """Return the fates of at most `most` rows, those after the first `start` of a fate ("" for any)."""
    if not run.fates:
        return []
    with run.fates.open("rb") as lines:
        every = (json.loads(line) for line in lines)
        return list(itertools.islice((one for one in every if not fate or one["fate"] == fate), start, start + most))
