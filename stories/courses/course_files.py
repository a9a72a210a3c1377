"""Pictures and videos of courses: taken in at the desk, handed out to whoever may see a version that shows them."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from lib.http import byte_ranges
from lib.images import uploaded_images, uploaded_videos
from lib.text import subtitles
from stories.models import Course, CourseAttempt, CourseFile, CourseVersion

from . import content

MEGABYTE = 1024 * 1024
PICTURE_MOST_MB = 25
SUBTITLES_MOST_MB = 2
SUFFIX_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


class NotTaken(Exception):
    """A file that was not taken. The text says why and what to do."""


def refuse_size(upload: File, megabytes: int) -> None:
    """Raise NotTaken for a file larger than that."""
    if upload.size > megabytes * MEGABYTE:
        raise NotTaken(
            _("The file is %(size)s, and the limit is %(most)s. Make it smaller.")
            % {"size": filesizeformat(upload.size), "most": filesizeformat(megabytes * MEGABYTE)}
        )


def take_picture(course: Course, upload: File, *, at: datetime) -> CourseFile:
    """Keep a picture, drawn anew. Raise NotTaken."""
    refuse_size(upload, PICTURE_MOST_MB)
    try:
        drawn = uploaded_images.picture(upload.read(), most=uploaded_images.MOST_OF_STAFF)
    except uploaded_images.Unusable as fault:
        raise NotTaken(str(fault)) from fault
    row = CourseFile(course=course, kind=CourseFile.Kind.PICTURE, width=drawn.width, height=drawn.height, made_at=at)
    return stored(row, ContentFile(drawn.data), drawn.suffix)


def take_video(course: Course, upload: File, *, at: datetime) -> CourseFile:
    """Keep a video, without what tells of phone, person and place. Raise NotTaken."""
    refuse_size(upload, settings.ASSET_MAX_MB)
    row = CourseFile(course=course, kind=CourseFile.Kind.VIDEO, made_at=at)
    try:
        with uploaded_videos.without_private(upload) as (copy, known):
            row.width, row.height, row.seconds = known.width, known.height, known.seconds
            return stored(row, File(copy), known.suffix)
    except uploaded_images.Unusable as fault:
        raise NotTaken(str(fault)) from fault


def stored(row: CourseFile, data: File, suffix: str) -> CourseFile:
    """Store a file under a name that nobody can guess, with its fingerprint, which an approval covers."""
    data.seek(0)
    row.sha256, row.size = hashlib.file_digest(cast(Any, data), "sha256").hexdigest(), data.size
    data.seek(0)
    row.file.save(f"c{row.course_id}/{secrets.token_hex(8)}{suffix}", data, save=True)
    return row


def read_subtitles(upload: File) -> str:
    """Return an SRT or WebVTT file as WebVTT. Raise NotTaken."""
    refuse_size(upload, SUBTITLES_MOST_MB)
    try:
        return subtitles.to_vtt(subtitles.parse(upload.read()))
    except subtitles.Unreadable as fault:
        raise NotTaken(str(fault)) from fault


def is_shown_to(user: Any, file: CourseFile) -> bool:
    """Return whether a file is in what everyone sees, or in a version that somebody has begun."""
    course = file.course
    if course.withdrawn_at is not None:
        return False
    shown = CourseVersion.objects.filter(course=course, state=CourseVersion.State.PUBLISHED).first()
    versions = [shown] if shown else []
    if user.is_authenticated:
        begun = CourseAttempt.objects.filter(user=user, version__course=course).select_related("version")
        versions += [one.version for one in begun]
    return any(file.pk in content.file_keys(one.modules) for one in versions)


def hand_out(request: HttpRequest, file: CourseFile) -> HttpResponseBase:
    """Return a picture to be looked at, or a video to be played."""
    name = file.file.name or ""
    if file.kind == CourseFile.Kind.VIDEO:
        return byte_ranges.hand_out(request, name)
    suffix = name[name.rfind(".") :]
    return FileResponse(file.file.open(), content_type=SUFFIX_TYPES.get(suffix, "application/octet-stream"))
