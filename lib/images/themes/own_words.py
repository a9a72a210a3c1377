"""
A card that somebody quotes with words of their own: theirs stand outside it, in a speech bubble of another typeface on a
colour that no card has, below a plate that says whose words they are; the card is whole, as in a repost. Drawn for who asks, and
never kept.
"""

import io
import re
import unicodedata
from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageOps

from lib.images.picture_sizes import SIZES, Ratio
from lib.images.typesetting import CAPITALS, DISPLAY, PLAIN, SERIF, STRONG, Text, fit, font, one_line, showable
from lib.text import imitations

from .sheet import SAFE, mask_of

MOST = 120  # code points
GROUND, INK, SOFT = "#ffd9e8", "#3d0b29", "#6b1f4c"
RATIOS = (Ratio.STORY, Ratio.FEED)  # a square has no room for both
LARGEST, SMALLEST = 92, 40
BUBBLE = "#ffffff"
PLATE, FACE = 112, 72  # pixels: the plate's height, and the circle with the first letter of the name
INSET, TAIL = 36, 30  # within the bubble, and below it
MARKUP = re.compile(r"[<>\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|&#?\w{1,12};")


class Refused(ValueError):
    """Words that cannot stand beside a card. `why` is too_long, no_room, markup, signs, letters, address or imitates, `found` what is wrong with them."""

    def __init__(self, why: str, found: str = "") -> None:
        super().__init__(why)
        self.why, self.found = why, found


def accepted(words: str, names: Iterable[str] = ()) -> str:
    """
    Return own words on one line, "" for none; raise Refused. Nothing is left out silently: people post what they see. `names` are of
    those for whom nobody else speaks.
    """
    if len(words) > 4 * MOST:
        raise Refused("too_long")
    words = words.replace("\r", "\n")  # as browsers end the lines of a form
    text = " ".join(unicodedata.normalize("NFC", words).split())
    if len(text) > MOST:
        raise Refused("too_long")
    if MARKUP.search(words) or MARKUP.search(text):
        raise Refused("markup")
    if showable(text) != text:
        letters = "".join(
            one for one in dict.fromkeys(text) if unicodedata.category(one)[0] == "L" and not showable(one)
        )[:8]
        raise Refused("letters" if letters else "signs", letters or not_drawn(text))
    if found := imitations.address_in(text):
        raise Refused("address", found)
    if found := imitations.found_in(text, names):
        raise Refused("imitates", found)
    return text


def not_drawn(text: str) -> str:
    """Return the signs of a text that cannot be drawn, each once, or what the first of those is called that nobody sees."""
    signs = [one for one in dict.fromkeys(text) if not showable(one) and one != " "]
    seen = [one for one in signs if unicodedata.category(one) not in {"Zs", "Cf", "Mn"}]
    return "".join(seen[:8]) or next((unicodedata.name(one, f"U+{ord(one):04X}").lower() for one in signs), "…")


def draw(card: bytes, ratio: Ratio, words: str, *, heading: str, note: str, name: str, language: str) -> bytes:
    """
    Return a picture (JPEG) with own words above a whole card. `heading` says whose words they are, `note` whose they are not, `name` is
    the sayer's. Raise Refused for words that do not fit.
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

    # Whose words these are stands first, on a plate as wide as they can be.
    ink.rounded_rectangle((left, top, right, top + PLATE), 28, fill=INK)
    middle = (left + 20 + FACE / 2, top + PLATE / 2)
    ink.circle(middle, FACE / 2, fill=GROUND)
    initial = showable(name.lstrip("@"))[:1].upper() or "•"
    ink.text(middle, initial, fill=INK, font=font(DISPLAY, 38), anchor="mm")
    x = left + FACE + 40
    of = one_line(heading, width=right - x - 24, size=40, smallest=28, name=STRONG)
    not_of = one_line(note, width=right - x - 24, size=30, smallest=22, name=PLAIN)
    Text(x, top + 52, of.lines[0], STRONG, of.size, GROUND, INK).draw(ink)
    Text(x, top + 92, not_of.lines[0], PLAIN, not_of.size, GROUND, INK).draw(ink)

    # They are said, in a bubble that leads to who says them.
    bubble = (left, top + PLATE + TAIL, right, place[1] - 44)
    ink.rounded_rectangle(bubble, 40, fill=BUBBLE, outline=INK, width=5)
    ink.polygon(
        [(middle[0] - 18, bubble[1] + 5), (middle[0], top + PLATE + 2), (middle[0] + 22, bubble[1] + 5)], fill=BUBBLE
    )
    ink.line(
        [(middle[0] - 18, bubble[1] + 3), (middle[0], top + PLATE + 2), (middle[0] + 22, bubble[1] + 3)],
        fill=INK,
        width=5,
    )
    begins, height = bubble[1] + INSET, bubble[3] - bubble[1] - 2 * INSET
    lines = fit(
        words,
        language,
        width=right - left - 2 * INSET,
        height=height,
        largest=LARGEST,
        smallest=SMALLEST,
        whole=60,
        name=SERIF,
        lead=1.2,
    )
    if lines is None:
        raise Refused("no_room")  # wide letters, or a long word
    first = begins + max(0.0, height - lines.height) * 0.5 + lines.size * CAPITALS
    for at, line in enumerate(lines.lines):
        Text(left + INSET, first + at * lines.leading, line, SERIF, lines.size, INK, BUBBLE).draw(ink)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, subsampling=0)
    return out.getvalue()
