"""Walking a site by its links, as a reader or a mail scanner does."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from django.utils import translation

LINK = re.compile(r"""\b(?:href|src|hx-get|data-refresh|action)=["']([^"'#]*)""")
SORTED = re.compile(r"/desk/.*\?(?:o=|.*_changelist_filters|all=|.*__)")  # the same lists and forms once more
MOST_OF_ONE_ROUTE = 1
# Where each kind of reader begins.
PUBLIC = [
    "/en/", "/fi/", "/sv/", "/en/bulletins/1/", "/en/embed/1/", "/en/facts/corrections/", "/en/check/?text=garlic",
    "/en/bulletins/?q=libraries", "/en/join/", "/en/subscribe/", "/en/certificates/", "/en/c/", "/en/handbook/",
    "/en/code-of-ethics/", "/en/answers/", "/en/about/privacy/",
]  # fmt: skip
PORTAL = ["/en/portal/", "/en/portal/bulletins/1/", "/en/portal/recalls/1/", "/fi/portal/"]
INPUTS = ["/en/inputs/", "/en/questions-to-answer/"]
DESK = ["/desk/", "/desk/today/"]
# What is theirs alone.
WITHIN = {
    "anybody": "/",
    "influencer": "/../portal/",
    "contributor": "/../(?:inputs|questions)",
    "staff": "/(?:desk|../account)/",
}

# The change of a fact is of the texts, in whose place the payloads are: tests/desk/bulletins/test_facts.py.
ASKS_FOR_A_FACT = "/facts/change/"
SKIPPED = ("/static/", "/media/", "/i18n/", "/sv/")


def links_in(html: str, *, page: str, host: str = "testserver") -> Iterator[str]:
    """Give each address of our own that a page leads to, as a path."""
    for found in LINK.findall(html):
        parts = urlsplit(urljoin(f"http://{host}{page}", unescape(found)))
        if parts.hostname == host and parts.scheme in {"http", "https"}:
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def route_of(path: str) -> str | None:
    """Return the name of the route that a path is of, in whichever language it is; None when it is of none."""
    language = path[1:3] if path[3:4] == "/" and path[1:3].isalpha() else "en"
    try:
        with translation.override(language):
            return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return None


def walk(client: Any, starts: Iterable[str], *, within: str = "", most: int = MOST_OF_ONE_ROUTE) -> dict[str, Any]:
    """
    Return {path: answer} of every page that can be reached from `starts` by links, at most `most` of one route in one
    language: the calendar has no end. Paths that the expression `within` does not match are left out.
    """
    waiting, answers, counts = list(starts), {}, Counter[str]()
    while waiting:
        path = waiting.pop(0)
        if (
            path in answers
            or not re.match(within, path)
            or path.startswith(SKIPPED)
            or "logout" in path
            or ASKS_FOR_A_FACT in path
            or SORTED.match(path)
        ):
            continue
        name = route_of(path)
        if name is None:
            continue
        route = f"{path[:4]}{name}{'?' in path}"
        counts[route] += 1
        if counts[route] > most:
            continue
        answers[path] = answer = client.get(path)
        if not answer.streaming and "html" in answer.get("Content-Type", ""):
            waiting += links_in(answer.content.decode(), page=path)
        elif answer.status_code in {301, 302, 303}:
            waiting += links_in(f'href="{answer["Location"]}"', page=path)
    return answers
