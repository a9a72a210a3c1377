"""A card while it is laid out: what every theme has alike (header, marks, proof strip), and the room for the words."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

from lib.images import proof_strip
from lib.images.card import Spec, TooLong, mark_shape, pencil_mask
from lib.images.card_look import WHITE, Look
from lib.images.picture_sizes import SIZES, Ratio
from lib.images.typesetting import (
    CAPITALS,
    HARD,
    Lines,
    Text,
    fit,
    fonts_of,
    held,
    middle,
    mirrored,
    one_line,
    showable,
    turned,
    undrawable,
    whole_sentences,
    width_of,
)
from lib.text.languages import spoken_languages

Box = tuple[int, int, int, int]
Paint = Callable[[Image.Image], None]
Read = Callable[[str], bytes]

# Where words may stand. In a story, buttons stand above, below and on the right.
SAFE: dict[Ratio, Box] = {
    Ratio.STORY: (96, 270, 948, 1490),
    Ratio.FEED: (72, 72, 1008, 1278),
    Ratio.SQUARE: (72, 72, 1008, 1008),
}
HEADER, GAP = 66, 36
LOGO = 132  # pixels: how wide a logo's plate is
BAND, FOOT = 62, 44  # the bands of an exercise, above and below
ROUND = 28
SMALLEST = 38  # pixels: no words of a card are smaller
WHOLE = 112  # pixels: a long word is broken rather than have all words smaller
SCALE = 4  # curves are drawn so much larger, then made small: their edges come out smooth
TIGHT = 1.06  # from one baseline to the next, of the size


@dataclass(frozen=True, slots=True)
class Style:
    """
    The colours of header, marks and strip. `plate` is what header and strip stand on where that is not the ground, "" for
    none; `rule` the line above a strip without a plate.
    """

    ground: str
    name: str
    number: str
    mark: str
    dots: str
    pill: str
    on_pill: str
    strip: proof_strip.Colours
    plate: str = ""
    header_plate: bool = False
    rule: str = ""


@dataclass(slots=True)
class Sheet:
    """A card before it is drawn: what is painted first, then its texts. `room` is what is left for the words."""

    spec: Spec
    ratio: Ratio
    style: Style
    room: Box
    strip: proof_strip.Strip
    paints: list[Paint] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    marks: list[Box] = field(default_factory=list)  # what no words may touch
    pictures: list[tuple[str, Box]] = field(
        default_factory=list
    )  # the logo and the issuer's mark, by their stored names
    upright: list[tuple[Box, Callable[[Box], Paint]]] = field(
        default_factory=list
    )  # what is never mirrored, such as a code

    @property
    def look(self) -> Look:
        """The campaign's look."""
        return self.spec.look

    def draw(self, ground: Image.Image, read: Read) -> Image.Image:
        """Return the card on a ground, which is left as it is. `read` gives the bytes of a stored picture by its name."""
        image = ground.copy()
        for paint in self.paints:
            paint(image)
        for box, make in self.upright:
            make(box)(image)
        proof_strip.paint(image, self.strip, self.style.strip)
        for name, box in self.pictures:
            paste_picture(image, name, box, read)
        ink = ImageDraw.Draw(image)
        for text in self.texts:
            text.draw(ink)
        return image


def facing(sheet: Sheet) -> Sheet:
    """Return a card as readers of its language look at it: from right to left it is mirrored, but for pictures and codes."""
    if not spoken_languages.is_rtl(sheet.spec.language):
        return sheet
    wide = SIZES[sheet.ratio][0]
    return replace(
        sheet,
        room=turned(sheet.room, wide),
        strip=sheet.strip.turned(wide),
        paints=[_mirrored(paint) for paint in sheet.paints],
        texts=mirrored(sheet.texts, wide),
        marks=[turned(box, wide) for box in sheet.marks],
        pictures=[(name, turned(box, wide)) for name, box in sheet.pictures],
        upright=[(turned(box, wide), make) for box, make in sheet.upright],
    )


def _mirrored(paint: Paint) -> Paint:
    def turn(image: Image.Image) -> None:
        other = ImageOps.mirror(image)
        paint(other)
        image.paste(ImageOps.mirror(other))

    return turn


def paste_picture(image: Image.Image, name: str, box: Box, read: Read) -> None:
    """Lay a stored picture, such as a logo, on a white plate, so that it is seen on any ground."""
    left, top, right, bottom = box
    rounded(box, WHITE, 12)(image)
    stored = _stored(name, (right - left - 10, bottom - top - 10), read)
    place = ((left + right - stored.width) // 2, (top + bottom - stored.height) // 2)
    image.paste(stored, place, stored)


@lru_cache(maxsize=8)
def _stored(name: str, room: tuple[int, int], read: Read) -> Image.Image:
    with Image.open(io.BytesIO(read(name))) as opened:
        return ImageOps.contain(opened.convert("RGBA"), room, Image.Resampling.LANCZOS)


def begin(spec: Spec, ratio: Ratio, check: str, style: Style, *, bottom: int = 0, tail: int = 0) -> Sheet:
    """
    Return a sheet with header, marks and strip. The strip ends at `bottom`, or where the safe area does; `tail` (pixels)
    above it are left free.
    """
    left, top, right, end = SAFE[ratio]
    end = bottom or end
    paints: list[Paint] = []
    texts: list[Text] = []
    marks: list[Box] = []
    pictures: list[tuple[str, Box]] = []
    if spec.exercise:
        top, end = _bands(spec, ratio, top, end, paints, texts, marks)
    top = _header(spec, (left, top, right), style, paints, texts, pictures)
    if spec.corrected:
        top += 18
        box, line = _pill((left, top), spec.corrected, style, right - left, paints, spec.look, pencil=True)
        texts.append(line)
        marks.append(box)
        top += HEADER
    inset, pad = (24, 16) if style.plate else (0, 0)
    end -= pad
    source = showable(spec.source)
    if width_of(source, proof_strip.PLAIN, 25) > right - inset - left - proof_strip.height(check) - proof_strip.GAP:
        source = source.rpartition(", ")[0] or source  # its name without its address, rather than half of both
    proof = proof_strip.Proof(spec.validity, source, spec.issuer, check, spec.hashtag, bool(spec.look.mark))
    strip = proof_strip.lay_out(proof, left, right - inset, end, style.strip)
    if style.plate:
        paints.append(rounded((left, strip.top - pad, right, end + pad), style.plate, ROUND))
    elif style.rule:
        paints.append(rounded((left, strip.top - 26, right, strip.top - 22), style.rule, 0))
    texts += strip.texts
    foot = strip.top - (26 if style.rule else pad) - GAP - tail
    if strip.mark:
        pictures.append((spec.look.mark, strip.mark))
    return Sheet(spec, ratio, style, (left, top + GAP, right, foot), strip, paints, texts, marks, pictures)


def _header(
    spec: Spec,
    place: tuple[int, int, int],
    style: Style,
    paints: list[Paint],
    texts: list[Text],
    pictures: list[tuple[str, Box]],
) -> int:
    """Set the campaign's mark and name, and on the right that it is urgent, or which bulletin it is; return where it ends."""
    left, top, right = place
    _display, strong, plain = fonts_of(spec.look.font, f"{spec.campaign}{spec.bulletin}{spec.urgent}{spec.place}")
    wide, beside = right - left, 0.0
    aside = spec.place or spec.bulletin
    if spec.urgent:
        size = one_line(spec.urgent, width=wide * 0.4, size=34, smallest=26, name=strong)
        beside = width_of(size.lines[0], strong, size.size) + 86
        _box, line = _pill((round(right - beside), top), spec.urgent, style, wide, paints, spec.look)
        texts.append(line)
    elif aside and not style.header_plate:
        number = one_line(aside, width=wide * 0.4, size=34, smallest=24, name=plain)
        beside = width_of(number.lines[0], plain, number.size)
        texts.append(
            Text(
                right - beside,
                middle(top, HEADER, number),
                number.lines[0],
                plain,
                number.size,
                style.number,
                style.ground,
            )
        )
    x = left + (26 if style.header_plate else 0)
    mark, mark_wide = _mark_paint(style, (x, top))
    if spec.look.logo:
        mark_wide = LOGO
    name = one_line(spec.campaign, width=wide - beside - mark_wide - 80, size=38, smallest=26, name=strong)
    at = x + mark_wide + 22
    if style.header_plate:
        end = round(at + width_of(name.lines[0], strong, name.size) + 30)
        paints.append(rounded((left, top - 4, end, top + HEADER + 4), style.ground, 22))
    if spec.look.logo:
        pictures.append((spec.look.logo, (x, top, x + LOGO, top + HEADER)))
    else:
        paints.append(mark)
    texts.append(Text(at, middle(top, HEADER, name), name.lines[0], strong, name.size, style.name, style.ground))
    return top + HEADER


def _pill(
    at: tuple[int, int], words: str, style: Style, room: float, paints: list[Paint], look: Look, *, pencil: bool = False
) -> tuple[Box, Text]:
    """Return the box and the words of a mark: a sign, a word and a colour, so that nobody needs to see the colour."""
    _display, strong, _plain = fonts_of(look.font, words)
    line = one_line(words, width=room - 90, size=34, smallest=22, name=strong)
    x, y = at
    box = (x, y, round(x + 86 + width_of(line.lines[0], strong, line.size)), y + HEADER)
    paints.append(rounded(box, style.pill, HEADER // 2))
    paints.append(_sign(box, style.on_pill, pencil=pencil))
    return box, Text(x + 58, middle(y, HEADER, line), line.lines[0], strong, line.size, style.on_pill, style.pill)


def _sign(box: Box, colour: str, *, pencil: bool) -> Paint:
    """Return what paints a pencil, or a "!", at the start of a mark."""

    def paint(image: Image.Image) -> None:
        if pencil:
            mask = pencil_mask(28)
            image.paste(colour, (box[0] + 24, box[1] + 19, box[0] + 52, box[1] + 47), mask)
            return
        ink = ImageDraw.Draw(image)
        x, y = box[0] + 28, box[1] + 15
        ink.polygon([(x, y), (x + 10, y), (x + 8, y + 23), (x + 2, y + 23)], fill=colour)
        ink.rounded_rectangle((x, y + 27, x + 9, y + 36), 3, fill=colour)

    return paint


def _mark_paint(style: Style, at: tuple[int, int]) -> tuple[Paint, int]:
    """Return what paints the campaign's mark, HEADER high, and how wide it is: the bubble."""
    mask, dots = mark_shape()

    def paint(image: Image.Image) -> None:
        x, y = at
        image.paste(style.mark, (x, y, x + mask.width, y + HEADER), mask)
        image.paste(style.dots, (x, y, x + mask.width, y + HEADER), dots)

    return paint, mask.width


def _bands(
    spec: Spec, ratio: Ratio, top: int, end: int, paints: list[Paint], texts: list[Text], marks: list[Box]
) -> tuple[int, int]:
    """Set what marks an exercise, from edge to edge, above and below, so that no crop loses both; return what is left."""
    width, height = SIZES[ratio]
    is_story = ratio == Ratio.STORY
    upper = (0, top if is_story else 20, width, (top if is_story else 20) + BAND)
    lower = (0, end - FOOT, width, end) if is_story else (0, height - FOOT - 14, width, height - 14)
    _display, strong, _plain = fonts_of(spec.look.font, spec.exercise)
    left, _top, right, _end = SAFE[ratio]
    short = spec.exercise.partition(".")[0]
    room = right - left - 120
    said = whole_sentences(spec.exercise, width=room, smallest=24, name=strong)
    for box, words, size in ((upper, said, 32), (lower, short, 26)):
        line = one_line(words, width=room, size=size, smallest=20, name=strong)
        wide = width_of(line.lines[0], strong, line.size)
        x = left + (right - left - wide) / 2
        paints.append(_stripes(box, (round(x - 28), round(x + wide + 28)), spec.look))
        baseline = middle(box[1], box[3] - box[1], line)
        texts.append(Text(x, baseline, line.lines[0], strong, line.size, spec.look.ink, spec.look.pop))
        marks.append(box)
    if is_story:
        return upper[3] + GAP, lower[1] - 30
    return upper[3] + 30, lower[1] - 20


def _stripes(box: Box, calm: tuple[int, int], look: Look) -> Paint:
    """Return what paints stripes with a calm place for words."""

    def paint(image: Image.Image) -> None:
        left, top, right, bottom = box
        image.paste(_striped(right - left, bottom - top, look.pop, look.ink), (left, top))
        image.paste(look.pop, (calm[0], top, calm[1], bottom))

    return paint


@lru_cache(maxsize=8)
def _striped(wide: int, tall: int, light: str, dark: str) -> Image.Image:
    band = Image.new("RGB", (wide * 2, tall * 2), light)
    ink = ImageDraw.Draw(band)
    for x in range(-tall * 2, wide * 2, 80):
        ink.polygon([(x, tall * 2), (x + 40, tall * 2), (x + 40 + tall * 2, 0), (x + tall * 2, 0)], fill=dark)
    return band.resize((wide, tall), Image.Resampling.BILINEAR)


# --- Words ---------------------------------------------------------------------------------------------------


def set_words(
    sheet: Sheet,
    text: str,
    box: Box,
    *,
    largest: int,
    colour: str,
    ground: str,
    name: str = "",
    lead: float = TIGHT,
    at: float = 0.5,
) -> tuple[Lines, list[Text]]:
    """
    Return words set as large as they fit a box, and where each line stands; `at` is 0 for the top of the box, 1 for its
    foot. Raise TooLong.
    """
    left, top, right, bottom = box
    display, _strong, _plain = fonts_of(sheet.look.font, text)
    name = name or display
    lines = fit(
        text,
        sheet.spec.language,
        width=right - left,
        height=bottom - top,
        largest=largest,
        smallest=SMALLEST,
        whole=min(largest, WHOLE),
        name=name,
        lead=lead,
    )
    if lines is None or not lines.lines[0] or undrawable(text):
        raise TooLong(sheet.spec.key)
    spare = bottom - top - lines.height - lines.size * 0.25
    first = top + max(0.0, spare * at) + lines.size * CAPITALS
    texts = [
        Text(left, first + place * lines.leading, line, name, lines.size, colour, ground)
        for place, line in enumerate(lines.lines)
    ]
    return lines, texts


def figure_of(text: str) -> str:
    """Return the first words of a text that are a figure with its unit, a date or a time ("5 minuuttia"), else ""."""
    found = (word for word in held(showable(text)).split(" ") if any(sign.isdigit() for sign in word))
    return next(found, "").strip(".,;:!?()”\"'")


def first_sentence(text: str) -> str:
    """Return the first of several sentences, "" of a text that is just one, or begins with a long one."""
    whole = held(showable(text))
    for place, sign in enumerate(whole):
        if sign in ".!?" and whole[place + 1 : place + 2] == " " and place > 3:
            return whole[: place + 1] if place < len(whole) * 0.62 else ""
    return ""


def coloured(texts: Sequence[Text], part: str, colour: str) -> list[Text]:
    """Return lines whose beginning, as far as `part` goes, is in another colour."""
    left = [sign for sign in part if sign not in {" ", HARD}]
    found: list[Text] = []
    for line in texts:
        taken = 0
        for place, sign in enumerate(line.text):
            if not left:
                break
            if sign == left[0]:
                left.pop(0)
            elif sign not in {" ", HARD, "-"}:
                left.clear()
                break
            taken = place + 1
        head, tail = line.text[:taken].rstrip(" "), line.text[taken:].lstrip(" ")
        if head:
            found.append(replace(line, text=head, colour=colour))
        if tail:
            shift = width_of(line.text[: len(line.text) - len(tail)], line.name, line.size)
            found.append(replace(line, text=tail, x=line.x + shift))
    return found


def span_of(texts: Sequence[Text], part: str) -> tuple[Text, float, float] | None:
    """Return the line that has `part` as a whole, and from where to where it stands there."""
    for line in texts:
        before, found, _after = line.text.partition(part)
        if found:
            start = line.x + width_of(before, line.name, line.size)
            return line, start, start + width_of(part, line.name, line.size)
    return None


# --- Shapes --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def mask_of(width: int, height: int, radius: int) -> Image.Image:
    """Return the mask of a box with round corners."""
    mask = Image.new("L", (width, height), 255)
    if not radius:
        return mask
    corner = Image.new("L", (radius * SCALE * 2, radius * SCALE * 2), 0)
    ImageDraw.Draw(corner).ellipse((0, 0, radius * SCALE * 2 - 1, radius * SCALE * 2 - 1), fill=255)
    small = corner.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)
    for x, y in ((0, 0), (width - radius, 0), (0, height - radius), (width - radius, height - radius)):
        part = (radius if x else 0, radius if y else 0)
        mask.paste(small.crop((*part, part[0] + radius, part[1] + radius)), (x, y))
    return mask


def rounded(box: Box, colour: str, radius: int) -> Paint:
    """Return what paints a box with round corners."""
    left, top, right, bottom = box
    radius = min(radius, (right - left) // 2, (bottom - top) // 2)

    def paint(image: Image.Image) -> None:
        if radius:
            image.paste(colour, box, mask_of(right - left, bottom - top, radius))
        else:
            image.paste(colour, box)

    return paint


def packed(image: Image.Image, *, flat: bool) -> tuple[bytes, str]:
    """Return a card as a file and its suffix: PNG where it has a few flat colours, else JPEG."""
    out = io.BytesIO()
    if flat:
        few = image.quantize(96, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(out, "PNG", compress_level=5)
        return out.getvalue(), ".png"
    image.save(out, "JPEG", quality=87)
    return out.getvalue(), ".jpg"


__all__ = ["WHITE", "Sheet", "Style", "begin", "set_words"]
