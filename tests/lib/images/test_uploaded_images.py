"""Pictures are drawn anew, and nothing that only looks like one gets in."""

import io
import struct
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from PIL import Image

from lib.images import uploaded_images
from lib.images.uploaded_images import Unusable


def photo(width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture with many colours."""
    return (
        Image.effect_noise((width, height), 90)
        .convert("RGB")
        .transform((width, height), Image.Transform.AFFINE, (1, 0.2, 0, 0, 1, 0))
    )


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_place_and_phone_are_gone_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "PHONE-MAKER"
    exif.get_ifd(0x8825)[2] = (60.0, 10.0, 0.0)  # latitude
    colourful = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    colourful.paste(photo(320, 480))
    data = saved(colourful, "JPEG", exif=exif)
    assert b"PHONE-MAKER" in data

    drawn = uploaded_images.picture(data)

    assert (drawn.width, drawn.height) == (480, 640)
    assert b"PHONE-MAKER" not in drawn.data and b"Exif" not in drawn.data
    with Image.open(io.BytesIO(drawn.data)) as again:
        assert not again.getexif() and "icc_profile" not in again.info


def test_graphics_become_png_and_photographs_jpeg():
    flat = Image.new("RGB", (200, 200), "#0b5166")
    see_through = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    busy = Image.merge("RGB", [Image.effect_noise((200, 200), sigma) for sigma in (60, 70, 80)])

    assert uploaded_images.picture(saved(flat, "PNG")).suffix == ".png"
    assert uploaded_images.picture(saved(see_through, "PNG")).suffix == ".png"
    assert uploaded_images.picture(saved(busy, "PNG")).suffix == ".jpg"
    assert uploaded_images.picture(saved(busy, "WEBP")).suffix == ".jpg"
    grey = Image.effect_noise((200, 200), 60).convert("RGB")  # no more than 256 colours, and a photograph all the same
    assert uploaded_images.picture(saved(grey, "PNG")).suffix == ".jpg"


def test_a_pixel_bomb_is_refused_by_its_header_before_anything_is_decoded():
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    bomb = (
        uploaded_images.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    webp = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\xfe\x3f\0" * 2

    for data in (bomb, webp):
        for most in (uploaded_images.MOST_PIXELS, uploaded_images.MOST_OF_STAFF):
            with pytest.raises(Unusable, match=f"more than {most // 1_000_000} million"):
                uploaded_images.picture(data, most=most)


def png_of(width: int, height: int) -> bytes:
    """Return a PNG of one colour with transparency; made piece by piece, so that making it takes no memory."""
    packer, row = zlib.compressobj(1), b"\0" + b"\x10\x20\x30\x40" * width
    rows = b"".join(packer.compress(row) for _number in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return uploaded_images.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


# What a process of its own says: what became of the picture, and how much more memory it had at its peak (megabytes).
ALONE = """
import resource, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from lib.images import uploaded_images
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    drawn = uploaded_images.picture(data, most=int(sys.argv[1]))
    said = f"{drawn.width}x{drawn.height}"
except uploaded_images.Unusable as fault:
    said = str(fault)
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // (1024 if sys.platform == "linux" else 1_048_576)
print(f"{peak} {said}")
"""


def drawn_alone(data: bytes, most: int) -> tuple[int, str]:
    """Draw a picture in a process of its own; return by how many megabytes its memory grew, and what became of it."""
    words = [sys.executable, "-c", ALONE, str(most)]
    said = subprocess.run(words, input=data, capture_output=True, check=True, cwd=settings.BASE_DIR).stdout.decode()
    peak, _space, fate = said.strip().partition(" ")
    return int(peak), fate


def test_no_picture_takes_much_memory():
    whole = saved(Image.new("RGB", (6000, 4000), "teal"), "JPEG")

    peak, fate = drawn_alone(png_of(7071, 7071), uploaded_images.MOST_PIXELS)  # 763 MB, when it was drawn
    assert (peak < 30, "more than 12 million" in fate) == (True, True), (peak, fate)
    for data, most, size, limit in (
        (png_of(4000, 3000), uploaded_images.MOST_PIXELS, "4000x3000", 120),
        (png_of(6000, 4000), uploaded_images.MOST_OF_STAFF, "6000x4000", 240),
        (whole, uploaded_images.MOST_PIXELS, "3000x2000", 90),  # a photograph is reduced while it is decoded
    ):
        peak, fate = drawn_alone(data, most)
        assert (peak < limit, fate) == (True, size), (peak, fate)


def test_a_photograph_in_several_scans_is_kept_whole_by_the_decoder_and_so_is_not_taken_when_it_is_large():
    large = Image.new("RGB", (5000, 3000), "teal")

    assert uploaded_images.picture(saved(large, "JPEG")).width == 2500
    with pytest.raises(Unusable, match="more than 12 million"):
        uploaded_images.picture(saved(large, "JPEG", progressive=True))
    assert uploaded_images.picture(saved(photo(), "JPEG", progressive=True)).width == 640


def test_a_photograph_in_thousands_of_scans_is_refused_at_once():
    data = saved(photo(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")

    with pytest.raises(Unusable, match="too many layers"):
        uploaded_images.picture(data[:-2] + data[last:-2] * 1000 + b"\xff\xd9")


def test_one_picture_is_drawn_at_a_time_and_whoever_comes_when_two_wait_is_told_at_once(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    at_once: list[int] = []
    drawing = threading.Lock()

    def slow(data: bytes, *, most: int) -> None:
        at_once.append(drawing.acquire(blocking=False))
        begun.set()
        go_on.wait(20)
        drawing.release()

    monkeypatch.setattr(uploaded_images, "drawn", slow)
    data = saved(photo(), "JPEG")
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(uploaded_images.picture, data) for _number in range(3)]
        begun.wait(20)
        deadline = time.monotonic() + 20
        while uploaded_images.AT_ONCE._value and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(Unusable, match="in a minute"):
            uploaded_images.picture(data)
        go_on.set()
        for one in waiting:
            one.result(20)
    assert at_once == [True, True, True]
    uploaded_images.picture(data)


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'\xef\xbb\xbf <?xml version="1.0"?><svg/>',
        b"<!doctype html><p>Hello",
    ],
)
def test_drawings_in_code_are_refused(data):
    with pytest.raises(Unusable, match="in code"):
        uploaded_images.picture(data)


def test_a_png_with_a_page_in_it_is_refused():
    png = saved(Image.new("RGB", (8, 8)), "PNG")
    hidden = png[:-12] + chunk(b"tEXt", b"Comment\0<script>alert(1)</script>") + png[-12:]

    for data in (png + b"<html><body onload=alert(1)>", png + b"PK\x03\x04", hidden):
        with pytest.raises(Unusable, match="hidden"):
            uploaded_images.picture(data)


def test_moving_pictures_and_other_formats_are_refused():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    moving = {kind: saved(frames[0], kind, save_all=True, append_images=frames[1:]) for kind in ("PNG", "WEBP", "GIF")}

    for kind, says in (("PNG", "Animated"), ("WEBP", "Animated"), ("GIF", "not a JPEG")):
        with pytest.raises(Unusable, match=says):
            uploaded_images.picture(moving[kind])
    with pytest.raises(Unusable, match="damaged"):
        uploaded_images.picture(saved(photo(), "JPEG")[:2000])


def box(name: bytes, content: bytes) -> bytes:
    """Return an MP4 box."""
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4(brand: bytes = b"isom", *, turned: bool = False, extra: bytes = b"") -> bytes:
    """Return the boxes of a video of 1920 × 1080, 24.5 s, without frames."""
    mvhd = struct.pack(">IIIII", 0, 0, 0, 600, 14_700) + bytes(80)
    matrix = (0, 65536, 0, -65536, 0, 0, 0, 0, 0) if turned else (65536, 0, 0, 0, 65536, 0, 0, 0, 0)
    tkhd = bytes(40) + struct.pack(">9i", *matrix) + struct.pack(">II", 1920 << 16, 1080 << 16)
    moov = box(b"moov", box(b"mvhd", mvhd) + box(b"trak", box(b"tkhd", tkhd)) + extra)
    return box(b"ftyp", brand + bytes(4)) + box(b"mdat", bytes(64)) + moov


def test_a_video_is_read_by_its_container():
    found = uploaded_images.video(io.BytesIO(mp4()))
    assert (found.suffix, found.width, found.height, found.seconds) == (".mp4", 1920, 1080, 25)
    found = uploaded_images.video(io.BytesIO(mp4(b"qt  ", turned=True)))
    assert (found.suffix, found.width, found.height) == (".mov", 1080, 1920)


def test_a_webm_is_read_too():
    info = bytes.fromhex("2ad7b183") + (1_000_000).to_bytes(3) + bytes.fromhex("448988") + struct.pack(">d", 24_000.0)
    track = bytes.fromhex("ae8ae088b08205") + b"\0" + bytes.fromhex("ba8202d0")
    body = bytes.fromhex("1549a966") + bytes([0x80 | len(info)]) + info
    body += bytes.fromhex("1654ae6b") + bytes([0x80 | len(track)]) + track
    data = (
        bytes.fromhex("1a45dfa387")
        + bytes.fromhex("4282")
        + b"\x84webm"
        + bytes.fromhex("1853806701ffffffffffffff")
        + body
    )

    found = uploaded_images.video(io.BytesIO(data))

    assert (found.suffix, found.width, found.height, found.seconds) == (".webm", 1280, 720, 24)


def test_what_is_no_video_is_refused():
    for data in (b"", b"RIFF....AVI ", mp4()[:40], box(b"ftyp", b"isom") + b"\0\0\0\x01moov"):
        with pytest.raises(Unusable):
            uploaded_images.video(io.BytesIO(data))
