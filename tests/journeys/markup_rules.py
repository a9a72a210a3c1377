"""
What is wrong with a page's markup: faults that a browser fixes in silence, each in its own way.

The parser tells what breaks the grammar. The rules here are those of the standard that pages written by hand and by
others' templates break: what may stand in what, names that stand once, times that a machine can read, labels that name
something.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tinyhtml5.parser import HTMLParser

# An ampersand by itself is no fault of HTML's any more; a name without its semicolon has a code of its own.
NO_FAULT = {"expected-named-entity"}

WORDS_ONLY = {"p", "span", "a", "b", "strong", "em", "i", "small", "label", "button", "h1", "h2", "h3", "h4", "h5", "h6",
              "summary", "legend", "dt", "q", "cite", "code", "time", "sup", "sub", "abbr", "mark", "s", "u", "pre"}  # fmt: skip
AS_THEIR_PARENT = {"a", "ins", "del"}  # they may hold what the one that they stand in may
BLOCKS = {"address", "article", "aside", "blockquote", "details", "dialog", "div", "dl", "fieldset", "figure", "footer", "form",
          "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"}  # fmt: skip
ALSO = {"summary": {"h1", "h2", "h3", "h4", "h5", "h6"}, "legend": {"h1", "h2", "h3", "h4", "h5", "h6"}}
CHILDREN = {
    "ul": {"li", "script", "template"},
    "ol": {"li", "script", "template"},
    "dl": {"dt", "dd", "div", "script", "template"},
    "select": {"option", "optgroup", "hr", "script", "template"},
}
PRESSED = {"a", "button", "input", "select", "textarea", "summary", "label", "iframe"}
HELD_BY_LABELS = {"button", "input", "select", "textarea", "meter", "output", "progress"}
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "list", "headers", "form")

NAMING = re.compile(r"\b(app|model|field|column)-[\w-]+")  # classes of the admin's frame

WRITTEN_LATER = "_timezone_warning_helptext"  # Django's date boxes get it from a script, where zones differ

DAY = r"\d{4,}-\d\d-\d\d"
CLOCK = r"\d\d:\d\d(:\d\d(\.\d{1,3})?)?"
TIME = re.compile(rf"{DAY}|\d{{4,}}-\d\d|{CLOCK}|{DAY}[T ]{CLOCK}(Z|[+-]\d\d:?\d\d)?|P(\d+[DW])?(T(\d+[HMS])+)?")


@lru_cache(maxsize=1)
def parsed(html: str) -> tuple[Any, list[Any]]:
    """Return the root of a page, and what the parser found wrong: [((line, column), code, about)]. Nobody changes either."""
    parser = HTMLParser(namespace_html_elements=False)
    return parser.parse(html), parser.errors


def shapes_of(html: str) -> set[Any]:
    """
    Return what a page is made of, for whoever asks about shapes and not words: each kind of element in its kind of parent, with
    its classes, the names of its attributes, whether it says something and whether a label names it; and the order of headings.
    Classes that only name an app, a model or a field make no other shape.
    """
    root, _errors = parsed(html)
    named = {one.get("for") for one in root.iter("label")}
    headings = tuple(one.tag for one in root.iter() if one.tag in {"h1", "h2", "h3", "h4", "h5", "h6"})
    shapes: set[Any] = {headings}
    for one, above in walk(root):
        holder = (above[-1].tag, looks_of(above[-1])) if above else ()
        says = bool("".join(one.itertext()).strip()), one.get("id") in named
        shapes.add((holder, one.tag, looks_of(one), one.get("type"), one.get("role"), *sorted(one.attrib), *says))
    return shapes


def looks_of(one: Any) -> str:
    """Return an element's classes without those that only name what it is about."""
    return " ".join(sorted(set(NAMING.sub("", one.get("class") or "").split())))


def faults_of(html: str) -> list[str]:
    """Return what is wrong with the markup of a page, each with the place where it is."""
    root, errors = parsed(html)
    wrong = [
        f"line {line}: {code} {' '.join(map(str, about.values()))}".rstrip()
        for (line, _column), code, about in errors
        if code not in NO_FAULT
    ]
    ids = Counter(one.get("id") for one in root.iter() if one.get("id") is not None)
    wrong += [f"the id {name!r} stands {times} times" for name, times in ids.items() if times > 1 or not name.strip()]
    labelable = {one.get("id") for one in root.iter() if is_field(one)}
    return wrong + [fault for one, above in walk(root) for fault in faults_at(one, above, ids, labelable)]


def walk(one: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Give each element with those that it stands in, the nearest last; not what a drawing holds."""
    yield one, above
    for inner in one if one.tag != "{http://www.w3.org/2000/svg}svg" else ():
        if isinstance(inner.tag, str):  # no comment
            yield from walk(inner, (*above, one))


def faults_at(one: Any, above: tuple[Any, ...], ids: Counter[str | None], labelable: set[str | None]) -> Iterator[str]:
    """Give what is wrong with one element where it stands."""
    where = shown(one)
    holder = next((it for it in reversed(above) if it.tag not in AS_THEIR_PARENT), None)
    if (
        holder is not None
        and one.tag in BLOCKS
        and holder.tag in WORDS_ONLY
        and one.tag not in ALSO.get(holder.tag, ())
    ):
        yield f"{where} stands in {shown(holder)}, which holds words only"
    if above and one.tag not in CHILDREN.get(above[-1].tag, {one.tag}):
        yield f"{where} is no child for {shown(above[-1])}"
    pressed = next((it for it in above if it.tag in {"a", "button", "summary"}), None)
    if pressed is not None and one.tag in PRESSED - {"label"} and one.get("type") != "hidden":
        yield f"{where} is pressed within {shown(pressed)}"
    if one.tag == "label" and any(it.tag == "label" for it in above):
        yield f"{where} stands in a label"
    if one.tag == "time" and not TIME.fullmatch(one.get("datetime", "")):
        yield f"{where} is no time: {one.get('datetime')!r}"
    if one.tag == "label" and one.get("for") is not None and one.get("for") not in labelable:
        yield f"{where} names no field: {one.get('for')!r}"
    for name in POINTERS:
        if name == "for" and one.tag == "label":
            continue
        for target in (one.get(name) or "").split():
            if target not in ids and not target.endswith(WRITTEN_LATER):
                yield f"{where} says {name}={target!r}, which is not there"


def is_field(one: Any) -> bool:
    """Return whether a label can name an element."""
    return one.tag in HELD_BY_LABELS and one.get("type") != "hidden"


def shown(one: Any) -> str:
    """Return an element's start for people to find it by."""
    said = "".join(f' {name}="{one.get(name)[:60]}"' for name in ("id", "class", "name", "href") if one.get(name))
    return f"<{one.tag}{said}>"
