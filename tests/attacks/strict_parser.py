"""
What a page, a mail or a feed is made of, read as strictly as can be: whoever wrote the words may not have added an
element, an attribute or an address that people who wrote the page did not put there.

The elements of a page are compared with those of the same page with harmless words. What a text of an editor's may
bring along is on a list of its own here, written down a second time on purpose.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

# What Markdown becomes, with the attributes that each may have; in mail they carry their looks inline.
CONTENT = {
    "a": {"href", "rel"},
    **{tag: set() for tag in "blockquote br code em h2 h3 h4 hr li ol p strong ul wbr".split()},
}  # fmt: skip
SCHEMES = ("http://", "https://", "mailto:")
ADDRESSES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "ping", "background", "xlink:href"}
TOKEN = re.compile(r'\{"X-CSRFToken": "\w{64}"\}')
EVALUATED = ("on", "x-", "@", ":", "hx-", "data-hx-", "v-", "ng-")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ue000\ue001]")

Element = tuple[str, tuple[tuple[str, str], ...]]


class _Reader(HTMLParser):
    """Collects elements with their attributes, the text between them and the code in scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.said: list[str] = []
        self.others: list[str] = []

    @property
    def words(self) -> str:
        """The text between the elements."""
        return "".join(self.said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = tuple((name, value or "") for name, value in attrs)
        self.elements.append((tag, said))
        if tag == "script":
            self.scripts.append((dict(said), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.lasttag in {"script"} and self.cdata_elem == "script":
            about, code = self.scripts[-1]
            self.scripts[-1] = (about, code + data)
        elif self.cdata_elem is None:
            self.said.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.others.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.others.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.others.append(f"<?{data}>")


def read(html: str) -> _Reader:
    """Return what HTML is made of."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def words_of(html: str) -> str:
    """Return the words between the elements, with single spaces."""
    return " ".join(read(html).words.split())


# --- Clean content ---------------------------------------------------------------------------------


def faults_of_content(html: str, *, styled: bool = False) -> Iterator[str]:
    """Give what is in HTML that came from Markdown and may not be; `styled`: as it stands in a mail."""
    found = read(html)
    for tag, attributes in found.elements:
        allowed = CONTENT.get(tag)
        if allowed is None:
            yield f"element <{tag}>"
            continue
        more = {name for name, _value in attributes} - allowed - ({"style"} if styled else set())
        if more:
            yield f"<{tag}> has {sorted(more)}"
        yield from faults_of_address(tag, dict(attributes).get("href", "https://"))
    yield from (f"beside the elements: {other[:40]}" for other in found.others)
    if seen := UNSEEN.search(html):
        yield f"character {seen[0]!r}"


def faults_of_address(tag: str, address: str) -> Iterator[str]:
    """Give what is wrong with a link's address: the scheme, as a browser reads it, or characters that end it."""
    if not address.lower().startswith(SCHEMES):
        yield f"<{tag}> leads to {address!r}"
    if re.search(r"[\s\"'<>`\x00-\x20]", address.replace("'", "")):
        yield f"<{tag}> leads to {address!r}"


# --- Whole pages -----------------------------------------------------------------------------------


def frame_of(found: _Reader) -> set[str]:
    """
    Return what a page that was read is made of, values of harmless attributes left out: elements with the names of their attributes;
    the value where it is run, evaluated or fetched; inline scripts by their kind.
    """
    parts = set(found.others)
    for tag, attributes in found.elements:
        names = " ".join(sorted(name for name, _value in attributes))
        parts.add(f"<{tag} {names}>")
        for name, value in attributes:
            if name.startswith(EVALUATED) or name == "srcdoc":
                parts.add(f"{name}={'' if name == 'hx-headers' and TOKEN.fullmatch(value) else without_numbers(value)}")
            elif name in ADDRESSES and tag != "a":
                parts.add(f"<{tag}> {name}={place_of(value)}")
    for about, code in found.scripts:
        kind = about.get("type", "text/javascript")
        parts.add(f"script {kind} {'' if json_kind(kind) else code}")
    return parts


def json_kind(kind: str) -> bool:
    """Return whether a script is data."""
    return kind.endswith("json")


def faults_of_page(poisoned: str, harmless: str) -> Iterator[str]:
    """Give what a page with payloads is made of that the same page with harmless words is not."""
    found = read(poisoned)
    for part in sorted(frame_of(found) - frame_of(read(harmless))):
        if not is_content(part):
            yield part[:160]
    for tag, attributes in found.elements:
        if tag == "a":
            address = dict(attributes).get("href", "#")
            if not re.match(
                r"(?:/(?![/\\])|[#?]|\.\.?/|$|[\w.-]+/?$|https?://|mailto:|tel:112$|\ue000\w+\ue001$)", address
            ):
                yield f"<a> leads to {address!r}"
    for about, code in found.scripts:
        if json_kind(about.get("type", "")):
            try:
                json.loads(code)
            except ValueError as fault:
                yield f"a script's data cannot be read: {fault}"


def is_content(part: str) -> bool:
    """Return whether a part is what an editor's Markdown may bring along."""
    match = re.fullmatch(r"<(\w+) ([^>]*)>", part)
    return bool(match and match[1] in CONTENT and set(match[2].split()) <= CONTENT[match[1]] | {"style", "class"})


def place_of(address: str) -> str:
    """Return the scheme and host of an address, and its path without what differs from row to row."""
    if address.startswith("data:"):
        return "data:"
    return without_numbers(address.partition("?")[0].partition("#")[0])


def without_numbers(text: str) -> str:
    """Return a text without digits, so that two rows of one kind are the same."""
    return re.sub(r"\d+", "0", text)


# --- Data ------------------------------------------------------------------------------------------


def strings_in(data: Any) -> Iterator[str]:
    """Give every text in JSON data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from strings_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings_in(value)
