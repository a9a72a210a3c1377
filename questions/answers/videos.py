"""Videos of answers: taken in, kept to ourselves until an answer with them is published."""

import re
import secrets
from datetime import datetime

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from bulletins.media import uploads
from bulletins.models import Asset, NotAllowed
from lib.images import uploaded_images, uploaded_videos
from lib.text import subtitles
from questions.models import Answer, AnswerVersion

from . import answer_workflow

OF_ANSWER = re.compile(r"^answers/a(\d{1,15})/[^/]+$")


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
        with uploaded_videos.without_private(upload) as (copy, known):
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
