"""
Media in a bucket of an S3 server. Files are handed out by the site, which asks who may have them; nobody else is let into
the bucket, and no address leads there.
"""

import functools
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self, cast
from urllib.parse import urljoin

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

CHUNK = 1024 * 1024  # bytes that are read at once
CLIENT = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    # Many servers do not know the newer checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
MISSING = {"404", "NoSuchKey", "NoSuchBucket"}


def as_on_disk[**P, R](ask: Callable[P, R]) -> Callable[P, R]:
    """Return `ask` so that it fails as a disk does: FileNotFoundError for what is not there, OSError for all else."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return ask(*args, **kwargs)
        except ClientError as fault:
            kind = FileNotFoundError if fault.response["Error"]["Code"] in MISSING else OSError
            raise kind(f"The object storage said: {fault}") from fault
        except (BotoCoreError, HTTPClientError) as fault:
            raise OSError(f"The object storage cannot be used: {fault}") from fault

    return asked


class ObjectReader(io.RawIOBase):
    """An object that is read as it comes, from wherever it is asked for: a player wants pieces of a large video."""

    body: Any = None

    def __init__(self, thing: Any) -> None:
        thing.load()
        self.thing, self.size, self.position = thing, cast(int, thing.content_length), 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return where it is read next."""
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place and return it."""
        place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        if place != self.position:
            self.hang_up()
            self.position = place
        return place

    @as_on_disk
    def readinto(self, buffer: Any) -> int:
        """Read what fits into `buffer`, and return how many bytes that were; 0 at the end."""
        if self.position >= self.size:
            return 0
        if self.body is None:
            self.body = self.thing.get(Range=f"bytes={self.position}-")["Body"]
        data = self.body.read(len(buffer))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def hang_up(self) -> None:
        """End the request that is under way."""
        if self.body is not None:
            self.body.close()
            self.body = None

    def close(self) -> None:
        """End it."""
        self.hang_up()
        super().close()


class ObjectFile(File):
    """A stored file, opened for reading, and again after it was closed."""

    def __init__(self, thing: Any, name: str) -> None:
        self.thing = thing
        super().__init__(self.reader(), name)

    @as_on_disk
    def reader(self) -> io.BufferedReader:
        """Return a reader of it. Raise FileNotFoundError when it is gone."""
        return io.BufferedReader(ObjectReader(self.thing), CHUNK)

    def open(self, *unused: Any, **also_unused: Any) -> Self:
        """Read it from its start."""
        if self.closed:
            self.file = self.reader()
        self.seek(0)
        return self


class ObjectStorage(S3Storage):
    """A bucket, which fails as a disk does."""

    delete = as_on_disk(S3Storage.delete)
    exists = as_on_disk(S3Storage.exists)
    listdir = as_on_disk(S3Storage.listdir)
    size = as_on_disk(S3Storage.size)
    _save = as_on_disk(S3Storage._save)

    def get_default_settings(self) -> dict[str, Any]:
        """Return what applies unless MEDIA_STORAGE_URL says otherwise."""
        return {**super().get_default_settings(), "client_config": CLIENT}

    @as_on_disk
    def get_modified_time(self, name: str) -> datetime:
        """Return when a file was stored."""
        return cast(datetime, super().get_modified_time(name))

    def _open(self, name: str, mode: str = "rb") -> ObjectFile:
        """Open a file for reading; nothing that is stored is ever written to."""
        assert mode == "rb", mode
        return ObjectFile(self.bucket.Object(self._normalize_name(name)), name)

    def url(self, name: str | None, *unused: Any, **also_unused: Any) -> str:
        """Return the address on the site, as for a file on disk."""
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name or "").lstrip("/"))

    @as_on_disk
    def is_open_to_all(self, name: str) -> bool:
        """Return whether somebody without a key gets a stored file from the server."""
        try:
            self.unsigned_connection.Object(self.bucket_name, self._normalize_name(name)).get()["Body"].close()
        except ClientError:
            return False
        return True
