"""What is asked of every page: no fault in the browser, the right language, no sideways scrolling, open to everyone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

PHONE, NARROW, DESKTOP = 390, 320, 1280
OWN_STATUS = "Failed to load resource: the server responded with a status of"


def drawn_as(first: Any, *others: Any) -> list[Any]:
    """
    Return the languages or widths that pages are looked at in, for parametrize.

    The pages open on both databases in the first; how the others are drawn is no matter of the database's.
    """
    return [first, *(pytest.param(other, marks=pytest.mark.sqlite) for other in others)]


def until(page: Any, expression: str, arg: Any = None, *, seconds: float = 30) -> None:
    """
    Wait until a JavaScript expression, or a function of `arg`, is true on the page. Playwright's own wait_for_function
    has the page evaluate it anew each time, and our content security policy forbids that.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"{page.url}: still not so after {seconds} s: {expression}"
        page.wait_for_timeout(50)


@contextmanager
def watching(page: Any) -> Iterator[list[str]]:
    """Give the list that each error in the browser's console is added to, with the page where it was."""
    faults: list[str] = []

    def note(line: Any) -> None:
        # A page that answers 403, 404 or 422 on purpose is an error to the console; its own address tells them apart.
        own = line.text.startswith(OWN_STATUS) and line.location.get("url") == page.url
        if line.type == "error" and not own:
            faults.append(f"{page.url}: {line.text} ({line.location.get('url', '')})")

    page.on("console", note)
    yield faults
    page.remove_listener("console", note)


def width_of(page: Any, width: int) -> int:
    """Make the window `width` pixels wide and return how wide the page's content is then."""
    page.set_viewport_size({"width": width, "height": 844})
    return int(page.evaluate("document.documentElement.scrollWidth"))


def barriers(page: Any, inside: str | None = None) -> list[str]:
    """Return what axe finds wrong on the page, or in the part that the selector `inside` names: rule, place, markup."""
    found = Axe().run(page, context=inside).response["violations"]
    return [
        f"{page.url}: {one['id']} ({one['impact']}) {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]


def wrong_with(page: Any, language: str) -> list[str]:
    """Return what is wrong with the open page in `language`, in an exercise, at every width."""
    wrong = []
    if (said := page.get_attribute("html", "lang")) != language:
        wrong.append(f"{page.url}: lang is {said!r}, not {language!r}")
    if not page.locator(".exercise").first.is_visible():
        wrong.append(f"{page.url}: nothing says that this is an exercise")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.url}: {page.locator('h1').count()} main headings")
    wrong += barriers(page)
    for width in (NARROW, DESKTOP, PHONE):
        if (wide := width_of(page, width)) > width:
            wrong.append(f"{page.url}: {wide} pixels wide in a window of {width}")
    return wrong
