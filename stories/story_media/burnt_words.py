"""Subtitles and credit as pictures that lie over a cut: drawn here, so that no program reads their words as anything else."""

import html
import re
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from lib.images import typesetting
from lib.images.typesetting import CAPITALS, PLAIN, STRONG, Text
from lib.text.languages import spoken_languages
from lib.text.subtitles import Cue

from .transcoding import Overlay

FOOT = 0.79  # of the height: below it, platforms have buttons
HEAD = 0.145  # above it, too
SIDE = 0.08  # of the width
LARGEST, SMALLEST = 0.055, 0.03  # of the width: the size of the type
INK, GROUND = "#ffffff", (6, 30, 38, 214)
MARKUP = re.compile(r"</?[ibu]>")


class Undrawable(Exception):
    """Letters that no font here has."""


def plain(text: str) -> str:
    """Return a cue's words without their emphasis."""
    return html.unescape(MARKUP.sub("", text))


def overlay(
    cues: Sequence[Cue],
    folder: Path,
    size: tuple[int, int],
    *,
    begins: float,
    seconds: float,
    credit: str,
    language: str,
) -> Overlay:
    """
    Draw what lies over a cut of so many `seconds` from `begins` on, as PNG files in a folder: the subtitles of that time, each as
    long as it is spoken, and `credit` all the time. Raise Undrawable.
    """
    found = [(plain(cue.text), cue.start / 1000 - begins, cue.end / 1000 - begins) for cue in cues]
    if any(typesetting.undrawable(text) for text, start, end in [*found, (credit, 0, 0)]):
        raise Undrawable
    parts: list[tuple[str, float]] = []
    at = 0.0
    for text, start, end in found:
        start, end = max(0.0, start), min(seconds, end)
        if end - start < 0.04:
            continue
        if start - at > 0.001:
            parts.append(("", start - at))
        parts.append((text, end - start))
        at = end
    if seconds - at > 0.001 or not parts:
        parts.append(("", max(0.04, seconds - at)))
    drawn: dict[str, Path] = {}
    for text, _length in parts:
        if text not in drawn:
            drawn[text] = folder / f"words-{len(drawn)}.png"
            picture(text, size, credit=credit, language=language).save(drawn[text], compress_level=1)
    return Overlay([(drawn[text], length) for text, length in parts])


def picture(text: str, size: tuple[int, int], *, credit: str, language: str) -> Image.Image:
    """Return a clear picture with words at its foot and the credit at its head. What is too long gets smaller, never cut."""
    width, height = size
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    ink = ImageDraw.Draw(image)
    room = width * (1 - 2 * SIDE)
    line = typesetting.one_line(
        credit, width=room, size=round(width * 0.034), smallest=round(width * 0.022), name=PLAIN
    )
    plate(ink, line.lines[0], PLAIN, line.size, middle=width / 2, baseline=height * HEAD, language=language)
    if text:
        words = None
        for share in (0.16, 0.28, 0.4):
            words = typesetting.fit(
                text.replace("\n", " "),
                language,
                width=room,
                height=height * share,
                largest=round(width * LARGEST),
                smallest=round(width * SMALLEST),
                whole=round(width * SMALLEST),
                name=STRONG,
                lead=1.42,
            )
            if words:
                break
        if words is None:
            raise Undrawable
        first = height * FOOT - words.leading * (len(words.lines) - 1)
        for number, one in enumerate(words.lines):
            baseline = first + number * words.leading
            plate(ink, one, STRONG, words.size, middle=width / 2, baseline=baseline, language=language)
    return image


def plate(
    ink: ImageDraw.ImageDraw, line: str, name: str, size: int, *, middle: float, baseline: float, language: str
) -> None:
    """Draw a line in the middle, on a ground that it can be read on whatever is behind it."""
    if not line:
        return
    wide = typesetting.width_of(line, name, size)
    left, pad = middle - wide / 2, size * 0.36
    box = (left - pad, baseline - size * (CAPITALS + 0.3), left + wide + pad, baseline + size * 0.36)
    ink.rounded_rectangle(box, radius=size * 0.2, fill=GROUND)
    Text(left, baseline, line, name, size, INK, "#061e26", rtl=spoken_languages.is_rtl(language)).draw(ink)
