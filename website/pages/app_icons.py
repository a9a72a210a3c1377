"""The icons of the site as an app on a phone, drawn from the same shapes as the mark (static/img/mark.svg)."""

import io
from functools import cache

from PIL import Image, ImageDraw

GROUND, BUBBLE = "#06303d", "#ffb43c"
FINER = 4  # drawn so many times as large, for smooth edges
MARK = (32, 26)  # the mark's own measures
# Name: (pixels, share of the width that the mark takes, whether the ground fills the square). Phones cut maskable icons to any
# shape within the middle 80 %.
ICONS: dict[str, tuple[int, float, bool]] = {
    "icon-192": (192, 0.72, False),
    "icon-512": (512, 0.72, False),
    "maskable-192": (192, 0.52, True),
    "maskable-512": (512, 0.52, True),
    "touch-180": (180, 0.64, True),
}


@cache
def drawn(name: str) -> bytes:
    """Return an icon as PNG. Raise KeyError for a name that is none of ICONS."""
    size, share, fills = ICONS[name]
    side = size * FINER
    picture = Image.new("RGBA", (side, side), GROUND if fills else (0, 0, 0, 0))
    brush = ImageDraw.Draw(picture)
    if not fills:
        brush.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.22, fill=GROUND)
    scale = side * share / MARK[0]
    left, top = (side - MARK[0] * scale) / 2, (side - MARK[1] * scale) / 2

    def at(*places: float) -> tuple[float, ...]:
        return tuple((top if number % 2 else left) + place * scale for number, place in enumerate(places))

    brush.rounded_rectangle(at(2, 2, 30, 24), radius=8 * scale, fill=BUBBLE)
    brush.rounded_rectangle(at(2, 16, 10, 24), radius=2 * scale, fill=BUBBLE)  # the corner that points at who speaks
    for middle in (9.5, 16, 22.5):
        brush.ellipse(at(middle - 2.1, 10.9, middle + 2.1, 15.1), fill=GROUND)
    file = io.BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()
