"""A page of the site made static: its own part of it, with links to files beside it, and nothing that only a server can do."""

import posixpath
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import quote

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What works only on the site goes with all that is inside; a template marks other such parts with `data-site-only`.
SITE_ONLY = {"script", "form", "button", "template", "noscript", "iframe", "input", "select", "textarea"}
MARKED = "data-site-only"
FILES = {"src", "poster"}

# From an address as the page has it to the place of its file in the archive: "" for one that is not in it, None for one that is
# not ours and stays as it is.
Place = Callable[[str], str | None]


class StaticPage(HTMLParser):
    """
    The parts of a page: `language`, `direction`, `title`, `description`, `sprite`, and `main`, what is inside <main>. Links lead
    from `here`, the place of the page in the archive, to those of `place_of`; text whose link leads nowhere stays, a button goes.
    `missing` are the addresses of pictures and films whose file is not in the archive; `note` is said in their place.
    """

    def __init__(self, html: str, *, here: str, place_of: Place, note: str) -> None:
        super().__init__(convert_charrefs=False)
        self.here, self.place_of, self.note = here, place_of, note
        self.language, self.direction, self.description = "", "", ""
        self.missing: list[str] = []
        self._parts: dict[str, list[str]] = {"title": [], "sprite": [], "main": []}
        self._inside = ""  # which of the parts is being read
        self._skipped: list[str] = []  # open tags of what is left out
        self._links: list[bool] = []  # whether each open link is kept
        self.feed(html)
        self.close()
        self.title = " ".join(unescape("".join(self._parts["title"])).split())
        self.sprite, self.main = ("".join(self._parts[name]).strip() for name in ("sprite", "main"))

    # --- Reading

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that opens."""
        if self._skipped:
            if tag not in VOID:
                self._skipped.append(tag)
            return
        given = {name: value or "" for name, value in attrs}
        if not self._inside:
            self._begin(tag, given)
        elif self._inside == "main":
            self._in_main(tag, given)
        else:
            self._write(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag that closes itself, as in drawings."""
        if tag in VOID:
            self.handle_starttag(tag, attrs)
        elif self._inside and not self._skipped:
            self._write(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        """Take a tag that closes."""
        if self._skipped:
            if tag in self._skipped:
                while self._skipped.pop() != tag:
                    pass
            return
        if (self._inside, tag) in {("title", "title"), ("sprite", "svg"), ("main", "main")}:
            self._inside = ""
        elif self._inside and not (tag == "a" and self._links and not self._links.pop()):
            self._write(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Take words."""
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        """Take a sign that is written by its name."""
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Take a sign that is written by its number."""
        self._write(f"&#{name};")

    # --- Writing

    def _write(self, words: str) -> None:
        if self._inside and not self._skipped:
            self._parts[self._inside].append(words)

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag == "html":
            self.language, self.direction = given.get("lang", ""), given.get("dir", "")
        elif tag == "meta" and given.get("name") == "description":
            self.description = given.get("content", "")
        elif tag in {"title", "main"}:
            self._inside = tag
        elif tag == "svg" and "sprite" in given.get("class", "").split():
            self._inside = "sprite"

    def _in_main(self, tag: str, given: dict[str, str]) -> None:
        if tag in SITE_ONLY or MARKED in given:
            self._leave_out(tag)
            return
        attributes = {name: value for name, value in given.items() if not name.startswith("data-")}
        if tag == "a":
            to = self._linked(given.get("href", ""))
            is_button = "btn" in given.get("class", "").split()
            if to is None and is_button:
                self._leave_out(tag)
                return
            self._links.append(to is not None)
            if to is None:
                return
            attributes |= {"href": to}
        for name in FILES & attributes.keys():
            to = self._linked(attributes[name])
            if to is None:
                self.missing.append(attributes[name])
                if tag not in VOID:
                    del attributes[name]
                    continue
                self._write(f"<small>{escape(self.note)}</small>" if tag == "img" else "")
                return
            attributes[name] = to
        self._write(written(tag, attributes))

    def _leave_out(self, tag: str) -> None:
        if tag not in VOID:
            self._skipped.append(tag)

    def _linked(self, address: str) -> str | None:
        """Return what a link to an address says here, None for one that leads nowhere in the archive."""
        if address.startswith("#"):
            return address
        path, _hash, fragment = address.partition("#")
        place = self.place_of(path)
        if place is None:
            return address if address.startswith(("https://", "http://")) else None
        if not place:
            return None
        to = relative(place, self.here)
        return f"{to}#{fragment}" if fragment else to


def relative(place: str, here: str) -> str:
    """Return the link from the file at one place of the archive to that at another."""
    return quote(posixpath.relpath(place, posixpath.dirname(here) or "."))


def written(tag: str, attributes: dict[str, str]) -> str:
    """Return a tag that opens."""
    said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{said}>"
