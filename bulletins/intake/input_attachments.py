"""Files that come with a message input: what they are is read from their bytes, and they are kept as they came."""

import hashlib
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from bulletins.models import InputAttachment, MessageInput, NotAllowed

MOST_FILES = 10
LARGEST = 25 * 1024 * 1024  # bytes
LONGEST_NAME = 120

OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# What a file's name may end in, and what its bytes then have to be.
KINDS = {
    ".pdf": "application/pdf",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".docx": f"{OFFICE}wordprocessingml.document",
    ".xlsx": f"{OFFICE}spreadsheetml.sheet",
    ".pptx": f"{OFFICE}presentationml.presentation",
    ".odt": f"{OPEN_DOCUMENT}text",
    ".ods": f"{OPEN_DOCUMENT}spreadsheet",
    ".odp": f"{OPEN_DOCUMENT}presentation",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".txt": "text/plain",
    ".csv": "text/csv",
}
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN_PARTS = {
    "word/document.xml": KINDS[".docx"],
    "xl/workbook.xml": KINDS[".xlsx"],
    "ppt/presentation.xml": KINDS[".pptx"],
}
OPEN_DOCUMENTS = (KINDS[".odt"], KINDS[".ods"], KINDS[".odp"])
MOST_ENTRIES = 10_000  # of an archive; a presentation of 1,000 pages has a few thousand
END_OF_ARCHIVE = 22 + 65_535  # bytes: the record at the end of a ZIP file with the longest comment
# What files in base64 look like within a message, however its lines are broken or escaped.
IN_BASE64 = re.compile(rb"[A-Za-z0-9+/=\\\s\x00]{1000,}+")
CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f")  # no text has these


@dataclass(frozen=True)
class File:
    """A file that was sent: its name without folders, its bytes, and what they are."""

    name: str
    data: bytes
    content_type: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def examine(name: str, data: bytes) -> File:
    """
    Return the file when it is of a kind that is taken, and what its name says it is.

    Raise NotAllowed with its name and the reason otherwise.
    """
    clean = clean_name(name)
    ending = PurePath(clean).suffix.lower()
    if ending not in KINDS:
        raise NotAllowed(
            _(
                "“%(name)s” was not accepted: this type of file is not allowed. Send a PDF, a picture "
                "(JPEG, PNG, GIF, WebP), an office document, a text file or a CSV file."
            )
            % {"name": clean}
        )
    if len(data) > LARGEST:
        raise NotAllowed(_("“%(name)s” was not accepted: it is larger than 25 MB.") % {"name": clean})
    if not data:
        raise NotAllowed(_("“%(name)s” was not accepted: it is empty.") % {"name": clean})
    if not fits(KINDS[ending], data):
        raise NotAllowed(
            _("“%(name)s” was not accepted: its contents do not match its name. Save it again in the right format.")
            % {"name": clean}
        )
    return File(clean, data, KINDS[ending])


def check_number(files: Sequence[object]) -> None:
    """Raise NotAllowed when there are more files than an input may bring."""
    if len(files) > MOST_FILES:
        raise NotAllowed(_("There are more than %(most)d files. Send the most important ones.") % {"most": MOST_FILES})


def clean_name(name: str) -> str:
    """Return a file's name without folders or characters that a file system or a header would misread."""
    base = "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable()).strip(" .")
    stem, ending = PurePath(base).stem, PurePath(base).suffix
    return f"{get_valid_filename(stem or 'file')[: LONGEST_NAME - len(ending)]}{ending[:10]}"


def fits(content_type: str, data: bytes) -> bool:
    """Return whether bytes are of a kind, by how they begin; text is what has no byte that text never has."""
    for beginning, kind in BEGINNINGS.items():
        if data.startswith(beginning):
            return kind == content_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return content_type == "image/webp"
    if data.startswith(OLD_OFFICE):
        return content_type in {KINDS[".doc"], KINDS[".xls"], KINDS[".ppt"]}
    if data.startswith(b"PK\x03\x04"):
        return content_type == in_archive(data)
    return content_type.startswith("text/") and is_text(data)


def in_archive(data: bytes) -> str:
    """
    Return what kind of office document a ZIP file is, "" for none or for one with macros. Nothing is unpacked: an
    OpenDocument says what it is in its first entry, uncompressed, and the others by the names of their entries.
    """
    try:
        names = set(names_in_archive(data))
    except (struct.error, ValueError):
        return ""
    if any(name.lower().endswith(b"vbaproject.bin") for name in names):
        return ""
    if b"mimetype" in names:
        return next((kind for kind in OPEN_DOCUMENTS if data[30:].startswith(b"mimetype" + kind.encode() + b"PK")), "")
    return next((kind for part, kind in MAIN_PARTS.items() if part.encode() in names), "")


def names_in_archive(data: bytes) -> Iterator[bytes]:
    """
    Yield the names in the directory of a ZIP file. No size or number in it is believed: what is not where it says raises
    ValueError or struct.error, and so do more entries than a document has.
    """
    end = data.rfind(b"PK\x05\x06", -END_OF_ARCHIVE)
    size, at = struct.unpack_from("<II", data, end + 12) if end >= 0 else (0, 0)
    if at + size != end:
        raise ValueError("no directory right before the end")
    for _entry in range(MOST_ENTRIES):
        if at == end:
            return
        if data[at : at + 4] != b"PK\x01\x02":
            raise ValueError("no entry")
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        yield data[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment
    raise ValueError("too many entries")


def is_text(data: bytes) -> bool:
    """Return whether bytes are text: UTF-8, UTF-16 with its mark, or an older encoding without control characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            return False
    return len(data.translate(None, delete=CONTROL)) == len(data)


def size_outside_base64(data: bytes) -> int:
    """Return how many bytes a message has that can be no part of a file in base64: those cost a parser most."""
    return len(data) - sum(len(run) for run in IN_BASE64.findall(data))


def store(message_input: MessageInput, files: Iterable[File]) -> list[InputAttachment]:
    """
    Keep files of an input under random names and return their rows. What was written is removed when one fails;
    call it last in a transaction.
    """
    rows: list[InputAttachment] = []
    try:
        for one in files:
            row = InputAttachment(
                input=message_input,
                name=one.name,
                content_type=one.content_type,
                size=len(one.data),
                sha256=one.sha256,
            )
            row.file.save(uuid4().hex, ContentFile(one.data), save=False)
            rows.append(row)
        return InputAttachment.objects.bulk_create(rows)
    except BaseException:
        for row in rows:
            row.file.delete(save=False)
        raise


class StoredFile(Protocol):
    """A row with a file that was checked when it came."""

    name: str
    content_type: str

    @property
    def file(self) -> FieldFile:
        """The file."""


def hand_out(attachment: StoredFile) -> FileResponse:
    """Return an attachment as a download that no browser opens as a page."""
    answer = FileResponse(
        attachment.file.open("rb"), as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
