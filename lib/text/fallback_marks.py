"""
Words of another language on a page, in its own language and direction: what was marked as it was said (site_words.marking) becomes
an element that says so, or is left as it is where there can be none, as in an attribute.
"""

import re

from .site_words import BEGIN, END

NOTE, END_OF_NOTE = "\ufdd2", "\ufdd3"  # around the sentence that says that there is such a thing; without one it goes
_ALL = re.compile(f"[{BEGIN}{END}{NOTE}{END_OF_NOTE}]")
_ENCODED = re.compile(r"\\ufdd[0-3]|%EF%B7%9[0-3]")  # as JSON and addresses write them
_NEXT = re.compile(f"{END}(\\s*+){BEGIN}")  # sentences that follow each other are one run: they keep their order
_PIECES = re.compile(f"(<[^<>]*>|{BEGIN}|{END})")
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)")
# Words and figures of a script that runs from right to left, as they stand in a sentence that does not.
_RUN = re.compile("[0-9\u0590-\u08ff\u200e\u200f\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc \u00a0./:-]+")
_TURNED = re.compile("[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
# What holds text and no elements.
RAW = frozenset({"script", "style", "textarea", "title", "option"})


def plain(text: str) -> str:
    """Return text without marks."""
    return _ALL.sub("", text)


def in_elements(html: str, language: str, direction: str) -> str:
    """
    Return a page on which each marked text is an element in its `language` and `direction`. The sentence about it stays where
    there was any outside it.
    """
    head, note, tail = _parted(html)
    opening = f'<span lang="{language}" dir="{direction}">'
    first, found = _marked(head, opening)
    last, more = _marked(tail, opening)
    said = _marked(note, opening)[0] if found or more else ""
    return _ENCODED.sub("", f"{first}{said}{last}")


def in_text(text: str) -> str:
    """Return plain text without marks; the sentence stays where something else was marked."""
    head, note, tail = _parted(text)
    said = note if BEGIN in head or BEGIN in tail else ""
    return plain(f"{head}{said}{tail}")


def _parted(text: str) -> tuple[str, str, str]:
    head, _sign, rest = text.partition(NOTE)
    note, sign, tail = rest.partition(END_OF_NOTE)
    return (head, note, tail) if sign else (text, "", "")


def _marked(html: str, opening: str) -> tuple[str, int]:
    """Return HTML with its marks as elements, and how many there are."""
    if BEGIN not in html:
        return plain(html), 0
    out, depth, count, raw = [], 0, 0, ""
    for piece in _PIECES.split(_NEXT.sub(r"\1", html)):
        if piece == BEGIN:
            depth += 1
            if depth == 1 and not raw:
                out.append(opening)
                count += 1
        elif piece == END:
            if depth == 1 and not raw:
                out.append("</span>")
            depth = max(0, depth - 1)
        else:
            text = plain(piece)
            out.append(_RUN.sub(_isolated, text) if depth and not raw and not piece.startswith("<") else text)
            tag = _TAG.match(piece) if piece.startswith("<") else None
            if tag:
                raw = _raw_after(raw, piece, tag[1].lower())
    return "".join(out) + "</span>" * (depth > 0 and not raw), count


def _isolated(match: re.Match[str]) -> str:
    """Return such a run as one of its own, so that a date in it reads as its language has it."""
    run = match[0]
    if not _TURNED.search(run):
        return run
    inside = run.strip(" \u00a0.:")
    before, _inside, after = run.partition(inside)
    return f"{before}<bdi>{inside}</bdi>{after}"


def _raw_after(raw: str, piece: str, name: str) -> str:
    """Return which element that holds only text is open after a tag, "" for none."""
    if raw:
        return "" if name == raw and piece.startswith("</") else raw
    return name if name in RAW and not piece.startswith("</") and not piece.endswith("/>") else ""
