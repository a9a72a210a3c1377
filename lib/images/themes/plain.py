"""Plain: the words as large as they go on a calm ground, one stroke of a marker on the figure. For instructions."""

import math
from functools import lru_cache

from PIL import Image, ImageDraw

from lib.images.card import Spec
from lib.images.card_look import WHITE, Look
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.proof_strip import Colours
from lib.images.typesetting import Text

from .sheet import SCALE, Paint, Sheet, Style, begin, figure_of, set_words, span_of

LARGEST = {Ratio.STORY: 196, Ratio.FEED: 184, Ratio.SQUARE: 164}
FLAT = True


def style_of(look: Look) -> Style:
    """Return the colours of header, marks and strip."""
    strip = Colours(look.ground, look.ink, look.ink, look.ink, plate=look.ink, on_plate=WHITE)
    return Style(look.ground, look.ink, look.ink, look.bold, WHITE, look.ink, WHITE, strip, rule=look.ink)


def lay_out(spec: Spec, ratio: Ratio, check: str, *, bottom: int = 0, tail: int = 0) -> Sheet:
    """Return a card before it is drawn. Raise TooLong."""
    look = spec.look
    sheet = begin(spec, ratio, check, style_of(look), bottom=bottom, tail=tail)
    _lines, texts = set_words(
        sheet, spec.words, sheet.room, largest=LARGEST[ratio], colour=look.ink, ground=look.ground, at=0.42
    )
    stroke = span_of(texts, figure_of(spec.words)) if figure_of(spec.words) else None
    if stroke:
        sheet.paints.append(_marker(*stroke, colour=look.pop))
    sheet.texts += texts
    return sheet


def _marker(line: Text, start: float, end: float, *, colour: str) -> Paint:
    """Return what paints the stroke of a marker behind words: not quite straight, as from a hand."""
    size = line.size
    top, bottom = line.y - size * 0.82, line.y + size * 0.22
    corners = [
        (start - size * 0.10, top + size * 0.04),
        (end + size * 0.11, top - size * 0.02),
        (end + size * 0.07, bottom + size * 0.02),
        (start - size * 0.13, bottom - size * 0.03),
    ]

    def paint(image: Image.Image) -> None:
        left, up = min(x for x, _y in corners), min(y for _x, y in corners)
        box = (int(left), int(up), math.ceil(max(x for x, _y in corners)), math.ceil(max(y for _x, y in corners)))
        wide, tall = box[2] - box[0], box[3] - box[1]
        mask = Image.new("L", (wide * 2, tall * 2), 0)
        ImageDraw.Draw(mask).polygon([((x - box[0]) * 2, (y - box[1]) * 2) for x, y in corners], fill=255)
        image.paste(colour, box, mask.resize((wide, tall), Image.Resampling.BOX))

    return paint


@lru_cache(maxsize=3)
def ground(look: Look, ratio: Ratio) -> Image.Image:
    """Return the calm ground; in a story with hills where the platform lays its buttons."""
    width, height = SIZES[ratio]
    image = Image.new("RGB", (width, height), look.ground)
    if ratio == Ratio.STORY:
        for level, swing, phase, colour in (
            (1610, 44, 0.6, look.soft),
            (1700, 54, 2.6, look.pop),
            (1800, 40, 4.4, look.bold),
        ):
            wave = [(x, level + swing * math.sin(x / width * 5.2 + phase)) for x in range(0, width + 41, 40)]
            _fill_below(image, wave, colour)
    return image


def _fill_below(image: Image.Image, wave: list[tuple[int, float]], colour: str) -> None:
    top = int(min(y for _x, y in wave)) - 2
    wide, tall = image.width, image.height - top
    mask = Image.new("L", (wide * SCALE // 2, tall * SCALE // 2), 0)
    half = SCALE // 2
    corners = [(x * half, (y - top) * half) for x, y in wave]
    ImageDraw.Draw(mask).polygon([*corners, (wide * half, tall * half), (0, tall * half)], fill=255)
    image.paste(colour, (0, top), mask.resize((wide, tall), Image.Resampling.BOX))
