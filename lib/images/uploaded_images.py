"""What an uploaded file really is: pictures are drawn anew, videos read by their container, the rest refused."""

import contextlib
import io
import math
import re
import struct
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageCms, ImageOps

MEGAPIXEL = 1_000_000
MOST_PIXELS = (
    12 * MEGAPIXEL
)  # of a picture that anyone may send: four bytes each, and as many again while it is written
MOST_OF_STAFF = 24 * MEGAPIXEL
MOST_REDUCED = 200 * MEGAPIXEL  # of a photograph that is reduced while it is decoded
REDUCED = (2, 4, 8)  # how many times narrower a JPEG can be decoded
MOST_SCANS = 100  # of a JPEG; programs write some ten, and each makes the decoder go over the whole picture once more
NO_PICTURE = gettext_lazy("This is not a JPEG, PNG or WebP picture. Save it as one of these and upload that.")
AT_ONCE = threading.BoundedSemaphore(
    3
)  # one picture is drawn and two wait, so that most threads of a process stay free
DRAWING = threading.Lock()
PNG_LEVEL = 6  # of 9
MOST_GRAPHIC_COLOURS = 4096
MOST_OF_GREY = 0.4  # bytes of a PNG for each of its pixels; a page of text has less, a grey photograph more
JPEG_QUALITY = 88
PLANTED = re.compile(rb"<script[\s>]|<html[\s>]|<!doctype\s|<svg\s+xmlns|<\?php\s|%PDF-1\.", re.IGNORECASE)
PNG = b"\x89PNG\r\n\x1a\n"


class Unusable(ValueError):
    """A file that cannot be taken. The text says why and what to do, in the user's language."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: `data` holds pixels and nothing else. `suffix` is ".png" or ".jpg"."""

    data: bytes
    suffix: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Video:
    """
    What a video's container says: pixels as shown, seconds rounded up; None where it does not say.

    `private` are the boxes that tell about phone, person and place: (start, start of content, end), in bytes.
    """

    suffix: str
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    private: tuple[tuple[int, int, int], ...] = ()


# --- Pictures ---------------------------------------------------------------------------------------


def picture(data: bytes, *, most: int = MOST_PIXELS) -> Picture:
    """
    Draw an uploaded picture anew: upright, in sRGB, without EXIF or anything else that came with it. Graphics with
    few colours or transparency become PNG, photographs JPEG. It has at most `most` pixels: a photograph with more is
    made smaller.

    Raise Unusable for what is no JPEG, PNG or WebP, for animations, for files that carry something else along, for
    too many pixels (told from the header, before anything is decoded), and when others' pictures wait already: a
    process draws one at a time.
    """
    refuse_other_formats(data)
    refuse_pixels(*declared_size(data), most=most)
    with one_at_a_time():
        return drawn(data, most=most)


@contextlib.contextmanager
def looked_at(
    data: bytes, *, most: int = MOST_PIXELS, most_reduced: int = MOST_REDUCED, enough: int | None = None
) -> Iterator[Image.Image]:
    """
    Give the pixels of an uploaded picture, in RGB or RGBA, for something that keeps nothing of it; `most_reduced` is how
    many a photograph may have. With `enough` pixels a photograph is in grey, and no larger than twice as wide and high: its decoder
    leaves out the rest, which takes a fraction of the time. Nobody else's picture is worked on meanwhile. Raise Unusable as `picture` does.
    """
    refuse_other_formats(data)
    refuse_pixels(*declared_size(data), most=most)
    with one_at_a_time():
        yield decoded(data, most=most, most_reduced=most_reduced, enough=enough)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other picture is drawn in this process. Raise Unusable when enough wait already."""
    if not AT_ONCE.acquire(blocking=False):
        raise Unusable(
            _("Many pictures arrived at the same moment, so this one was not read. Send it again in a minute.")
        )
    try:
        with DRAWING:
            yield
    finally:
        AT_ONCE.release()


def drawn(data: bytes, *, most: int) -> Picture:
    """Draw a picture anew whose header was looked at. Raise Unusable."""
    return encode(decoded(data, most=most))


def decoded(data: bytes, *, most: int, most_reduced: int = MOST_REDUCED, enough: int | None = None) -> Image.Image:
    """Return the pixels of a picture whose header was looked at: upright, in sRGB, or a photograph in grey. Raise Unusable."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as opened:
            warnings.simplefilter("ignore")
            refuse_pixels(*opened.size, most=most_reduced)
            if opened.format in {"JPEG", "MPO"}:
                reduce(opened, data, most=most, enough=enough)
            refuse_pixels(*opened.size, most=most)
            if getattr(opened, "n_frames", 1) > 1 and opened.format != "JPEG":
                raise Unusable(
                    _("Animated pictures are not accepted. Upload a still picture, or a video as MP4 or WebM.")
                )
            profile = opened.info.get("icc_profile")
            ImageOps.exif_transpose(opened, in_place=True)
            if enough and opened.mode == "L":
                opened.load()
                return opened.copy()
            image = in_srgb(opened, profile)
            image.load()
            return image
    except Unusable:
        raise
    except Exception as fault:  # a decoder may stumble in many ways over a broken file
        raise Unusable(
            _("The picture is damaged: it cannot be read to its end. Save it again and upload that.")
        ) from fault


def refuse_other_formats(data: bytes) -> None:
    """Raise Unusable unless `data` begins as a JPEG, PNG or WebP and carries nothing else along."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        raise Unusable(
            _("SVG and other drawings in code are not accepted, because they can carry programs. Upload a PNG.")
        )
    is_known = data.startswith((b"\xff\xd8\xff", PNG)) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    if not is_known:
        raise Unusable(str(NO_PICTURE))
    if PLANTED.search(data) or hangs_over(data):
        raise Unusable(_("Something else is hidden in this picture file. Save the picture again and upload that."))


def hangs_over(data: bytes) -> bool:
    """Return whether a PNG or WebP goes on after its end. (Phones write their own data after JPEGs.)"""
    if data.startswith(PNG):
        at = len(PNG)
        while at + 12 <= len(data):
            length, kind = struct.unpack_from(">I4s", data, at)
            at += 12 + length
            if kind == b"IEND":
                return at < len(data)
        return False
    if data[:4] == b"RIFF":
        length = int(struct.unpack_from("<I", data, 4)[0])
        return 8 + length + length % 2 < len(data)
    return False


def declared_size(data: bytes) -> tuple[int, int]:
    """Return the width and height that a WebP's or PNG's header declares; (0, 0) for JPEG, whose opening is safe."""
    with contextlib.suppress(struct.error):
        if data.startswith(PNG):
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data[12:16] == b"VP8X":
            if data[20] & 2:
                raise Unusable(
                    _("Animated pictures are not accepted. Upload a still picture, or a video as MP4 or WebM.")
                )
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        if data[12:16] == b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        if data[12:16] == b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def reduce(opened: Image.Image, data: bytes, *, most: int, enough: int | None = None) -> None:
    """
    Have a JPEG of more than `most` pixels decoded at a half, a quarter or an eighth of its width, which needs no more
    memory than what comes out. With `enough` it is decoded in grey, at the smallest of these that still has so many. One in several
    scans is kept whole by the decoder, so it keeps its size.

    Raise Unusable for more scans than a program writes.
    """
    scans = data.count(b"\xff\xda")  # nowhere else in what is encoded, but perhaps in a small picture beside it
    if scans > MOST_SCANS:
        raise Unusable(_("This picture has far too many layers. Save it again as a plain JPEG."))
    width, height = opened.size
    refuse_pixels(width, height, most=MOST_REDUCED)
    times = 1
    if enough and not has_scans(data):
        times = next((one for one in reversed(REDUCED) if (width // one) * (height // one) >= enough), 1)
    elif width * height > most and not has_scans(data):
        fits = (one for one in REDUCED if -(-width // one) * -(-height // one) <= most)
        times = next(fits, REDUCED[-1])
    if enough or times > 1:  # once: a second time would reckon from what the first came to
        opened.draft("L" if enough else opened.mode, (width // times, height // times))


def has_scans(data: bytes) -> bool:
    """Return whether a JPEG comes in several scans: progressive, or one colour after the other."""
    at, components = 2, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if kind == 0xFF:  # filling
            at += 1
            continue
        if kind == 0xDA:  # the first scan
            return data[at + 4 : at + 5] != bytes([components])
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:  # the frame
            if kind not in {0xC0, 0xC1}:
                return True
            components = data[at + 9] if at + 9 < len(data) else 0
        at += 2 + length
    return True


def refuse_pixels(width: int, height: int, *, most: int) -> None:
    """Raise Unusable for a picture too large to be decoded."""
    if width * height > most:
        raise Unusable(
            _("The picture has %(width)d × %(height)d pixels, more than %(most)d million. Make it smaller.")
            % {"width": width, "height": height, "most": most // MEGAPIXEL}
        )


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture as RGB or RGBA in sRGB; a colour profile that cannot be used is left out."""
    has_alpha = "A" in image.mode or "transparency" in image.info
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = changed or image
    mode = "RGBA" if has_alpha else "RGB"
    image = image if image.mode == mode and "transparency" not in image.info else image.convert(mode)
    if has_alpha and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def encode(image: Image.Image, suffix: str = "") -> Picture:
    """Return the picture as a file, PNG or JPEG by what it shows unless `suffix` says which."""
    colours = None if suffix or image.mode == "RGBA" else image.getcolors(MOST_GRAPHIC_COLOURS)
    if colours and all(isinstance(one, tuple) and len({*one}) == 1 for _count, one in colours):
        grey = encode(image, ".png")
        return encode(image, ".jpg") if len(grey.data) > MOST_OF_GREY * image.width * image.height else grey
    suffix = suffix or (".png" if image.mode == "RGBA" or colours is not None else ".jpg")
    image.info, out = {}, io.BytesIO()  # nothing of it is written along
    if suffix == ".png":
        image.save(out, "PNG", compress_level=PNG_LEVEL)  # `optimize` takes fifteen times as long for a twentieth less
    else:
        plain = image if image.mode == "RGB" else image.convert("RGB")
        plain.save(out, "JPEG", quality=JPEG_QUALITY, progressive=True, optimize=True)
    return Picture(out.getvalue(), suffix, image.width, image.height)


# --- Videos -----------------------------------------------------------------------------------------

EBML = b"\x1a\x45\xdf\xa3"
MOST_BOXES = 100_000  # of a video; one that is stored in pieces of a second has some 8,000 an hour
INSIDE_MP4 = {b"moov", b"trak", b"mdia"}
INSIDE_WEBM = {0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0}  # Segment, Info, Tracks, TrackEntry, Video


def video(stream: BinaryIO) -> Video:
    """Read a video's container: MP4, MOV or WebM by its first bytes. Raise Unusable for anything else."""
    stream.seek(0)
    start = stream.read(4096)
    try:
        if start[4:8] == b"ftyp":
            return read_mp4(stream, ".mov" if start[8:12] == b"qt  " else ".mp4")
        if start.startswith(EBML) and b"webm" in start[:64]:
            return read_webm(stream)
    except (struct.error, ValueError, IndexError, RecursionError) as fault:
        raise Unusable(_("The video is damaged: its beginning cannot be read. Export it again as MP4.")) from fault
    raise Unusable(_("This is not an MP4, MOV or WebM video. Export it as MP4 and upload that."))


def boxes(stream: BinaryIO, at: int, end: int, depth: int = 0) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield (name, start, start of content, end) of an MP4's boxes, also of those inside what is of interest."""
    while at + 8 <= end:
        stream.seek(at)
        size, name = struct.unpack(">I4s", stream.read(8))
        content = at + 8
        if size == 1:
            size, content = struct.unpack(">Q", stream.read(8))[0], at + 16
        close = end if size == 0 else at + size
        if close <= at or close > end:
            return
        yield name, at, content, close
        if name in INSIDE_MP4 and depth < 4:
            yield from boxes(stream, content, close, depth + 1)
        at = close


def read_mp4(stream: BinaryIO, suffix: str) -> Video:
    """Return what the movie header and the largest track header say."""
    end, width, height, seconds = stream.seek(0, 2), 0, 0, None
    private: list[tuple[int, int, int]] = []
    seen = False
    for count, (name, start, content, close) in enumerate(boxes(stream, 0, end)):
        if count == MOST_BOXES:
            raise ValueError("too many boxes")
        stream.seek(content)
        if name in {b"udta", b"meta", b"uuid"}:
            private.append((start, content, close))
        elif name == b"moov":
            seen = True
        elif name == b"mvhd":
            seconds = seconds_of(stream.read(32))
        elif name == b"tkhd":
            width, height = max((width, height), size_of(stream.read(96)), key=math.prod)
    if not seen:
        raise ValueError("no moov box")
    return Video(suffix, width or None, height or None, seconds, tuple(private))


def seconds_of(head: bytes) -> int | None:
    """Return how long a film is, from its movie header."""
    scale, length = struct.unpack_from(">IQ", head, 20) if head[0] else struct.unpack_from(">II", head, 12)
    return -(-length // scale) if scale and length < 2**40 else None


def size_of(head: bytes) -> tuple[int, int]:
    """Return how wide and how high a track is shown, from its header."""
    at = 52 if head[0] else 40
    matrix = struct.unpack_from(">9i", head, at)
    wide, high = (value >> 16 for value in struct.unpack_from(">II", head, at + 36))
    return (high, wide) if matrix[0] == 0 and matrix[1] else (wide, high)  # turned by a quarter


def number(stream: BinaryIO, *, is_size: bool) -> int:
    """Return an EBML number: an element's name, or its size (-1: until the end of its parent)."""
    first = stream.read(1)[0]
    length = 9 - first.bit_length()
    if length > 8:
        raise ValueError("no EBML number")
    value = int.from_bytes(bytes([first]) + stream.read(length - 1))
    if not is_size:
        return value
    mask = (1 << 7 * length) - 1
    return -1 if value & mask == mask else value & mask


def read_webm(stream: BinaryIO) -> Video:
    """Return what Info and the first video track say, reading no further than the first cluster."""
    end = stream.seek(0, 2)
    scale, length, width, height = 1_000_000, 0.0, 0, 0
    stream.seek(0)
    for _element in range(MOST_BOXES):
        if stream.tell() >= end:
            break
        name, size = number(stream, is_size=False), number(stream, is_size=True)
        content = stream.tell()
        if name == 0x1F43B675:  # Cluster
            break
        if name in INSIDE_WEBM:
            continue
        if size < 0:
            break
        if name in {0x2AD7B1, 0x4489, 0xB0, 0xBA} and size <= 8:
            raw = stream.read(size)
            if name == 0x2AD7B1:
                scale = int.from_bytes(raw)
            elif name == 0x4489:
                length = float(struct.unpack(">f" if size == 4 else ">d", raw)[0])
            elif name == 0xB0:
                width = width or int.from_bytes(raw)
            else:
                height = height or int.from_bytes(raw)
        stream.seek(content + size)
    seconds = int(-(-length * scale // 1_000_000_000)) if 0 < length < 1e12 else None
    return Video(".webm", width or None, height or None, seconds)
