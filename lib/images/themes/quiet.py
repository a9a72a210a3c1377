"""Quiet: dark and still, lighter type, nothing stressed. For illness, grief and late evenings."""

from functools import lru_cache

from PIL import Image

from lib.images.card import Spec
from lib.images.card_look import GLOW, Look, mixed
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.proof_strip import Colours
from lib.images.typesetting import fonts_of

from .sheet import Sheet, Style, begin, set_words

LARGEST = {Ratio.STORY: 140, Ratio.FEED: 130, Ratio.SQUARE: 116}
LEAD = 1.16
FLAT = False


def style_of(look: Look) -> Style:
    """Return the colours of header, marks and strip."""
    strip = Colours(look.night, look.onnight, look.onnight2, look.onnight2, plate=look.onnight, on_plate=look.night)
    return Style(
        look.night,
        look.onnight,
        look.onnight2,
        look.onnight,
        look.night,
        look.onnight,
        look.night,
        strip,
        rule=look.onnight2,
    )


def lay_out(spec: Spec, ratio: Ratio, check: str, *, bottom: int = 0, tail: int = 0) -> Sheet:
    """Return a card before it is drawn. Raise TooLong."""
    look = spec.look
    sheet = begin(spec, ratio, check, style_of(look), bottom=bottom, tail=tail)
    _lines, texts = set_words(
        sheet,
        spec.words,
        sheet.room,
        largest=LARGEST[ratio],
        colour=look.onnight,
        ground=look.night,
        name=fonts_of(look.font, spec.words)[1],
        lead=LEAD,
        at=0.45,
    )
    sheet.texts += texts
    return sheet


@lru_cache(maxsize=3)
def ground(look: Look, ratio: Ratio) -> Image.Image:
    """Return the night with two glows in its corners, the brightest of them as `look.PAIRS` reckon with."""
    width, height = SIZES[ratio]
    image = Image.new("RGB", (width, height), look.night)
    reach = round(width * 1.15)
    shade = Image.radial_gradient("L").point(lambda value: round(max(0.0, 1 - value / 181) ** 1.6 * 255))
    for colour, centre in ((look.glow, (width, 0)), (look.glow2, (0, height))):
        mask = shade.resize((reach * 2, reach * 2), Image.Resampling.BILINEAR)
        image.paste(mixed(look.night, colour, GLOW), (centre[0] - reach, centre[1] - reach), mask)
    return image
