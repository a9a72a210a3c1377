"""
The addresses at which files arrive piece by piece, as the tus protocol has it (tus.io, version 1.0.0: core, creation, termination,
expiration), so that any client of it can send. HEAD says how much has arrived, PATCH takes what comes next. A piece has at most 16 MB.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.desk_base.desk_user import user_of
from stories.models import StoryUpload

from . import uploads
from .own_stories import own_story, sender_required

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
LONGEST_METADATA = 2_000
AT_ONCE = 256 * 1024

type View = Callable[..., HttpResponse]


def tus(view: View) -> View:
    """Speak the protocol: its version in each answer, and no other taken; refusals as plain text."""

    @never_cache
    @login_required
    @sender_required
    @wraps(view)
    def speaking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            answer = HttpResponse(status=412)
            answer["Tus-Version"] = VERSION
        else:
            try:
                answer = view(request, *args, **kwargs)
            except uploads.Refused as refusal:
                answer = HttpResponse(str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8")
        answer["Tus-Resumable"] = VERSION
        return answer

    return speaking


@require_http_methods(["OPTIONS", "POST"])
@tus
def create(request: HttpRequest, key: str) -> HttpResponse:
    """Begin to take a file for a story: its size is announced, and the answer says where its pieces go."""
    story = own_story(request, key)
    if request.method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer["Tus-Version"], answer["Tus-Extension"] = VERSION, "creation,termination,expiration"
        answer["Tus-Max-Size"] = str(uploads.most_bytes(story))
        return answer
    size = whole_of(request.headers.get("Upload-Length"))
    if size is None:
        return HttpResponse(status=400)
    if not uploads.BEGUN.allow(f"user-{user_of(request).pk}"):
        return HttpResponse(status=429)
    row = uploads.create(
        story,
        filename=filename_in(request.headers.get("Upload-Metadata", "")[:LONGEST_METADATA]),
        size=size,
        user=user_of(request),
        at=timezone.now(),
    )
    answer = HttpResponse(status=201)
    answer["Location"] = reverse("municipality:upload", args=[row.key])
    answer["Upload-Expires"] = http_date(row.expires_at.timestamp())
    return answer


@require_http_methods(["HEAD", "PATCH", "DELETE", "OPTIONS"])
@tus
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Say how much of a file has arrived, take its next piece, or give it up. Somebody else's does not exist."""
    if request.method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer["Tus-Version"], answer["Tus-Extension"] = VERSION, "creation,termination,expiration"
        return answer
    row = get_object_or_404(StoryUpload.objects.select_related("story"), key=key, user=user_of(request))
    own_story(request, row.story.key)
    now = timezone.now()
    if row.expires_at <= now:
        return HttpResponse(status=410)
    if request.method == "DELETE":
        uploads.forget(row)
        return HttpResponse(status=204)
    received = row.received if request.method == "HEAD" else take_piece(request, row)
    answer = HttpResponse(status=200 if request.method == "HEAD" else 204)
    answer["Upload-Offset"], answer["Upload-Length"] = str(received), str(row.size)
    answer["Upload-Expires"] = http_date(row.expires_at.timestamp())
    answer["Cache-Control"] = "no-store"
    return answer


def take_piece(request: HttpRequest, row: StoryUpload) -> int:
    """Take the piece in a request, and return how much has arrived. Raise Refused."""
    offset = whole_of(request.headers.get("Upload-Offset"))
    if request.content_type != PIECE:
        raise uploads.Refused("", 415)
    if offset is None:
        raise uploads.Refused("", 400)
    if offset != row.received:
        raise uploads.Refused("", 409)
    most = min(uploads.MOST_OF_PIECE, row.size - row.received)
    if (whole_of(request.META.get("CONTENT_LENGTH")) or 0) > most:
        raise uploads.Refused("", 413)
    return uploads.append(row, offset, read_piece(request, most), at=timezone.now())


def read_piece(request: HttpRequest, most: int) -> bytes:
    """Return the body of a request, at most `most` bytes, or as much of it as came before the connection was lost."""
    piece = bytearray()
    try:
        while len(piece) < most and (some := request.read(min(AT_ONCE, most - len(piece)))):
            piece += some
    except UnreadablePostError:
        pass
    return bytes(piece)


def whole_of(text: str | None) -> int | None:
    """Return a whole number of at most 18 digits, None for anything else."""
    return int(text) if text and len(text) < 19 and text.isascii() and text.isdecimal() else None


def filename_in(metadata: str) -> str:
    """Return the name of a file as the protocol tells it: pairs "key base64" with commas between; "" where it does not."""
    for pair in metadata.split(","):
        key, _space, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                name = base64.b64decode(value, validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return ""
            return "".join(sign for sign in name if sign.isprintable())
    return ""
