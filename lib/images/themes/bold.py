"""Bold: one figure as wide as the card, or all the words in two colours. For the one thing today."""

from functools import lru_cache

from PIL import Image, ImageDraw

from lib.images.card import Spec
from lib.images.card_look import WHITE, Look
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.proof_strip import Colours
from lib.images.typesetting import CAPITALS, HARD, Lines, Text, fit, fonts_of, held, showable, width_of

from .sheet import SCALE, TIGHT, Sheet, Style, begin, coloured, figure_of, first_sentence, set_words

LARGEST = {Ratio.STORY: 190, Ratio.FEED: 178, Ratio.SQUARE: 160}
HUGE = 400  # pixels: a figure is no larger
FEW = 13  # characters: a longer figure is not set by itself
SHORT = 96  # characters: of a longer text no figure is set by itself
FLAT = True


def style_of(look: Look) -> Style:
    """Return the colours of header, marks and strip."""
    strip = Colours(WHITE, look.ink, look.ink, look.ink, plate=look.ink, on_plate=WHITE)
    return Style(
        look.bold, look.onbold, look.onbold, look.onbold2, look.ink, look.onbold2, look.ink, strip, plate=WHITE
    )


def lay_out(spec: Spec, ratio: Ratio, check: str, *, bottom: int = 0, tail: int = 0) -> Sheet:
    """Return a card before it is drawn. Raise TooLong."""
    look = spec.look
    sheet = begin(spec, ratio, check, style_of(look), bottom=bottom, tail=tail)
    if texts := _around_figure(sheet):
        sheet.texts += texts
        return sheet
    _lines, texts = set_words(
        sheet, spec.words, sheet.room, largest=LARGEST[ratio], colour=look.onbold, ground=look.bold, at=0.42
    )
    part = figure_of(spec.words)
    if first := first_sentence(spec.words):
        texts = coloured(texts, first, look.onbold2)
    elif part:
        texts = [piece for line in texts for piece in _with_figure(line, part, look.onbold2)]
    sheet.texts += texts
    return sheet


def _with_figure(line: Text, part: str, colour: str) -> list[Text]:
    """Return a line in pieces, the figure in it in another colour."""
    before, found, after = line.text.partition(part)
    if not found:
        return [line]
    pieces = []
    x = line.x
    for text, shade in ((before, line.colour), (part, colour), (after, line.colour)):
        if text.strip():
            shift = width_of(text[: len(text) - len(text.lstrip(" "))], line.name, line.size)
            pieces.append(Text(x + shift, line.y, text.strip(" "), line.name, line.size, shade, line.ground))
        x += width_of(text, line.name, line.size)
    return pieces


def _around_figure(sheet: Sheet) -> list[Text]:
    """Return the words with their figure as wide as the room, in the order in which they are read; [] if that does not suit."""
    spec, look = sheet.spec, sheet.look
    whole = held(showable(spec.words))
    part = figure_of(spec.words)
    if not part or len(part) > FEW or len(whole) > SHORT:
        return []
    before, figure, after = parted(whole, part)
    left, top, right, bottom = sheet.room
    display, _strong, _plain = fonts_of(look.font, spec.words)
    wide, room = right - left, bottom - top
    size = int(min(HUGE, wide / width_of(figure, display, 1), room * 0.46))
    for words in range(min(118, int(size * 0.62)), 51, -4):
        parts = [_block(text, spec, wide, words, display) for text in (before, after)]
        if None in parts:
            continue
        heights = [lines.height if lines else 0.0 for lines in parts]
        gap = words * 0.62
        tall = sum(heights) + size * CAPITALS + gap * sum(1 for one in heights if one) + words * 0.2
        if tall <= room:
            return _stacked(sheet, parts, figure, size, gap, top + (room - tall) * 0.42, display)
    return []


def parted(whole: str, part: str) -> tuple[str, str, str]:
    """Return what stands before a part, the part with the signs that follow it, and what stands after."""
    before, _part, rest = whole.partition(part)
    after = rest.lstrip(".,;:!?")
    return before.strip(" "), part + rest[: len(rest) - len(after)], after.strip(" ")


def _block(text: str, spec: Spec, wide: float, size: int, name: str) -> Lines | None:
    if not text:
        return Lines(size, ())
    return fit(
        text, spec.language, width=wide, height=10_000, largest=size, smallest=size, whole=size, name=name, lead=TIGHT
    )


def _stacked(
    sheet: Sheet, parts: list[Lines | None], figure: str, size: int, gap: float, y: float, name: str
) -> list[Text]:
    look, left = sheet.look, sheet.room[0]
    found: list[Text] = []
    before, after = parts
    assert before is not None and after is not None
    for place, lines in enumerate((before, after)):
        if lines.lines:
            y += lines.size * CAPITALS
            for at, line in enumerate(lines.lines):
                found.append(Text(left, y + at * lines.leading, line, name, lines.size, look.onbold, look.bold))
            y += lines.leading * (len(lines.lines) - 1)
        if place == 0:
            y += (gap if lines.lines else 0) + size * CAPITALS
            found.append(Text(left - size * 0.03, y, figure.replace(HARD, " "), name, size, look.onbold2, look.bold))
            y += gap
    return found


@lru_cache(maxsize=3)
def ground(look: Look, ratio: Ratio) -> Image.Image:
    """Return the loud ground, with rings as from a drop."""
    width, height = SIZES[ratio]
    image = Image.new("RGB", (width, height), look.bold)
    centre = (round(width * 0.89), round(height * 0.62))
    half = SCALE // 2
    mask = Image.new("L", (width * half, height * half), 0)
    ink = ImageDraw.Draw(mask)
    for radius in (180, 330, 500, 690, 900, 1130, 1390):
        ink.circle((centre[0] * half, centre[1] * half), (radius + 16) * half, outline=255, width=32 * half)
    image.paste(look.bold2, (0, 0), mask.resize((width, height), Image.Resampling.BOX))
    return image
