"""Stored files handed out whole, or the piece of them that a player asks for."""

import re
from pathlib import Path
from typing import cast

from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from lib.images.uploaded_videos import TYPES

RANGE = re.compile(r"^bytes=(\d{0,15})-(\d{0,15})$")


def hand_out(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a stored video to be played, or the piece of it that a player asks for (RFC 9110, one range)."""
    kind = TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    size = default_storage.size(name)
    asked = RANGE.match(request.headers.get("Range", ""))
    if asked is None or not (asked[1] or asked[2]):
        whole = FileResponse(default_storage.open(name), content_type=kind)
        whole["Accept-Ranges"] = "bytes"
        return whole
    start = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
    end = min(int(asked[2]) if asked[1] and asked[2] else size - 1, size - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file = default_storage.open(name)
    file.seek(start)
    piece = FileResponse(cast(File, Piece(file, end - start + 1)), content_type=kind, status=206)
    piece["Content-Range"] = f"bytes {start}-{end}/{size}"
    piece["Content-Length"] = str(end - start + 1)
    piece["Accept-Ranges"] = "bytes"
    return piece


class Piece:
    """The next so many bytes of an open file."""

    def __init__(self, file: File, left: int) -> None:
        self.file, self.left = file, left

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        data = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()
