"""What a creator lays over or behind a video of their own: a sticker with a clear edge, and a background to stand before."""

import io

from PIL import Image, ImageDraw

from lib.images import proof_strip
from lib.images.card import Spec, TooLong
from lib.images.card_look import WHITE
from lib.images.picture_sizes import Ratio
from lib.images.proof_strip import Colours
from lib.images.typesetting import CAPITALS, Text, fit, fonts_of, mirrored, one_line, undrawable
from lib.text.languages import spoken_languages

from .renderer import MODULES, ground_of
from .renderer import lay_out as lay_out_card
from .sheet import Read, Sheet, mask_of, packed, paste_picture

STICKER = (1080, 700)
EDGE, ROUND, PAD = 18, 84, 56  # pixels: the sticker's clear edge, its corners, and the room within
TILT = 2.5  # degrees
FREE = 1010  # pixels: below, a background is for the person before it


def lay_out_background(spec: Spec, check: str) -> Sheet:
    """Return a story whose lower half is free for a person, before it is drawn. Raise TooLong."""
    return lay_out_card(spec, Ratio.STORY, check, bottom=FREE)


def draw_background(spec: Spec, check: str, read: Read) -> tuple[bytes, str]:
    """Return a background as a file, and its suffix. Raise TooLong."""
    image = lay_out_background(spec, check).draw(ground_of(spec, Ratio.STORY, read), read)
    return packed(image, flat=MODULES[spec.theme].FLAT)


def lay_out_sticker(spec: Spec, check: str) -> tuple[proof_strip.Strip, list[Text], Colours]:
    """Return a sticker's strip, its texts and the strip's colours. Raise TooLong."""
    look = spec.look
    width, height = STICKER
    colours = Colours(look.pop, look.ink, look.ink, look.ink, plate=look.ink, on_plate=WHITE)
    left, right, top, bottom = EDGE + PAD, width - EDGE - PAD, EDGE + PAD - 8, height - EDGE - PAD + 8
    proof = proof_strip.Proof(spec.validity, spec.source, spec.issuer, check, spec.hashtag, bool(look.mark))
    strip = proof_strip.lay_out(proof, left, right, bottom, colours)
    texts = list(strip.texts)
    display, strong, _plain = fonts_of(look.font, spec.words)
    if mark := " · ".join(part for part in (spec.exercise.partition(".")[0], spec.corrected, spec.urgent) if part):
        line = one_line(mark, width=right - left, size=34, smallest=24, name=strong)
        texts.append(Text(left, top + line.size * CAPITALS, line.lines[0], strong, line.size, look.ink, look.pop))
        top += line.size + 14
    room = strip.top - 24 - top
    lines = fit(
        spec.words,
        spec.language,
        width=right - left,
        height=room,
        largest=130,
        smallest=44,
        whole=80,
        name=display,
        lead=1.06,
    )
    if lines is None or not lines.lines[0] or undrawable(spec.words):
        raise TooLong(spec.key)
    first = top + (room - lines.height) * 0.4 + lines.size * CAPITALS
    texts += [
        Text(left, first + place * lines.leading, line, display, lines.size, look.ink, look.pop)
        for place, line in enumerate(lines.lines)
    ]
    if spoken_languages.is_rtl(spec.language):
        return strip.turned(width), mirrored(texts, width), colours
    return strip, texts, colours


def draw_sticker(spec: Spec, check: str, read: Read) -> tuple[bytes, str]:
    """Return the words as a sticker with a transparent ground (PNG), and its suffix. Raise TooLong."""
    strip, texts, colours = lay_out_sticker(spec, check)
    width, height = STICKER
    sticker = Image.new("RGBA", STICKER, (0, 0, 0, 0))
    sticker.paste(WHITE, (0, 0), mask_of(width, height, ROUND))
    sticker.paste(spec.look.pop, (EDGE, EDGE), mask_of(width - 2 * EDGE, height - 2 * EDGE, ROUND - EDGE))
    proof_strip.paint(sticker, strip, colours)
    if strip.mark:
        paste_picture(sticker, spec.look.mark, strip.mark, read)
    ink = ImageDraw.Draw(sticker)
    for text in texts:
        text.draw(ink)
    tilted = sticker.rotate(TILT, Image.Resampling.BICUBIC, expand=True)
    out = io.BytesIO()
    tilted.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", compress_level=6)
    return out.getvalue(), ".png"
