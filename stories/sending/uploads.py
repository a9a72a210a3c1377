"""
Files on their way to a story, piece by piece, so that a lost connection costs a piece and never the file. A piece is stored before its row
says so: what the row says has arrived is there, whatever broke. Then the whole is looked at, and becomes a file of the story.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import rate_limit
from accounts.audit import trail
from accounts.models import User
from lib.images import uploaded_images, uploaded_videos
from stories.models import Story, StoryFile, StoryUpload

from .stored_files import delete_files, files_of
from .story_steps import EDITABLE, held

MEGABYTE = 1024 * 1024
MOST_OF_PIECE = 16 * MEGABYTE
MOST_OF_PICTURE = 25 * MEGABYTE
MOST_PICTURES = 9
MOST_PIECES = 4_000
BEGUN = rate_limit.Limit("story uploads", most=120, seconds=3600)
GRACE = 5  # seconds over the limit that nobody minds
KEPT = timedelta(days=3)  # what has arrived, after the last piece
HEAD = 64 * 1024
SENT = (StoryFile.Role.ORIGINAL, StoryFile.Role.PICTURE)


class Refused(Exception):
    """A file that is not taken. The text says why and what to do; `status` is HTTP's."""

    def __init__(self, why: str, status: int = 422) -> None:
        super().__init__(why)
        self.status = status


def most_bytes(story: Story) -> int:
    """Return how many bytes a file of a story may have."""
    return settings.STORY_MAX_MB * MEGABYTE if story.kind == Story.Kind.VIDEO else MOST_OF_PICTURE


def minutes() -> str:
    """Return in words how long a video may be."""
    whole = max(1, settings.STORY_MAX_SECONDS // 60)
    return ngettext("%(n)d minute", "%(n)d minutes", whole) % {"n": whole}


class TakenAlready(Exception):
    """An upload that another request has just made a file of its story."""


# --- Piece by piece ------------------------------------------------------------------------------------


@transaction.atomic
def create(story: Story, *, filename: str, size: int, user: User, at: datetime) -> StoryUpload:
    """Begin to take a file. Raise Refused for one that is too large, and for what nobody needs to have on its way at once."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once are counted one after the other
    story = held(story)
    refuse_beginning(story, size, user)
    if story.kind == Story.Kind.VIDEO:  # another one takes the place of what was on its way
        for earlier in story.uploads.all():
            forget(earlier)
    key = secrets.token_urlsafe(16)
    return StoryUpload.objects.create(
        key=key,
        user=user,
        story=story,
        filename=filename[:200],
        name=f"stories/uploads/{key}",
        size=size,
        begun_at=at,
        expires_at=at + KEPT,
    )


def refuse_beginning(story: Story, size: int, user: User) -> None:
    """Raise Refused when a file of this size is not taken."""
    most = most_bytes(story)
    if story.state not in EDITABLE:
        raise Refused(_("Not uploaded: the story is with the bulletin desk now."), 409)
    if story.kind == Story.Kind.TEXT:
        raise Refused(_("Not uploaded: this story has words only."), 409)
    if not size:
        raise Refused(_("Not uploaded: the file is empty. Choose it again."), 413)
    if size > most:
        raise Refused(
            _(
                "Not uploaded: the file is %(size)s, and the limit is %(most)s. Record in a smaller size, or make it shorter."
            )
            % {"size": filesizeformat(size), "most": filesizeformat(most)},
            413,
        )
    if story.kind == Story.Kind.PICTURES and story.files.filter(role=StoryFile.Role.PICTURE).count() >= MOST_PICTURES:
        raise Refused(_("Not uploaded: %(n)d pictures are enough.") % {"n": MOST_PICTURES}, 409)
    if used_by(user, story) + size > settings.STORY_DRAFTS_MB * MEGABYTE:
        raise Refused(
            _("Not uploaded: your drafts have too much in them already. Send one of them, or delete it."), 413
        )


def used_by(user: User, story: Story) -> int:
    """
    Return how many bytes are kept of somebody's drafts and of a story, with what is on its way; two queries. Without a video on its way
    to the story, whose place another one takes; the video that it has stays until then.
    """
    on_their_way = StoryUpload.objects.filter(user=user)
    if story.kind == Story.Kind.VIDEO:
        on_their_way = on_their_way.exclude(story=story)
    in_drafts = StoryFile.objects.filter(Q(story__sent_by=user, story__state=Story.State.DRAFT) | Q(story=story))
    total = on_their_way.aggregate(n=Sum("size"))["n"] or 0
    return int(total + (in_drafts.aggregate(n=Sum("size"))["n"] or 0))


def append(upload: StoryUpload, offset: int, piece: bytes, *, at: datetime) -> int:
    """
    Take the next piece, which begins at `offset`, and return how much has arrived. Raise Refused for another place than the next
    (409) and for more than was announced (413), with nothing stored; of two at once one is refused. Not inside a transaction.
    """
    if offset != upload.received:
        raise Refused(_("Not taken: the next piece begins somewhere else."), 409)
    if offset + len(piece) > upload.size or len(upload.pieces) >= MOST_PIECES:
        raise Refused(_("Not taken: that is more than was announced."), 413)
    if not piece:
        return offset
    name = default_storage.save(f"{upload.name}/{secrets.token_hex(8)}", ContentFile(piece))
    received = offset + len(piece)
    won = StoryUpload.objects.filter(pk=upload.pk, received=offset, pieces=upload.pieces).update(
        received=received,
        pieces=[*upload.pieces, name.rpartition("/")[2]],
        finished_at=at if received == upload.size else None,
        expires_at=at + KEPT,
    )
    if not won:
        default_storage.delete(name)
        raise Refused(_("Not taken: the next piece begins somewhere else."), 409)
    return received


def forget(upload: StoryUpload) -> None:
    """Delete an upload with its pieces, once this transaction is through."""
    delete_files(files_of(upload))
    upload.delete()


# --- The whole -----------------------------------------------------------------------------------------


@contextmanager
def whole(upload: StoryUpload) -> Iterator[BinaryIO]:
    """Give all that has arrived, as one file."""
    with tempfile.TemporaryFile() as copy:
        for name in files_of(upload):
            with default_storage.open(name, "rb") as piece:
                copy.write(piece.read())
        copy.seek(0)
        yield cast(BinaryIO, copy)


def take(upload: StoryUpload, *, by: User, at: datetime) -> StoryFile:
    """
    Look at an upload that is whole, and make it a file of its story. Raise Refused for one that is not, and for what is no video or
    picture, which is forgotten. Not inside a transaction.
    """
    if upload.received != upload.size:
        raise Refused(_("The file has not arrived yet. Choose it again, and it goes on where it stopped."), 409)
    try:
        with whole(upload) as data:
            return take_file(upload.story, data, by=by, at=at, upload=upload)
    except (FileNotFoundError, TakenAlready):
        if taken := upload.story.files.filter(role__in=SENT).order_by("-pk").first():
            return taken  # by another request of theirs, at the same moment
        raise Refused(_("The file did not arrive whole. Choose it again."), 409) from None
    except Refused:
        with transaction.atomic():
            forget(upload)
        raise


def take_file(story: Story, data: BinaryIO, *, by: User, at: datetime, upload: StoryUpload | None = None) -> StoryFile:
    """Look at a file and make it one of a story. Raise Refused, with nothing stored. Not inside a transaction."""
    if story.kind == Story.Kind.VIDEO:
        name, facts = stored_video(story, data)
        role = StoryFile.Role.ORIGINAL
    else:
        name, facts = stored_picture(story, data)
        role = StoryFile.Role.PICTURE
    try:
        with transaction.atomic():
            story = held(story)
            if story.state not in EDITABLE:
                raise Refused(_("Not uploaded: the story is with the bulletin desk now."), 409)
            if upload is not None:
                if not StoryUpload.objects.filter(pk=upload.pk).exists():
                    raise TakenAlready
                forget(upload)
            return kept(story, role, name, facts, by=by, at=at)
    except BaseException:
        default_storage.delete(name)
        raise


def kept(story: Story, role: str, name: str, facts: dict[str, Any], *, by: User, at: datetime) -> StoryFile:
    """Make a stored file one of a story, in the place of an earlier video. Inside a transaction."""
    label = ""
    if role == StoryFile.Role.ORIGINAL:
        delete_files(story.files.values_list("file", flat=True))
        story.files.all().delete()  # also what was made of the one before
    else:
        taken = {*story.files.filter(role=role).values_list("label", flat=True)}
        label = next(str(n) for n in range(1, 100) if str(n) not in taken)
        if len(taken) >= MOST_PICTURES:
            raise Refused(_("Not uploaded: %(n)d pictures are enough.") % {"n": MOST_PICTURES}, 409)
    row = StoryFile.objects.create(story=story, role=role, label=label, file=name, made_at=at, **facts)
    trail.note("story.file_added", story, by=by, at=at, digest=row.sha256)
    return row


def stored_video(story: Story, data: BinaryIO) -> tuple[str, dict[str, Any]]:
    """Store a video without what tells of phone, person and place, and return its name and facts. Raise Refused."""
    refuse_planted(data)
    try:
        with uploaded_videos.without_private(File(data)) as (copy, read):
            if read.seconds and read.seconds > settings.STORY_MAX_SECONDS + GRACE:
                raise Refused(
                    _(
                        "The video is %(has)s long, and the limit is %(most)s. Cut it in the phone’s own gallery, and choose it again."
                    )
                    % {"has": f"{read.seconds // 60}:{read.seconds % 60:02d}", "most": minutes()}
                )
            digest = hashlib.file_digest(cast(Any, copy), "sha256").hexdigest()
            size = copy.seek(0, 2)
            copy.seek(0)
            name = default_storage.save(name_for(story, read.suffix), File(copy))
    except uploaded_images.Unusable as fault:
        raise not_a_video() from fault
    facts = {"width": read.width, "height": read.height, "seconds": read.seconds or None}
    return name, facts | {"size": size, "sha256": digest}


def stored_picture(story: Story, data: BinaryIO) -> tuple[str, dict[str, Any]]:
    """Store a picture drawn anew, and return its name and facts. Raise Refused."""
    try:
        drawn = uploaded_images.picture(data.read(MOST_OF_PICTURE + 1))
    except uploaded_images.Unusable as fault:
        raise Refused(_("Not uploaded: %(why)s") % {"why": fault}) from fault
    name = default_storage.save(name_for(story, drawn.suffix), ContentFile(drawn.data))
    facts = {"width": drawn.width, "height": drawn.height, "size": len(drawn.data)}
    return name, facts | {"sha256": hashlib.sha256(drawn.data).hexdigest()}


def name_for(story: Story, suffix: str) -> str:
    """Return a name that nobody can guess, in the story's folder."""
    return f"stories/{story.key}/{secrets.token_hex(8)}{suffix}"


def not_a_video() -> Refused:
    """Return why a file that cannot be opened is not taken."""
    return Refused(
        _(
            "This is not a video that we can open. Record with the phone’s own camera, or choose an MP4 or MOV file of at most %(minutes)s."
        )
        % {"minutes": minutes()}
    )


def refuse_planted(data: BinaryIO) -> None:
    """Raise Refused for a file that is something else as well: a page or document at its beginning, or whatever after its end."""
    data.seek(0)
    if uploaded_images.PLANTED.search(data.read(HEAD)) or goes_on(data):
        raise not_a_video()
    data.seek(0)


def goes_on(data: BinaryIO) -> bool:
    """Return whether an MP4 goes on after its last box with something else than zeros."""
    data.seek(4)
    if data.read(4) != b"ftyp":
        return False
    end = data.seek(0, 2)
    last = 0
    for number, (_name, start, _content, close) in enumerate(uploaded_images.boxes(data, 0, end)):
        if number == uploaded_images.MOST_BOXES:
            return True
        if start >= last:
            last = close
    data.seek(last)
    return any(data.read(MEGABYTE))


@transaction.atomic
def drop(story: Story, key: int | None, *, by: User, at: datetime) -> None:
    """Delete a picture of a story that is being written; nothing for one that is gone already."""
    for one in held(story).files.filter(role=StoryFile.Role.PICTURE, pk=key):
        delete_files([one.file.name or ""])
        one.delete()
        trail.note("story.file_removed", story, by=by, at=at, digest=one.sha256)
