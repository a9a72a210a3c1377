"""What each PDF of the project begins with, and the marks that say what its words are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.images.typesetting import DISPLAY, PLAIN, STRONG

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.structure_tree import StructElem

FONTS = Path(__file__).parent / "fonts"
WIDTH, HEIGHT = 595.28, 841.89  # A4, in points


def begun(title: str, language: str, at: datetime, *, margin: float = 0) -> "FPDF":
    """Return an empty A4 document with the project's fonts, its title and its language; `at` is when it was made (aware)."""
    from fpdf import FPDF, ViewerPreferences  # 25 MB that only whoever draws a PDF needs

    from .structure_tree import Structure

    pdf = FPDF(unit="pt", format="A4")
    pdf.struct_builder = Structure()
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.set_creation_date(at.astimezone(UTC))
    pdf.set_lang(language)
    pdf.set_title(title)
    pdf.set_producer("Crisis Bulletins")
    pdf.set_auto_page_break(False)
    pdf.set_margin(margin)
    pdf.c_margin = 0
    for name in (DISPLAY, STRONG, PLAIN):
        pdf.add_font(name, fname=str(FONTS / name.replace(".otf", ".ttf")))
    return pdf


@contextmanager
def tagged(pdf: "FPDF", role: str, **more: Any) -> Iterator[None]:
    """
    Give what is written within a role ("/H1", "/P", "/TD") that screen readers know, within the `grouped` that is open. `alt_text`
    stands for a figure. It ends on the page on which it began.
    """
    number = pdf.struct_builder.next_mcid_for_page(pdf.page)
    element: Any = pdf._add_marked_content(struct_type=role, mcid=number, **more)
    element.pg = pdf.pages[pdf.page]
    pdf._out(f"{role} <</MCID {number}>> BDC")
    yield
    pdf._out("EMC")


@contextmanager
def grouped(pdf: "FPDF", role: str) -> Iterator["StructElem"]:
    """Put what is tagged within under one element ("/Table", "/TR", "/L"); it may go over several pages."""
    from .structure_tree import Structure

    assert isinstance(pdf.struct_builder, Structure)
    group = pdf._add_marked_content(struct_type=role)
    pdf.struct_builder.open.append(group)
    yield group
    pdf.struct_builder.open.pop()


@contextmanager
def decoration(pdf: "FPDF") -> Iterator[None]:
    """Mark what is drawn within as decoration, which nobody reads out."""
    pdf._out("/Artifact BMC")
    yield
    pdf._out("EMC")
