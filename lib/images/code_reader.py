"""Reading QR codes from pictures that somebody sent: with ZXing, in this process, without asking anyone."""

from dataclasses import dataclass

import zxingcpp
from PIL import Image

MOST = 4  # codes of a picture that are looked at
LONGEST = 300  # characters of a code


@dataclass(frozen=True, slots=True)
class Code:
    """What a QR code says, and where it is in the picture: its upper left corner and its side, in pixels."""

    text: str
    x: float
    y: float
    side: float


def codes_in(picture: Image.Image) -> list[Code]:
    """Return the QR codes of a grey picture, at most MOST."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]))
    return [_code(one) for one in found[:MOST] if len(one.text) <= LONGEST]


def _code(found: zxingcpp.Barcode) -> Code:
    at = found.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    left, top = min(one.x for one in corners), min(one.y for one in corners)
    wide, high = max(one.x for one in corners) - left, max(one.y for one in corners) - top
    return Code(found.text, left, top, (wide + high) / 2)
