"""
Markdown, as editors write it, into the HTML and the plain text that readers get.

Mail, web and preview all use these functions, so nobody approves anything but what is sent. Raw HTML and
template code are text: they come out as written. Pictures and videos belong to a bulletin's assets, so of a
picture in the text only its alternative is left.
"""

import html
import re
import textwrap
import threading
from functools import lru_cache
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

import markdown as markdown_library
import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown.blockparser import BlockParser
from markdown.extensions.sane_lists import SaneOListProcessor
from markdown.treeprocessors import Treeprocessor

from lib.http import url_parts

from .dates import leading_dates
from .numbers.unbroken import held, released

LONGEST_TEXT = 200_000  # characters; a bulletin has about 3,000
LONGEST_KEPT = 20_000  # characters of a text whose HTML is kept for the next who asks
LONGEST_ADDRESS = 800  # octets; with its tag it still fits in one line of mail (998)
TEXT_WIDTH = 72

TAGS = {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong", "ul"}
SCHEMES = ("http://", "https://", "mailto:")

# Characters that turn a line around, or that delivery uses to mark a recipient's own fields, and control
# characters, which Markdown uses for itself.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ue000\ue001\U000f0000-\U000f007f]"
)
_TITLE = re.compile(r"\A\s*+(?:#[ \t]+[^\n]*|[^\n]+\n=+[ \t]*)(?:\n|\Z)")
_SECTION = re.compile(r"^##[ \t]+(.*)$", re.MULTILINE)
_BLOCKS = re.compile(r"(\n[ \t]*\n)")
_ITEM = re.compile(r"(\n)(?=[ \t]*(?:[-+*]|\d{1,9}\.)[ \t])")
_WIDE_GAP = re.compile(" {25,}")
_HASHTAG = re.compile(r"(?<![^\s>])#++(?=\S)")
_UNDERLINE = re.compile(r"^(=+|-+)[ ]*\n(?=[^\n])", re.MULTILINE)
_DEEP_QUOTE = re.compile(r"^((?:[ \t]{0,3}>[ \t]?){3})[> \t]*", re.MULTILINE)
_DEEP_LIST = re.compile(r"((?:[ >]*+(?:[-+*]|\d{1,9}\.) ++){3})(?=\S)")
_PICTURE = re.compile(r"<img\b([^<>]*)>")
_ALTERNATIVE = re.compile(r'\balt="([^"]*)"')
_DEAD_LINK = re.compile(r'<a rel="noopener noreferrer">((?:[^<]++|<(?!/?a[ >]))*+)</a>')
_BLOCK_TAG = re.compile(r"</?(?:p|li|ul|ol|blockquote|h[2-4]|hr|br)\b[^<>]*>")
_TOP_HEADING = re.compile(r"(</?)h1>")
_LOW_HEADING = re.compile(r"(</?)h[56]>")

# Markdown's search for the end of an emphasis or a link costs the square of how many may begin. A paragraph
# that has more of them than people write is taken as written.
_MOST_SIGNS = 150
_MOST_SIGNS_IN_LIST = 2_000
_WIDEST_GAP = 24  # columns; also how deep a list item can stand
_SIGNS = "[]()<>*_`!&\\:"
_HIDE = str.maketrans({sign: chr(0xF0000 + ord(sign)) for sign in _SIGNS})
_HIDE_LIST = str.maketrans({sign: chr(0xF0000 + ord(sign)) for sign in _SIGNS + "-+.#"})
_SHOW = str.maketrans({chr(0xF0000 + ord(sign)): html.escape(sign) for sign in _SIGNS + "-+.#"})
_ANY_SIGN = re.compile(f"[{re.escape(_SIGNS)}]")


def to_html(markdown: str, *, has_title: bool = True) -> SafeString:
    """
    Return clean HTML of `markdown`, without its title: paragraphs, headings of level 2 to 4, lists, quotes,
    emphasis, code and links to web and mail addresses. The title of a text that has it elsewhere (`has_title` is False) stays as a heading.

    Raise ValueError, with a sentence for the writer, when the text is longer than LONGEST_TEXT characters.
    """
    return (_kept if len(markdown) <= LONGEST_KEPT else _converted)(markdown, has_title)


def _converted(markdown: str, has_title: bool) -> SafeString:
    """Return what `to_html` does, made anew."""
    text = _without_title(_prepared(markdown)) if has_title else _prepared(markdown)
    raw = _to_raw_html(_bounded(text)).translate(_SHOW)
    raw = _LOW_HEADING.sub(r"\1h4>", _TOP_HEADING.sub(r"\1h2>", _PICTURE.sub(_alternative, raw)))
    clean = nh3.clean(
        raw,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "li": {"value"}},
        attribute_filter=_attribute,
        url_schemes={scheme.partition(":")[0] for scheme in SCHEMES},
        link_rel="noopener noreferrer",
    )
    # Again, because a character reference (&#x202e;) becomes a character only now.
    clean = _DEAD_LINK.sub(r"\1", _UNWANTED.sub("", clean))
    return mark_safe(clean)  # noqa: S308  what nh3 let through


_kept = lru_cache(maxsize=256)(_converted)  # checks, previews, pages and mails ask for the same texts and parts of them


def _alternative(picture: re.Match[str]) -> str:
    """Return what stands for a picture: its alternative."""
    found = _ALTERNATIVE.search(picture[1])
    return found[1] if found else ""


def to_text(markdown: str, *, width: int = TEXT_WIDTH) -> str:
    """
    Return `markdown` as plain text for mail, from the same HTML that others see: wrapped at `width` columns,
    headings in capitals, links as "label: address", lists with "- ", quotes in quotation marks.

    Raise ValueError as `to_html` does.
    """
    return html_to_text(to_html(markdown), width=width)


def html_to_text(clean: str, *, width: int = TEXT_WIDTH) -> str:
    """Return HTML that came from `to_html` as plain text, as `to_text` does."""
    writer = _TextWriter(width)
    writer.feed(clean)
    writer.close()
    return writer.text()


def sections(markdown: str) -> list[tuple[str, str]]:
    """
    Return [(heading, Markdown)] for each part under a second-level heading, in order.

    What stands before the first such heading comes first with the heading "", unless it is empty; the title
    is left out. Raise ValueError as `to_html` does.
    """
    opening, *rest = _SECTION.split(_without_title(_prepared(markdown)))
    parts = [("", opening.strip())] if opening.strip() else []
    return parts + [(rest[at].rstrip().rstrip("#").strip(), rest[at + 1].strip()) for at in range(0, len(rest), 2)]


def inline_text(markdown: str) -> str:
    """Return the words of a heading or another short text without its Markdown signs, in one line."""
    words = html.unescape(nh3.clean(to_html(markdown), tags=set()))
    return " ".join(words.split())


def blocks(markdown: str) -> list[str]:
    """Return the words of each paragraph, heading and item of a list, each in one line without Markdown signs."""
    clean = (
        html.unescape(nh3.clean(block, tags=set())).replace("**", "") for block in _BLOCK_TAG.split(to_html(markdown))
    )
    return [line for line in (" ".join(block.split()) for block in clean) if line]


def plain(text: str) -> str:
    """Return a text that is no Markdown (a title, a name) in one line and without unwanted characters."""
    return _UNWANTED.sub("", " ".join(text.split()))


def web_address(text: str) -> str:
    """Return `text` when it is a whole http(s) address that mail can carry, else ""."""
    address = plain(text)
    return address if address.lower().startswith(("http://", "https://")) and _fits(address) else ""


def wrap(text: str, *, first: str = "", then: str = "", width: int = TEXT_WIDTH) -> str:
    """Return `text` as lines of at most `width` columns, addresses, hours, dates and phone numbers left whole, with indents `first` and `then`."""
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        lines += textwrap.wrap(
            held(line),
            width,
            initial_indent=then if lines else first,
            subsequent_indent=then,
            break_long_words=any(len(word.encode()) > LONGEST_ADDRESS for word in line.split()),
            break_on_hyphens=False,
        )
    return released("\n".join(lines))


def _prepared(markdown: str) -> str:
    """Return `markdown` with line ends as \\n and without unwanted characters, or raise ValueError."""
    if len(markdown) > LONGEST_TEXT:
        raise ValueError(
            _("The text has %(length)d characters. Shorten it to %(limit)d or fewer.")
            % {"length": len(markdown), "limit": LONGEST_TEXT}
        )
    unified = re.sub(r"\r\n?|[\u2028\u2029\x85]", "\n", markdown)
    lines = _UNWANTED.sub("", unified).split("\n")
    return "\n".join(_WIDE_GAP.sub(" " * _WIDEST_GAP, line.expandtabs(4)) if line.strip() else "" for line in lines)


def _without_title(text: str) -> str:
    """Leave out a first-level heading at the beginning: the edition's title is shown by whoever shows the text."""
    return _TITLE.sub("", text, count=1)


_of_thread = threading.local()


def _to_raw_html(markdown: str) -> str:
    """
    Convert by the thread's own converter, which takes as long to make as a paragraph to convert. One that failed is not used again.
    """
    converter: markdown_library.Markdown = _of_thread.__dict__.pop("converter", None) or _converter()
    raw = converter.reset().convert(markdown)
    _of_thread.converter = converter
    return raw


def _converter() -> markdown_library.Markdown:
    """Return a Markdown converter that takes raw HTML and indented text as plain words."""
    converter = markdown_library.Markdown(extensions=["sane_lists"], output_format="html")
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    converter.parser.blockprocessors.deregister("code")
    converter.parser.blockprocessors.register(_NumberedLists(converter.parser), "olist", 40)
    converter.treeprocessors.register(_WrittenNumbers(converter), "numbers", 30)
    return converter


class _NumberedLists(SaneOListProcessor):
    """Lists whose items note the number that they are written with. "2026. " begins none."""

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.RE = re.compile(r"^[ ]{0,3}\d{1,3}\.[ ]+(.*)")
        self.CHILD_RE = re.compile(r"^[ ]{0,3}((\d{1,3}\.))[ ]+(.*)")
        self.INDENT_RE = re.compile(r"^[ ]{4,7}((\d{1,3}\.)|[*+-])[ ]+.*")

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Make the items of a block, each with its number."""
        numbers = [int(found[1].rstrip(".")) for line in blocks[0].split("\n") if (found := self.CHILD_RE.match(line))]
        super().run(parent, blocks)
        last = self.lastChild(parent)
        items = parent if last is None or last.tag == "li" else last
        for item, number in zip(items[-len(numbers) :], numbers, strict=True):
            item.set("value", str(number))


class _WrittenNumbers(Treeprocessor):
    """Keeps the numbers that a list is written with, for "3. " may be the third grade; all alike, they are counted."""

    def run(self, root: Element) -> None:
        """Leave each list the number that it starts with, and its items those that do not follow."""
        for items in root.iter("ol"):
            numbers = [int(item.attrib.pop("value", 0)) for item in items]
            items.attrib.pop("start", None)
            if numbers[0] != 1:
                items.set("start", str(numbers[0]))
            for item, number, before in zip(items[1:], numbers[1:], numbers, strict=False):
                if number != before + 1 and len(set(numbers)) > 1:
                    item.set("value", str(number))


def _bounded(text: str) -> str:
    """Return `text` with the signs of over-full paragraphs hidden from Markdown, and nothing nested without end."""
    text = leading_dates.DAY.sub(lambda found: found[1] + ".".translate(_HIDE_LIST), text)
    text = _HASHTAG.sub(lambda found: found[0].translate(_HIDE_LIST), text)  # only with a space it is a heading
    text = _UNDERLINE.sub(r"\1\n\n", _DEEP_QUOTE.sub(r"\1", text))
    parts = _BLOCKS.split(text)
    return "".join(part if at % 2 else _bounded_block(part) for at, part in enumerate(parts))


def _bounded_block(block: str) -> str:
    """Return one block with the signs of its over-full paragraphs, or list items, hidden."""
    block = "\n".join(_shallow(line) for line in block.split("\n"))
    signs = len(_ANY_SIGN.findall(block))
    if signs <= _MOST_SIGNS:
        return block
    if signs <= _MOST_SIGNS_IN_LIST and re.match(r"\s*(?:[-+*]|\d{1,9}\.)[ \t]", block):
        items = _ITEM.split(block)
        return "".join(item.translate(_HIDE) if len(_ANY_SIGN.findall(item)) > _MOST_SIGNS else item for item in items)
    return block.translate(_HIDE)


def _shallow(line: str) -> str:
    """Return `line` with three list signs at most at its beginning, for "- - - -" is a list in a list in a list."""
    found = _DEEP_LIST.match(line)
    return found[1] + line[found.end() :].translate(_HIDE_LIST) if found else line


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    """Keep a list's number, and a link's address when it is whole, plain and not longer than mail can carry."""
    if attribute == "rel" or tag in {"ol", "li"}:
        return value
    value = value.strip()
    return value if value.lower().startswith(SCHEMES) and _fits(value) else None


def _fits(address: str) -> bool:
    """
    Return whether an address is plain and short enough, and of the web a host's: one with a name before the host
    (https://thl.fi@evil.example/) only looks like it.
    """
    if len(address.encode()) > LONGEST_ADDRESS or re.search(r"[\s<>\"]", address):
        return False
    if (parts := url_parts.parts_of(address)) is None:
        return False
    return parts.scheme == "mailto" or bool(parts.hostname and not re.search(r"[@\\]", parts.netloc))


class _TextWriter(HTMLParser):
    """Writes the clean HTML of `to_html` as plain text."""

    def __init__(self, width: int) -> None:
        super().__init__(convert_charrefs=True)
        self.width = width
        self.out: list[tuple[str, str]] = []  # (kind, block)
        self.words = ""
        self.lists: list[int | None] = []  # of each open list: the next number, or None for "- "
        self.list_count = 0
        self.sign = ""
        self.quotes = 0
        self.link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens."""
        if tag in {"p", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "hr"}:
            self._close_block("p")
        said = dict(attrs)
        if tag in {"ul", "ol"}:
            self.lists.append(int(said.get("start") or 1) if tag == "ol" else None)
            if len(self.lists) == 1:
                self.list_count += 1
        elif tag == "li":
            self.sign = self._item_sign(said.get("value"))
        elif tag == "blockquote":
            self.quotes += 1
        elif tag == "br":
            self.words += "\n"
        elif tag == "hr":
            self.out.append(("p", "* * *"))
        elif tag == "a":
            self.link = (said.get("href") or "", len(self.words))

    def _item_sign(self, value: str | None) -> str:
        """Return what an item begins with, and count it; `value` is its number where the list does not follow on."""
        number = self.lists[-1] if self.lists else None
        if number is None:
            return "- "
        number = int(value or number)
        self.lists[-1] = number + 1
        return f"{number}. "

    def handle_endtag(self, tag: str) -> None:
        """Write what closes."""
        if tag == "a" and self.link:
            address, start = self.link
            address = re.sub(r"\Amailto:", "", address, flags=re.IGNORECASE)
            label = self.words[start:].strip()
            if address and label not in {address, f"mailto:{address}"}:
                self.words = self.words[:start] + (f"{label}: {address}" if label else address)
            self.link = None
        elif tag in {"h2", "h3", "h4"}:
            self._close_block("heading")
        elif tag in {"p", "li"}:
            self._close_block("p")
        elif tag in {"ul", "ol"}:
            self._close_block("p")
            self.lists.pop()
        elif tag == "blockquote":
            self._close_block("p")
            self.quotes -= 1

    def handle_data(self, data: str) -> None:
        """Collect words; line ends of the HTML are spaces."""
        self.words += re.sub(r"\s+", " ", data)

    def text(self) -> str:
        """Return all blocks: two blank lines before a heading, none between the items of a list."""
        self._close_block("p")
        text = before = ""
        for kind, block in self.out:
            gap = "\n\n\n" if kind == "heading" else "\n" if kind == before and kind.startswith("item") else "\n\n"
            text += (gap if text else "") + block
            before = kind
        return text

    def _close_block(self, kind: str) -> None:
        words = "\n".join(line.strip() for line in self.words.split("\n")).strip()
        self.words = ""
        if not words:
            return
        if kind == "heading":
            self.out.append(("heading", wrap(words.upper(), width=self.width)))
            return
        if self.quotes:
            words = f'"{words}"'
        indent = "".join("  " if number is None else "   " for number in self.lists)
        first = indent[: -len(self.sign)] + self.sign if self.sign and self.lists else indent
        self.sign = ""
        kind = f"item {self.list_count}" if self.lists else "p"
        self.out.append((kind, wrap(words, first=first, then=indent, width=self.width)))
