"""
Words of another language on a page, in its own language and direction: what was marked as it was said (site_words.marking) becomes
an element that says so, or is left as it is where there can be none, as in an attribute.
"""

import re
from dataclasses import dataclass

from .site_words import BEGIN, END

NOTE, END_OF_NOTE = "\ufdd2", "\ufdd3"  # around the sentence that says that there is such a thing; without one it goes
_ALL = re.compile(f"[{BEGIN}{END}{NOTE}{END_OF_NOTE}]")
_ENCODED = re.compile(r"\\ufdd[0-3]|%EF%B7%9[0-3]")  # as JSON and addresses write them
_NEXT = re.compile(f"{END}(\\s*+){BEGIN}")  # sentences that follow each other are one run: they keep their order
_PIECES = re.compile(f"(<[^<>]*>|{BEGIN}|{END})")
_MARKED = re.compile(f"{BEGIN}[^{BEGIN}{END}]*{END}")
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)")
# Words and figures of a script that runs from right to left, as they stand in a sentence that does not.
_RUN = re.compile("[0-9\u0590-\u08ff\u200e\u200f\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc \u00a0./:-]+")
_TURNED = re.compile("[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
# What holds text and no elements.
EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
# What stands in a line or a box of its own: an element around it is no sentence.
LAID_OUT = frozenset(
    "address article aside blockquote button caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr input legend li main nav ol option p pre section select summary table tbody td textarea tfoot th thead tr ul video".split()
)
RAW = frozenset({"script", "style", "textarea", "title", "option"})


def plain(text: str) -> str:
    """Return text without marks."""
    return _ALL.sub("", text)


def in_elements(html: str, language: str, direction: str, page_direction: str = "") -> str:
    """
    Return a page on which each marked text is an element in its `language` and `direction`. Where that is not the page's, an element
    in which more stands beside such a text is in it too: a sentence that a link or a date divides would be read from its end. The
    sentence about it stays where there was any outside it.
    """
    head, note, tail = _parted(html)
    opening = f'<span lang="{language}" dir="{direction}">'
    turned = direction if page_direction and page_direction != direction else ""
    first, found = _marked(head, opening, turned)
    last, more = _marked(tail, opening, turned)
    said = _marked(note, opening, turned)[0] if found or more else ""
    return _ENCODED.sub("", f"{first}{said}{last}")


def in_text(text: str) -> str:
    """
    Return plain text without marks; the sentence stays where something else was marked. A date from right to left in words of another
    language keeps its order by signs of Unicode.
    """
    head, note, tail = _parted(text)
    said = note if BEGIN in head or BEGIN in tail else ""
    whole = f"{head}{said}{tail}"
    return plain(_MARKED.sub(lambda found: in_order(found[0]), whole) if _TURNED.search(whole) else whole)


def in_order(text: str) -> str:
    """Return words that run from left to right, in which each run from right to left is isolated: its figures stay with it."""
    return _RUN.sub(lambda found: _isolated(found, "\u2068", "\u2069"), text)


def _parted(text: str) -> tuple[str, str, str]:
    head, _sign, rest = text.partition(NOTE)
    note, sign, tail = rest.partition(END_OF_NOTE)
    return (head, note, tail) if sign else (text, "", "")


@dataclass(slots=True)
class _Open:
    """An element that is open: where its tag stands, and what is known of the text in it so far."""

    tag: str
    at: int
    has_run: bool = False  # a marked text of its own
    begins: bool | None = None  # whether its first words are marked, None before any
    texts: int = 0
    is_one_line: bool = True  # nothing in it is laid out on its own


def _marked(html: str, opening: str, turned: str = "") -> tuple[str, int]:
    """Return HTML with its marks as elements, and how many there are; `turned` is their direction where it is not the page's."""
    if BEGIN not in html:
        return plain(html), 0
    out: list[str] = []
    depth, count, raw = 0, 0, ""
    elements: list[_Open] = []
    for piece in _PIECES.split(_NEXT.sub(r"\1", html)):
        if piece == BEGIN:
            depth += 1
            if depth == 1 and not raw:
                out.append(opening)
                count += 1
                if elements:
                    elements[-1].has_run = True
        elif piece == END:
            if depth == 1 and not raw:
                out.append("</span>")
            depth = max(0, depth - 1)
        else:
            text = plain(piece)
            is_tag = piece.startswith("<")
            if turned and not is_tag and not raw and any(map(str.isalpha, text)):
                _note_text(elements, is_run=depth > 0)
            out.append(_RUN.sub(_isolated, text) if depth and not raw and not is_tag else text)
            tag = _TAG.match(piece) if is_tag else None
            if tag:
                raw = _raw_after(raw, piece, tag[1].lower())
                if turned and not depth:
                    _note_tag(elements, out, tag[1].lower(), turned)
    return "".join(out) + "</span>" * (depth > 0 and not raw), count


def _note_text(elements: list[_Open], *, is_run: bool) -> None:
    """Note words in every element around them."""
    for element in elements:
        element.texts += 1
        if element.begins is None:
            element.begins = is_run


def _note_tag(elements: list[_Open], out: list[str], name: str, turned: str) -> None:
    """Note the tag that was put out last; when it ends an element that reads from the other side, turn that."""
    piece = out[-1]
    if not piece.startswith("</"):
        if name in LAID_OUT:
            for element in elements:
                element.is_one_line = False
        if name not in EMPTY and not piece.endswith("/>"):
            elements.append(_Open(name, len(out) - 1))
        return
    at = next((at for at in range(len(elements) - 1, -1, -1) if elements[at].tag == name), None)
    if at is None:
        return
    element = elements[at]
    del elements[at:]
    if (
        element.has_run
        and element.begins
        and element.is_one_line
        and element.texts > 1
        and " dir=" not in out[element.at]
    ):
        out[element.at] = f'{out[element.at][:-1]} dir="{turned}" data-turned>'
        for index in range(element.at + 1, len(out)):
            if not out[index].startswith("<") and "<bdi>" not in out[index]:
                out[index] = _RUN.sub(_isolated, out[index])


def _isolated(match: re.Match[str], opens: str = "<bdi>", closes: str = "</bdi>") -> str:
    """Return such a run as one of its own, so that a date in it reads as its language has it."""
    run = match[0]
    if not _TURNED.search(run):
        return run
    inside = run.strip(" \u00a0.:")
    before, _inside, after = run.partition(inside)
    return f"{before}{opens}{inside}{closes}{after}"


def _raw_after(raw: str, piece: str, name: str) -> str:
    """Return which element that holds only text is open after a tag, "" for none."""
    if raw:
        return "" if name == raw and piece.startswith("</") else raw
    return name if name in RAW and not piece.startswith("</") and not piece.endswith("/>") else ""
