"""
Words of another language on a page, in its own language and direction: what was marked as it was said (site_words.marking) becomes
an element that says so, or is left as it is where there can be none, as in an attribute.
"""

import re
from dataclasses import dataclass, field

from .site_words import BEGIN, END

NOTE, END_OF_NOTE = "\ufdd2", "\ufdd3"  # around the sentence that says that there is such a thing; without one it goes
SHOWN = "\ufdd4"  # in the tag of what people wrote and the page shows in the language that stands in
_ALL = re.compile(f"[{BEGIN}{END}{NOTE}{END_OF_NOTE}{SHOWN}]")
_ENCODED = re.compile(r"\\ufdd[0-4]|%EF%B7%9[0-4]")  # as JSON and addresses write them
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
    sentence about it stays where there was any outside it, of the site's words or of what people wrote.
    """
    head, note, tail = _parted(html)
    opening = f'<span lang="{language}" dir="{direction}">'
    turned = direction if page_direction and page_direction != direction else ""
    first, found = _marked(head, opening, turned)
    last, more = _marked(tail, opening, turned)
    said = _marked(note, opening, turned)[0] if found or more or SHOWN in head or SHOWN in tail else ""
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

    @property
    def is_turned(self) -> bool:
        """Whether it is a sentence that begins with a marked text and has more beside it."""
        return self.has_run and bool(self.begins) and self.is_one_line and self.texts > 1


def _marked(html: str, opening: str, turned: str = "") -> tuple[str, int]:
    """Return HTML with its marks as elements, and how many there are; `turned` is their direction where it is not the page's."""
    if BEGIN not in html:
        return plain(html), 0
    page = _Page(opening, turned)
    for piece in _PIECES.split(_NEXT.sub(r"\1", html)):
        if piece == BEGIN:
            page.begin()
        elif piece == END:
            page.end()
        elif piece.startswith("<"):
            page.tag(piece)
        else:
            page.text(plain(piece))
    return page.whole(), page.count


@dataclass(slots=True)
class _Page:
    """A page while its marks become elements: what is written of it, how deep in marks it is, and which elements are open."""

    opening: str
    turned: str
    out: list[str] = field(default_factory=list)
    depth: int = 0
    count: int = 0
    raw: str = ""
    elements: list[_Open] = field(default_factory=list)

    def begin(self) -> None:
        """Begin a marked text."""
        self.depth += 1
        if self.depth == 1 and not self.raw:
            self.out.append(self.opening)
            self.count += 1
            if self.elements:
                self.elements[-1].has_run = True

    def end(self) -> None:
        """End a marked text."""
        if self.depth == 1 and not self.raw:
            self.out.append("</span>")
        self.depth = max(0, self.depth - 1)

    def text(self, text: str) -> None:
        """Write words between two tags."""
        if self.turned and not self.raw and any(map(str.isalpha, text)):
            for element in self.elements:
                element.texts += 1
                if element.begins is None:
                    element.begins = self.depth > 0
        self.out.append(_RUN.sub(_isolated, text) if self.depth and not self.raw else text)

    def tag(self, piece: str) -> None:
        """Write a tag, and note what it opens or ends."""
        self.out.append(plain(piece))
        if tag := _TAG.match(piece):
            name = tag[1].lower()
            self.raw = _raw_after(self.raw, piece, name)
            if self.turned and not self.depth:
                if piece.startswith("</"):
                    self._close(name)
                else:
                    self._open(name, is_empty=name in EMPTY or piece.endswith("/>"))

    def _open(self, name: str, *, is_empty: bool) -> None:
        if name in LAID_OUT:
            for element in self.elements:
                element.is_one_line = False
        if not is_empty:
            self.elements.append(_Open(name, len(self.out) - 1))

    def _close(self, name: str) -> None:
        """End an element, and turn it when it reads from the other side."""
        at = next((at for at in range(len(self.elements) - 1, -1, -1) if self.elements[at].tag == name), None)
        if at is None:
            return
        element = self.elements[at]
        del self.elements[at:]
        if element.is_turned and " dir=" not in self.out[element.at]:
            self.out[element.at] = f'{self.out[element.at][:-1]} dir="{self.turned}" data-turned>'
            for index in range(element.at + 1, len(self.out)):
                if not self.out[index].startswith("<") and "<bdi>" not in self.out[index]:
                    self.out[index] = _RUN.sub(_isolated, self.out[index])

    def whole(self) -> str:
        """Return all of it."""
        return "".join(self.out) + "</span>" * (self.depth > 0 and not self.raw)


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
