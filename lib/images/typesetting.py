"""Words set as large as they fit, in lines of about the same length."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont, features

from lib.text.languages import fallback_marks

from .hyphenation import parts

FONTS = Path(__file__).parent / "fonts"
DISPLAY, STRONG, PLAIN = "InterDisplay-Bold.otf", "Inter-SemiBold.otf", "Inter-Medium.otf"
SERIF = "source_serif/SourceSerifPro-Regular.otf"  # for what is not the campaign's words
# The fonts of a look: for a card's words, for what matters, for the rest.
SETS = {
    "inter": (DISPLAY, STRONG, PLAIN),
    "manrope": ("manrope/Manrope-ExtraBold.ttf", "manrope/Manrope-Bold.ttf", "manrope/Manrope-Medium.ttf"),
}
# What a font lacks of the characters that Inter has: a text with one of them is set in Inter as a whole.
LACKING = {
    "manrope": re.compile(
        "[\u0114-\u0115\u012c-\u012d\u0132-\u0133\u0138\u013f-\u0140\u014e-\u014f\u017f\u018f\u01c5-\u01dc"
        "\u01e6-\u01e9\u02bb-\u02c5\u02c8-\u02d7\u0300-\u030c\u2010\u2012\u2015\u201b\u2032-\u2033\u202f\u2071\u2196-\u2199\u2713]"
    )
}
ENGINE = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
# Arabic letters with Inter's Latin ones, by weight; and where Inter has no letter that Manrope has.
ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
IN_ARABIC = {
    DISPLAY: "arabic/BulletinArabic-Bold.ttf",
    STRONG: "arabic/BulletinArabic-SemiBold.ttf",
    PLAIN: "arabic/BulletinArabic-Medium.ttf",
    SERIF: "arabic/BulletinArabic-Medium.ttf",
    **dict(
        zip(
            SETS["manrope"],
            (
                "arabic/BulletinArabic-Bold.ttf",
                "arabic/BulletinArabic-SemiBold.ttf",
                "arabic/BulletinArabic-Medium.ttf",
            ),
            strict=True,
        )
    ),
}
NOT_IN_INTER = re.compile("[\u0490\u0491]")
INSTEAD_OF_INTER = dict(zip(SETS["inter"], SETS["manrope"], strict=True))
MEASURED_AT = 200  # pixels; other sizes are in proportion

# Of the size of the type: from one baseline to the next, capitals, and what rises above and hangs below a line.
LEADING, CAPITALS, ABOVE, BELOW = 1.16, 0.727, 0.95, 0.22

MUCH = 1.25  # so many times larger must words come out before one of them is broken for it
SMALLER = 0.6  # what a size that is smaller by its whole would cost; see _cost
HARD = "\u00a0"  # a space at which no line ends
# What the fonts in fonts/ can show. Anything else would come out as a box, so it is left out.
SHOWABLE = (
    "\u0020-\u007e\u00a0-\u00ac\u00ae-\u0148\u014a-\u017f\u018f\u0192\u01c5-\u01dc\u01e6-\u01e9\u0218-\u021b\u0259"
    "\u02bb-\u02dc\u0300-\u0304\u0306-\u030a\u030c\u0400-\u045f\u1e9e\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026"
    "\u0490-\u0491\u060c\u061b\u061f-\u063a\u0640-\u0655\u0660-\u066c\u0670-\u06d3\u06d5\u06f0-\u06f9"
    "\u202f-\u2030\u2032-\u2033\u2039-\u203a\u2044\u2070-\u2071\u2074-\u2079\u2080-\u2089\u20a3\u20ac\u20bd\u2116"
    "\u2122\u2190-\u2193\u2196-\u2199\u2212\u2248\u2260\u2264-\u2265\u2713"
)
UNSHOWABLE = re.compile(f"[^{re.escape(SHOWABLE).replace(chr(92) + '-', '-')}]")

MONTHS = (
    r"\w+kuu(?:ta|n|ssa|hun)?|januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|"
    r"January|February|March|April|May|June|July|August|September|October|November|December"
)
UNITS = (
    r"[%‰€$£°§]|°C|km|m|cm|mm|kg|g|l|dl|h|min|s|kpl|st|pm|am|p\.m\.|a\.m\.|euroa?|eur|EUR|prosent\w*|procent|percent|"
    r"henke\w*|ihmi\w*|person\w*|people|metri\w*|meters?|metres?|metre|tun\w*|timm\w*|hours?|sekun\w*|seconds?|minuut\w*|minut\w*|päiv\w*|dag\w*|"
    r"days?|kuukau\w*|månad\w*|months?|viikk\w*|veck\w*|weeks?|vuot\w*|år\w*|years?"
)
# Where a space holds: within a date, a time and a number, and between a number and what it counts.
HELD = [
    re.compile(rf"(?<=\d\.) (?=(?:{MONTHS})\b)"),
    re.compile(rf"(?<=\d) (?=(?:{MONTHS})\b)", re.IGNORECASE),
    re.compile(rf"(?<=\d)(?<!\d\d\d\d) (?=(?:{UNITS})(?!\w))"),
    re.compile(r"(?<=\d) (?=\d)"),
    re.compile(r"(?<=\d) (?=[–-] ?\d)|(?<=\d [–-]) (?=\d)"),
    re.compile(r"(?<=\d\.) (?=[a-zåäö])"),
    re.compile(r"(?i:(?<=\bklo)|(?<=\bkl\.)|(?<=\bkl)|(?<=\bat)|(?<=\bnro)|(?<=\bnr)|(?<=\bden)|(?<=§)|(?<=€)) (?=\d)"),
    re.compile(r" (?=[–—])"),
    re.compile("(?<=[0-9]) (?=[\u0600-\u06ff])"),
]
MONTH_BEFORE = re.compile(rf"(?:\b(?:{MONTHS})) (?=\d)", re.IGNORECASE)


@lru_cache(maxsize=256)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return one of the fonts in `size` pixels."""
    return ImageFont.truetype(FONTS / name, size, layout_engine=ENGINE)


def font_for(name: str, text: str) -> str:
    """Return the font that sets a text as a whole: the one of this name, or of its weight one that has the letters of the text."""
    if ARABIC.search(text):
        return IN_ARABIC.get(name, name)
    if name in INSTEAD_OF_INTER and NOT_IN_INTER.search(text):
        return INSTEAD_OF_INTER[name]
    return name


def undrawable(text: str) -> str:
    """Return the letters of a text that no font here has, or that cannot be joined here as their script wants, each once."""
    shown = set(showable(text))
    left = {sign for sign in unicodedata.normalize("NFC", text) if sign not in shown or not _can_join(sign)}
    return "".join(sorted(sign for sign in left if unicodedata.category(sign)[0] in "LM"))


def _can_join(sign: str) -> bool:
    return ENGINE == ImageFont.Layout.RAQM or not ARABIC.match(sign)


@lru_cache(maxsize=4096)
def _measured(text: str, name: str) -> float:
    return font(font_for(name, text), MEASURED_AT).getlength(text) / MEASURED_AT


def fonts_of(look: str, text: str) -> tuple[str, str, str]:
    """Return the fonts for a card in a look's font: for its words, for what matters, for the rest; those that have `text`."""
    lacking = LACKING.get(look)
    if ARABIC.search(text):
        return SETS["inter"]  # whose letters are beside the Arabic ones
    return SETS["inter" if look not in SETS or (lacking and lacking.search(text)) else look]


def width_of(text: str, name: str, size: float) -> float:
    """Return how wide `text` is, in pixels."""
    return _measured(text, name) * size


def showable(text: str) -> str:
    """Return `text` on one line, without what the fonts lack (emoji, for one); no space is left over."""
    return " ".join(UNSHOWABLE.sub("", unicodedata.normalize("NFC", re.sub(r"\s+", " ", text))).split())


def held(text: str) -> str:
    """Return `text` with hard spaces where a line must not end: "19. huhtikuuta 2020", "30 %", "klo 9.15"."""
    for pattern in HELD:
        text = pattern.sub(HARD, text)
    return MONTH_BEFORE.sub(lambda match: match[0].replace(" ", HARD), text)


@dataclass(frozen=True, slots=True)
class Lines:
    """Words in lines of one size (pixels). `height` is from the top of the first capital to the last baseline."""

    size: int
    lines: tuple[str, ...]
    lead: float = LEADING

    @property
    def leading(self) -> float:
        """Pixels from one baseline to the next."""
        return self.size * self.lead

    @property
    def height(self) -> float:
        """Pixels from the first line's capitals to the last baseline."""
        return self.size * CAPITALS + self.leading * (len(self.lines) - 1)


@dataclass(frozen=True, slots=True)
class Text:
    """
    A line of a card: where its baseline begins (pixels), the font, its colour and the ground that it stands on. With
    `tracking` (pixels) its characters stand so far apart from each other, as those of a code do. `rtl`: it is a line of a text that
    is written from right to left; `x` is its left end all the same.
    """

    x: float
    y: float
    text: str
    name: str
    size: int
    colour: str
    ground: str
    tracking: float = 0.0
    rtl: bool = False

    @property
    def _words(self) -> str:
        """The words as they are set: in a line from right to left, words that begin from left to right keep their order."""
        first = next((sign for sign in self.text if sign.isalpha()), "")
        if self._direction is None or ARABIC.match(first):
            return self.text
        return f"\u2066{fallback_marks.in_order(self.text)}\u2069"

    @property
    def _direction(self) -> str | None:
        return "rtl" if self.rtl and not self.tracking and ENGINE == ImageFont.Layout.RAQM else None

    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of its ink."""
        shape = font(font_for(self.name, self.text), self.size)
        left, top, right, bottom = shape.getbbox(self._words, anchor="ls", direction=self._direction)
        if self.tracking:
            left, right = 0.0, self.width
        return self.x + left, self.y + top, self.x + right, self.y + bottom

    @property
    def width(self) -> float:
        """How wide it is, in pixels."""
        if not self.tracking:
            return width_of(self.text, self.name, self.size)
        return sum(width_of(one, self.name, self.size) + self.tracking for one in self.text) - self.tracking

    def draw(self, ink: ImageDraw.ImageDraw) -> None:
        """Draw it."""
        x, shape = self.x, font(font_for(self.name, self.text), self.size)
        for part in self.text if self.tracking else [self._words]:
            ink.text((x, self.y), part, fill=self.colour, font=shape, anchor="ls", direction=self._direction)
            x += width_of(part, self.name, self.size) + self.tracking


def mirrored(texts: Iterable[Text], wide: float) -> list[Text]:
    """Return lines as they stand on a picture of this width (pixels) that is laid out from right to left."""
    return [replace(one, x=wide - one.x - one.width, rtl=bool(ARABIC.search(one.text))) for one in texts]


def turned[Number: (int, float)](
    box: tuple[Number, Number, Number, Number], wide: Number
) -> tuple[Number, Number, Number, Number]:
    """Return where a box (left, top, right, bottom) stands on such a picture."""
    return wide - box[2], box[1], wide - box[0], box[3]


def middle(top: float, height: float, line: Lines) -> float:
    """Return the baseline of a line whose capitals stand in the middle of a row."""
    return top + (height + line.size * CAPITALS) / 2


@dataclass(frozen=True, slots=True)
class Piece:
    """What a line is made of: words, and what follows them on the same line ("" within a word, else a space)."""

    text: str
    then: str = " "

    @property
    def hyphen(self) -> str:
        """What a line that ends here shows after it."""
        return "" if self.then or self.text.endswith("-") else "-"


def fit(
    text: str,
    language: str,
    *,
    width: float,
    height: float,
    largest: int,
    smallest: int,
    whole: int,
    name: str,
    lead: float = LEADING,
) -> Lines | None:
    """
    Return `text` in the largest size in which it fits a box (pixels), its lines balanced, or None below `smallest`.

    `lead` is the way from one baseline to the next, of the size. Words stay whole. Only where that makes them smaller than `whole`, or fit nowhere, are the long ones broken.
    """
    words = held(showable(text)).split(" ")
    pieces = [Piece(word) for word in words]
    lines = _largest(pieces, width, height, largest, smallest, name, lead)
    if lines is None or lines.size < whole:
        broken = [
            Piece(part, " " if last else "")
            for word in words
            for part, last in _marked(word if HARD in word else parts(word, language))
        ]
        larger = _largest(broken, width, height, min(largest, 2 * whole), smallest, name, lead)
        if larger is not None and (lines is None or larger.size >= MUCH * lines.size):
            return larger
    return lines


def one_line(text: str, *, width: float, size: int, smallest: int, name: str) -> Lines:
    """Return `text` on one line, smaller when it has to be; what does not fit then ends in an ellipsis."""
    text = showable(text)
    while size > smallest and width_of(text, name, size) > width:
        size -= 1
    if width_of(text, name, size) > width:
        while text and width_of(text + "…", name, size) > width:
            text = text[:-1].rstrip(" ,.")
        text += "…"
    return Lines(size, (text,))


def whole_sentences(text: str, *, width: float, smallest: int, name: str) -> str:
    """Return the first sentences of `text` that fit on one line; the first at least, however long it is."""
    said = showable(text)
    while ". " in said and width_of(said, name, smallest) > width:
        said = f"{said.rpartition('. ')[0]}."
    return said


def _marked(split: str | list[str]) -> list[tuple[str, bool]]:
    pieces = [split] if isinstance(split, str) else split
    return [(piece, at == len(pieces) - 1) for at, piece in enumerate(pieces)]


def _largest(
    pieces: list[Piece], width: float, height: float, largest: int, smallest: int, name: str, lead: float
) -> Lines | None:
    """Return the lines of the largest size that fits, found by halving; None when the smallest does not."""
    low, high, best = smallest, largest, 0
    while low <= high:
        size = (low + high) // 2
        count = _count(pieces, width, size, name)
        if count and (ABOVE + BELOW + lead * (count - 1)) * size <= height:
            low, best = size + 1, size
        else:
            high = size - 1
    if not best:
        return None
    # A little smaller may be much better to read: even lines, breaks where the sentence breathes.
    sizes = {max(smallest, round(best * share)) for share in (1, 0.96, 0.92, 0.88, 0.84)}
    tries = [(_balanced(pieces, width, size, name, _count(pieces, width, size, name)), size) for size in sizes]
    (_, lines), size = min(tries, key=lambda one: (one[0][0] + SMALLER * (1 - one[1] / best), -one[1]))
    return Lines(size, lines, lead)


def _line(pieces: list[Piece]) -> str:
    return "".join(piece.text + piece.then for piece in pieces[:-1]) + pieces[-1].text + pieces[-1].hyphen


def _count(pieces: list[Piece], width: float, size: int, name: str) -> int:
    """Return the fewest lines that the pieces take, or 0 when one of them is wider than a line."""
    count, at, line = 1, 0.0, 0.0
    space = width_of(" ", name, size)
    for before, piece in zip([None, *pieces], pieces, strict=False):
        wide = width_of(piece.text, name, size)
        ends = wide + width_of(piece.hyphen, name, size)
        if ends > width:
            return 0
        gap = space if before and before.then else 0.0
        if before and at + gap + ends > width:
            count, line = count + 1, wide
        else:
            line = at + (gap if before else 0.0) + wide
        at = line
    return count


def _balanced(pieces: list[Piece], width: float, size: int, name: str, count: int) -> tuple[float, tuple[str, ...]]:
    """Return the cheapest of all ways to break the pieces into `count` lines: its cost for each line, and the lines."""
    number = len(pieces)
    space = width_of(" ", name, size)
    begins = [0.0]  # where each piece would begin, were all on one line
    for piece in pieces:
        begins.append(begins[-1] + width_of(piece.text, name, size) + (space if piece.then else 0.0))
    costs: dict[tuple[int, int], float] = {}
    for end in range(1, number + 1):
        last = pieces[end - 1]
        ends = begins[end] - (space if last.then else 0.0) + width_of(last.hyphen, name, size)
        for start in range(end - 1, -1, -1):
            wide = ends - begins[start]
            if wide > width and end - start > 1:
                break
            costs[start, end] = _cost(pieces, start, end, wide / width)
    best: dict[tuple[int, int], tuple[float, int]] = {(0, 0): (0.0, 0)}
    for used in range(1, count + 1):
        for (start, end), cost in costs.items():
            before = best.get((used - 1, start))
            if before is not None and ((used, end) not in best or before[0] + cost < best[used, end][0]):
                best[used, end] = (before[0] + cost, start)
    lines: list[str] = []
    end = number
    for used in range(count, 0, -1):
        start = best[used, end][1]
        lines.append(_line(pieces[start:end]))
        end = start
    return best[count, number][0] / count, tuple(reversed(lines))


def _cost(pieces: list[Piece], start: int, end: int, share: float) -> float:
    """Return what a line costs that fills `share` of the width: ragged is dear, so is a word left alone at the end."""
    cost = (1.0 - share) ** 2
    if end - start == 1 and start and end < len(pieces) and len(pieces[start].text) < 5 and pieces[start].then:
        cost += 0.4  # a short word alone between others
    last = pieces[end - 1].text
    if end == len(pieces):
        alone = end - start == 1 and len(last) < 8
        return cost * 0.7 + (0.5 if alone and start else 0.0)
    if last[-1] in ".!?:;":
        return cost - 0.04
    if last[-1] == ",":
        return cost - 0.02
    if not pieces[end - 1].then:
        return cost + 0.3
    return cost + (0.03 if len(last) <= 3 else 0.0)
