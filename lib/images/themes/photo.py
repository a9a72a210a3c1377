"""Photo: a picture of the bulletin, the words on labels, so that their contrast never hangs on the picture."""

import io
from functools import lru_cache

from PIL import Image, ImageOps

from lib.images.card import Spec
from lib.images.card_look import WHITE, Look
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.proof_strip import Colours

from .sheet import Paint, Read, Sheet, Style, begin, rounded, set_words

LARGEST = {Ratio.STORY: 128, Ratio.FEED: 116, Ratio.SQUARE: 98}
PAD = 26  # pixels: beside the words on their labels
LEAD = 1.36
FLAT = False


def style_of(look: Look) -> Style:
    """Return the colours of header, marks and strip."""
    strip = Colours(WHITE, look.ink, look.ink, look.ink, plate=look.ink, on_plate=WHITE)
    return Style(look.ink, WHITE, WHITE, look.pop, look.ink, look.pop, look.ink, strip, plate=WHITE, header_plate=True)


def lay_out(spec: Spec, ratio: Ratio, check: str, *, bottom: int = 0, tail: int = 0) -> Sheet:
    """Return a card before it is drawn. Raise TooLong."""
    look = spec.look
    sheet = begin(spec, ratio, check, style_of(look), bottom=bottom, tail=tail)
    left, top, right, end = sheet.room
    box = (left + PAD, top, right - PAD, end)
    lines, texts = set_words(
        sheet, spec.words, box, largest=LARGEST[ratio], colour=look.ink, ground=WHITE, lead=LEAD, at=1.0
    )
    labels: list[Paint] = []
    for text in texts:
        ink = text.box()
        high, low = round(text.y - lines.size * 0.98), round(text.y + lines.size * 0.37)
        labels.append(rounded((left, high, round(ink[2]) + PAD, low), WHITE, max(12, round(lines.size * 0.16))))
    sheet.paints += labels
    sheet.texts += texts
    return sheet


def ground(spec: Spec, ratio: Ratio, read: Read) -> Image.Image:
    """Return the picture, cut so that its focal point is in view. `read` gives the bytes of a stored file by its name."""
    return _cut(spec.photo, spec.focal, ratio, read)


@lru_cache(maxsize=3)
def _cut(name: str, focal: tuple[float, float], ratio: Ratio, read: Read) -> Image.Image:
    with Image.open(io.BytesIO(read(name))) as stored:
        stored.draft("RGB", SIZES[Ratio.STORY])
        upright = ImageOps.exif_transpose(stored).convert("RGB")
    image = ImageOps.fit(upright, SIZES[ratio], Image.Resampling.LANCZOS, centering=focal)
    # A little darker below, where the labels end and the strip begins, so that white stands out.
    height = image.height // 2
    shade = Image.linear_gradient("L").resize((image.width, height)).point(lambda value: value * 6 // 10)
    image.paste("#000000", (0, image.height - height), shade)
    return image
