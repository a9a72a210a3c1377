"""
Files that come with a mail. What they are is read from their bytes: pictures are drawn anew, documents of a few kinds are
kept as they came, everything else is refused with the reason. Who may read the conversation may download them; nothing
else hands them out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message as Mail
from pathlib import PurePath
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from bulletins.intake import input_attachments
from bulletins.models import NotAllowed
from delivery.feedback import inbound_headers
from influencers.models import Attachment, ThreadMessage
from lib.images import uploaded_images

from . import mime_reader

MOST = 10  # files of a mail
LARGEST_MEGABYTES = 10  # of one file, after decoding
MEGABYTE = 1024 * 1024
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic")


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """A file that was looked at: kept (`data`), or refused with the reason."""

    name: str
    content_type: str = ""
    size: int = 0
    data: bytes = b""
    refused: str = ""


def examine_files(parts: Iterable[Mail]) -> list[ExaminedFile]:
    """Return what was found of each file; what is too much is named, not kept."""
    files = list(parts)
    looked = [examine_file(part) for part in files[:MOST]]
    refused = _("There are more than %(most)d files in this email.") % {"most": MOST}
    looked += [ExaminedFile(name_of(part), refused=refused) for part in files[MOST : 3 * MOST]]
    return looked


def name_of(part: Mail) -> str:
    """Return the name of a file without what a file system or a header would misread."""
    return input_attachments.clean_name(mime_reader.file_name(part) or "file")


def examine_file(part: Mail) -> ExaminedFile:
    """Return a file that can be kept, or why not."""
    name = name_of(part)
    if part.get_content_maintype() == "message":
        return ExaminedFile(name, refused=_("It is an email attached to the email."))
    if (length := inbound_headers.length_of(part)) > LARGEST_MEGABYTES * MEGABYTE * 3 // 2:
        return ExaminedFile(name, size=length * 3 // 4, refused=too_large())
    data = mime_reader.raw_payload(part)
    if len(data) > LARGEST_MEGABYTES * MEGABYTE:
        return ExaminedFile(name, size=len(data), refused=too_large())
    if not data:
        return ExaminedFile(name, refused=_("It is empty."))
    if part.get_content_maintype() == "image" or name.lower().endswith(PICTURES):
        try:
            drawn = uploaded_images.picture(data)
        except uploaded_images.Unusable as fault:
            return ExaminedFile(name, size=len(data), refused=str(fault)[:200])
        kind = "image/png" if drawn.suffix == ".png" else "image/jpeg"
        return ExaminedFile(
            f"{PurePath(name).stem[:100] or 'picture'}{drawn.suffix}", kind, len(drawn.data), drawn.data
        )
    try:
        found = input_attachments.examine(name, data)
    except NotAllowed as fault:
        return ExaminedFile(name, size=len(data), refused=str(fault)[:200])
    return ExaminedFile(found.name, found.content_type, len(data), data)


def too_large() -> str:
    """Return why a large file is not kept."""
    return _("It is larger than %(most)d MB.") % {"most": LARGEST_MEGABYTES}


def store_files(message: ThreadMessage, files: Iterable[ExaminedFile]) -> list[Attachment]:
    """
    Keep files under random names, and of those that were refused the reason. What was written is removed when one fails;
    call it last in a transaction.
    """
    rows: list[Attachment] = []
    try:
        for one in files:
            row = Attachment(
                message=message, name=one.name[:200], content_type=one.content_type, size=one.size, refused=one.refused
            )
            if one.data:
                row.sha256 = input_attachments.File(one.name, one.data, one.content_type).sha256
                row.file.save(uuid4().hex, ContentFile(one.data), save=False)
            rows.append(row)
        return Attachment.objects.bulk_create(rows)
    except BaseException:
        for row in rows:
            if row.file:
                row.file.delete(save=False)
        raise
