"""
Whether a picture is one of ours: how alike two look, and whether one was changed.

A hash of 64 bits finds pictures that look alike among many: it stays nearly the same when a picture is made smaller or
packed coarsely. It says little about a changed digit, so what is found is then laid over ours and compared piece by piece.
All of it with Pillow, in some hundredths of a second.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from PIL import Image, ImageChops, ImageStat

from .code_reader import Code

SIDE, KEPT = 32, 8  # grey values a side, and frequencies that are kept of them
ALIKE = 12  # bits of 64 that differ at most between pictures that may look alike; whether they do, comparing them tells

COARSE = 4  # how many times smaller they are while the place is sought
SAME_SHAPE = 0.012  # a picture whose sides relate as ours do, but for so much, is taken to be all of ours
PIECE = 6  # pixels: a side of the pieces that are compared
# Of 255: how much a piece may differ. JPEG at quality 40 and a screenshot come to 39, an 8 in place of a 9 in the smallest
# print to 55 (tests/lib/images/test_likeness.py).
CHANGED = 47
UNLIKE = 30  # of 255: when pictures differ by so much on average, one was not found in the other
LEAST_SEEN = 0.33  # of ours that has to be in the picture
AS_LARGE = 0.1  # by how much the scale that a code tells may differ from that of a picture which is all of ours
ALL = 0.97  # of a picture that ours takes, when nothing else has room in it
# Shares of the width by which a place is sought in the end. Once is not enough: of 25 genuine cards in a photograph 3 were called changed.
FINELY = (0.003, 0.0015, 0.0007, 0.0004, 0.002, 0.001, 0.0005, 0.0003)
CORNER = 26  # pixels: a side of the squares at our corners that are not compared; a card that is quoted has round ones


class Likeness(StrEnum):
    """
    What comes of comparing a picture with ours. Within: ours is in it unchanged, with something beside it that is not ours. Unlike:
    ours was not found in it, so nothing can be said.
    """

    SAME = "same"
    WITHIN = "within"
    CHANGED = "changed"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class Place:
    """Where ours lies in a picture: its upper left corner, and how many pixels of the picture one of ours takes."""

    x: float
    y: float
    scale: float


# --- Looking alike ---------------------------------------------------------------------------------


def hash_of(picture: Image.Image) -> int:
    """Return 64 bits of how a picture looks, as a signed number: which of its low frequencies are above the median."""
    grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    values = list(grey.tobytes())
    rows = [values[at : at + SIDE] for at in range(0, SIDE * SIDE, SIDE)]
    waves = _waves()
    across = [[sum(map(float.__mul__, wave, map(float, row))) for wave in waves] for row in rows]
    both = [sum(wave[y] * across[y][x] for y in range(SIDE)) for wave in waves for x in range(KEPT)]
    middle = sorted(both[1:])[len(both) // 2]  # the first is how bright it is
    bits = sum(1 << place for place, value in enumerate(both) if value > middle)
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def distance(one: int, other: int) -> int:
    """Return how many bits of two hashes differ, of 64."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


@cache
def _waves() -> list[list[float]]:
    return [
        [math.cos(math.pi * frequency * (2 * at + 1) / (2 * SIDE)) for at in range(SIDE)] for frequency in range(KEPT)
    ]


# --- Being the same ------------------------------------------------------------------------------------


def compare(picture: Image.Image, ours: Image.Image, guess: Place | None) -> Likeness:
    """
    Return whether `ours` (grey, as wide as card.THUMBNAIL) is in `picture` (grey) as it is. `guess` is where it may lie, as told by
    a code on both; without one, a picture of the same shape is all of it.
    """
    place = _first(picture, ours, guess)
    if place is None:
        return Likeness.UNLIKE
    if place.scale > 1:  # as small as ours: what is finer in it is not compared
        size = (round(picture.width / place.scale), round(picture.height / place.scale))
        place = Place(place.x * size[0] / picture.width, place.y * size[1] / picture.height, 1.0)
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    result = Likeness.UNLIKE
    for nearer in _sought(picture, ours, place):
        result = _judged(picture, ours, nearer)
        if result == Likeness.SAME:  # where it lies nearly right, a change is seen no less
            return result if _share(picture, ours, nearer) >= ALL else Likeness.WITHIN
    return result


def _judged(picture: Image.Image, ours: Image.Image, place: Place) -> Likeness:
    """Return what a picture is when ours is taken to lie at a place."""
    laid, seen = _laid(picture, ours.size, place)
    if ImageStat.Stat(seen).mean[0] < 255 * LEAST_SEEN:
        return Likeness.UNLIKE
    differs = ImageChops.multiply(ImageChops.difference(laid, ours), seen)
    if ImageStat.Stat(differs, seen).mean[0] > UNLIKE:
        return Likeness.UNLIKE
    return Likeness.CHANGED if max(differs.reduce(PIECE).tobytes()) > CHANGED else Likeness.SAME


def _share(picture: Image.Image, ours: Image.Image, place: Place) -> float:
    """Return how much of a picture is ours, when it lies at a place."""
    across = min(picture.width, place.x + ours.width * place.scale) - max(0.0, place.x)
    down = min(picture.height, place.y + ours.height * place.scale) - max(0.0, place.y)
    return across * down / (picture.width * picture.height)


def coarsely(picture: Image.Image) -> Image.Image:
    """Return a picture as small as places are sought in it first."""
    return picture.reduce(COARSE)


def roughly(few: Image.Image, sample: Image.Image, guess: Place | None) -> float:
    """
    Return how much two pictures, both given coarsely, differ where one may lie in the other, without seeking: which of many to compare
    first.
    """
    if guess:
        guess = Place(guess.x / COARSE, guess.y / COARSE, guess.scale)
    place = _first(few, sample, guess)
    return math.inf if place is None else _cost(few, sample, place)


def guessed(here: Code, ours: Code) -> Place:
    """Return where ours lies in a picture, by the code that both carry."""
    scale = here.side / ours.side
    return Place(here.x - ours.x * scale, here.y - ours.y * scale, scale)


def _first(picture: Image.Image, ours: Image.Image, guess: Place | None) -> Place | None:
    """Return where to begin: all of a picture of the same shape, unless ours is smaller or larger in it by the code on both."""
    whole = _whole(picture, ours)
    if whole and guess and abs(guess.scale / whole.scale - 1) > AS_LARGE:
        return guess
    return whole or guess


def _whole(picture: Image.Image, ours: Image.Image) -> Place | None:
    """Return that ours is all of a picture, where its sides relate so."""
    relation = (picture.width / picture.height) / (ours.width / ours.height)
    return Place(0.0, 0.0, picture.width / ours.width) if abs(relation - 1) <= SAME_SHAPE else None


def _sought(picture: Image.Image, ours: Image.Image, guess: Place) -> Iterator[Place]:
    """Yield a guess, and places around it at which the two differ less and less: sought coarsely first, then finely."""
    yield guess
    few, sample = coarsely(picture), coarsely(ours)
    place = Place(guess.x / COARSE, guess.y / COARSE, guess.scale)
    for step in (0.03, 0.015, 0.006):
        place = _nearer(few, sample, place, step)
    place = Place(place.x * COARSE, place.y * COARSE, place.scale)
    for step in FINELY:
        place = _nearer(picture, ours, place, step)
        yield place


def _nearer(picture: Image.Image, sample: Image.Image, place: Place, step: float) -> Place:
    """Return the best of a place and those around it: a step (a share of the width) further, then one larger or smaller each."""
    across, down = step * sample.width * place.scale, step * sample.height * place.scale
    shifted = [Place(place.x + dx * across, place.y + dy * down, place.scale) for dx in (0, -1, 1) for dy in (0, -1, 1)]
    cost, place = min(((_cost(picture, sample, one), one) for one in shifted), key=lambda one: one[0])
    grown = [Place(place.x - by * across / 2, place.y - by * down / 2, place.scale * (1 + by * step)) for by in (-1, 1)]
    return min([(cost, place), *((_cost(picture, sample, one), one) for one in grown)], key=lambda one: one[0])[1]


def _cost(picture: Image.Image, sample: Image.Image, place: Place) -> float:
    """Return how much the two differ at a place on average; the less of ours is in the picture, the worse."""
    laid, seen = _laid(picture, sample.size, place)
    share = ImageStat.Stat(seen).mean[0] / 255
    if share < LEAST_SEEN / 2:
        return math.inf
    return float(ImageStat.Stat(ImageChops.difference(laid, sample), seen).mean[0] / share**2)


def _laid(picture: Image.Image, size: tuple[int, int], place: Place) -> tuple[Image.Image, Image.Image]:
    """Return a picture as seen in a frame of ours at a place, and which of the frame it covers (255) or not (0)."""
    left, top = max(0, math.ceil(-place.x / place.scale)), max(0, math.ceil(-place.y / place.scale))
    right = min(size[0], math.floor((picture.width - place.x) / place.scale))
    bottom = min(size[1], math.floor((picture.height - place.y) / place.scale))
    laid, seen = Image.new("L", size, 0), Image.new("L", size, 0)
    if right > left and bottom > top:
        box = (
            place.x + left * place.scale,
            place.y + top * place.scale,
            min(picture.width, place.x + right * place.scale),
            min(picture.height, place.y + bottom * place.scale),
        )
        part = picture.resize((right - left, bottom - top), Image.Resampling.BILINEAR, box=box)
        laid.paste(part, (left, top))
        seen.paste(255, (left, top, right, bottom))
        for x in (0, size[0] - CORNER):
            for y in (0, size[1] - CORNER):
                seen.paste(0, (x, y, x + CORNER, y + CORNER))
    return laid, seen
