"""
The demo's pictures, one for each bulletin, drawn by code: nobody's photo, and free for any use (CC0).
"""

import io
import math
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDE, HIGH = 1080, 1350
SCALE = 2  # drawn so much larger, then made small: edges come out smooth

SKY, DUSK, NIGHT, LAKE = "#cfe8ef", "#f7d9b0", "#0d4252", "#3a8fa5"
GRASS, FOREST, PINE, EARTH = "#9cc79a", "#4f8f78", "#2f6b5d", "#c9a46c"
RED, ROOF, WHITE, CREAM, INK, SUN = "#b8413a", "#5b3a34", "#ffffff", "#fff3df", "#06303d", "#ffb43c"
SKIN = ("#f2c9a5", "#8d5a3b", "#d9a077", "#5f3b28", "#f0d3b8")
CLOTHES = ("#b8413a", "#0d4252", "#ffb43c", "#4f8f78", "#7a4f8f", "#3a8fa5")


class Sheet:
    """A picture while it is drawn, in the pixels that it will have."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (WIDE * SCALE, HIGH * SCALE), ground)
        self.ink = ImageDraw.Draw(self.image)

    def area(self, *points: tuple[float, float], fill: str) -> None:
        """Fill a shape with straight edges."""
        self.ink.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def box(self, left: float, top: float, wide: float, high: float, fill: str, *, round_by: float = 0) -> None:
        """Fill a rectangle, with round corners of a radius."""
        edges = [left * SCALE, top * SCALE, (left + wide) * SCALE, (top + high) * SCALE]
        self.ink.rounded_rectangle(edges, round_by * SCALE, fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: str, *, high: float | None = None) -> None:
        """Fill a circle, or an ellipse of another height."""
        tall = radius if high is None else high
        self.ink.ellipse(
            [(x - radius) * SCALE, (y - tall) * SCALE, (x + radius) * SCALE, (y + tall) * SCALE], fill=fill
        )

    def line(self, *points: tuple[float, float], fill: str, width: float) -> None:
        """Draw a line with round ends and corners."""
        self.ink.line([(x * SCALE, y * SCALE) for x, y in points], fill=fill, width=round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, fill)

    def hills(self, top: float, swing: float, fill: str, *, start: float = 0) -> None:
        """Fill everything below a wavy edge."""
        edge = [(x, top + swing * math.sin(start + x / 190)) for x in range(0, WIDE + 20, 20)]
        self.area((0, HIGH), *edge, (WIDE, HIGH), fill=fill)

    def pine(self, x: float, foot: float, high: float, fill: str = PINE) -> None:
        """Draw a spruce."""
        self.box(x - high * 0.04, foot - high * 0.15, high * 0.08, high * 0.15, ROOF)
        for n in range(3):
            low, wide = foot - high * (0.12 + 0.24 * n), high * (0.30 - 0.07 * n)
            self.area((x - wide, low), (x, low - high * 0.42), (x + wide, low), fill=fill)

    def person(self, x: float, foot: float, high: float, number: int) -> None:
        """Draw somebody from afar; `number` says who."""
        skin, clothes = SKIN[number % len(SKIN)], CLOTHES[number % len(CLOTHES)]
        for side in (-1, 1):
            self.line(
                (x + side * high * 0.07, foot - high * 0.4), (x + side * high * 0.08, foot), fill=INK, width=high * 0.1
            )
        self.box(x - high * 0.16, foot - high * 0.76, high * 0.32, high * 0.42, clothes, round_by=high * 0.12)
        self.disc(x, foot - high * 0.88, high * 0.13, skin)
        self.area(
            *(
                (x + high * 0.135 * math.cos(a), foot - high * 0.9 - high * 0.135 * math.sin(a))
                for a in (0, 0.8, 1.6, 2.4, 3.14)
            ),
            fill=ROOF if number % 3 else INK,
        )

    def jpeg(self) -> bytes:
        """Return the picture."""
        out = io.BytesIO()
        self.image.resize((WIDE, HIGH), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
        return out.getvalue()


def park(sheet: Sheet) -> None:
    """Ten people far apart in a park."""
    sheet.disc(850, 210, 90, SUN)
    sheet.hills(470, 34, FOREST)
    for n in range(9):
        sheet.pine(60 + n * 125, 520 + 18 * math.sin(n * 2.1), 190 + 50 * (n % 3), PINE if n % 2 else FOREST)
    sheet.hills(520, 22, GRASS, start=2)
    sheet.area((470, HIGH), (610, HIGH), (575, 560), (545, 560), fill=EARTH)
    places = (
        (150, 700),
        (420, 640),
        (760, 650),
        (970, 730),
        (250, 900),
        (700, 860),
        (930, 1010),
        (130, 1150),
        (430, 1130),
        (760, 1240),
    )
    for n, (x, foot) in enumerate(places):
        high = 120 + (foot - 600) * 0.2
        sheet.disc(x, foot, high * 0.3, "#86b588", high=high * 0.07)
        sheet.person(x, foot, high, n)


def washing(sheet: Sheet) -> None:
    """Hands in lather under a tap, beside a clock that shows twenty seconds."""
    for row in range(8):
        for column in range(6):
            sheet.box(column * 190 - 50 * (row % 2), row * 120, 176, 106, "#e3f0f2", round_by=10)
    sheet.hills(1010, 0, WHITE)
    sheet.box(90, 980, 900, 60, "#f3f6f6", round_by=30)
    sheet.box(160, 1030, 760, 330, "#dbe7ea", round_by=90)
    sheet.line((640, 330), (640, 250), (470, 250), (470, 420), fill="#8ba3aa", width=64)
    sheet.box(590, 320, 100, 160, "#8ba3aa", round_by=20)
    sheet.line((470, 450), (470, 800), fill="#9fd4e2", width=44)
    for side, skin in ((-1, SKIN[0]), (1, SKIN[2])):
        sheet.line((470 + side * 700, 1160), (470 + side * 170, 860), (470 + side * 40, 800), fill=skin, width=130)
        for finger in range(4):
            sheet.line((470 + side * 110, 780 + finger * 44), (470 - side * 70, 760 + finger * 42), fill=skin, width=46)
    for n in range(26):
        angle = n * 2.4
        sheet.disc(
            470 + math.cos(angle) * (30 + n * 7),
            850 + math.sin(angle) * (20 + n * 3.4),
            34 - n % 5 * 5,
            WHITE if n % 3 else "#e9f4f7",
        )
    sheet.disc(860, 420, 150, INK)
    sheet.disc(860, 420, 126, WHITE)
    for n in range(12):
        angle = n * math.pi / 6
        sheet.disc(860 + 104 * math.cos(angle), 420 + 104 * math.sin(angle), 7, INK)
    sheet.line((860, 420), (860, 330), fill="#8ba3aa", width=12)
    sheet.line(
        (860, 420), (860 + 92 * math.sin(2 * math.pi / 3), 420 - 92 * math.cos(2 * math.pi / 3)), fill=RED, width=12
    )


def way_home(sheet: Sheet) -> None:
    """A road that leads to a home with a light in its window, at night."""
    for n in range(40):
        sheet.disc((n * 277) % WIDE, (n * 131) % 480, 2 + n % 3, WHITE)
    sheet.disc(230, 230, 80, CREAM)
    sheet.hills(600, 40, "#0a3644", start=1)
    for n in range(10):
        sheet.pine(n * 120 + 20, 680 + 16 * math.sin(n), 210 + 50 * (n % 3), "#0a2c38")
    sheet.hills(680, 26, "#154d4a", start=3)
    sheet.area((330, HIGH), (830, HIGH), (690, 850), (655, 850), fill="#31545c")
    for n in range(5):
        low = HIGH - 40 - n * 92
        wide = 11 - n * 1.8
        middle = 580 + (HIGH - low) * 0.185
        sheet.area(
            (middle - wide, low),
            (middle + wide, low),
            (middle + wide * 0.8, low - 50 + n * 6),
            (middle - wide * 0.8, low - 50 + n * 6),
            fill=CREAM,
        )
    sheet.disc(640, 790, 210, "#1d5a55", high=120)
    sheet.box(560, 690, 230, 170, RED)
    sheet.area((530, 700), (675, 585), (820, 700), fill=ROOF)
    sheet.box(595, 735, 78, 72, SUN)
    sheet.line((634, 735), (634, 807), fill=ROOF, width=6)
    sheet.line((595, 771), (673, 771), fill=ROOF, width=6)
    sheet.box(712, 760, 52, 100, ROOF)


def cottage(sheet: Sheet) -> None:
    """A small red cottage by a lake; an empty chair stands on the jetty."""
    sheet.disc(300, 430, 120, SUN)
    sheet.hills(560, 30, FOREST, start=2)
    for n in range(11):
        sheet.pine(n * 105 + 10, 640 + 14 * math.sin(n * 1.7), 230 + 60 * (n % 3))
    sheet.hills(640, 14, GRASS, start=4)
    sheet.box(600, 520, 300, 170, RED)
    sheet.area((565, 530), (750, 400), (935, 530), fill=ROOF)
    for x in (640, 790):
        sheet.box(x - 8, 558, 76, 80, WHITE)
        sheet.box(x, 566, 60, 64, "#a9d3de")
        sheet.line((x + 30, 566), (x + 30, 630), fill=WHITE, width=6)
    sheet.box(860, 410, 34, 70, ROOF)
    sheet.area((0, 760), (WIDE, 730), (WIDE, HIGH), (0, HIGH), fill=LAKE)
    for n in range(16):
        y = 800 + n * 34
        x = (n * 373) % 900
        sheet.line((x, y), (x + 90 + n * 4, y), fill="#62aabd", width=6)
    sheet.area((420, 760), (560, 755), (760, 1250), (420, 1270), fill=EARTH)
    for n in range(11):
        y = 790 + n * 44
        sheet.line((422, y), (565 + n * 17.5, y - 2), fill="#a98350", width=5)
    for x, y in ((432, 1262), (742, 1244)):
        sheet.box(x - 14, y, 28, 80, ROOF)
    for points in (
        ((505, 1010), (505, 1120)),
        ((625, 1010), (640, 1120)),
        ((505, 1040), (630, 1040)),
        ((505, 1010), (480, 850)),
        ((625, 1010), (612, 850)),
    ):
        sheet.line(*points, fill=WHITE, width=18)
    for n in range(4):
        sheet.line((486 + n * 4, 880 + n * 36), (614 + n * 3, 880 + n * 36), fill=WHITE, width=14)


def phones(sheet: Sheet) -> None:
    """Two phones with a code between them; a name, a number and a map are crossed out."""
    for x in (90, 690):
        sheet.box(x, 330, 300, 620, INK, round_by=48)
        sheet.box(x + 20, 370, 260, 540, SKY, round_by=24)
        sheet.disc(x + 150, 560, 84, LAKE)
        sheet.disc(x + 150, 560, 56, WHITE)
        sheet.disc(x + 150, 560, 30, SUN)
        for n in range(3):
            sheet.box(x + 60, 720 + n * 54, 180 - n * 30, 24, "#8fbac6", round_by=12)
    for n in range(6):
        sheet.box(
            412 + n * 44, 600 + 26 * math.sin(n * 1.3), 30, 30, (SUN, RED, FOREST, NIGHT, LAKE, PINE)[n], round_by=6
        )
    for n, x in enumerate((220, 540, 860)):
        sheet.disc(x, 1140, 112, WHITE)
        if n == 0:
            sheet.disc(x, 1112, 34, NIGHT)
            sheet.box(x - 56, 1150, 112, 62, NIGHT, round_by=30)
        elif n == 1:
            for dot in range(9):
                sheet.disc(x - 40 + 40 * (dot % 3), 1098 + 40 * (dot // 3), 12, NIGHT)
        else:
            sheet.area((x, 1214), (x - 46, 1120), (x + 46, 1120), fill=NIGHT)
            sheet.disc(x, 1112, 50, NIGHT)
            sheet.disc(x, 1112, 20, WHITE)
        sheet.line((x - 84, 1224), (x + 84, 1056), fill=RED, width=22)
    sheet.box(0, 1335, WIDE, 15, SUN)


SCENES: dict[int, tuple[Callable[[Sheet], None], str]] = {
    1: (park, SKY),
    2: (washing, "#d5e6ea"),
    3: (way_home, NIGHT),
    4: (cottage, DUSK),
    5: (phones, CREAM),
}


def issuer_mark(*, size: int = 512) -> bytes:
    """
    Return the mark of the exercise's issuer as PNG with a clear ground: a beam over two waves in a disc. No authority has it, and
    it is free for any use (CC0).
    """
    wide = size * SCALE
    image = Image.new("RGBA", (wide, wide), (0, 0, 0, 0))
    ink = ImageDraw.Draw(image)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * wide, y * wide) for x, y in points]

    ink.ellipse(at((0.02, 0.02), (0.98, 0.98)), fill=NIGHT)
    ink.polygon(at((0.435, 0.66), (0.565, 0.66), (0.535, 0.34), (0.465, 0.34)), fill=WHITE)
    ink.ellipse(at((0.42, 0.19), (0.58, 0.35)), fill=SUN)
    for side in (-1, 1):
        ink.polygon(at((0.5 + side * 0.11, 0.25), (0.5 + side * 0.32, 0.17), (0.5 + side * 0.32, 0.37)), fill=SUN)
    for low in (0.66, 0.78):
        wave = [(0.22 + n * 0.56 / 240, low + 0.028 * math.sin(n * math.tau / 120)) for n in range(241)]
        for x, y in wave:
            ink.ellipse(at((x - 0.022, y - 0.022), (x + 0.022, y + 0.022)), fill=WHITE)
    out = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def draw(number: int) -> bytes:
    """Return the picture of a bulletin as JPEG, 1080 × 1350."""
    scene, ground = SCENES[number]
    sheet = Sheet(ground)
    scene(sheet)
    return sheet.jpeg()
