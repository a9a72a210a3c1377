"""
Drawing a message card: the campaign's bubble with the words in it, who says so, until when it holds, and how to check it.

The colours are those of static/css/tokens.css. Every text keeps a contrast of 7:1 at least.
"""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

from lib.text.languages import spoken_languages

from . import proof_strip
from .card_look import HOUSE, Look
from .picture_sizes import SIZES, Ratio
from .typesetting import (
    CAPITALS,
    DISPLAY,
    PLAIN,
    STRONG,
    Text,
    fit,
    middle,
    mirrored,
    one_line,
    undrawable,
    whole_sentences,
    width_of,
)

TEMPLATE = 3  # another look, another digest

NIGHT, WATER = "#06303d", "#0d4252"
WHITE, SOFT, INK = "#ffffff", "#b9d6dd", "#06303d"
CLOUD, CLOUD_SOFT = "#ffb43c", "#ffd48a"
COLOURS = proof_strip.Colours(ground=WATER, strong=WHITE, soft=SOFT, tag=CLOUD_SOFT)

# Left, top, right and bottom of what no platform covers: in a story, buttons stand above, below and on the right.
SAFE = {Ratio.STORY: (87, 280, 993, 1532), Ratio.FEED: (64, 64, 1016, 1286), Ratio.SQUARE: (64, 56, 1016, 1024)}

LARGEST, WHOLE, SMALLEST = 168, 46, 30  # pixels: the words of a card, and down to which size they stay whole
GAP = 34
PAD, TIGHT = 64, 42  # within the bubble; long words get more of it
HEADER, BAND, LABEL = 66, 60, 64
RING = 7  # pixels: the lines on the ground
ROUND, SQUARED = 64, 12  # radii of the bubble; the lower left corner is squared
THUMBNAIL = 480  # pixels: the width of the small picture
MINIATURE = 192  # pixels: the width of the smallest picture
SCALE = 4  # curves are drawn so much larger, then made small: their edges come out smooth


@dataclass(frozen=True, slots=True)
class Spec:
    """
    All that is on a card, in its language: the words, where they come from, until when they hold, whose they are.

    `key` is the key message's; `bulletin` is "Bulletin 3"; `issuer` is who is responsible. `exercise` and `corrected`
    are the labels' words, "" for none. `statement` tells what is said from all else that was ever said, whatever words
    stand around it: cards of one statement carry one code. `until` is its end in ISO 8601, for the file.
    """

    language: str
    key: str
    words: str
    source: str
    validity: str
    campaign: str
    hashtag: str
    bulletin: str
    exercise: str = ""
    corrected: str = ""
    issuer: str = ""
    statement: str = ""
    until: str = ""
    urgent: str = ""
    theme: str = ""
    tone: str = "plain"
    tones: tuple[tuple[str, str], ...] = ()
    kind: str = "card"
    place: str = ""
    photo: str = ""
    focal: tuple[float, float] = (0.5, 0.5)
    look: Look = HOUSE


def digest(spec: Spec) -> str:
    """Return the SHA-256 (hex) of all that is on a card and of the template; a page asks for a hundred, so the last ones are remembered."""
    return _digest(spec, TEMPLATE)


@lru_cache(maxsize=4096)
def _digest(spec: Spec, template: int) -> str:
    drawn = asdict(spec)
    del drawn["tones"]
    if spec.theme != "photo":
        del drawn["photo"], drawn["focal"]
    content = json.dumps([template, drawn], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Layout:
    """A card before it is drawn. `bubble`, `band` and `label` are boxes (left, top, right, bottom), or None."""

    texts: tuple[Text, ...]
    bubble: tuple[int, int, int, int]
    band: tuple[int, int, int, int] | None
    label: tuple[int, int, int, int] | None
    mark: tuple[int, int]
    strip: proof_strip.Strip


class TooLong(ValueError):
    """Words that do not fit on a card in a size that can be read."""


def lay_out(spec: Spec, ratio: str, check: str = "") -> Layout:
    """Return where everything on a card stands; `check` is the address that tells whether it holds. Raise TooLong."""
    left, top, right, bottom = SAFE[Ratio(ratio)]
    wide = right - left
    texts: list[Text] = []

    band = None
    if spec.exercise:
        band = (left, top, right, top + BAND)
        said = whole_sentences(spec.exercise, width=wide - 220, smallest=22, name=STRONG)
        line = one_line(said, width=wide - 220, size=32, smallest=22, name=STRONG)
        x = left + (wide - width_of(line.lines[0], STRONG, line.size)) / 2
        texts.append(Text(x, middle(top, BAND, line), line.lines[0], STRONG, line.size, INK, CLOUD))
        top += BAND + GAP

    number = one_line(spec.bulletin, width=wide * 0.4, size=36, smallest=26, name=PLAIN)
    beside = width_of(number.lines[0], PLAIN, number.size)
    name = one_line(spec.campaign, width=wide - beside - 106 - 40, size=44, smallest=28, name=STRONG)
    texts += [
        Text(left + 106, middle(top, HEADER, name), name.lines[0], STRONG, name.size, WHITE, WATER),
        Text(right - beside, middle(top, HEADER, name), number.lines[0], PLAIN, number.size, SOFT, WATER),
    ]
    mark = (left, top)
    top += HEADER + GAP

    strip = proof_strip.lay_out(_proof(spec, check), left, right, bottom, COLOURS)
    texts += strip.texts

    label = None
    if spec.corrected:
        # It sticks half out of the bubble, so that nobody overlooks it and the words keep their room.
        top += LABEL // 2 - 12
        line = one_line(spec.corrected, width=wide / 2, size=36, smallest=26, name=STRONG)
        x, y = left + PAD - 8, top - LABEL // 2
        label = (x, y, round(x + 96 + width_of(line.lines[0], STRONG, line.size)), y + LABEL)
        texts.append(Text(x + 68, middle(y, LABEL, line), line.lines[0], STRONG, line.size, INK, CLOUD))
    box = (left, top, right, strip.top - GAP)
    for pad in (PAD, TIGHT):
        begins = label[3] + 18 if label else top + pad
        room = box[3] - pad + 10 - begins
        words = fit(
            spec.words,
            spec.language,
            width=wide - 2 * pad,
            height=room,
            largest=LARGEST,
            smallest=SMALLEST,
            whole=WHOLE,
            name=DISPLAY,
        )
        if words is not None and words.lines[0] and not undrawable(spec.words):
            break
    else:
        raise TooLong(spec.key)
    first = begins + max(0.0, (room - words.height) * 0.5) + words.size * CAPITALS - words.size * 0.02
    texts += [
        Text(left + pad, first + at * words.leading, line, DISPLAY, words.size, INK, WHITE)
        for at, line in enumerate(words.lines)
    ]
    return Layout(tuple(texts), box, band, label, mark, strip)


def _facing(layout: Layout, wide: int) -> Layout:
    """Return the same with its texts and its strip as readers from right to left look at it; the rest is mirrored as it is drawn."""
    return replace(layout, texts=tuple(mirrored(layout.texts, wide)), strip=layout.strip.turned(wide))


def _proof(spec: Spec, check: str) -> proof_strip.Proof:
    return proof_strip.Proof(spec.validity, spec.source, spec.issuer, check, spec.hashtag)


# --- Ink -------------------------------------------------------------------------------------------


def draw(spec: Spec, ratio: str, check: str = "") -> bytes:
    """
    Return a card as PNG. `check` is the address that tells whether it holds ("https://host/c/7K2F9QTD"), "" for one that
    is only a preview. Raise TooLong.
    """
    layout = lay_out(spec, ratio, check)
    image = _ground(Ratio(ratio)).copy()
    ink = ImageDraw.Draw(image)
    _paste(image, layout.bubble, WHITE, ROUND, SQUARED)
    _mark(image, layout.mark)
    if layout.band:
        _band(image, layout.band, _text_span(layout, layout.band))
    if layout.label:
        _paste(image, layout.label, CLOUD, LABEL // 2, LABEL // 2)
        _pencil(image, layout.label)
    if spoken_languages.is_rtl(spec.language):
        image = ImageOps.mirror(image)
        layout = _facing(layout, image.width)
        ink = ImageDraw.Draw(image)
    proof_strip.paint(image, layout.strip, COLOURS)
    for one in layout.texts:
        one.draw(ink)
    out = io.BytesIO()
    # A few flat colours: an octree finds them six times as fast as a median cut, and the file is no larger.
    few = image.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(out, "PNG", compress_level=6)
    return out.getvalue()


def thumbnail(picture: bytes) -> bytes:
    """Return a card as a small WebP picture, a third of its weight: for lists, and for a phone that shows it whole."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as card:
        height = round(card.height * THUMBNAIL / card.width)
        card.draft("RGB", (THUMBNAIL, height))  # a JPEG is decoded at half its size
        mode = "RGBA" if "transparency" in card.info else "RGB"
        small = card.convert(mode).resize((THUMBNAIL, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.save(out, "WEBP", quality=72, method=2)
    return out.getvalue()


def miniature(picture: bytes) -> bytes:
    """Return a card as an AVIF picture of a few kilobytes, for boxes of less than a hundred pixels."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as card:
        height = round(card.height * MINIATURE / card.width)
        card.draft("RGB", (MINIATURE, height))
        small = card.convert("RGB").resize((MINIATURE, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.save(out, "AVIF", quality=58, speed=8, max_threads=1)
    return out.getvalue()


def _text_span(layout: Layout, box: tuple[int, int, int, int]) -> tuple[float, float]:
    inside = next(one.box() for one in layout.texts if one.ground == CLOUD and box[1] <= one.y <= box[3])
    return inside[0], inside[2]


@lru_cache(maxsize=64)
def _rounded(width: int, height: int, radius: int, squared: int) -> Image.Image:
    """Return the mask of a box with round corners, the lower left one of another radius."""
    mask = Image.new("L", (width, height), 255)
    for x, y, size in (
        (0, 0, radius),
        (width - radius, 0, radius),
        (width - radius, height - radius, radius),
        (0, height - squared, squared),
    ):
        corner = Image.new("L", (size * SCALE, size * SCALE), 0)
        across = size * SCALE
        origin = (0 if x == 0 else -across, 0 if y == 0 else -across)
        box = (*origin, origin[0] + 2 * across - 1, origin[1] + 2 * across - 1)
        ImageDraw.Draw(corner).ellipse(box, fill=255)
        mask.paste(corner.resize((size, size), Image.Resampling.LANCZOS), (x, y))
    return mask


def _paste(image: Image.Image, box: tuple[int, int, int, int], colour: str, radius: int, squared: int) -> None:
    left, top, right, bottom = box
    image.paste(colour, box, _rounded(right - left, bottom - top, radius, squared))


@lru_cache(maxsize=8)
def _ground(ratio: Ratio) -> Image.Image:
    """Return the night with bubbles in it, one around the other, as rings on water."""
    width, height = SIZES[ratio]
    image = Image.new("RGB", (width, height), NIGHT)
    middle, foot = round(width * 0.86), round(height * 0.985)
    for number in reversed(range(7)):
        wide, tall = 200 + number * 300, 120 + number * 225
        for inset, colour in ((0, WATER), (RING, NIGHT)):
            side, up = wide - 2 * inset, tall - 2 * inset
            mask = _rounded(side, up, round(tall * 0.42) - inset, max(4, round(tall * 0.09) - inset))
            left, top = middle - wide // 2 + inset, foot - round(tall * 0.72) + inset
            image.paste(colour, (left, top), mask)
    return image


@lru_cache(maxsize=1)
def mark_shape() -> tuple[Image.Image, Image.Image]:
    """Return the masks of the mark, as in static/img/mark.svg: its bubble, and the dots in it."""
    unit = HEADER * SCALE / 22  # its bubble is 28 wide and 22 high
    wide, tall = round(28 * unit), HEADER * SCALE
    mask = Image.new("L", (wide, tall), 0)
    ink = ImageDraw.Draw(mask)
    ink.rounded_rectangle((0, 0, wide - 1, tall - 1), round(8 * unit), fill=255, corners=(True, True, True, False))
    corner = round(2 * unit)
    ink.rectangle((0, tall // 2, wide // 2, tall - 1), fill=255)
    ink.rectangle((0, tall - corner, corner, tall), fill=0)
    ink.pieslice((0, tall - 2 * corner, 2 * corner, tall - 1), 90, 180, fill=255)
    spots = Image.new("L", (wide, tall), 0)
    dots = ImageDraw.Draw(spots)
    for across in (7.5, 14, 20.5):
        dots.ellipse(((across - 2.1) * unit, 8.9 * unit, (across + 2.1) * unit, 13.1 * unit), fill=255)
    size = (round(wide / SCALE), HEADER)
    return mask.resize(size, Image.Resampling.LANCZOS), spots.resize(size, Image.Resampling.LANCZOS)


def _mark(image: Image.Image, at: tuple[int, int]) -> None:
    mask, dots = mark_shape()
    box = (*at, at[0] + mask.width, at[1] + mask.height)
    image.paste(CLOUD, box, mask)
    image.paste(NIGHT, box, dots)


def _band(image: Image.Image, box: tuple[int, int, int, int], span: tuple[float, float]) -> None:
    """Draw the band of an exercise: stripes, and a calm middle for its words."""
    left, top, right, bottom = box
    wide, tall = right - left, bottom - top
    band = Image.new("RGB", (wide * 2, tall * 2), CLOUD)
    ink = ImageDraw.Draw(band)
    for x in range(-tall * 2, wide * 2, 64):
        ink.polygon([(x, tall * 2), (x + 32, tall * 2), (x + 32 + tall * 2, 0), (x + tall * 2, 0)], fill=NIGHT)
    calm = ((span[0] - left - 28) * 2, 0, (span[1] - left + 28) * 2, tall * 2)
    ink.rectangle(calm, fill=CLOUD)
    image.paste(band.resize((wide, tall), Image.Resampling.LANCZOS), (left, top), _rounded(wide, tall, 14, 4))


@lru_cache(maxsize=4)
def pencil_mask(size: int) -> Image.Image:
    """Return the pencil of a correction: a shape beside the word and the colour."""
    sheet = Image.new("L", (size * SCALE, size * SCALE), 0)
    ink = ImageDraw.Draw(sheet)
    unit = size * SCALE / 24
    ink.polygon(
        [(p[0] * unit, p[1] * unit) for p in ((2, 22), (3.4, 16.2), (16.5, 3.1), (20.9, 7.5), (7.8, 20.6))], fill=255
    )
    ink.line([(13.2 * unit, 6.2 * unit), (17.8 * unit, 10.8 * unit)], fill=0, width=round(1.5 * unit))
    return sheet.resize((size, size), Image.Resampling.LANCZOS)


def _pencil(image: Image.Image, label: tuple[int, int, int, int]) -> None:
    size = 30
    box = (label[0] + 24, label[1] + (LABEL - size) // 2)
    image.paste(INK, (*box, box[0] + size, box[1] + size), pencil_mask(size))
