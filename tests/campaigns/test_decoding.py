"""Pictures are drawn anew, and nothing that only looks like one gets in."""

import io
import struct
import zlib

import pytest
from PIL import Image

from campaigns.pictures import decoding
from campaigns.pictures.decoding import Unusable


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

    drawn = decoding.picture(data)

    assert (drawn.width, drawn.height) == (480, 640)
    assert b"PHONE-MAKER" not in drawn.data and b"Exif" not in drawn.data
    with Image.open(io.BytesIO(drawn.data)) as again:
        assert not again.getexif() and "icc_profile" not in again.info


def test_graphics_become_png_and_photographs_jpeg():
    flat = Image.new("RGB", (200, 200), "#0b5166")
    see_through = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    busy = Image.merge("RGB", [Image.effect_noise((200, 200), sigma) for sigma in (60, 70, 80)])

    assert decoding.picture(saved(flat, "PNG")).suffix == ".png"
    assert decoding.picture(saved(see_through, "PNG")).suffix == ".png"
    assert decoding.picture(saved(busy, "PNG")).suffix == ".jpg"
    assert decoding.picture(saved(busy, "WEBP")).suffix == ".jpg"


def test_a_pixel_bomb_is_refused_by_its_header_before_anything_is_decoded():
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    bomb = decoding.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    webp = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\xfe\x3f\0" * 2

    for data in (bomb, webp):
        with pytest.raises(Unusable, match="more than 50 million"):
            decoding.picture(data)


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
        decoding.picture(data)


def test_a_png_with_a_page_in_it_is_refused():
    png = saved(Image.new("RGB", (8, 8)), "PNG")
    hidden = png[:-12] + chunk(b"tEXt", b"Comment\0<script>alert(1)</script>") + png[-12:]

    for data in (png + b"<html><body onload=alert(1)>", png + b"PK\x03\x04", hidden):
        with pytest.raises(Unusable, match="hidden"):
            decoding.picture(data)


def test_moving_pictures_and_other_formats_are_refused():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    moving = {kind: saved(frames[0], kind, save_all=True, append_images=frames[1:]) for kind in ("PNG", "WEBP", "GIF")}

    for kind, says in (("PNG", "Moving"), ("WEBP", "Moving"), ("GIF", "no JPEG")):
        with pytest.raises(Unusable, match=says):
            decoding.picture(moving[kind])
    with pytest.raises(Unusable, match="damaged"):
        decoding.picture(saved(photo(), "JPEG")[:2000])


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
    found = decoding.video(io.BytesIO(mp4()))
    assert (found.suffix, found.width, found.height, found.seconds) == (".mp4", 1920, 1080, 25)
    found = decoding.video(io.BytesIO(mp4(b"qt  ", turned=True)))
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

    found = decoding.video(io.BytesIO(data))

    assert (found.suffix, found.width, found.height, found.seconds) == (".webm", 1280, 720, 24)


def test_what_is_no_video_is_refused():
    for data in (b"", b"RIFF....AVI ", mp4()[:40], box(b"ftyp", b"isom") + b"\0\0\0\x01moov"):
        with pytest.raises(Unusable):
            decoding.video(io.BytesIO(data))
