"""Pictures to share a story by: square, with a still of it, its title, and whose it is."""

import io

from PIL import Image, ImageDraw, ImageOps

from lib.images import typesetting
from lib.images.card import CLOUD, CLOUD_SOFT, NIGHT, SOFT, WHITE
from lib.images.typesetting import CAPITALS, DISPLAY, PLAIN, STRONG, Text, mirrored
from lib.text.languages import spoken_languages

SIZE = 1080  # pixels
STILL = 608  # of its height: the still picture
SIDE = 64


class Undrawable(Exception):
    """Letters that no font here has, or a title that does not fit."""


def draw(title: str, credit: str, campaign: str, language: str, still: Image.Image | None) -> bytes:
    """Return a picture as JPEG. Raise Undrawable."""
    if typesetting.undrawable(f"{title} {credit} {campaign}"):
        raise Undrawable
    image = Image.new("RGB", (SIZE, SIZE), NIGHT)
    top = 120
    if still is not None:
        # Of an upright one the upper part, where faces are.
        image.paste(ImageOps.fit(still.convert("RGB"), (SIZE, STILL), centering=(0.5, 0.25)), (0, 0))
        top = STILL + 44
    ink = ImageDraw.Draw(image)
    foot = SIZE - 64
    ink.rectangle((0, STILL if still is not None else 0, SIZE, (STILL if still is not None else 0) + 8), fill=CLOUD)
    room = SIZE - 2 * SIDE
    texts = []
    for words, name, colour, up in ((campaign, PLAIN, SOFT, 0), (credit, STRONG, CLOUD_SOFT, 54)):
        line = typesetting.one_line(words, width=room, size=38, smallest=26, name=name)
        texts.append(Text(SIDE, foot - up, line.lines[0], name, line.size, colour, NIGHT))
    box = foot - 54 - 60 - top
    fitted = typesetting.fit(title, language, width=room, height=box, largest=110, smallest=30, whole=44, name=DISPLAY)
    if fitted is None or not fitted.lines[0]:
        raise Undrawable
    first = top + fitted.size * CAPITALS + (0 if still is not None else max(0.0, (box - fitted.height) / 2))
    texts += [
        Text(SIDE, first + at * fitted.leading, line, DISPLAY, fitted.size, WHITE, NIGHT)
        for at, line in enumerate(fitted.lines)
    ]
    for one in mirrored(texts, SIZE) if spoken_languages.is_rtl(language) else texts:
        one.draw(ink)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()
