"""What is asked of every page: no fault in the browser, the right language, no sideways scrolling, open to everyone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils.translation import gettext, override, pgettext

PHONE, NARROW, DESKTOP = 390, 320, 1280
LANGUAGES = ("fi", "sv", "en")
LOOKED_THROUGH = "en"  # what bars someone from a page is the same in each language, so it is looked for in this one
CONTRAST = ("color-contrast", "link-in-text-block")
OWN_STATUS = "Failed to load resource: the server responded with a status of"
# What a phone's share sheet is given: the file's name, kind and size, and the words.
SHEET = """
navigator.canShare = () => true;
navigator.share = async ({ files = [], text }) => {
  window.given = { text, files: files.map(({ name, type, size }) => ({ name, type, size })) };
};
"""


def drawn_as(first: Any, *others: Any) -> list[Any]:
    """
    Return the languages that people go a way in, for parametrize.

    A run of both halves has the first on PostgreSQL and Redis, the others on SQLite.
    """
    return [first, *(pytest.param(other, marks=pytest.mark.sqlite) for other in others)]


def said(language: str, text: str, context: str | None = None) -> str:
    """Return what a page says in a language for a text of the source."""
    with override(language):
        return pgettext(context, text) if context else gettext(text)


def until(page: Any, expression: str, arg: Any = None, *, seconds: float = 30) -> None:
    """
    Wait until a JavaScript expression, or a function of `arg`, is true on the page. Playwright's own wait_for_function
    has the page evaluate it anew each time, and our content security policy forbids that.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"{page.url}: still not so after {seconds} s: {expression}"
        page.wait_for_timeout(50)


def in_the_end[T](page: Any, holds: Callable[[], T | None], *, seconds: float = 30) -> T:
    """Wait until something holds that the page tells the server by itself, and return what it is."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"{page.url}: it never came about"
        page.wait_for_timeout(50)
    return found


def follow(place: Any) -> None:
    """Press what leads to another page, or back to this one, and wait until that is there."""
    with place.page.expect_navigation():
        place.click()


def reach(place: Any) -> Any:
    """Open whatever hides a place of the page on which a bulletin is written (its step, language, tab, folds), as "Show me" does."""
    place.wait_for(state="attached")
    place.evaluate("one => one.dispatchEvent(new Event('reveal', {bubbles: true}))")
    return place


def settled(page: Any) -> None:
    """Wait until the parts that a page of the desk fetches, and those that they fetch in turn, are in their places."""
    until(page, "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')")


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


def requests_of(page: Any) -> list[str]:
    """Return the list to which every address that the page asks for is added."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def foreign(asked: list[str], site: str) -> list[str]:
    """Return the addresses on hosts that are not ours."""
    own = urlsplit(site).netloc
    return sorted(
        {url for url in asked if urlsplit(url).scheme in {"http", "https", "ws"} and urlsplit(url).netloc != own}
    )


def width_of(page: Any, width: int) -> int:
    """Make the window `width` pixels wide and return how wide the page's content is then."""
    page.set_viewport_size({"width": width, "height": 844})
    return int(page.evaluate("document.documentElement.scrollWidth"))


# Only what is wrong comes back from the page: all that axe tells is half a megabyte. Sizes it measures when it is told to.
AXE = """async ([inside, rules]) => {
    const options = { resultTypes: ["violations"], iframes: false, rules: { "target-size": { enabled: true } } }
    if (rules.length) options.runOnly = rules
    const { violations } = await axe.run(inside ?? document, options)
    return violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, html }) => `${id} (${impact}) ${target.join(" ")}: ${html.slice(0, 160)}`))
}"""


def barriers(page: Any, inside: str | None = None, *, rules: tuple[str, ...] = ()) -> list[str]:
    """
    Return what axe finds wrong on the page, or in the part that the selector `inside` names: rule, place, markup. All
    rules are asked for unless some are named.
    """
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    until(page, "!document.getAnimations().length")  # a colour that is still changing is nobody's
    return [f"{page.url}: {one}" for one in page.evaluate(AXE, [inside, list(rules)])]


# Each box of each thing that is pressed, shown as it is when someone is about to press it. Above and left of the page
# stands what only a keyboard, or a machine that fills in forms, meets.
PRESSED = "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button], [role=tab]"
MISDIRECTED = """(pressed) => {
    const name = (one) => `<${one.tagName.toLowerCase()}> "${(one.textContent.trim() || one.name || one.id || "").slice(0, 60)}"`
    const takes = (one, hit) => one.contains(hit) || hit?.closest("label")?.control === one
    const wrong = []
    for (const one of document.querySelectorAll(pressed)) {
        if (one.disabled || !one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
        if (getComputedStyle(one).pointerEvents === "none") continue
        one.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" })
        for (const box of one.getClientRects()) {
            if (box.width < 3 || box.height < 3 || box.right + scrollX <= 0 || box.bottom + scrollY <= 0) continue
            const middle = box.top + box.height / 2
            for (const [where, y] of [["centre", middle], ["top", box.top + 2], ["bottom", box.bottom - 2]]) {
                const hit = document.elementFromPoint(box.left + box.width / 2, y)
                if (takes(one, hit)) continue
                const other = hit?.closest(pressed) ?? hit?.closest("label")?.control
                if (other ? !other.contains(one) : where === "centre")
                    wrong.push(`a tap on the ${where} of ${name(one)} meets ${hit ? name(other ?? hit) : "nothing"}`)
            }
        }
    }
    return wrong
}"""


def misdirected(page: Any) -> list[str]:
    """
    Return the links, buttons and fields that don't get what is tapped on them: at the centre, or at the top or bottom of their
    boxes where that is another's.
    """
    return [f"{page.url} at {page.viewport_size['width']}: {one}" for one in page.evaluate(MISDIRECTED, PRESSED)]


# Each thing that is pressed or written in, where it stands when a key leads to it: just below the upper edge of the window, and just above the lower.
COVERED = """(pressed) => {
    const stays = (one) => ["sticky", "fixed"].includes(getComputedStyle(one).position)
    const bars = [...document.querySelectorAll("body *")].filter((one) => stays(one) && one.checkVisibility())
    if (!bars.length) return []
    const wrong = []
    for (const one of document.querySelectorAll(pressed)) {
        if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
        if (bars.some((bar) => bar.contains(one))) continue
        for (const edge of ["top", "bottom"]) {
            document.activeElement?.blur()
            const { top, bottom } = one.getBoundingClientRect()
            scrollBy({ top: edge === "top" ? top - 4 : bottom + 4 - innerHeight, behavior: "instant" })
            one.focus()
            const box = one.getBoundingClientRect()
            if (box.width < 3 || box.right <= 0 || box.height > innerHeight / 2) continue
            const y = edge === "top" || one.matches("textarea") ? box.top + 3 : box.bottom - 3 // of a text, its first line
            const hit = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), y)
            const bar = hit && bars.find((bar) => bar.contains(hit))
            if (bar) wrong.push(`${one.outerHTML.slice(0, 90)} is under ${bar.outerHTML.slice(0, 60)} at the ${edge}`)
        }
    }
    return wrong
}"""


def covered(page: Any) -> list[str]:
    """Return what stands under a bar that stays in sight when a key leads to it."""
    return [f"{page.url} at {page.viewport_size['width']}: {one}" for one in page.evaluate(COVERED, PRESSED)]


# What is seen to stand over the edge, and in nothing that clips or scrolls it.
OVER_THE_EDGE = """() => [...document.querySelectorAll("body *")].filter((one) => {
    if (one.getBoundingClientRect().right <= innerWidth || !one.checkVisibility()) return false
    for (let holder = one.parentElement; holder; holder = holder.parentElement)
        if (getComputedStyle(holder).overflowX !== "visible" && holder !== document.body) return false
    return true
}).slice(-3).map((one) => one.outerHTML.slice(0, 120))"""


def too_wide(page: Any, width: int) -> list[str]:
    """Make the window `width` pixels wide and return whether its page is wider, and by what."""
    wide = width_of(page, width)
    if wide <= width:
        return []
    return [f"{page.url}: {wide} pixels wide in a window of {width}: {' | '.join(page.evaluate(OVER_THE_EDGE))}"]


def wrong_with(page: Any, language: str, *, thoroughly: bool = False) -> list[str]:
    """
    Return what is wrong with the open page in `language`, in an exercise, at every width. What would bar someone is
    looked for on a phone; thoroughly, on a wide screen in the dark too.
    """
    page.wait_for_load_state()
    wrong, size = [], page.viewport_size
    if (said := page.get_attribute("html", "lang")) != language:
        wrong.append(f"{page.url}: lang is {said!r}, not {language!r}")
    if not page.locator(".exercise").first.is_visible():
        wrong.append(f"{page.url}: nothing says that this is an exercise")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.url}: {page.locator('h1').count()} main headings")
    for width in (NARROW, DESKTOP, PHONE):
        wrong += too_wide(page, width)
        if width != NARROW:
            wrong += misdirected(page)
        if language == LOOKED_THROUGH and width == DESKTOP and thoroughly:
            page.emulate_media(color_scheme="dark")
            wrong += [f"in the dark: {one}" for one in barriers(page)]
            page.emulate_media(color_scheme="light")
        if language == LOOKED_THROUGH and width == PHONE:
            wrong += barriers(page)
    if size["width"] != PHONE:
        page.set_viewport_size(size)
    return wrong
