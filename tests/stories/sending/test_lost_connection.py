"""A hundred megabytes over a connection that is lost five times arrive whole, byte for byte, over real HTTP."""

import contextlib
import hashlib
import http.client
import random
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site
from django.utils import timezone

from stories.models import StoryUpload
from stories.sending import uploads

from .scene import build_municipality, build_sender, build_story, video

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("roles", "stored")]
MEGABYTE = 1024 * 1024
PIECE = 8 * MEGABYTE


class Phone:
    """A client of the tus protocol that keeps its session, and loses its connection when asked to."""

    def __init__(self, address, session):
        self.where, self.cookie = (
            urlsplit(address),
            f"{site.SESSION_COOKIE_NAME}={session}; {site.CSRF_COOKIE_NAME}={'a' * 32}",
        )

    def ask(self, method, path, body=b"", announced=None, **headers):
        """Send a request, of whose body less may be sent than is announced; return the answer, None when it was cut off."""
        line = http.client.HTTPConnection(self.where.netloc, timeout=60)
        line.putrequest(method, path)
        told = {"Tus-Resumable": "1.0.0", "Cookie": self.cookie, "X-CSRFToken": "a" * 32, "Origin": self.where.geturl()}
        for name, value in (told | {name.replace("_", "-"): value for name, value in headers.items()}).items():
            line.putheader(name, value)
        line.putheader("Content-Length", str(len(body) if announced is None else announced))
        line.endheaders()
        with contextlib.suppress(OSError):
            line.send(body)
        if announced is not None:
            line.close()
            return None
        answer = line.getresponse()
        answer.read()
        return answer


def test_a_hundred_megabytes_cut_off_five_times_arrive_whole(campaign, live_site, client):
    town = build_municipality(campaign)
    sender, now = build_sender(town), timezone.now()
    story = build_story(town, by=sender, at=now, kind="video")
    client.force_login(sender)
    phone = Phone(live_site, client.session.session_key)
    data = video() + random.Random(4711).randbytes(100 * MEGABYTE)
    begun = phone.ask("POST", f"/en/municipality/stories/{story.key}/uploads/", Upload_Length=str(len(data)))
    assert begun.status == 201
    where = begun.headers["Location"]
    cuts = [3, 5, 7, 9, 11]
    piece = 0
    while (offset := int(phone.ask("HEAD", where).headers["Upload-Offset"])) < len(data):
        piece += 1
        part = data[offset : offset + PIECE]
        is_cut = bool(cuts) and piece == cuts[0]
        sent = part[: len(part) // 3] if is_cut else part
        phone.ask(
            "PATCH",
            where,
            sent,
            announced=len(part) if is_cut else None,
            Upload_Offset=str(offset),
            Content_Type="application/offset+octet-stream",
        )
        if is_cut:
            cuts.pop(0)
    assert cuts == []
    with uploads.whole(StoryUpload.objects.get()) as arrived:
        assert hashlib.file_digest(arrived, "sha256").hexdigest() == hashlib.sha256(data).hexdigest()
