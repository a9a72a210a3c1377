"""A paper can be followed by a screen reader, whatever is written on it."""

from datetime import UTC, datetime

from lib.pdf.paper import Paper
from tests.support.tagged_pdf import TaggedPdf

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)


def paper() -> Paper:
    """Return a paper with something of each kind."""
    made = Paper("Viikko 48", language="fi", at=AT)
    made.band("Exercise")
    made.title("People ask why")
    made.say("word " * 1500)
    made.heading("Claims")
    made.listed(["one", "two " * 60])
    made.heading("Of which", 3)
    made.table(["Claim", "Times"], [["A forged list", "31"], ["", ""]] * 20, caption="By risk")
    made.figure("Rising", 100, lambda on, left, top, width: on.pdf.line(left, top, left + width, top + 90))
    return made


def test_every_word_is_in_the_tree_once_and_every_table_and_figure_has_its_words():
    content = paper().bytes()
    read = TaggedPdf(content)

    assert content == paper().bytes()
    assert read.problems() == []
    roles = [kid.role for kid in read.tree.kids]
    assert roles == ["P", "H1", "P", "H2", "L", "H3", "Table", "Figure"]
    assert str(read.tree.kids[2]) == "P(Span Span)"
    assert str(read.tree.kids[4].kids[0]) == "LI(Lbl LBody)"
    assert str(read.tree.kids[6]).startswith("Table(Caption TR(TH TH) TR(TH TD)")
    assert len(read.pages()) > 2
