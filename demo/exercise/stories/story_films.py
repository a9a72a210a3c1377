"""
Moving pictures for the demo's stories, which nobody filmed: a sky, a ground, and something small that moves. What is said stands in
their subtitles only.
"""

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from lib.images import ffmpeg
from lib.images.themes.films import Planes

WIDTH, HEIGHT, PER_SECOND = 640, 360, 8
LINE_SECONDS = 3  # of each line that is said
SKIES = {
    "morning": ((255, 209, 176), (255, 240, 219), (255, 183, 77)),
    "day": ((143, 197, 227), (221, 240, 247), (255, 244, 200)),
    "evening": ((64, 78, 138), (240, 150, 120), (255, 206, 140)),
    "night": ((10, 18, 48), (38, 58, 98), (236, 240, 250)),
}
GROUNDS = {
    "snow": (232, 240, 246),
    "field": (146, 168, 96),
    "forest": (52, 92, 70),
    "town": (120, 124, 134),
    "sea": (38, 92, 122),
}
HORIZON = 240


def film(target: Path, *, ground: str, sky: str, shows: str, lines: int) -> None:
    """Write an MP4 of a scene that lasts for so many lines. Raise ffmpeg.Failed."""
    for _second in ffmpeg.encode(
        frames(ground, sky, shows, count=lines * LINE_SECONDS * PER_SECOND),
        target,
        size=(WIDTH, HEIGHT),
        per_second=PER_SECOND,
        quality=28,
    ):
        pass


def frames(ground: str, sky: str, shows: str, *, count: int) -> Iterator[bytearray]:
    """Yield each picture of a scene as FFmpeg takes it."""
    behind, flakes = background(ground, sky), snowflakes() if ground == "snow" else []
    for number in range(count):
        image = behind.copy()
        draw = ImageDraw.Draw(image)
        part = number / max(1, count - 1)
        SHOWN[shows](draw, part, number)
        for x, y, speed in flakes:
            down = (y + speed * number) % HEIGHT
            draw.ellipse((x, down, x + 3, down + 3), fill="white")
        yield Planes.of(image).octets()


def background(ground: str, sky: str) -> Image.Image:
    """Return what stands still: the sky with its sun or moon, hills and the ground."""
    above, below, sun = SKIES[sky]
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUNDS[ground])
    draw = ImageDraw.Draw(image)
    for y in range(HORIZON):
        share = y / HORIZON
        colour = tuple(round(a + (b - a) * share) for a, b in zip(above, below, strict=True))
        draw.line((0, y, WIDTH, y), fill=colour)
    draw.ellipse((470, 48, 530, 108), fill=sun)
    far = tuple(round((a + b) / 2) for a, b in zip(below, GROUNDS[ground], strict=True))
    if ground != "sea":
        draw.polygon([(0, HORIZON), (120, 190), (260, HORIZON), (380, 176), (560, HORIZON)], fill=far)
    if ground == "forest":
        for x in range(10, WIDTH, 46):
            draw.polygon([(x, 260), (x + 18, 176 + x % 30), (x + 36, 260)], fill=(34, 66, 52))
    if ground == "town":
        for number, x in enumerate(range(20, WIDTH, 88)):
            draw.rectangle((x, 150 + number * 23 % 60, x + 62, 264), fill=(88, 96, 112))
    return image


def snowflakes() -> list[tuple[int, int, int]]:
    """Return where flakes begin, and how far each falls from one picture to the next: the same ones every time."""
    dice = random.Random(1)  # noqa: S311 a picture, not a secret
    return [(dice.randrange(WIDTH), dice.randrange(HEIGHT), dice.randrange(3, 8)) for _flake in range(50)]


def house(draw: ImageDraw.ImageDraw, part: float, _number: int) -> None:
    """A house whose windows light up one after the other."""
    draw.rectangle((210, 170, 410, 300), fill=(168, 62, 52))
    draw.polygon([(196, 170), (310, 104), (424, 170)], fill=(84, 52, 48))
    for place in range(6):
        x, y = 232 + place % 3 * 60, 188 + place // 3 * 54
        draw.rectangle((x, y, x + 34, y + 32), fill=(255, 224, 130) if part * 6 > place else (60, 52, 60))


def tractor(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """A tractor that crosses the picture."""
    x, y = round(part * (WIDTH + 160)) - 140, 244 + number % 2
    draw.rectangle((x, y, x + 90, y + 40), fill=(46, 125, 72))
    draw.rectangle((x + 10, y - 38, x + 48, y), fill=(46, 125, 72), outline=(220, 236, 240), width=5)
    wheel(draw, x + 22, y + 46, 26, number)
    wheel(draw, x + 80, y + 54, 16, number)


def bus(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """A bus that crosses the picture with lit windows."""
    x, y = round(part * (WIDTH + 220)) - 200, 210 + number % 2
    draw.rounded_rectangle((x, y, x + 180, y + 74), 10, fill=(196, 152, 32))
    for place in range(5):
        draw.rectangle((x + 12 + place * 33, y + 12, x + 36 + place * 33, y + 38), fill=(255, 244, 205))
    wheel(draw, x + 40, y + 76, 16, number)
    wheel(draw, x + 142, y + 76, 16, number)


def wheel(draw: ImageDraw.ImageDraw, x: int, y: int, radius: int, number: int) -> None:
    """A wheel that turns."""
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(34, 34, 38))
    angle = number * 0.7
    ahead, across = math.cos(angle) * radius * 0.7, math.sin(angle) * radius * 0.7
    draw.line((x - ahead, y - across, x + ahead, y + across), fill=(180, 184, 190), width=4)


def school(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """A school door to which people come one by one."""
    draw.rectangle((120, 130, 520, 290), fill=(214, 190, 150))
    draw.rectangle((290, 214, 350, 290), fill=(92, 70, 56))
    for place in range(4):
        x = min(300 - place * 10, round(part * 500) - place * 90)
        if x > -20:
            person(draw, x, 300, (70 + place * 40, 90, 150), number + place)


def person(draw: ImageDraw.ImageDraw, x: int, y: int, colour: tuple[int, int, int], number: int) -> None:
    """Somebody who walks."""
    step = 6 if number % 2 else -6
    draw.ellipse((x - 9, y - 70, x + 9, y - 52), fill=(240, 206, 172))
    draw.rounded_rectangle((x - 13, y - 52, x + 13, y - 20), 8, fill=colour)
    draw.line((x, y - 20, x - step, y), fill=(44, 48, 60), width=6)
    draw.line((x, y - 20, x + step, y), fill=(44, 48, 60), width=6)


def ball(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """A ball between two people."""
    person(draw, 120, 310, (36, 92, 160), number)
    person(draw, 520, 310, (190, 60, 60), number + 1)
    there = abs((part * 6) % 2 - 1)
    x, y = 150 + round(there * 340), 300 - round(math.sin(there * math.pi) * 90)
    draw.ellipse((x - 12, y - 12, x + 12, y + 12), fill="white", outline=(30, 30, 34), width=3)


def boat(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """A boat on the waves, and somebody who waves back."""
    x, y = 120 + round(part * 300), 268 + round(math.sin(number * 0.5) * 5)
    draw.polygon([(x, y), (x + 130, y), (x + 108, y + 30), (x + 22, y + 30)], fill=(240, 240, 236))
    draw.line((x + 64, y, x + 64, y - 92), fill=(90, 74, 60), width=5)
    draw.polygon([(x + 68, y - 90), (x + 68, y - 12), (x + 118, y - 12)], fill=(250, 250, 250))
    for place in range(8):
        left = (place * 90 - number * 6) % WIDTH
        draw.arc((left, 300, left + 50, 318), 180, 360, fill=(170, 206, 220), width=3)


def screen(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """A screen on which something is built block by block."""
    draw.rounded_rectangle((170, 90, 470, 280), 12, fill=(20, 24, 34), outline=(60, 66, 80), width=8)
    colours = [(88, 190, 120), (250, 176, 66), (96, 150, 230), (220, 96, 110)]
    for place in range(round(part * 40)):
        x, y = 200 + place % 10 * 24, 246 - place // 10 * 24
        draw.rectangle((x, y, x + 21, y + 21), fill=colours[(place * 7 + place // 10) % 4])
    draw.rectangle((270, 288, 370, 300), fill=(60, 66, 80))
    if number % 8 < 4:
        draw.rectangle((446, 262, 456, 268), fill=(88, 190, 120))


def dog(draw: ImageDraw.ImageDraw, part: float, number: int) -> None:
    """Somebody who walks a dog."""
    x = round(part * (WIDTH + 120)) - 100
    person(draw, x, 316, (120, 70, 130), number)
    hop = 4 if number % 2 else 0
    draw.line((x + 10, 282, x + 62, 292 - hop), fill=(60, 48, 44), width=2)
    draw.rounded_rectangle((x + 58, 288 - hop, x + 104, 304 - hop), 8, fill=(142, 96, 58))
    draw.ellipse((x + 96, 276 - hop, x + 116, 296 - hop), fill=(142, 96, 58))
    for leg in (64, 74, 90, 99):
        draw.line((x + leg, 302 - hop, x + leg + (3 if number % 2 else -3), 318), fill=(112, 74, 46), width=4)


SHOWN: dict[str, Callable[[ImageDraw.ImageDraw, float, int], None]] = {
    "house": house,
    "tractor": tractor,
    "bus": bus,
    "school": school,
    "ball": ball,
    "boat": boat,
    "screen": screen,
    "dog": dog,
}
