"""The text of a page that someone else wrote: from bytes in any encoding and HTML in any state to plain lines."""

import codecs
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from lib.text.characters import charsets

HTML = {"text/html", "application/xhtml+xml"}
MOST_TITLE = 300  # characters

# Kinds of files that staff know by name, by the beginning of their content type.
KINDS = {
    "application/pdf": "pdf",
    "image/": "image",
    "video/": "video",
    "audio/": "audio",
    "application/msword": "office",
    "application/vnd.ms-": "office",
    "application/vnd.openxmlformats": "office",
    "application/vnd.oasis": "office",
}
BINARY = {b"%PDF-": "pdf", b"PK\x03\x04": "", b"\x1f\x8b": "", b"\x89PNG": "image", b"\xff\xd8\xff": "image"}
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

# What readers of a page don't read as its text. The first ones swallow the rest of a page when nobody closes them.
PROGRAMS = {"script", "style"}
BESIDE = PROGRAMS | {"noscript", "template", "svg", "nav", "iframe", "object", "canvas", "button", "select", "textarea"}
LINES = {"br", "div", "li", "tr", "dt", "dd", "option", "figcaption", "caption", "summary", "hr", "address"}
PARAGRAPHS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "section", "article", "aside", "header",
    "footer", "main", "blockquote", "pre", "figure", "form", "fieldset", "details", "title", "body",
}  # fmt: skip

_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
# Characters that do not show or turn the order of others round; line ends and tabs are spaces, and stay.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


class NotText(Exception):
    """Content that is no text. `kind` is one of the values of KINDS, or "" for any other."""

    def __init__(self, kind: str = "") -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Page:
    """What is written on a page: its title ("" if it has none) and its text, a line for each block of it."""

    title: str
    text: str


def read(content: bytes, content_type: str) -> Page:
    """
    Return what is written in an answer of a site: HTML or plain text. `content_type` is what the site says, "" if it
    says nothing. Raise NotText for anything else.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in HTML and kind != "text/plain":
        raise NotText(next((name for start, name in KINDS.items() if kind.startswith(start)), ""))
    refuse_binary(content)
    is_html = kind in HTML or (not kind and _looks_like_html(content))
    text = decoded(content, content_type, is_html=is_html)
    if not is_html:
        return Page("", folded(text))
    return from_html(text)


def from_html(html: str) -> Page:
    """Return what is written in HTML, however broken."""
    parser = _Reader(BESIDE)
    parser.feed(html)
    parser.close()
    if parser.beside:  # someone forgot to end a menu, and the page would be lost in it
        parser = _Reader(PROGRAMS)
        parser.feed(html)
        parser.close()
    title = " ".join(folded("".join(parser.title)).split())
    return Page(title[:MOST_TITLE], folded("".join(parser.pieces)))


def folded(text: str) -> str:
    """Return a text without unseen characters, with single spaces and no more than one empty line at a time."""
    text = _UNSEEN.sub("", _LINE_END.sub("\n", text))
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def refuse_binary(content: bytes) -> None:
    """Raise NotText for what is no text, whatever the site calls it."""
    for start, kind in BINARY.items():
        if content.startswith(start):
            raise NotText(kind)
    head = content[:4096]
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not _is_utf_16(head):
        strange = sum(byte < 9 or 14 <= byte < 27 or 28 <= byte < 32 for byte in head)
        if strange > len(head) // 50:
            raise NotText


def decoded(content: bytes, content_type: str, *, is_html: bool) -> str:
    """Return content as text, by its byte order mark, what the site says, what the page says, or what it must be."""
    for mark, encoding in BOMS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    said = _CHARSET.search(content_type)
    encoding = named(said[1]) if said else ""
    if not encoding and is_html and (meta := _META.search(content[:4096])):
        encoding = named(meta[1].decode("ascii", errors="replace"))
        encoding = "utf-8" if encoding.startswith("utf-16") else encoding  # it was read, so it is not that
    if not encoding and _is_utf_16(content[:4096]):
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    if not encoding:
        try:
            return content.decode()
        except UnicodeDecodeError:
            encoding = "cp1252"
    return content.decode(encoding, errors="replace")


def named(label: str) -> str:
    """Return Python's name of an encoding as browsers read it in a page, where ASCII means Windows-1252 too; "" for none."""
    name = charsets.python_name(label)
    return "cp1252" if name == "ascii" else name


def _looks_like_html(content: bytes) -> bool:
    return bool(
        re.search(rb"<\s*(?:!doctype\s+html|html|head|body|p|div|h1|title|meta)\b", content[:4096], re.IGNORECASE)
    )


def _is_utf_16(head: bytes) -> bool:
    """Return whether every other byte is empty, as in UTF-16 of a European language."""
    half = len(head) // 2
    return half >= 8 and (head[0::2].count(0) > half * 0.6) != (head[1::2].count(0) > half * 0.6)


class _Reader(HTMLParser):
    """Takes the text out of HTML, and leaves out what is beside it."""

    def __init__(self, skipped: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.skipped = skipped
        self.pieces: list[str] = []
        self.title: list[str] = []
        self.in_title = False
        self.inside = ""  # the element that is left out at the moment
        self.beside = 0  # how deep
        self.as_written = 0  # in how many <pre>

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.beside:
            self.beside += tag == self.inside
        elif tag in self.skipped:
            self.inside, self.beside = tag, 1
        elif tag == "title" and not self.title:
            self.in_title = True
        else:
            self.as_written += tag == "pre"
            self._end_line(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.beside and tag not in self.skipped:
            self._end_line(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.beside:
            self.beside -= tag == self.inside
        elif tag == "title":
            self.in_title = False
        else:
            self.as_written -= tag == "pre" and self.as_written > 0
            self._end_line(tag)

    def handle_data(self, data: str) -> None:
        if self.beside:
            return
        if self.in_title:
            self.title.append(data)
        else:
            self.pieces.append(
                data if self.as_written else _SPACES.sub(" ", data.replace("\n", " ").replace("\r", " "))
            )

    def _end_line(self, tag: str) -> None:
        if tag in PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag in LINES:
            self.pieces.append("\n")
        elif tag in {"td", "th"}:
            self.pieces.append(" ")
