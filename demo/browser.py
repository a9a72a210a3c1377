"""A very small browser: cookies, pages, forms filled in as they stand. Enough to act as a person in a check."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin

VOID_TYPES = {"submit", "button", "image", "reset", "file"}


class BrowsingError(Exception):
    """A page that was not what a person would have needed. The text names the page and what was missing."""


@dataclass
class Form:
    """A form of a page: where it goes, and the fields with the values that they have."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Return the form's fields with `values` put in. Raise BrowsingError for a field that it lacks."""
        if missing := sorted(values.keys() - self.names):
            raise BrowsingError(f"The form at {self.action} has no field {', '.join(missing)}.")
        kept = [(name, value) for name, value in self.fields if name not in values]
        return urlencode([*kept, *values.items()]).encode()


class FormReader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a form or one of its fields."""
        values = {name: value or "" for name, value in attributes}
        present = {name for name, _value in attributes}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        name = values.get("name", "")
        if self._open is None:
            return
        if tag == "option" and self._select and "selected" in present:
            self._open.fields.append((self._select, values.get("value", "")))
        if name and "disabled" not in present:
            self.begin_field(self._open, tag, name, values)

    def begin_field(self, form: Form, tag: str, name: str, values: dict[str, str]) -> None:
        """Note a field of a form with what it would send."""
        if tag in {"input", "textarea", "select"}:
            form.names.add(name)
        kind = values.get("type", "text")
        if tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "input" and kind not in VOID_TYPES and (kind not in {"checkbox", "radio"} or "checked" in values):
            form.fields.append((name, values.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        """Collect what stands in a text area."""
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        """Close a field or a form."""
        if tag == "textarea" and self._area and self._open:
            self._open.fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._open = None


@dataclass
class Page:
    """A page as it came: its address after redirects, its status and its HTML."""

    url: str
    status: int
    html: str

    def form(self, *names: str, action: str = "") -> Form:
        """Return the first form that has all these fields and goes to an address with `action` in it."""
        reader = FormReader()
        reader.feed(self.html)
        for form in reader.forms:
            if set(names) <= form.names and action in form.action:
                return form
        raise BrowsingError(f"{self.url} ({self.status}) has no form with {', '.join(names) or action}.")


class Browser:
    """One person's browser on the site at `base`, in one language."""

    def __init__(self, base: str, language: str = "en") -> None:
        self.base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("Accept-Language", language)]

    def get(self, path: str) -> Page:
        """Open a page. Raise BrowsingError unless it answers 200."""
        return self._open(urllib.request.Request(urljoin(self.base, path)))

    def submit(self, page: Page, form: Form, values: Mapping[str, str] | None = None) -> Page:
        """Fill in a form of `page`, send it and return the page that comes."""
        target = urljoin(page.url, form.action)
        request = urllib.request.Request(target, data=form.filled(values or {}), headers={"Referer": page.url})
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=30) as answer:
                page = Page(answer.url, answer.status, answer.read().decode())
        except urllib.error.HTTPError as fault:
            raise BrowsingError(f"{request.full_url} answered {fault.code} {fault.reason}.") from fault
        except OSError as fault:
            raise BrowsingError(f"{request.full_url} did not answer ({fault}).") from fault
        return page
