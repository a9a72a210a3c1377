"""The stored files of stories and of what is on its way to them, and how they go."""

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction

from stories.models import Story, StoryUpload


def files_of(upload: StoryUpload) -> list[str]:
    """Return the names of the stored pieces of an upload, in order."""
    return [f"{upload.name}/{name}" for name in upload.pieces]


def delete_files(names: Iterable[str]) -> None:
    """Delete files once this transaction is through."""
    going = [name for name in names if name]

    def delete() -> None:
        for name in going:
            default_storage.delete(name)

    if going:
        transaction.on_commit(delete)


def forget_files_of(story: Story) -> None:
    """Delete whatever files a story has; its rows go with it."""
    for upload in story.uploads.all():
        delete_files(files_of(upload))
    delete_files(story.files.values_list("file", flat=True))
