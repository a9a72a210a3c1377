"""
Files that are something else than they say, through every door that takes files: refused with nothing stored, or drawn
anew; and what is kept as it came is handed out as a download that no browser opens as a page.
"""

import base64
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from bulletins.media import uploads
from bulletins.models import Asset, InputAttachment, MessageInput, NotAllowed
from factcheck.models import Claim, Sighting
from influencers.inbox.mail import inbound
from influencers.models import Attachment
from tests.bulletins.intake.test_views import form as input_form
from tests.influencers.inbox.mail.test_inbound import with_files
from tests.influencers.inbox.mail_scene import got_bulletin
from tests.lib.images.test_uploaded_images import chunk, photo, saved
from tests.support import builders

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.slow]

SCRIPT = b"<script>pwned(1)</script>"
GPS = b"CAMERA-AT-HOME"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test's own for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(media: Path) -> dict[str, bytes]:
    """Return every stored file."""
    return {str(path.relative_to(media)): path.read_bytes() for path in media.rglob("*") if path.is_file()}


def zipped(**files: bytes) -> bytes:
    """Return a ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def located() -> bytes:
    """Return a photograph that says where and with what it was taken, in EXIF, XMP and a comment."""
    exif = Image.Exif()
    exif[0x010F] = GPS.decode()
    exif.get_ifd(0x8825)[2] = (60.0, 10.0, 0.0)
    return saved(photo(64, 48), "JPEG", exif=exif, comment=GPS)


def nasty() -> dict[str, bytes]:
    """Return files by a name that says what they pretend to be."""
    png, jpeg = saved(Image.new("RGB", (8, 8)), "PNG"), saved(photo(64, 48), "JPEG")
    gif = saved(Image.new("P", (8, 8)), "GIF")
    bomb = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="pwned(1)"/>'
    return {
        "page.png": b"<!doctype html>" + SCRIPT,
        "drawing.svg": svg,
        "drawing.png": svg,
        "drawing.jpg": b"\xef\xbb\xbf\r\n" + svg,
        "drawing.svgz": zlib.compress(svg),
        "utf16.png": svg.decode().encode("utf-16"),
        "gif-and-script.gif": b"GIF89a/*" + gif[8:] + b"*/=1;pwned(1)",
        "gif-and-script.png": b"GIF89a=1;pwned(1)//",
        "jpeg-and-page.jpg": jpeg + b"<!doctype html>" + SCRIPT,
        "page-in-comment.jpg": jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + jpeg[2:],
        "png-and-zip.png": png + zipped(a=b"b"),
        "page-in-text.png": png[:-12] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + png[-12:],
        "pdf-and-page.pdf": b"%PDF-1.7\n" + SCRIPT,
        "pdf-and-zip.pdf": b"%PDF-1.7\n" + zipped(a=b"b"),
        "page.pdf": b"<html>%PDF-1.7" + SCRIPT,
        "bomb.png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bomb) + chunk(b"IDAT", zlib.compress(b"\0" * 9_999)) + chunk(b"IEND", b""),
        "bomb.jpg": jpeg.replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 65_500, 65_500), 1),
        "cut.png": png[: len(png) // 2],
        "cut.jpg": jpeg[: len(jpeg) // 2],
        "empty.png": b"",
        "zeros.png": b"\0" * 5_000,
        "located.jpg": located(),
        "bomb.docx": zipped(word__document_xml=b"\0" * 20_000_000),
        "bomb.xlsx": zipped(**{"xl__workbook.xml": b"\0" * 20_000_000}),
        "macros.docx": zipped(**{"word__document.xml": b"<a/>", "word__vbaProject.bin": b"x"}),
        "climbing.docx": zipped(**{"word__document.xml": b"<a/>", "..__..__etc__passwd": b"x"}),
        "script.docx": b"PK\x03\x04" + SCRIPT,
        "program.exe": b"MZ" + bytes(200),
        "program.pdf.exe": b"MZ" + bytes(200),
        "program.exe.pdf": b"MZ" + bytes(200),
        "page.html": SCRIPT,
        "page.txt.html": SCRIPT,
        "page.txt": SCRIPT,
        "script.js": b"pwned(1)",
        "shell.php.png": b"<?php pwned(1) ?>",
        "shell.png.php": png,
        "video.mp4": b"\0\0\0\x18ftypisom" + SCRIPT * 5,
        "words.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + SCRIPT,
        "../../etc/passwd": b"root:x",
        "..\\..\\windows\\win.ini": b"x",
        "/etc/cron.d/x.txt": b"words",
        "a" * 3_000 + ".png": png,
        "new\r\nline\u202egnp.exe": png,
        "semi;colon\".png": png,
        ".htaccess": b"AddType text/html .png",
        "nul\x00.png": png,
        "CON.png": png,
    }  # fmt: skip


def faults_of_kept(media: Path, *, drawn: bool) -> Iterator[str]:
    """Give what is wrong with the files that stayed: their names, and in pictures what came along with them."""
    for name, data in stored(media).items():
        if not re.fullmatch(r"[a-z]+(?:/b?\d+)*/[0-9a-f]{16,64}(?:\.(?:png|jpg|mp4|webm|vtt|srt))?", name):
            yield f"its name: {name}"
        if (
            drawn
            and not name.endswith((".vtt", ".srt", ".mp4", ".webm"))
            and (SCRIPT in data or GPS in data or b"pwned" in data)
        ):
            yield f"{name} holds what came along"


def test_assets_are_drawn_anew_or_refused(campaign, roles, media):
    bulletin = builders.build_bulletin(campaign)
    wrong, taken = [], set()
    for name, data in nasty().items():
        before = set(stored(media))
        try:
            asset = uploads.add(
                bulletin, SimpleUploadedFile("x", data) if not name.strip() else named(name, data), by=builders.editor(),
                at=builders.NOON, title={"en": name[:50]}, alt_text=builders.in_all(en="x"),
            )  # fmt: skip
        except NotAllowed:
            if set(stored(media)) != before:
                wrong.append(f"{name[:60]!r}: refused, but something stayed")
            continue
        taken.add(name)
        if asset.kind == Asset.Kind.IMAGE and not str(asset.file.name).endswith((".png", ".jpg")):
            wrong.append(f"{name[:60]!r}: {asset.file.name}")
    wrong += faults_of_kept(media, drawn=True)
    assert wrong == []
    assert (
        taken
        & {
            "page.png",
            "drawing.svg",
            "drawing.png",
            "bomb.png",
            "bomb.jpg",
            "cut.png",
            "gif-and-script.gif",
            "program.exe",
            "page.html",
            "pdf-and-page.pdf",
        }
        == set()
    )
    assert "located.jpg" in taken


def named(name: str, data: bytes) -> SimpleUploadedFile:
    """Return an upload whose name is what a program wrote into the request, past Django's own cleaning."""
    file = SimpleUploadedFile("x", data)
    vars(file)["_name"] = name
    return file


def test_files_of_a_message_input_are_what_they_say_and_come_as_downloads(
    minna, authority, campaign, alma, signed_in, media
):
    client, wrong = signed_in(minna), []
    with translation.override("en"):
        page = reverse("intake:submit_input")
    for number, (name, data) in enumerate(nasty().items()):
        form = input_form(authority=authority.pk) | {"external_id": f"form-{number:032x}", "title": f"Title {number}"}
        before = MessageInput.objects.count()
        answer = client.post(page, form | {"attachments": [named(name, data)]})
        if answer.status_code >= 500:
            wrong.append(f"{name[:60]!r}: {answer.status_code}")
        if answer.status_code == 422 and MessageInput.objects.count() != before:
            wrong.append(f"{name[:60]!r}: refused, but stored")
    kept = {one.name: one for one in InputAttachment.objects.all()}
    for row in kept.values():
        with translation.override("en"):
            answer = client.get(reverse("intake:input_attachment", args=[row.input_id, row.pk]))
        wrong += [f"{row.name}: {fault}" for fault in faults_of_answer(answer)]
    for name in stored(media):
        if client.get(f"/media/{name}").status_code == 200 or signed_in(alma).get(f"/media/{name}").status_code == 200:
            wrong.append(f"{name} is handed out by its name")
    wrong += faults_of_kept(media, drawn=False)
    assert wrong == []
    refused = {
        "page.html",
        "drawing.svg",
        "program.exe",
        "program.exe.pdf",
        "script.docx",
        "macros.docx",
        "page.pdf",
        "script.js",
        ".htaccess",
        "shell.png.php",
    }
    assert refused & set(kept) == set() and "pdf-and-page.pdf" in kept


def faults_of_answer(answer: Any) -> Iterator[str]:
    """Give what is wrong with the way in which a file is handed out."""
    disposition = answer.get("Content-Disposition", "")
    if answer.status_code != 200:
        yield f"answered {answer.status_code}"
    if not disposition.startswith("attachment") or re.search(r"[\r\n]|\.\.[/\\]", disposition):
        yield f"Content-Disposition {disposition!r}"
    if answer.get("X-Content-Type-Options") != "nosniff":
        yield "nosniff is missing"
    if answer["Content-Type"].partition(";")[0] in {
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "text/javascript",
    }:
        yield f"Content-Type {answer['Content-Type']}"
    if "default-src 'none'" not in answer.get("Content-Security-Policy", ""):
        yield f"its policy: {answer.get('Content-Security-Policy')!r}"
    if "no-store" not in answer.get("Cache-Control", ""):
        yield f"Cache-Control {answer.get('Cache-Control')!r}"


def test_files_of_a_mail_are_drawn_anew_or_refused_and_come_as_downloads(campaign, ines, liisa, signed_in, media):
    influencer = ines.influencers.get()
    row = got_bulletin(campaign, influencer)
    before = set(stored(media))
    wrong = []
    for number, (name, data) in enumerate(nasty().items()):
        harmless = re.sub(r"[\r\n\x00\"]", "_", name)
        raw = with_files(row, (harmless, "image/png" if ".png" in name else "application/octet-stream", data))
        raw = raw.replace(b"<files@example.org>", f"<files-{number}@example.org>".encode())
        inbound.take_bytes(raw, at=timezone.now(), to=["answers@example.org"])
    rows = list(Attachment.objects.select_related("message"))
    assert len(rows) >= len(nasty()) - 2
    for one in rows:
        if bool(one.file) == bool(one.refused):
            wrong.append(f"{one.name}: neither kept nor refused")
        if one.file and one.content_type.startswith("image/") and (SCRIPT in one.file.read() or GPS in one.file.read()):
            wrong.append(f"{one.name}: not drawn anew")
        if re.search(r"[/\\\r\n\x00\u202e]", one.name):
            wrong.append(f"its name: {one.name!r}")
    for name in set(stored(media)) - before:
        if not re.fullmatch(r"conversations/[0-9a-f]{32}", name):
            wrong.append(f"its name: {name}")
        if signed_in(liisa).get(f"/media/{name}").status_code != 404:
            wrong.append(f"{name} is handed out by its name")
    client = signed_in(liisa)
    for one in (row for row in rows if row.file):
        answer = client.get(reverse("admin:influencers_thread_file", args=[one.pk]))
        wrong += [f"{one.name}: {fault}" for fault in faults_of_answer(answer)]
    assert wrong == []


def test_screenshots_of_a_claim_are_drawn_anew_or_refused(campaign, client, media, settings):
    wrong = []
    for number, (name, data) in enumerate(nasty().items()):
        from accounts.models import Attempt

        Attempt.objects.all().delete()
        answer = client.post(
            "/en/facts/report/",
            {
                "text": f"Claim {number}", "language": "en", "platform": "facebook", "token": f"{number:032x}",
                "seen_on": timezone.now().date().isoformat(), "screenshot": named(name, data),
            },
        )  # fmt: skip
        if answer.status_code not in {302, 400, 422}:
            wrong.append(f"{name[:60]!r}: {answer.status_code}")
        if answer.status_code == 422 and Claim.objects.filter(text__en=f"Claim {number}").exists():
            wrong.append(f"{name[:60]!r}: refused, but stored")
    wrong += faults_of_kept(media, drawn=True)
    for name in stored(media):
        if client.get(f"/media/{name}").status_code != 404:
            wrong.append(f"{name} is handed out by its name")
    assert wrong == []
    assert Sighting.objects.exclude(screenshot="").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../config/settings.py", "..%2fconfig%2fsettings.py", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "//etc/passwd", "inputs", "inputs/",
        "conversations/../inputs/x", "./inputs/x", "inputs%00.png", "assets/..", "assets/%2e%2e/inputs/x", "Inputs/x", "inputs\\x", ".",
    ],
)  # fmt: skip
def test_no_name_opens_a_file_that_is_not_for_everybody(campaign, media, client, alma, signed_in, name):
    for folder in ("inputs", "conversations", "imports", "sightings", "assets"):
        (media / folder).mkdir()
        (media / folder / "x").write_bytes(b"secret")
    for somebody in (client, signed_in(alma)):
        answer = somebody.get(f"/media/{name}")
        assert answer.status_code in {400, 404}, answer.status_code
        assert b"secret" not in answer.content


def test_files_that_come_through_the_api_are_what_they_say(campaign, media, client):
    """The API takes no files at all: what is sent as one is refused, or left out, and nothing is stored."""
    from campaigns import api_tokens

    authority = builders.build_authority()
    _row, token = api_tokens.issue(authority, name="x", by=builders.editor(), at=timezone.now())
    body = {
        "title": "Title", "body": "Words.", "language": "fi", "external_id": "one",
        "sources": [{"publisher": "M", "title": "D", "url": "https://m.example.org/"}],
        "attachments": [{"name": "x.svg", "data": base64.b64encode(SCRIPT).decode()}],
    }  # fmt: skip
    answer = client.post(
        "/api/v1/inputs", body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code in {200, 201, 422} and stored(media) == {}
    assert not InputAttachment.objects.exists()
