"""Videos of answers: taken in, kept to ourselves until an answer with them is published, handed out piece by piece."""

import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.media import uploads
from bulletins.models import Asset, NotAllowed
from lib.images import uploaded_images
from lib.text import subtitles
from questions.models import Answer, AnswerVersion

from . import answer_workflow

OF_ANSWER = re.compile(r"^answers/a(\d{1,15})/[^/]+$")
RANGE = re.compile(r"^bytes=(\d{0,15})-(\d{0,15})$")
TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm"}


def campaign_of(key: int) -> int | None:
    """Return the key of the campaign of the answer with a key, None where there is none."""
    return Answer.objects.filter(pk=key).values_list("group__campaign", flat=True).first()


def store_video(answer: Answer, upload: File, *, by: User, at: datetime, read: str = "") -> Answer:
    """
    Take a video into an answer, in the place of the one before, and return the answer. What it is, its content says; its
    length is read. Raise NotAllowed, with nothing stored, when it cannot be taken.
    """
    if uploads.kind_of(upload) != Asset.Kind.VIDEO:
        raise NotAllowed(_("Not uploaded: this is not an MP4, MOV or WebM video. Export it as MP4 and upload that."))
    most = settings.ASSET_MAX_MB * uploads.MEGABYTE
    if upload.size > most:
        raise NotAllowed(
            _("Not uploaded: the file is %(size)s, and the limit is %(most)s. Make it smaller.")
            % {"size": filesizeformat(upload.size), "most": filesizeformat(most)}
        )
    try:
        with uploads.without_private(upload) as (copy, known):
            path = f"answers/a{answer.pk}/{secrets.token_hex(8)}{known.suffix}"
            name = default_storage.save(path, File(copy))
    except uploaded_images.Unusable as fault:
        raise NotAllowed(_("Not uploaded: %(why)s") % {"why": fault}) from fault
    try:
        with transaction.atomic():
            before = answer_workflow.lock(answer).video.name or ""
            saved = answer_workflow.save(
                answer, by=by, at=at, read=read, video=name, video_url="", video_seconds=known.seconds
            )
            forget(saved, before)
    except BaseException:
        default_storage.delete(name)
        raise
    return saved


@transaction.atomic
def remove(answer: Answer, *, by: User, at: datetime) -> Answer:
    """Take the video out of an answer, with its subtitles."""
    before = answer_workflow.lock(answer).video.name or ""
    none = dict.fromkeys(answer.subtitles, "")
    saved = answer_workflow.save(
        answer, by=by, at=at, video="", video_url="", video_language="", video_seconds=None, subtitles=none
    )
    forget(saved, before)
    return saved


def forget(answer: Answer, name: str) -> None:
    """Delete a file that no version was published with, once this transaction is through."""
    if name and not AnswerVersion.objects.filter(answer=answer, content__video=name).exists():
        transaction.on_commit(lambda: default_storage.delete(name))


def subtitles_of(upload: File | str) -> str:
    """Return subtitles, as an SRT or WebVTT file or typed, as WebVTT. Raise NotAllowed when they cannot be used."""
    if isinstance(upload, File) and upload.size > uploads.SUBTITLES_MAX_MB * uploads.MEGABYTE:
        raise NotAllowed(
            _("Not uploaded: the file is %(size)s, and the limit is %(most)s. Make it smaller.")
            % {"size": filesizeformat(upload.size), "most": filesizeformat(uploads.SUBTITLES_MAX_MB * 1024 * 1024)}
        )
    data = upload.read() if isinstance(upload, File) else upload
    if not data.strip():
        return ""
    try:
        return subtitles.to_vtt(subtitles.parse(data))
    except subtitles.Unreadable as fault:
        raise NotAllowed(str(fault)) from fault


def is_public(name: str, *, at: datetime) -> bool:
    """
    Return whether a stored file is the video of a published answer that is not withdrawn. Nobody can guess its name, so
    that people who asked can watch it during their head start.
    """
    match = OF_ANSWER.match(name)
    if match is None:
        return False
    versions = AnswerVersion.objects.filter(
        answer=int(match[1]), answer__current_version__published_at__lte=at, published_at__lte=at, content__video=name
    )
    return versions.not_withdrawn(at=at).exists()


def hand_out(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a stored video to be played, or the piece of it that a player asks for (RFC 9110, one range)."""
    suffix = Path(name).suffix.lower()
    kind = TYPES.get(suffix, "application/octet-stream")
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
