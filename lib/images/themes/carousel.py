"""A carousel: a key message on each slide, one line that runs through all of them, and a last slide that is only proof."""

import math
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image, ImageDraw

from lib.images import proof_strip
from lib.images.card import Spec
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.typesetting import Text, fonts_of, one_line
from lib.text.characters import spoken_codes

from .renderer import MODULES, ground_of
from .renderer import lay_out as lay_out_card
from .sheet import SAFE, Paint, Read, Sheet, begin, facing, packed, rounded, set_words

RATIO = Ratio.FEED
FEWEST, MOST = 4, 10  # slides, the last one counted
TAIL = 96  # pixels: above the strip, for the line
SWING, THICK = 26, 9
LARGE = 10  # pixels: a module of the QR code on the last slide


@dataclass(frozen=True, slots=True)
class Slide:
    """Which slide of how many it is, counted from 1."""

    number: int
    of: int

    @property
    def is_last(self) -> bool:
        """Return whether it is the one that proves."""
        return self.number == self.of


def slide_of(spec: Spec) -> Slide:
    """Return which slide a spec is, by its place ("2/6")."""
    number, _slash, of = spec.place.partition("/")
    return Slide(int(number), int(of))


def lay_out(spec: Spec, check: str = "") -> Sheet:
    """Return a slide before it is drawn. Raise TooLong."""
    slide = slide_of(spec)
    if slide.is_last:
        return _proof(spec, check)
    sheet = lay_out_card(spec, RATIO, check, tail=TAIL)
    style = sheet.style
    colour = (
        spec.look.pop if spec.theme in {"bold", "photo"} else spec.look.bold if spec.theme == "plain" else style.name
    )
    sheet.paints.insert(0, _line(slide, sheet.room[3] + TAIL // 2 + 14, colour))
    sheet.paints.append(_dots(slide, sheet))
    return sheet


def _proof(spec: Spec, check: str) -> Sheet:
    """Return the last slide."""
    sheet = lay_out_proof(spec, check, RATIO, module=LARGE, tail=TAIL)
    sheet.paints.insert(0, _line(slide_of(spec), sheet.room[3] + TAIL // 2 + 14, spec.look.onnight2))
    sheet.paints.append(_dots(slide_of(spec), sheet))
    return sheet


def lay_out_proof(spec: Spec, check: str, ratio: Ratio, *, module: int, tail: int = 0) -> Sheet:
    """
    Return how to check what was said, and nothing else; `spec.words` say so. A module of its QR code has `module` pixels, and
    `tail` pixels above the strip are left free.
    """
    quiet = MODULES["quiet"]
    sheet = begin(replace(spec, corrected=""), ratio, check, quiet.style_of(spec.look), tail=tail)
    look, (left, top, right, bottom) = spec.look, sheet.room
    side = module * (proof_strip.height(check) // proof_strip.MODULE)
    words = (left, top, right, bottom - side - 40)
    _lines, texts = set_words(
        sheet, spec.words, words, largest=120, colour=look.onnight, ground=look.night, lead=1.1, at=0.3
    )
    sheet.texts += texts
    if check:
        box = (left, bottom - side, left + side, bottom)
        sheet.upright.append((box, partial(_large_code, check, module)))
        _display, strong, _plain = fonts_of(look.font, check)
        address = check.partition("://")[2].rpartition("/c/")[0]
        line = one_line(address, width=right - left - side - 40, size=44, smallest=20, name=strong)
        x = left + side + 40
        sheet.texts.append(Text(x, bottom - side / 2 - 10, line.lines[0], strong, line.size, look.onnight, look.night))
        code = check.rpartition("/")[2]
        typed = f"/c/{spoken_codes.in_groups(code)}"
        line = one_line(typed, width=right - left - side - 40, size=64, smallest=30, name=strong)
        sheet.texts.append(Text(x, bottom - side / 2 + 62, typed, strong, line.size, look.onnight, look.night))
    return facing(sheet)


def _line(slide: Slide, level: int, colour: str) -> Paint:
    """Return what paints the slide's part of the one line: where it leaves a slide, it enters the next."""
    width = SIZES[RATIO][0]

    def paint(image: Image.Image) -> None:
        scale, tall = 2, (SWING + THICK) * 2 + 8
        mask = Image.new("L", (width * scale, tall * scale), 0)
        points = []
        for x in range(-20, width + 21, 10):
            along = (slide.number - 1) * width + x
            points.append((x * scale, (tall / 2 + SWING * math.sin(along / 170)) * scale))
        ImageDraw.Draw(mask).line(points, fill=255, width=THICK * scale, joint="curve")
        image.paste(colour, (0, level - tall // 2), mask.resize((width, tall), Image.Resampling.BOX))

    return paint


def _dots(slide: Slide, sheet: Sheet) -> Paint:
    """Return what paints a dot for each slide, this one's larger."""

    def paint(image: Image.Image) -> None:
        ink = ImageDraw.Draw(image)
        right, y = SAFE[RATIO][2], SIZES[RATIO][1] - 34
        if sheet.spec.exercise:
            return  # the band stands there; the place in the header says it
        for number in range(1, slide.of + 1):
            x = right - (slide.of - number) * 30 - 8
            size = 9 if number == slide.number else 5
            ink.circle((x, y), size, fill=sheet.style.name if number == slide.number else sheet.style.number)

    return paint


def _large_code(check: str, module: int, box: tuple[int, int, int, int]) -> Paint:
    def paint(image: Image.Image) -> None:
        rounded(box, "#ffffff", 24)(image)
        ink = ImageDraw.Draw(image)
        for row, line in enumerate(proof_strip.modules(check)):
            for column, is_dark in enumerate(line):
                if is_dark:
                    x, y = box[0] + column * module, box[1] + row * module
                    ink.rectangle((x, y, x + module - 1, y + module - 1), fill=proof_strip.DARK)

    return paint


def draw(spec: Spec, check: str, read: Read) -> tuple[bytes, str]:
    """Return a slide as a file, and its suffix. Raise TooLong."""
    is_last = slide_of(spec).is_last
    theme = "quiet" if is_last else spec.theme
    ground = ground_of(replace(spec, theme=theme), RATIO, read)
    return packed(lay_out(spec, check).draw(ground, read), flat=MODULES[theme].FLAT)
