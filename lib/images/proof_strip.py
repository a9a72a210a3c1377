"""
The strip at the foot of every card that proves it: a QR code to the page that tells whether it holds, until when it
holds, where it comes from, who is responsible, and the code to type. The same on every theme, slide and frame.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import qrcode
from PIL import Image, ImageDraw
from qrcode import util

from lib.text.characters import spoken_codes

from .typesetting import CAPITALS, PLAIN, STRONG, Text, middle, mirrored, one_line, showable, turned, width_of

MODULE = 7  # pixels: a module of the QR code; the code is read after a picture was made 480 pixels wide
QUIET = 4  # modules around it that stay light
USUAL = 29 + 2 * QUIET  # modules: version 3, which takes a host of 28 characters; the place that a preview keeps free
LIGHT, DARK = "#ffffff", "#06303d"
GAP = 30  # pixels between the QR code and the lines
SMALL = 16  # pixels: the radius of its corners, within the quiet zone
PLATE, PLATE_PAD = 52, 18
MARK = 46  # pixels: the issuer's mark
LEVELS = (qrcode.constants.ERROR_CORRECT_Q, qrcode.constants.ERROR_CORRECT_M)


@dataclass(frozen=True, slots=True)
class Proof:
    """
    What a strip says. `address` is that of the page that tells whether it holds, which ends in the code
    ("https://host/c/7K2F9QTD"); "" for a preview, whose places for code and QR code stay empty. With a mark, there is room for the issuer's before the name.
    """

    validity: str
    source: str
    issuer: str
    address: str
    hashtag: str = ""
    has_mark: bool = False

    @property
    def code(self) -> str:
        """The code as people type it: in two halves."""
        return spoken_codes.in_groups(self.address.rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class Colours:
    """The strip's colours on a ground: what matters most, the rest, and the hashtag."""

    ground: str
    strong: str
    soft: str
    tag: str
    plate: str = LIGHT
    on_plate: str = DARK


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip before it is drawn. `qr` and `plate` are boxes (left, top, right, bottom); `address` is in the QR code."""

    top: int
    texts: tuple[Text, ...]
    qr: tuple[int, int, int, int]
    plate: tuple[int, int, int, int]
    address: str
    mark: tuple[int, int, int, int] | None = None

    def turned(self, wide: int) -> "Strip":
        """Return the strip as it stands on a picture of this width that is laid out from right to left; its code reads as ever."""
        return replace(
            self,
            texts=tuple(mirrored(self.texts, wide)),
            qr=turned(self.qr, wide),
            plate=turned(self.plate, wide),
            mark=turned(self.mark, wide) if self.mark else None,
        )


def height(address: str) -> int:
    """Return how high a strip is (pixels): as high as its QR code, which a long host makes larger."""
    return MODULE * (len(modules(address)) if address else USUAL)


def lay_out(proof: Proof, left: int, right: int, bottom: int, colours: Colours) -> Strip:
    """Return where everything in a strip stands that ends at `bottom`. No line is left out; a long one is set smaller."""
    side = height(proof.address)
    top = bottom - side
    x, wide = left + side + GAP, right - left - side - GAP
    rows = [
        (proof.validity, STRONG, 40, 27, colours.strong),
        (proof.source, PLAIN, 34, 25, colours.soft),
        (proof.issuer, PLAIN, 34, 25, colours.soft),
    ]
    rows = [row for row in rows if row[0]]
    step = (side - PLATE) / 3
    first = top + (3 - len(rows)) * step / 2
    texts = []
    mark = None
    for place, (text, name, size, smallest, colour) in enumerate(rows):
        of_issuer = proof.has_mark and text == proof.issuer and place == len(rows) - 1
        shift = MARK + 12 if of_issuer else 0
        line = one_line(text, width=wide - shift, size=size, smallest=smallest, name=name)
        y = middle(first + place * step, step - 14, line)
        if of_issuer:
            above = round(y - line.size * CAPITALS / 2 - MARK / 2)
            mark = (x, above, x + MARK, above + MARK)
        texts.append(Text(x + shift, y, line.lines[0], name, line.size, colour, colours.ground))
    y = bottom - PLATE / 2 + 34 * CAPITALS / 2
    shown = f"/c/{proof.code or '····-····'}"
    typed = Text(x + PLATE_PAD, y, shown, STRONG, 34, colours.on_plate, colours.plate, tracking=4)
    plate = (x, bottom - PLATE, round(x + 2 * PLATE_PAD + typed.width), bottom)
    texts.append(typed)
    room = right - plate[2] - GAP
    hashtag = showable(proof.hashtag)
    if hashtag and width_of(hashtag, STRONG, 24) <= room:  # half of one would lead elsewhere
        line = one_line(hashtag, width=room, size=38, smallest=24, name=STRONG)
        x = plate[2] + GAP
        texts.append(
            Text(x, middle(plate[1], PLATE, line), line.lines[0], STRONG, line.size, colours.tag, colours.ground)
        )
    return Strip(top, tuple(texts), (left, top, left + side, bottom), plate, proof.address, mark)


def paint(image: Image.Image, strip: Strip, colours: Colours) -> None:
    """Draw the QR code and the plate of the code; the texts are drawn by whoever draws the card's."""
    ink = ImageDraw.Draw(image)
    ink.rounded_rectangle(strip.plate, radius=10, fill=colours.plate)
    left, top, right, bottom = strip.qr
    if not strip.address:
        ink.rounded_rectangle((left, top, right - 1, bottom - 1), radius=SMALL, outline=colours.soft, width=4)
        return
    ink.rounded_rectangle((left, top, right - 1, bottom - 1), radius=SMALL, fill=LIGHT)
    for row, line in enumerate(modules(strip.address)):
        for column, is_dark in enumerate(line):
            if is_dark:
                x, y = left + column * MODULE, top + row * MODULE
                ink.rectangle((x, y, x + MODULE - 1, y + MODULE - 1), fill=DARK)


@lru_cache(maxsize=128)
def modules(address: str, *, in_capitals: bool = True) -> list[list[bool | None]]:
    """
    Return the modules of a QR code with its quiet zone, row by row. In capitals, which QR codes write in little room, where
    the address answers to any case. A quarter of it may be unreadable, of a long one three in twenty.
    """
    for level in LEVELS:
        code = qrcode.QRCode(border=QUIET, error_correction=level)
        code.add_data(util.QRData(address.upper() if in_capitals else address), optimize=0)
        code.make(fit=True)
        if len(code.get_matrix()) <= USUAL:
            break
    return code.get_matrix()
