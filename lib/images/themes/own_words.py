"""
A card that somebody quotes with words of their own: theirs stand outside it, under their name, in another typeface and on a
colour that no card has; the card is whole, as in a repost. Drawn for who asks, and never kept.
"""

import io
import re
import unicodedata

from PIL import Image, ImageDraw, ImageOps

from lib.images.ratio import SIZES, Ratio
from lib.images.typesetting import CAPITALS, DISPLAY, PLAIN, SERIF, STRONG, Text, fit, font, one_line, showable

from .sheet import SAFE, mask_of

MOST = 120  # code points
GROUND, INK, SOFT = "#ffd9e8", "#3d0b29", "#6b1f4c"
RATIOS = (Ratio.STORY, Ratio.FEED)  # a square has no room for both
LARGEST, SMALLEST = 92, 40
FACE = 72  # pixels: the circle with the first letter of the name
MARKUP = re.compile(r"[<>\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|&#?\w{1,12};")


class Refused(ValueError):
    """Words that cannot stand beside a card. `why` is too_long, markup or signs."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def accepted(words: str) -> str:
    """Return own words on one line, "" for none; raise Refused. Nothing is left out silently: people post what they see."""
    if len(words) > 4 * MOST:
        raise Refused("too_long")
    text = " ".join(unicodedata.normalize("NFC", words).split())
    if len(text) > MOST:
        raise Refused("too_long")
    if MARKUP.search(words) or MARKUP.search(text):
        raise Refused("markup")
    if showable(text) != text:
        raise Refused("signs")
    return text


def draw(card: bytes, ratio: Ratio, words: str, *, heading: str, name: str, language: str) -> bytes:
    """
    Return a picture (JPEG) with own words above a whole card. `heading` says whose words they are, `name` is the sayer's.
    Raise Refused for words that do not fit.
    """
    left, top, right, bottom = SAFE[ratio]
    image = Image.new("RGB", SIZES[ratio], GROUND)
    ink = ImageDraw.Draw(image)
    with Image.open(io.BytesIO(card)) as stored:
        quoted = stored.convert("RGB")
    room = (right - left, round((bottom - top) * 0.62))
    quoted = ImageOps.contain(quoted, room, Image.Resampling.LANCZOS)
    place = ((left + right - quoted.width) // 2, bottom - quoted.height)
    shade = mask_of(quoted.width + 16, quoted.height + 16, 40)
    image.paste(SOFT, (place[0] - 8, place[1] - 8), shade)
    image.paste(quoted, place, mask_of(quoted.width, quoted.height, 34))

    ink.circle((left + FACE / 2, top + FACE / 2), FACE / 2, fill=INK)
    initial = showable(name.lstrip("@"))[:1].upper() or "•"
    ink.text((left + FACE / 2, top + FACE / 2), initial, fill=GROUND, font=font(DISPLAY, 38), anchor="mm")
    x = left + FACE + 20
    of = one_line(heading, width=right - x, size=32, smallest=24, name=STRONG)
    who = one_line(name, width=right - x, size=30, smallest=22, name=PLAIN)
    Text(x, top + 30, of.lines[0], STRONG, of.size, INK, GROUND).draw(ink)
    Text(x, top + 68, who.lines[0], PLAIN, who.size, SOFT, GROUND).draw(ink)
    begins = top + FACE + 30
    lines = fit(
        words,
        language,
        width=right - left,
        height=place[1] - 34 - begins,
        largest=LARGEST,
        smallest=SMALLEST,
        whole=60,
        name=SERIF,
        lead=1.2,
    )
    if lines is None:
        raise Refused("too_long")
    first = begins + max(0.0, place[1] - 34 - begins - lines.height) * 0.4 + lines.size * CAPITALS
    for at, line in enumerate(lines.lines):
        Text(left, first + at * lines.leading, line, SERIF, lines.size, INK, GROUND).draw(ink)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, subsampling=0)
    return out.getvalue()
