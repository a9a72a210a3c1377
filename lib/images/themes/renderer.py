"""Drawing a card in its theme, as a file."""

from PIL import Image

from lib.images.card import Spec, TooLong
from lib.images.picture_sizes import Ratio

from . import bold, photo, plain, quiet
from .sheet import Read, Sheet, facing, packed

MODULES = {"plain": plain, "bold": bold, "quiet": quiet, "photo": photo}
GROUNDS = {"plain": plain.ground, "bold": bold.ground, "quiet": quiet.ground}  # that need nothing but colours


def lay_out(spec: Spec, ratio: str, check: str = "", *, bottom: int = 0, tail: int = 0) -> Sheet:
    """Return a card before it is drawn; `check` is the address that tells whether it holds. Raise TooLong."""
    return facing(MODULES[spec.theme].lay_out(spec, Ratio(ratio), check, bottom=bottom, tail=tail))


def ground_of(spec: Spec, ratio: Ratio, read: Read) -> Image.Image:
    """Return what a card stands on: not to be changed, others stand on it too."""
    if spec.theme == "photo":
        return photo.ground(spec, ratio, read)
    return GROUNDS[spec.theme](spec.look, ratio)


def draw(spec: Spec, ratio: str, check: str, read: Read) -> tuple[bytes, str]:
    """
    Return a card as a file, and its suffix: ".png" or ".jpg". `read` gives the bytes of a stored picture by its name. Raise
    TooLong.
    """
    sheet = lay_out(spec, ratio, check)
    image = sheet.draw(ground_of(spec, Ratio(ratio), read), read)
    return packed(image, flat=MODULES[spec.theme].FLAT)


__all__ = ["TooLong", "draw", "lay_out"]
