"""Where files of stories are kept, under names that nobody can guess, and who may have them."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from stories.models import Story, StoryFile

OF_STORY = re.compile(r"^stories/([A-Za-z0-9_-]{1,12})/[^/]+$")
PIECE = 1 << 20


class Replaced(Exception):
    """What a file was made of is not the story's any more, so it is not kept."""


def new_name(story: Story, suffix: str) -> str:
    """Return a name that nobody can guess for a file of a story."""
    return f"stories/{story.key}/{secrets.token_hex(12)}{suffix}"


def keep(
    story: Story,
    role: str,
    label: str,
    content: File,
    suffix: str,
    *,
    at: datetime,
    of: StoryFile | None = None,
    **facts: Any,
) -> StoryFile:
    """
    Store a file of a story in the place of the one before, and return its row; `facts` are its fields (width, seconds …). Raise Replaced
    when `of`, the file that it was made of, is another one by now: what is published is made of what was looked at.
    """
    digest = hashlib.sha256()
    content.seek(0)
    while piece := content.read(PIECE):
        digest.update(piece)
    size = content.tell()
    content.seek(0)
    name = default_storage.save(new_name(story, suffix), content)
    values = {"file": name, "size": size, "sha256": digest.hexdigest(), "made_at": at, **facts}
    try:
        with transaction.atomic():
            # Whoever replaces a video holds its story, too.
            Story.objects.select_for_update(of=("self",)).filter(pk=story.pk).first()
            if of is not None and not StoryFile.objects.filter(pk=of.pk, sha256=of.sha256).exists():
                raise Replaced
            before = StoryFile.objects.select_for_update().filter(story=story, role=role, label=label).first()
            row, _made = StoryFile.objects.update_or_create(story=story, role=role, label=label, defaults=values)
            forget([before.file.name or ""] if before else [])
    except BaseException:
        default_storage.delete(name)
        raise
    return row


def remove(rows: Iterable[StoryFile]) -> int:
    """Delete files with their rows; return how many there were."""
    found = list(rows)
    with transaction.atomic():
        StoryFile.objects.filter(pk__in=[row.pk for row in found]).delete()
        forget(row.file.name or "" for row in found)
    return len(found)


def forget(names: Iterable[str]) -> None:
    """Delete stored files once this transaction is through."""
    going = [name for name in names if name]

    def delete() -> None:
        for name in going:
            default_storage.delete(name)

    if going:
        transaction.on_commit(delete)


def row_of(name: str) -> StoryFile | None:
    """Return the row of a stored file, by its name; one query."""
    match = OF_STORY.match(name)
    if match is None:
        return None
    return StoryFile.objects.filter(story__key=match[1], file=name).select_related("story__campaign").first()


def campaign_of(name: str) -> int | None:
    """
    Return the key of the campaign whose desk may have a stored file of a story, None where there is none: a draft is its writer's alone.
    """
    row = row_of(name)
    return row.story.campaign_id if row and row.story.state != Story.State.DRAFT else None


def is_public(name: str) -> bool:
    """
    Return whether anyone may have a stored file: its story is shown, with the consent of everybody seen. What was sent is for the
    desk alone, whatever has become of it. Two queries.
    """
    row = row_of(name)
    if row is None or row.role == StoryFile.Role.ORIGINAL:
        return False
    return Story.objects.shown(row.story.campaign).filter(pk=row.story_id).exists()


def was_public(name: str) -> bool:
    """Return whether anyone could have a stored file once: what was made of a story that was published; one query."""
    row = row_of(name)
    return row is not None and row.role != StoryFile.Role.ORIGINAL and row.story.published_at is not None
