"""
Writing an archive: one folder in a zip file. What is written is only a matter of its contents: every file has the same date and
rights, and the checksums come last, by name.
"""

import hashlib
import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

CHECKSUMS = "SHA256SUMS"
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can say: when a file was written is no part of what it says
PACKED = {".png", ".jpg", ".jpeg", ".webp", ".mp4", ".webm", ".zip", ".pdf"}  # gain nothing by packing
PIECE = 1 << 16


class InZip:
    """A zip file, of any size."""

    def __init__(self, zipped: ZipFile, top: str) -> None:
        self.zipped, self.top = zipped, top

    def open(self, name: str) -> IO[bytes]:
        """Return a file in it to write to, below its one folder."""
        info = ZipInfo(f"{self.top}/{name}", DATE)
        info.external_attr = 0o100644 << 16
        info.create_system = 3  # the rights above are Unix's, whichever system writes it
        info.compress_type = ZIP_STORED if posixpath.splitext(name)[1].lower() in PACKED else ZIP_DEFLATED
        return self.zipped.open(info, "w", force_zip64=True)


class Writer:
    """What writes an archive, and remembers the checksum of each file; nothing is written twice."""

    def __init__(self, place: InZip) -> None:
        self.place = place
        self.sums: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.sums

    def write(self, name: str, content: bytes | str) -> None:
        """Write a file."""
        self.stream(name, [content.encode() if isinstance(content, str) else content])

    def stream(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file in pieces."""
        with self.opened(name) as write:
            for piece in pieces:
                write(piece)

    @contextmanager
    def opened(self, name: str) -> Iterator["Piecewise"]:
        """Open a file to be written in pieces."""
        assert name not in self.sums, name
        marked = hashlib.sha256()
        with self.place.open(name) as file:
            yield Piecewise(file, marked)
        self.sums[name] = marked.hexdigest()

    def finish(self) -> None:
        """Write the checksums of all that was written, as `sha256sum --check` reads them."""
        self.write(CHECKSUMS, "".join(f"{mark}  {name}\n" for name, mark in sorted(self.sums.items())))


class Piecewise:
    """An open file of an archive: called with each piece."""

    def __init__(self, file: IO[bytes], marked: "hashlib._Hash") -> None:
        self.file, self.marked = file, marked

    def __call__(self, piece: bytes) -> None:
        """Write a piece."""
        self.file.write(piece)
        self.marked.update(piece)


@contextmanager
def zip_file(file: IO[bytes], top: str) -> Iterator[Writer]:
    """Write an archive into an open file as zip, all in one folder named `top`."""
    with ZipFile(file, "w") as zipped:
        writer = Writer(InZip(zipped, top))
        yield writer
        writer.finish()
