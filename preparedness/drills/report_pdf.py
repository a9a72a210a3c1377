"""The report of a drill as PDF: A4, the project's own fonts, in the active language; the same report gives the same bytes."""

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from influencers.recognition.certificate_pdf import FONTS, decoration, tagged
from lib.images.typesetting import DISPLAY, PLAIN, STRONG, showable
from preparedness.models import Drill

from .report import Report

if TYPE_CHECKING:
    from fpdf import FPDF

# A4, in points; the colours of tokens.css on paper.
WIDTH, HEIGHT, SIDE = 595.28, 841.89, 56.0
INNER = WIDTH - 2 * SIDE
INK, SOFT, LINE, CLOUD = "#0e2229", "#43565c", "#c5d0d2", "#ffb43c"


def render(drill: Drill, report: Report) -> bytes:
    """Return a report as PDF in the active language, its headings and paragraphs marked as such."""
    from fpdf import FPDF  # 25 MB that only whoever draws a PDF needs

    pdf = FPDF(unit="pt", format="A4")
    pdf.set_creation_date((drill.ended_at or drill.made_at).astimezone(UTC))
    pdf.set_lang(get_language() or "en")
    pdf.set_title(report.title)
    pdf.set_producer("Crisis Bulletins")
    pdf.set_margins(SIDE, SIDE, SIDE)
    pdf.set_auto_page_break(True, margin=SIDE)
    pdf.c_margin = 0
    for name in (DISPLAY, STRONG, PLAIN):
        pdf.add_font(name, fname=str(FONTS / name.replace(".otf", ".ttf")))
    pdf.add_page()
    band(pdf, _("Exercise report. Everything in it happened in a drill."))
    say(pdf, "/P", f"{_('After-action report')}: {report.scenario}. {report.campaign}, {report.day}", PLAIN, 9, SOFT)
    say(pdf, "/H1", report.title, DISPLAY, 22, after=6)
    say(pdf, "/P", report.lead, PLAIN, 12.5, after=8)
    for name, value in ((_("Length and speed"), report.length), (_("Taking part"), report.taking_part)):
        say(pdf, "/P", f"{name}: {value}", PLAIN, 9, SOFT)
    say(pdf, "/P", f"{_('Events')}: {report.events}", PLAIN, 9, SOFT)
    heading(pdf, _("What to do better"))
    for number, (what, why) in enumerate(report.better, start=1):
        say(pdf, "/P", f"{number}. {what}", STRONG, 11)
        say(pdf, "/P", why, PLAIN, 9, SOFT, after=5)
    listed(pdf, _("What the team will do"), [f"{what} {taken}".strip() for what, taken in report.lessons])
    listed(pdf, _("What went well"), report.well)
    heading(pdf, _("Measures against earlier drills"))
    table(
        pdf,
        [_("Measure"), *report.days, _("Aim")],
        [[one.name, *one.earlier, one.value, one.aim] for one in report.rows],
    )
    heading(pdf, _("Who was waited for"))
    say(pdf, "/P", _("By role. People are not timed and not named."), PLAIN, 9, SOFT)
    table(
        pdf,
        [_("Work waited for"), _("Times"), _("In all"), _("Longest")],
        [[who, str(times), total, longest] for who, times, total, longest in report.waited],
    )
    heading(pdf, _("What was put in"))
    table(
        pdf,
        [_("Kind"), _("Put in"), _("Dealt with"), _("Median time"), _("Not dealt with")],
        [[one.name, str(one.put_in), str(one.dealt), one.median, one.left] for one in report.kinds],
    )
    listed(pdf, _("Not put in"), report.notes)
    heading(pdf, _("How it was measured"))
    say(pdf, "/P", report.how, PLAIN, 9)
    return bytes(pdf.output())


def band(pdf: "FPDF", words: str) -> None:
    """Draw the band that no page of an exercise goes without."""
    with decoration(pdf):
        pdf.set_fill_color(CLOUD)
        pdf.rect(0, 0, WIDTH, 30, style="F")
    pdf.set_y(9)
    say(pdf, "/P", words, STRONG, 11, after=24)


def heading(pdf: "FPDF", words: str) -> None:
    """Write a heading under a line, with what follows it on the same page."""
    if pdf.get_y() > HEIGHT - 2 * SIDE - 40:
        pdf.add_page()
    with decoration(pdf):
        pdf.set_draw_color(INK)
        pdf.set_line_width(1)
        pdf.line(SIDE, pdf.get_y() + 8, WIDTH - SIDE, pdf.get_y() + 8)
    pdf.set_y(pdf.get_y() + 15)
    say(pdf, "/H2", words, STRONG, 13.5, after=4)


def listed(pdf: "FPDF", title: str, lines: Sequence[str]) -> None:
    """Write a heading and a line for each text, nothing without any."""
    if lines:
        heading(pdf, title)
        for line in lines:
            say(pdf, "/P", f"– {line}", PLAIN, 10)


def table(pdf: "FPDF", head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table: the first column takes what the others leave."""
    if not rows:
        say(pdf, "/P", _("Nothing."), PLAIN, 10)
        return
    narrow = INNER * 0.6 / max(1, len(head) - 1)
    widths = [INNER - narrow * (len(head) - 1), *[narrow] * (len(head) - 1)]
    for number, cells in enumerate([head, *rows]):
        pdf.set_font(STRONG if number == 0 else PLAIN, size=8.5)
        pdf.set_text_color(SOFT if number == 0 else INK)
        tall = max(lines_of(pdf, cell, width - 6) for width, cell in zip(widths, cells, strict=True))
        if pdf.get_y() + 11 * tall + 6 > HEIGHT - SIDE:
            pdf.add_page()
        top, left = pdf.get_y(), SIDE
        for place, (width, cell) in enumerate(zip(widths, cells, strict=True)):
            pdf.set_xy(left, top + 3)
            with tagged(pdf, "/TH" if number == 0 or place == 0 else "/TD"):
                pdf.multi_cell(width - 6, 11, showable(cell), align="L" if place == 0 else "R")
            left += width
        pdf.set_xy(SIDE, top + 11 * tall + 6)
        with decoration(pdf):
            pdf.set_draw_color(LINE)
            pdf.set_line_width(0.5)
            pdf.line(SIDE, pdf.get_y(), WIDTH - SIDE, pdf.get_y())
    pdf.set_y(pdf.get_y() + 6)


def lines_of(pdf: "FPDF", words: str, width: float) -> int:
    """Return how many lines some words take in the font that is set."""
    lines: Any = pdf.multi_cell(width, 11, showable(words), align="L", dry_run=True, output="LINES")
    return len(lines)


def say(pdf: "FPDF", role: str, words: str, font: str, size: float, colour: str = INK, *, after: float = 2) -> None:
    """Write a paragraph with its role in the document."""
    if not words:
        return
    pdf.set_font(font, size=size)
    pdf.set_text_color(colour)
    pdf.set_x(SIDE)
    if pdf.get_y() + lines_of(pdf, words, INNER) * size * 1.4 > HEIGHT - SIDE:
        pdf.add_page()
    with tagged(pdf, role):
        pdf.multi_cell(INNER, size * 1.4, showable(words), align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(pdf.get_y() + after)
