"""A certificate on one page: a band, the name, what is certified, a code and where it is checked. Its own fonts, the same bytes every time."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import override

from lib.images.proof_strip import QUIET, modules
from lib.images.typesetting import DISPLAY, PLAIN, STRONG, fit, one_line, showable

from .document import HEIGHT, WIDTH, begun, decoration, tagged

if TYPE_CHECKING:
    from fpdf import FPDF

# In points.
SIDE = 64.0
INNER = WIDTH - 2 * SIDE
QR = 84.0  # the side of the QR code

# The colours of tokens.css on paper.
NIGHT, INK, SOFT, LAKE, CLOUD, PAPER = "#0e2a3b", "#14212b", "#43545f", "#0b5c7d", "#f4c95d", "#ffffff"


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    What a certificate says, in the words of its language: `name` may be missing, `says` are its sentences, the first larger, `signed`
    is who signed it, `day` the line below that, `url` where the code is checked.
    """

    campaign: str
    subject: str
    is_exercise: bool
    name: str
    says: Sequence[str]
    signed: str
    day: str
    code: str
    url: str
    issued_at: datetime


def drawn(sheet: Sheet, language: str) -> bytes:
    """
    Return a certificate as PDF in a language. It embeds its fonts, names its language and title, and marks heading and
    paragraphs. The same certificate gives the same bytes.
    """
    with override(language):
        pdf = begun(f"{_('Certificate')}: {sheet.campaign}", language, sheet.issued_at)
        pdf.set_author(sheet.campaign)
        pdf.set_subject(sheet.subject)
        pdf.add_page()
        top = _head(pdf, sheet)
        top = _name(pdf, sheet.name, language, top)
        _body(pdf, sheet.says, top)
        _foot(pdf, sheet)
        return bytes(pdf.output())


def _head(pdf: "FPDF", sheet: Sheet) -> float:
    """Draw the band with the campaign's name, and the mark of an exercise; return where it ends."""
    with decoration(pdf):
        pdf.set_fill_color(NIGHT)
        pdf.rect(0, 0, WIDTH, 168, style="F")
    name = one_line(sheet.campaign, width=INNER, size=17, smallest=11, name=STRONG)
    _line(pdf, "/P", name.lines[0], STRONG, name.size, PAPER, 62)
    _line(pdf, "/H1", _("Certificate"), DISPLAY, 40, PAPER, 122)
    if not sheet.is_exercise:
        return 168
    with decoration(pdf):
        pdf.set_fill_color(CLOUD)
        pdf.rect(0, 168, WIDTH, 34, style="F")
    said = one_line(
        _("EXERCISE. This is not a certificate of a real campaign.").upper(),
        width=INNER,
        size=13,
        smallest=8,
        name=STRONG,
    )
    _line(pdf, "/P", said.lines[0], STRONG, said.size, INK, 190)
    return 202


def _name(pdf: "FPDF", written: str, language: str, top: float) -> float:
    """Set the name as large as it fits; return where it ends."""
    name = showable(written)
    is_cut = name != " ".join(unicodedata.normalize("NFC", written).split())
    top += 66
    if name:
        lines = fit(name, language, width=INNER, height=190, largest=40, smallest=9, whole=22, name=DISPLAY)
        if lines is None:
            lines, is_cut = one_line(name, width=INNER, size=14, smallest=9, name=DISPLAY), True
        top += lines.size * 0.75
        with tagged(pdf, "/P"):
            for line in lines.lines:
                _words(pdf, line, DISPLAY, lines.size, INK, top)
                top += lines.leading
        top -= lines.leading
    if is_cut:
        top += 26
        _line(pdf, "/P", _("The full name is on the page at the address below."), PLAIN, 10, SOFT, top)
    return top


def _body(pdf: "FPDF", says: Sequence[str], top: float) -> None:
    """Write what is certified."""
    pdf.set_y(top + 34)
    for number, text in enumerate(says):
        pdf.set_font(PLAIN, size=15 if number == 0 else 12.5)
        pdf.set_text_color(INK)
        with tagged(pdf, "/P"):
            pdf.set_x(SIDE)
            pdf.multi_cell(INNER, 22 if number == 0 else 19, showable(text), align="L", new_x="LEFT", new_y="NEXT")
        pdf.set_y(pdf.get_y() + 8)


def _foot(pdf: "FPDF", sheet: Sheet) -> None:
    """Write who signed it, and where anyone can check it."""
    top = HEIGHT - 186
    if sheet.signed:
        text = one_line(sheet.signed, width=INNER, size=15, smallest=9, name=STRONG)
        _line(pdf, "/P", text.lines[0], STRONG, text.size, INK, top)
    if sheet.day:
        _line(pdf, "/P", sheet.day, PLAIN, 11, SOFT, top + 20)
    with decoration(pdf):
        pdf.set_draw_color(LAKE)
        pdf.set_line_width(1.5)
        pdf.line(SIDE, top + 48, WIDTH - SIDE, top + 48)
    _line(pdf, "/P", _("Code: %(code)s") % {"code": sheet.code}, STRONG, 13, INK, top + 76)
    _line(pdf, "/P", _("Anyone can check this certificate at:"), PLAIN, 10.5, SOFT, top + 98)
    where = one_line(sheet.url, width=INNER - QR - 12, size=11, smallest=6, name=PLAIN)
    _line(pdf, "/P", where.lines[0], PLAIN, where.size, LAKE, top + 116, link=sheet.url)
    _qr_code(pdf, sheet.url, WIDTH - SIDE - QR, top + 60)


def _qr_code(pdf: "FPDF", url: str, left: float, top: float) -> None:
    """Draw a QR code of an address that is written beside it. The paper around it is its quiet zone."""
    rows = modules(url, in_capitals=False)
    size = QR / (len(rows) - 2 * QUIET)
    with decoration(pdf):
        pdf.set_fill_color(INK)
        for y, row in enumerate(rows):
            for x, is_dark in enumerate(row):
                if is_dark:  # a hair wider, so that no viewer shows white lines between them
                    place = (left + (x - QUIET) * size, top + (y - QUIET) * size)
                    pdf.rect(*place, size * 1.02, size * 1.02, style="F")


# --- Drawing ------------------------------------------------------------------------------------------------


def _line(
    pdf: "FPDF", role: str, text: str, name: str, size: float, colour: str, baseline: float, *, link: str = ""
) -> None:
    """Write one line at the left edge, with its role in the document."""
    with tagged(pdf, role):
        _words(pdf, showable(text), name, size, colour, baseline)
    if link:
        pdf.link(SIDE, baseline - size, INNER, size * 1.4, link)


def _words(pdf: "FPDF", text: str, name: str, size: float, colour: str, baseline: float) -> None:
    pdf.set_font(name, size=size)
    pdf.set_text_color(colour)
    pdf.text(SIDE, baseline, text)
