"""Uploaded videos: told by their first bytes, and kept without what tells of phone, person and place."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from django.core.files import File

from . import uploaded_images

MEGABYTE = 1024 * 1024
STARTS = (uploaded_images.EBML,)
TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm"}


def is_video(start: bytes) -> bool:
    """Return whether a file with these first bytes says that it is a video."""
    return start[4:8] == b"ftyp" or start.startswith(STARTS)


@contextmanager
def without_private(upload: File) -> Iterator[tuple[BinaryIO, uploaded_images.Video]]:
    """
    Give a copy of a video whose boxes that tell of phone, person and place are blank, and what was read of it. Raise
    uploaded_images.Unusable for what is none.
    """
    read = uploaded_images.video(cast(BinaryIO, upload))
    with tempfile.TemporaryFile() as copy:
        upload.seek(0)
        shutil.copyfileobj(upload, copy)
        for start, content, end in read.private:  # nothing moves, so that the places of frames still hold
            copy.seek(start + 4)
            copy.write(b"free")
            copy.seek(content)
            for at in range(content, end, MEGABYTE):
                copy.write(bytes(min(MEGABYTE, end - at)))
        copy.seek(0)
        yield cast(BinaryIO, copy), read
