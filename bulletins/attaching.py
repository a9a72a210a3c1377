"""Files that come with a message input: what they are is read from their bytes, and they are kept as they came."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from .models import InputAttachment, MessageInput, NotAllowed

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
                "“%(name)s” was not taken: this kind of file is not taken. Send a PDF, a picture (JPEG, PNG, GIF, WebP), "
                "an office document, a text file or a CSV file."
            )
            % {"name": clean}
        )
    if len(data) > LARGEST:
        raise NotAllowed(_("“%(name)s” was not taken: it is larger than 25 MB.") % {"name": clean})
    if not data:
        raise NotAllowed(_("“%(name)s” was not taken: it is empty.") % {"name": clean})
    if not fits(KINDS[ending], data):
        raise NotAllowed(
            _("“%(name)s” was not taken: it is not what its name says. Save it again in the right format.")
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
    """Tell whether bytes are of a kind, by how they begin; text is what has no byte that text never has."""
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
    """Return what kind of office document a ZIP file is, "" for none or for one with macros. Nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return ""
            if "mimetype" in names:  # OpenDocument: stored first and uncompressed
                entry = archive.getinfo("mimetype")
                return archive.read(entry).decode("ascii", "replace").strip() if entry.file_size < 200 else ""
            return next((kind for part, kind in MAIN_PARTS.items() if part in names), "")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        return ""


def is_text(data: bytes) -> bool:
    """Tell whether bytes are text: UTF-8, UTF-16 with its mark, or an older encoding without control characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeDecodeError:
            return False
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in data)


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


class Kept(Protocol):
    """A row with a file that was checked when it came."""

    name: str
    content_type: str

    @property
    def file(self) -> FieldFile:
        """The file."""


def hand_out(attachment: Kept) -> FileResponse:
    """Return an attachment as a download that no browser opens as a page."""
    answer = FileResponse(
        attachment.file.open("rb"), as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
