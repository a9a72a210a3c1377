"""
A moving card: key messages one after the other as a story that plays, and a last scene that is only proof. Each scene is the
message's card in its theme, with its own proof strip; the words come in from above to below, stand still as long as it takes to
read them, and fade. A thin line tells how long it goes on. Frames are drawn here; FFmpeg only packs them.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image, ImageDraw

from lib.images.card import Spec, digest
from lib.images.picture_sizes import SIZES, Ratio

from . import carousel
from .renderer import ground_of, lay_out
from .sheet import Box, Read, Sheet, begin

RATIO = Ratio.STORY
SIZE = SIZES[RATIO]
TEMPLATE = 2  # another way to move, another digest
PER_SECOND = 25  # frames
SHORTEST, LONGEST = 6.0, 15.0  # seconds
COMES, GOES = 12, 8  # frames: while words come in, and while they fade
STILL = 2.5  # seconds: no words stand for less
READ, BEGIN = 15, 0.8  # characters that are read in a second, and seconds until one has begun
HURRIED = 20  # characters a second: what would have to be read faster is no moving card
PROOF = 2.5  # seconds: the last scene, when it stands
RISE = 44  # pixels: so far do words rise while they come in
SOFT_EDGE = 0.45  # of the height of the words: how soft the edge is behind which they come in
LINE = 8  # pixels: the line that tells how long it goes on
MODULE = 12  # pixels: a module of the QR code in the last scene
# From red, green and blue to Y, Cb and Cr as BT.709 has them, in the range of television.
BT709 = (0.1826, 0.6142, 0.0620, 16, -0.1006, -0.3386, 0.4392, 128, 0.4392, -0.3989, -0.0403, 128)


@dataclass(frozen=True, slots=True)
class Film:
    """What is on a moving card: the cards of its messages as they follow one another, and the words of the last scene."""

    scenes: tuple[Spec, ...]
    proof: str

    @property
    def language(self) -> str:
        """The language of its words."""
        return self.scenes[0].language

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(scene.frames for scene in timeline(self)) / PER_SECOND


@dataclass(frozen=True, slots=True)
class Scene:
    """How long a scene takes, in frames: while words come in, stand and fade; and what is said in it."""

    comes: int
    stands: int
    goes: int
    words: str

    @property
    def frames(self) -> int:
        """The whole of it."""
        return self.comes + self.stands + self.goes


def digest_of(film: Film) -> str:
    """Return the SHA-256 (hex) of all that is on a moving card, and of how it moves."""
    content = json.dumps([TEMPLATE, [digest(spec) for spec in film.scenes], film.proof], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


# --- How long ------------------------------------------------------------------------------------------------------


def room() -> int:
    """Return how many frames there are for messages."""
    return round(LONGEST * PER_SECOND) - COMES - math.ceil(PROOF * PER_SECOND)


def stands(words: str) -> int:
    """Return how many frames words stand so that they are read; 0 when there is no time for so many."""
    wanted = max(STILL, BEGIN + len(words) / READ)
    most = (room() - COMES - GOES) / PER_SECOND
    if wanted > most and len(words) / most > HURRIED:
        return 0
    return math.ceil(min(wanted, most) * PER_SECOND)


def parted(specs: Sequence[Spec]) -> list[tuple[Spec, ...]]:
    """Return messages in groups that each have the time of one moving card, in their order; without those that are too long."""
    found: list[list[Spec]] = []
    left = 0
    for spec in specs:
        if not (needs := stands(spec.words)):
            continue
        needs += COMES + GOES
        if needs > left or not found:
            found.append([])
            left = room()
        found[-1].append(spec)
        left -= needs
    return [tuple(group) for group in found]


def timeline(film: Film) -> list[Scene]:
    """Return how long each scene takes, the last one for proof. The first frame is a whole card: platforms show it."""
    lengths = [stands(spec.words) for spec in film.scenes]
    proof = math.ceil(PROOF * PER_SECOND)
    whole = sum(lengths) + (COMES + GOES) * len(lengths) + proof
    lengths[-1] += max(0, round(SHORTEST * PER_SECOND) - whole)
    scenes = [
        Scene(COMES if place else 0, length, GOES, spec.words)
        for place, (spec, length) in enumerate(zip(film.scenes, lengths, strict=True))
    ]
    return [*scenes, Scene(COMES, proof, 0, film.proof)]


# --- Frames --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as a video has it: brightness, and two colours in half the size."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @classmethod
    def of(cls, image: Image.Image) -> "Planes":
        """Return a picture's planes."""
        y, u, v = image.convert("RGB", BT709).split()
        return cls(y, u.reduce(2), v.reduce(2))

    def mixed(self, other: "Planes", share: float) -> "Planes":
        """Return what comes of `share` (0 to 1) of another picture over this one."""
        return Planes(
            Image.blend(self.y, other.y, share),
            Image.blend(self.u, other.u, share),
            Image.blend(self.v, other.v, share),
        )

    def with_part(self, part: Image.Image, at: Box, mask: Image.Image) -> "Planes":
        """Return this picture with a part of another one laid on it through a mask of the part's size."""
        over, small = Planes.of(part), mask.reduce(2)
        left, top = at[:2]
        y, u, v = self.y.copy(), self.u.copy(), self.v.copy()
        y.paste(over.y, (left, top), mask)
        u.paste(over.u, (left // 2, top // 2), small)
        v.paste(over.v, (left // 2, top // 2), small)
        return Planes(y, u, v)

    def octets(self) -> bytearray:
        """Return it as FFmpeg takes it."""
        return bytearray(self.y.tobytes() + self.u.tobytes() + self.v.tobytes())


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene, ready to be played: its sheet, the picture without and with its words, and where those stand."""

    sheet: Sheet
    bare: Image.Image
    without: Planes
    whole: Planes
    first_paint: int
    first_text: int
    area: Box

    def coming(self, share: float) -> Planes:
        """Return the picture while its words come in: so much (0 to 1) of the way."""
        left, top, right, bottom = self.area
        eased = 1 - (1 - share) ** 3
        rise = round(RISE * (1 - eased)) // 2 * 2
        ground = self.bare.copy()
        ground.paste(
            self.bare.crop(self.area), (left, top - rise)
        )  # what lies there later, as far above as words lie below
        shifted = self.worded(ground).crop((left, top - rise, right, bottom - rise))
        return self.without.with_part(shifted, self.area, veil(right - left, bottom - top, share))

    def worded(self, ground: Image.Image) -> Image.Image:
        """Draw the words on a picture, and return it."""
        for paint in self.sheet.paints[self.first_paint :]:
            paint(ground)
        for box, make in self.sheet.upright:
            make(box)(ground)
        ink = ImageDraw.Draw(ground)
        for text in self.sheet.texts[self.first_text :]:
            text.draw(ink)
        return ground


def stage_of(sheet: Sheet, empty: Sheet, ground: Image.Image, read: Read) -> Stage:
    """Return a scene to play: `sheet` is the card, `empty` the same before its words were set."""
    bare = replace(
        sheet, paints=sheet.paints[: len(empty.paints)], texts=sheet.texts[: len(empty.texts)], marks=[], upright=[]
    ).draw(ground, read)
    _left, top, _right, bottom = sheet.room
    area = (0, even(top - 16), SIZE[0], even(bottom + 20))
    found = Stage(sheet, bare, Planes.of(bare), Planes.of(bare), len(empty.paints), len(empty.texts), area)
    return replace(found, whole=Planes.of(found.worded(bare.copy())))


def scene_stage(spec: Spec, check: str, read: Read) -> Stage:
    """Return the scene of a message. Raise TooLong."""
    sheet = lay_out(spec, RATIO, check)
    empty = begin(spec, RATIO, check, sheet.style)
    return stage_of(sheet, empty, ground_of(spec, RATIO, read), read)


def proof_stage(film: Film, check: str, read: Read) -> Stage:
    """Return the last scene, which only proves. Raise TooLong."""
    spec = replace(film.scenes[0], words=film.proof, key="", corrected="", theme="quiet")
    sheet = carousel.lay_out_proof(spec, check, RATIO, module=MODULE)
    empty = begin(spec, RATIO, check, sheet.style)
    return stage_of(sheet, empty, ground_of(spec, RATIO, read), read)


def frames(film: Film, check: str, read: Read) -> Iterator[memoryview]:
    """
    Yield each frame as FFmpeg takes it; one lives until the next is asked for. `check` is the address that tells whether all of it
    holds: it stands in every scene. Raise TooLong.
    """
    scenes = timeline(film)
    line = Line(sum(scene.frames for scene in scenes))
    stages = [
        *(scene_stage(spec, check, read) for spec in film.scenes),
        proof_stage(film, check, read),
    ]
    for place, (scene, stage) in enumerate(zip(scenes, stages, strict=True)):
        colours, box = line_colours(stage), line_box(stage)
        for frame in range(1, scene.comes + 1):
            yield line.drawn(stage.coming(frame / (scene.comes + 1)).octets(), box, colours)
        still = stage.whole.octets()
        for _frame in range(scene.stands):
            yield line.drawn(still, box, colours)
        for frame in range(1, scene.goes + 1):
            after = stages[place + 1]
            yield line.drawn(stage.whole.mixed(after.without, frame / scene.goes).octets(), box, colours)


def even(value: float) -> int:
    """Return a whole number of pixels that is even, as colours stand in pairs."""
    return int(value) // 2 * 2


@lru_cache(maxsize=64)
def veil(width: int, height: int, share: float) -> Image.Image:
    """Return a mask behind which words come in, the first line first: so much (0 to 1) of the way."""
    edge = height * SOFT_EDGE
    seen = share * (height + edge)
    column = Image.new("L", (1, height))
    column.putdata([round(255 * min(1.0, max(0.0, (seen - y) / edge))) for y in range(height)])
    return column.resize((width, height))


# --- The line ------------------------------------------------------------------------------------------------------


def line_box(stage: Stage) -> Box:
    """Return where the line stands: between the words and the proof strip, in the place of a rule if there is one."""
    left, _top, right, bottom = stage.sheet.room
    top = even(stage.sheet.strip.top - 28 if stage.sheet.style.rule else bottom + 22)
    return even(left), top, even(right), top + LINE


def line_colours(stage: Stage) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the line's colours (Y, Cb, Cr): what is over, and what is to come."""
    style = stage.sheet.style
    ground = stage.bare.getpixel(line_box(stage)[:2])
    assert isinstance(ground, tuple)
    drawn = Image.new("RGB", (1, 1), style.name).getpixel((0, 0))
    assert isinstance(drawn, tuple)
    soft = tuple(round(a + (b - a) * 0.3) for a, b in zip(ground, drawn, strict=True))
    return _ycc(drawn), _ycc(soft)


def _ycc(colour: tuple[int, ...]) -> tuple[int, ...]:
    found = Image.new("RGB", (1, 1), colour).convert("RGB", BT709).getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


class Line:
    """The line that tells how long it goes on. It is drawn into the frame itself: most frames differ in nothing else."""

    def __init__(self, frames: int) -> None:
        self.frames, self.done = frames, 0

    def drawn(self, frame: bytearray, box: Box, colours: tuple[tuple[int, ...], tuple[int, ...]]) -> memoryview:
        """Return a frame with the line as far as it is."""
        self.done += 1
        left, top, right, bottom = box
        until = left + even((right - left) * self.done / self.frames)
        width, height = SIZE
        over, coming = colours
        for plane, (start, scale) in enumerate(((0, 1), (width * height, 2), (width * height * 5 // 4, 2))):
            across = width // scale
            for row in range(top // scale, bottom // scale):
                at = start + row * across
                frame[at + left // scale : at + until // scale] = bytes([over[plane]]) * ((until - left) // scale)
                frame[at + until // scale : at + right // scale] = bytes([coming[plane]]) * ((right - until) // scale)
        return memoryview(frame)
