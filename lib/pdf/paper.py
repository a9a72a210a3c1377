"""A paper to print and to read: A4, headings, paragraphs, lists, tables and figures, each tagged as what it is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from lib.images.typesetting import DISPLAY, PLAIN, STRONG, showable

from .document import HEIGHT, WIDTH, begun, decoration, grouped, tagged

SIDE = 56.0
INNER = WIDTH - 2 * SIDE
FLOOR = HEIGHT - SIDE  # where a page ends
INK, SOFT, LINE, CLOUD = "#0e2229", "#43565c", "#c5d0d2", "#ffb43c"  # the colours of tokens.css on paper
SIZE, SMALL = 10.0, 9.0
LEADING = 1.4
CELL, CELL_LEADING, CELL_GAP = 8.5, 11.0, 6.0
KEPT = 96.0  # what a heading wants below it on its page


class Paper:
    """A paper that is written from above to below. The same calls give the same bytes."""

    def __init__(self, title: str, *, language: str, at: datetime) -> None:
        self.pdf = begun(title, language, at, margin=SIDE)
        self.new_page()

    def bytes(self) -> bytes:
        """Return the file."""
        self.end_page()
        return bytes(self.pdf.output())

    # --- Words --------------------------------------------------------------------------------------------

    def title(self, words: str) -> None:
        """Write what the paper says first."""
        self.say(words, role="/H1", font=DISPLAY, size=22, after=6)

    def heading(self, words: str, level: int = 2) -> None:
        """Write a heading, with what follows it on the same page; the second level stands under a line."""
        self.need(KEPT)
        if level == 2:
            self.line(INK, 1, 8)
            self.move(15)
        else:
            self.move(6)
        self.say(words, role=f"/H{level}", font=STRONG, size=13.5 if level == 2 else 11, after=4)

    def say(
        self,
        words: str,
        *,
        role: str = "/P",
        font: str = PLAIN,
        size: float = SIZE,
        colour: str = INK,
        after: float = 2,
    ) -> None:
        """Write a paragraph; nothing without words. One that a page does not hold goes on at the next, as one paragraph."""
        if words:
            with_room = self.lines_of(words, INNER, size, font)
            self.need(min(len(with_room), 2) * size * LEADING)
            self.write(with_room, role, font, size, colour, SIDE)
            self.move(after)

    def note(self, words: str, *, after: float = 2) -> None:
        """Write a paragraph in small grey letters."""
        self.say(words, size=SMALL, colour=SOFT, after=after)

    def listed(self, lines: Sequence[str], *, is_numbered: bool = False) -> None:
        """Write a list; nothing without lines."""
        if not lines:
            return
        with grouped(self.pdf, "/L"):
            for number, words in enumerate(lines, start=1):
                wrapped = self.lines_of(words, INNER - 16, SIZE, PLAIN)
                self.need(SIZE * LEADING)
                with grouped(self.pdf, "/LI"):
                    top = self.pdf.get_y()
                    self.write([f"{number}." if is_numbered else "–"], "/Lbl", PLAIN, SIZE, INK, SIDE)
                    self.pdf.set_y(top)
                    self.write(wrapped, "/LBody", PLAIN, SIZE, INK, SIDE + 16)
                self.move(2)

    def band(self, words: str, colour: str = CLOUD) -> None:
        """Draw a band with words across the head of the page."""
        with decoration(self.pdf):
            self.pdf.set_fill_color(colour)
            self.pdf.rect(0, 0, WIDTH, 30, style="F")
        self.pdf.set_y(9)
        self.say(words, font=STRONG, size=11, after=24)

    # --- Tables and figures -------------------------------------------------------------------------------

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        caption: str = "",
        widths: Sequence[float] = (),
        words: int = 1,
        ends_with_words: bool = False,
    ) -> None:
        """
        Write a table under its head; the first cell of a row is its name. `widths` are parts of the whole, else the first column takes
        what the others leave. So many first columns are `words`, at the left, and the last one where it `ends_with_words`; the others are numbers, at the right.
        """
        narrow = 0.6 / max(1, len(head) - 1)
        parts = widths or [1 - narrow * (len(head) - 1), *[narrow] * (len(head) - 1)]
        wide = [INNER * part / sum(parts) for part in parts]
        self.need(3 * (CELL_LEADING + CELL_GAP))
        with grouped(self.pdf, "/Table"):
            if caption:
                self.write(self.lines_of(caption, INNER, SMALL, STRONG), "/Caption", STRONG, SMALL, INK, SIDE)
                self.move(2)
            for number, cells in enumerate([head, *rows]):
                self.row(cells, wide, words, is_head=number == 0, ends_with_words=ends_with_words)
        self.move(6)

    def row(
        self, cells: Sequence[str], widths: Sequence[float], words: int, *, is_head: bool, ends_with_words: bool = False
    ) -> None:
        """Write a row of a table, whole on one page."""
        font, pdf = STRONG if is_head else PLAIN, self.pdf
        wrapped = [self.lines_of(cell, width - CELL_GAP, CELL, font) for width, cell in zip(widths, cells, strict=True)]
        tall = CELL_LEADING * max(len(lines) for lines in wrapped) + CELL_GAP
        self.need(tall)
        top, left = pdf.get_y(), SIDE
        with grouped(pdf, "/TR"):
            for place, (width, lines) in enumerate(zip(widths, wrapped, strict=True)):
                scope = "Column" if is_head else "Row" if place == 0 else ""
                pdf.set_font(font, size=CELL)
                pdf.set_text_color(SOFT if is_head else INK)
                pdf.set_xy(left, top + CELL_GAP / 2)
                attributes = f"<</O /Table /Scope /{scope}>>" if scope else None
                with tagged(pdf, "/TH" if scope else "/TD", attributes=attributes):
                    is_words = place < words or (ends_with_words and place == len(cells) - 1)
                    align = "L" if is_words else "R"
                    pdf.multi_cell(width - CELL_GAP, CELL_LEADING, "\n".join(lines), align=align)
                left += width
        pdf.set_xy(SIDE, top + tall)
        self.line(LINE, 0.5)

    def figure(self, alt: str, tall: float, draw: Callable[["Paper", float, float, float], None]) -> None:
        """Draw a picture that is `tall` points high; `alt` is read out for it. `draw` gets its left, top and width in points."""
        self.need(tall)
        top = self.pdf.get_y()
        box = f"<</O /Layout /Placement /Block /BBox [{SIDE:g} {HEIGHT - top - tall:g} {WIDTH - SIDE:g} {HEIGHT - top:g}]>>"
        with tagged(self.pdf, "/Figure", alt_text=alt, attributes=box):
            draw(self, SIDE, top, INNER)
        self.pdf.set_xy(SIDE, top + tall)
        self.move(6)

    # --- Places -------------------------------------------------------------------------------------------

    def need(self, tall: float) -> None:
        """Go on at the next page where this one has no room for so much."""
        if self.pdf.get_y() + tall > FLOOR:
            self.new_page()

    def move(self, down: float) -> None:
        """Leave a gap."""
        self.pdf.set_y(self.pdf.get_y() + down)

    def line(self, colour: str, width: float, down: float = 0) -> None:
        """Draw a line across the page, so far down."""
        with decoration(self.pdf):
            self.pdf.set_draw_color(colour)
            self.pdf.set_line_width(width)
            self.pdf.line(SIDE, self.pdf.get_y() + down, WIDTH - SIDE, self.pdf.get_y() + down)

    def new_page(self) -> None:
        """Begin a page."""
        if self.pdf.page:
            self.end_page()
        self.pdf.add_page()

    def end_page(self) -> None:
        """Write the number of a page, of how many, at its foot."""
        with decoration(self.pdf):
            self.pdf.set_font(PLAIN, size=8)
            self.pdf.set_text_color(SOFT)
            self.pdf.set_xy(SIDE, FLOOR + 16)
            self.pdf.cell(INNER, 10, f"{self.pdf.page} / {{nb}}", align="R")

    def lines_of(self, words: str, width: float, size: float, font: str) -> list[str]:
        """Return some words in lines that are so wide, at least one."""
        self.pdf.set_font(font, size=size)
        lines: Any = self.pdf.multi_cell(
            width, size, "\n".join(map(showable, words.splitlines())), align="L", dry_run=True, output="LINES"
        )
        return list(lines) or [""]

    def write(self, lines: Sequence[str], role: str, font: str, size: float, colour: str, left: float) -> None:
        """Write lines as one element, over as many pages as they take."""
        tall = size * LEADING
        rest = list(lines)
        if self.pdf.get_y() + len(rest) * tall <= FLOOR:
            return self._piece(rest, role, font, size, colour, left)
        with grouped(self.pdf, role):
            while rest:
                self.need(tall)
                room = max(1, int((FLOOR - self.pdf.get_y()) / tall))
                self._piece(rest[:room], "/Span", font, size, colour, left)
                rest = rest[room:]

    def _piece(self, lines: Sequence[str], role: str, font: str, size: float, colour: str, left: float) -> None:
        self.pdf.set_font(font, size=size)
        self.pdf.set_text_color(colour)
        self.pdf.set_x(left)
        with tagged(self.pdf, role):
            self.pdf.multi_cell(
                WIDTH - SIDE - left + 1, size * LEADING, "\n".join(lines), align="L", new_x="LMARGIN", new_y="NEXT"
            )
