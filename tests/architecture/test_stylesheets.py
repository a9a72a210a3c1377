"""A rule of style stands once, and the frame of the desk cannot overrule ours."""

import re
from collections import defaultdict
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.module_loading import import_string

from . import ROOT

# A rule: the conditions it stands under, its selectors in full, without .cb, and what it says.
Rule = tuple[tuple[str, ...], tuple[str, ...], str]


def blocks(css: str) -> list[tuple[str, str]]:
    """Return the blocks of `css`, each as what stands before its brace and inside; declarations without a block have no first part."""
    found, depth, start, head, own = [], 0, 0, "", ""
    for brace in re.finditer(r"[{}]", css):
        if brace[0] == "{":
            if depth == 0:
                before, semicolon, head = css[start : brace.start()].rpartition(";")
                own, start = own + before + semicolon, brace.end()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                found.append((" ".join(head.split()), css[start : brace.start()]))
                start = brace.end()
    return [("", own + css[start:]), *found]


def rules(css: str, conditions: tuple[str, ...] = (), selectors: tuple[str, ...] = ("",)) -> list[Rule]:
    """Return the rules of `css`, those that are nested in others too. In which layer they stand makes no difference."""
    found = []
    for head, body in blocks(css):
        if not head:
            if body := " ".join(body.split()):
                bare = (re.sub(r"^(:where\(\.cb\)|\.cb) ", "", selector) for selector in selectors)
                found.append((conditions, tuple(sorted(bare)), body))
        elif head.startswith("@layer"):
            found += rules(body, conditions, selectors)
        elif head.startswith("@"):
            found += rules(body, (*conditions, head), selectors)
        else:
            parts = [part.strip() for part in re.split(r",(?![^(]*\))", head)]
            whole = (
                part.replace("&", parent) if "&" in part else f"{parent} {part}"
                for parent in selectors
                for part in parts
            )
            found += rules(body, conditions, tuple(selector.strip() for selector in whole))
    return found


def rules_of(sheet: Path) -> list[Rule]:
    """Return the rules of a stylesheet."""
    return rules(re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL))


def test_no_rule_stands_in_two_stylesheets():
    stand: dict[Rule, set[str]] = defaultdict(set)
    for sheet in (ROOT / "static").rglob("*.css"):
        for rule in rules_of(sheet):
            stand[rule].add(str(sheet.relative_to(ROOT)))

    assert len(stand) > 500
    assert {rule: names for rule, names in stand.items() if len(names) > 1} == {}


def test_a_rule_is_known_however_it_is_written():
    one = "@layer cb-parts { .row { gap: 1rem; } @media print { .row a, .row b { color: red; } } }"
    other = ".cb { .row { gap: 1rem; @media print { b, a { color: red; } } } }"

    assert sorted(rules(one)) == sorted(rules(other))
    assert rules(one) != rules(one.replace("red", "blue"))


def test_every_layer_of_the_frame_stands_before_ours():
    frame = Path(finders.find("unfold/css/styles.css")).read_text(encoding="utf-8")
    links = [import_string(name)(None).removeprefix(settings.STATIC_URL) for name in settings.UNFOLD["STYLES"]]
    order = [
        name
        for link in links
        for names in re.findall(r"@layer ([\w, -]+)", Path(finders.find(link)).read_text(encoding="utf-8"))
        for name in names.strip().split(", ")
    ]

    layers = set(re.findall(r"@layer ([\w-]+)", frame))
    assert layers and layers == set(order[: len(layers)])
    assert "cb-base" in order[len(layers) :]
