"""Templates can be read in a diff."""

from . import ROOT

LONGEST = 160
# Conditions chained inside an attribute or a phrase, where a break would be shown. Never more.
UNBREAKABLE = 164


def test_lines_are_no_longer_than_a_diff_shows():
    pages = [path for path in (ROOT / "templates").rglob("*.html") if path.parents[1].name != "mail"]
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in pages
        if path.parent.name != "mail" or path.name.startswith("_")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert len(long) <= UNBREAKABLE, long
