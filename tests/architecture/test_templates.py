"""Templates can be read in a diff, and their forms be sent."""

import re

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


def test_a_form_is_not_cut_off_from_its_token():
    """What is included with `only` has no csrf_token: its form is refused, which no test client notices."""
    words = {
        str(path.relative_to(ROOT / "templates")): path.read_text(encoding="utf-8")
        for path in (ROOT / "templates").rglob("*.html")
    }
    included = {name: re.findall(r'{% include "([^"]+)"([^%]*)%}', text) for name, text in words.items()}
    forms = {name for name, text in words.items() if "csrf_token" in text}
    assert forms
    while more := {name for name, parts in included.items() if forms & {part for part, _how in parts}} - forms:
        forms |= more
    cut = [
        f"{name}: {part}"
        for name, parts in included.items()
        for part, how in parts
        if part in forms and re.search(r"\bonly\b", how)
    ]
    assert cut == []
