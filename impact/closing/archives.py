"""
Archives as rows: asked for at the desk, made by a background worker that tells how far it is, and outdated once something that is
in them changes.
"""

import errno
import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.audit import trail
from accounts.models import User
from bulletins.models import Version
from campaigns.http import page_changes
from campaigns.models import Campaign
from factcheck.models import ClaimStep
from impact.models import Archive, InsightReport
from lib import task_queue
from questions.models import AnswerVersion

from . import archive_contents, archive_writers

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
WAITS_FOR = 1800  # seconds that a call waits for a worker: films that are cut before it take minutes each
RENEWED = timedelta(seconds=5)  # between two times that its row says how far it is
MOST_ATTEMPTS = 3
State = Archive.State

GAVE_UP = gettext_noop("It failed three times. If it fails again, tell the site administrator.")
NO_ROOM = gettext_noop("There is no room left on the disk. Tell the site administrator, then make the archive again.")


class NotDone(Exception):
    """A step that was not taken. The text says why; nothing changed."""


class Lost(Exception):
    """Someone else makes it now."""


# --- Asking -----------------------------------------------------------------------------------------


def ask(campaign: Campaign, *, by: User, at: datetime) -> Archive:
    """Ask for the archive of a closed campaign. Raise NotDone for an open one, and while one is being made."""
    if campaign.closed_at is None:
        raise NotDone(
            _("Not made: close the campaign first, so that nothing new is published while the archive is made.")
        )
    try:
        with transaction.atomic():
            row = Archive.objects.create(campaign=campaign, asked_by=by, asked_at=at)
            trail.note("archive.asked", row, by=by, at=at)
            transaction.on_commit(lambda: wake(row.pk), robust=True)
    except IntegrityError as twice:
        raise NotDone(_("Not made: an archive of this campaign is being made already.")) from twice
    return row


def latest(campaign: Campaign) -> Archive | None:
    """Return the archive that was asked for last."""
    return Archive.objects.filter(campaign=campaign).first()


def in_the_making(campaign: Campaign) -> Archive | None:
    """Return the archive that is being made, or waits to be."""
    found = latest(campaign)
    return found if found and found.state in {State.QUEUED, State.MAKING} else None


def standing(campaign: Campaign) -> Archive | None:
    """Return the newest archive that is there."""
    return Archive.objects.filter(campaign=campaign, state=State.READY).first()


def for_everyone(campaign: Campaign, *, at: datetime) -> Archive | None:
    """Return the archive of a campaign that anyone may have, as long as it says what readers may read."""
    archive = standing(campaign)
    return archive if archive and archive.public_at and not changed_since(archive, at=at) else None


def changed_since(archive: Archive, *, at: datetime) -> bool:
    """Return whether anything that readers see was published, corrected or withdrawn since an archive was begun; four queries."""
    since = Q(published_at__gt=archive.begun_at, published_at__lte=at)
    return (
        Version.objects.filter(since, bulletin__campaign=archive.campaign_id).exists()
        or AnswerVersion.objects.filter(since, answer__group__campaign=archive.campaign_id).exists()
        or ClaimStep.objects.filter(at__gt=archive.begun_at, claim__campaign=archive.campaign_id).exists()
        or InsightReport.objects.filter(
            Q(approved_at__gt=archive.begun_at) | Q(withdrawn_at__gt=archive.begun_at), campaign=archive.campaign_id
        ).exists()
    )


def show_to_all(archive: Archive, *, shown: bool, by: User, at: datetime) -> None:
    """Let anyone have an archive, or nobody but the desk any more."""
    with transaction.atomic():
        won = Archive.objects.filter(pk=archive.pk, state=State.READY, public_at__isnull=shown)
        if not won.update(public_at=at if shown else None):
            raise NotDone(_("Nothing changed: reload the page."))
        page_changes.changed()
        if shown:
            trail.note("archive.published", archive, by=by, at=at, digest=archive.sha256)
        else:
            trail.note("archive.unpublished", archive, by=by, at=at, digest=archive.sha256)


# --- Making -----------------------------------------------------------------------------------------


def wake(pk: int) -> None:
    """Ask a worker to make an archive. A broker that is away costs one tick."""
    try:
        task_queue.wake("impact.tasks.make_archive", pk, queue="background", expires=WAITS_FOR)
    except Exception:
        log.warning("Nobody could be woken for archive %s; the next tick tries again.", pk)


def wake_waiting(*, at: datetime) -> int:
    """Wake workers for what waits, and for what someone died over; return how many were asked."""
    keys = list(Archive.objects.to_make(at=at).order_by("asked_at").values_list("pk", flat=True)[:20])
    for pk in keys:
        wake(pk)
    return len(keys)


def take(pk: int, *, at: datetime) -> Archive | None:
    """Take up an archive that nobody makes; None when it is made, taken, or failed too often."""
    free = Archive.objects.to_make(at=at).filter(pk=pk)
    free.filter(attempts__gte=MOST_ATTEMPTS).update(state=State.FAILED, error=GAVE_UP, finished_at=at, lease_until=None)
    won = free.update(
        state=State.MAKING, lease_until=at + LEASE, begun_at=at, attempts=F("attempts") + 1, done=0, total=0, error=""
    )
    return Archive.objects.select_related("campaign").get(pk=pk) if won else None


def make(pk: int, *, clock: Callable[[], datetime]) -> None:
    """Make an archive, as long as this worker holds its row. `clock` tells the present moment."""
    began = clock()
    row = take(pk, at=began)
    if row is None:
        return
    try:
        with tempfile.NamedTemporaryFile(prefix="archive-", suffix=".zip") as file:
            missing = write_zip(row, file, clock=clock)
            finish(row, file, missing, at=clock())
    except Lost:
        return
    except Exception as fault:
        log.exception("Archive %s of campaign %s went wrong.", row.pk, row.campaign_id)
        is_full = isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}
        if is_full or row.attempts >= MOST_ATTEMPTS:
            says = NO_ROOM if is_full else GAVE_UP
            held(row).update(state=State.FAILED, error=says, finished_at=clock(), lease_until=None)
        else:
            held(row).update(state=State.QUEUED, lease_until=None)


def held(row: Archive) -> Any:
    """Return the row as long as this worker holds it: a lease that another one took has another end."""
    return Archive.objects.filter(pk=row.pk, state=State.MAKING, lease_until=row.lease_until)


def write_zip(row: Archive, file: IO[bytes], *, clock: Callable[[], datetime]) -> list[str]:
    """Write an archive into a file, telling its row how far it is, and return what was missing."""
    told = clock()

    def progress(done: int, total: int) -> None:
        nonlocal told
        now = clock()
        if now - told < RENEWED:
            return
        if not held(row).update(done=done, total=total, lease_until=now + LEASE):
            raise Lost
        told, row.lease_until, row.done, row.total = now, now + LEASE, done, total

    assert row.begun_at is not None
    with archive_writers.zip_file(file, row.campaign.slug) as writer:
        contents = archive_contents.Archive(row.campaign, writer, at=row.begun_at)
        row.done = contents.write(progress)
    return contents.missing


def finish(row: Archive, file: IO[bytes], missing: list[str], *, at: datetime) -> None:
    """Store a file that is whole, and let earlier ones go."""
    file.flush()
    file.seek(0)
    marked = hashlib.sha256()
    while piece := file.read(1 << 20):
        marked.update(piece)
    mark, size = marked.hexdigest(), file.tell()
    file.seek(0)
    name = default_storage.save(f"archives/{row.campaign.slug}-{mark[:16]}.zip", File(file))
    with transaction.atomic():
        done = held(row).update(
            state=State.READY,
            finished_at=at,
            lease_until=None,
            file=name,
            size=size,
            sha256=mark,
            missing=missing,
            done=row.done,
            total=row.done,
        )
        if done:
            row.file.name = name
            trail.note("archive.made", row, by=None, at=at, digest=mark, pages=row.done, missing=len(missing))
            earlier = Archive.objects.filter(campaign=row.campaign_id, state=State.READY).exclude(pk=row.pk)
            gone = [one.file.name for one in earlier if one.file]
            earlier.update(file="", size=0, public_at=None)
            transaction.on_commit(lambda: forget(gone), robust=True)
    if not done:
        default_storage.delete(name)
        raise Lost


def forget(names: Iterable[str | None]) -> None:
    """Delete the files of earlier archives."""
    for name in filter(None, names):
        default_storage.delete(name)
