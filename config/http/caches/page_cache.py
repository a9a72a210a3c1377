"""
Public pages are answered from the memory of each web process, whole, before Django is asked.

Which pages: those of views marked with `campaigns.http.page_changes.cached_page`, for whoever is not logged in. A page is made anew, by one
request while the others wait, when anything on public pages changed since, and every few seconds, as embargoes end and
messages expire by the clock. While the database is away pages are shown as they were, but none from before words were
taken back.
"""

import gzip
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import parse_http_date_safe

from campaigns.http import page_changes
from campaigns.http.machine_responses import etag_of
from campaigns.site_languages import process_languages
from lib.http.cache_state import AWAY, LATE, LOOKED

from .cache_watcher import Observation, Watch

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Start = Callable[..., Any]

FRESH = 5.0  # seconds for which a page is right when nothing has changed
WAIT = 10.0  # seconds that a request waits for another one that makes the same page
MOST_PAGES = 4000
MOST_BYTES = 64 * 2**20
LONGEST_QUERY = 300  # characters
SMALLEST_ZIPPED = 600  # bytes; less is not worth it
TURNS = 64
# All that a kept page may depend on: nothing of it is the visitor's own.
ABOUT_THE_SITE = {"HTTP_HOST", "HTTP_X_FORWARDED_PROTO"}
WITH_304 = {"cache-control", "content-location", "date", "etag", "expires", "last-modified", "vary"}


@dataclass(slots=True, frozen=True)
class Body:
    """A page in one encoding: its headers, and the same without those that a 304 has no use for."""

    content: bytes
    etag: str
    headers: Headers
    unchanged: Headers


@dataclass(slots=True)
class Page:
    """A page as it was made when `seen` was all that had changed. `made` and `used` are monotonic moments."""

    plain: Body
    zipped: Body | None
    last_modified: int | None
    seen: page_changes.VisibleChanges
    made: float
    used: float = field(default=0.0)

    @property
    def size(self) -> int:
        """How much memory it takes, in bytes, without the small change."""
        return len(self.plain.content) + (len(self.zipped.content) if self.zipped else 0)


@dataclass(slots=True)
class Answer:
    """What Django answered."""

    status: str
    headers: Headers
    chunks: Iterable[bytes]
    mark: str


class PageCache:
    """A WSGI application in front of Django's. One for each process; its threads share it without a lock on the way."""

    def __init__(self, application: Callable[..., Iterable[bytes]], watch: Watch | None = None) -> None:
        self.application = application
        self.watch = watch or Watch(follow=process_languages.refresh)
        self.pages: dict[str, Page] = {}
        self.ways: dict[str, page_changes.CacheRule] = {}  # by path
        self.bytes = 0
        self._turns = [threading.Lock() for _number in range(TURNS)]
        self._storing = threading.Lock()
        public = urlsplit(settings.PUBLIC_URL)
        self._site = (public.netloc, "https") if public.scheme == "https" else (public.netloc, None)
        self._own_cookies = (settings.SESSION_COOKIE_NAME, "messages")
        self._is_behind_proxy = settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        self.watch.begin()
        now = time.monotonic()
        way = self.ways.get(environ["PATH_INFO"]) if self._is_anonymous(environ) else None
        known = self.watch.known
        asked = environ.get("QUERY_STRING", "")
        query = way.relevant(asked) if way and len(asked) <= LONGEST_QUERY else None
        if query is None or known is None:
            return self._pass(environ, start, now)
        key = f"{environ['PATH_INFO']}?{query}"
        page = self.pages.get(key)
        if page is not None:
            page.used = now
            if page.seen == known.seen and now - known.moment <= LATE and now - page.made <= FRESH:
                return self._respond(page, environ, start, known)
            if now - known.moment > LATE and page.seen.taken_back == known.seen.taken_back:
                return self._respond(page, environ, start, known, age=now - page.made)
        return self._renew(key, query, page, environ, start)

    def _is_anonymous(self, environ: Environ) -> bool:
        """Return whether a request says nothing about who asks."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or "HTTP_AUTHORIZATION" in environ:
            return False
        host, scheme = self._site
        if environ.get("HTTP_HOST") != host or (scheme and environ.get("HTTP_X_FORWARDED_PROTO") != scheme):
            return False
        cookies = environ.get("HTTP_COOKIE", "")
        return not cookies or not any(name in cookies for name in self._own_cookies)

    # --- Asking Django ----------------------------------------------------------------------------------

    def _pass(self, environ: Environ, start: Start, now: float) -> Iterable[bytes]:
        """Let Django answer this very request, and learn whether it is one of those that are kept."""
        if self.watch.is_away(now):
            environ[AWAY] = True
        environ[LOOKED] = now - self.watch.known.moment if self.watch.known else None
        answer = self._fetch(environ)
        if answer.mark and self._is_anonymous(environ):
            self._learn(environ["PATH_INFO"], answer.mark)
        start(answer.status, answer.headers)
        return answer.chunks

    def _renew(self, key: str, query: str, page: Page | None, environ: Environ, start: Start) -> Iterable[bytes]:
        """Make a page anew, or take the one that another request has made meanwhile; as a last resort the old one."""
        turn = self._turns[hash(key) % TURNS]
        if not turn.acquire(blocking=False):
            known = self.watch.known
            if page is not None and known is not None and page.seen == known.seen and self._is_recent(page):
                return self._respond(page, environ, start, known)  # right, only not of this second
            if not turn.acquire(timeout=WAIT):
                return self._pass(environ, start, time.monotonic())
        try:
            now, known = time.monotonic(), self.watch.known
            assert known is not None
            page = self.pages.get(key)
            if page is None or page.seen != known.seen or now - page.made > FRESH:
                answer = self._fetch(self._alike(environ, query))
                made = self._made(answer, known, now)
                if made is not None:
                    self._store(key, made)
                    page = made
                elif answer.status >= "5" and page is not None and page.seen.taken_back == known.seen.taken_back:
                    close(answer.chunks)
                    return self._respond(page, environ, start, known, age=now - page.made)
                else:
                    close(answer.chunks)
                    self._forget(key, environ["PATH_INFO"])
                    page = None
        finally:
            turn.release()
        return self._respond(page, environ, start, known) if page else self._pass(environ, start, now)

    def _is_recent(self, page: Page) -> bool:
        """Return whether a page may stand in for the one that is being made."""
        return time.monotonic() - page.made <= 2 * FRESH

    def _alike(self, environ: Environ, query: str) -> Environ:
        """Return the same request as anyone would make it."""
        common = {
            name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in ABOUT_THE_SITE
        }
        common.pop("CONTENT_TYPE", None)
        return common | {"REQUEST_METHOD": "GET", "QUERY_STRING": query}

    def _fetch(self, environ: Environ) -> Answer:
        """Ask Django; take its mark off."""
        told: list[Any] = []
        chunks = self.application(environ, lambda status, headers, *rest: told.extend((status, headers)))
        status, headers = told
        mark = next((value for name, value in headers if name == page_changes.MARK), "")
        if mark:
            headers = [pair for pair in headers if pair[0] != page_changes.MARK]
        return Answer(status, headers, chunks, mark)

    # --- Keeping ----------------------------------------------------------------------------------------

    def _learn(self, path: str, mark: str) -> None:
        """Remember that the page of a path is kept, and how."""
        if len(self.ways) > MOST_PAGES:
            self.ways = {}
        self.ways[path] = page_changes.CacheRule.read(mark)

    def _made(self, answer: Answer, known: Observation, now: float) -> Page | None:
        """Return the page to keep, or None for what is not kept: someone's own, a stream, anything but a 200."""
        headers = {name.lower(): value for name, value in answer.headers}
        if (
            not answer.status.startswith("200")
            or not answer.mark
            or "set-cookie" in headers
            or "content-length" not in headers
            or any(word in headers.get("cache-control", "") for word in ("private", "no-store", "no-cache"))
            or "nonce-" in headers.get("content-security-policy", "")
        ):
            return None
        content = b"".join(answer.chunks)
        close(answer.chunks)
        mark = etag_of(content)
        zipped = None
        if len(content) >= SMALLEST_ZIPPED and "content-encoding" not in headers:
            zipped = body_of(gzip.compress(content, mtime=0), f'{mark[:-1]}-gzip"', answer.headers, encoding="gzip")
        return Page(
            plain=body_of(content, mark, answer.headers),
            zipped=zipped,
            last_modified=parse_http_date_safe(headers.get("last-modified", "")),
            seen=known.seen,
            made=now,
            used=now,
        )

    def _store(self, key: str, page: Page) -> None:
        """Keep a page; when there are too many, those that nobody has asked for longest go."""
        with self._storing:
            before = self.pages.get(key)
            self.pages[key] = page
            self.bytes += page.size - (before.size if before else 0)
            if len(self.pages) > MOST_PAGES or self.bytes > MOST_BYTES:
                for old in sorted(self.pages, key=lambda name: self.pages[name].used)[: len(self.pages) // 8 + 1]:
                    self.bytes -= self.pages.pop(old).size

    def _forget(self, key: str, path: str) -> None:
        """Forget a page that is not to be kept any more."""
        with self._storing:
            self.ways.pop(path, None)
            page = self.pages.pop(key, None)
            self.bytes -= page.size if page else 0

    # --- Answering --------------------------------------------------------------------------------------

    def _respond(
        self, page: Page, environ: Environ, start: Start, known: Observation, *, age: float | None = None
    ) -> Iterable[bytes]:
        """Answer with a page, or with 304. With `age` (s) it says how far beyond its time it is shown (RFC 9211)."""
        body = page.zipped if page.zipped and takes_gzip(environ) else page.plain
        is_known = is_not_modified(environ, body, page.last_modified)
        headers = list(body.unchanged if is_known else body.headers)
        if age is not None:
            headers.append(("Cache-Status", f"bulletins; hit; ttl={int(FRESH - age)}"))
        if self._is_behind_proxy:
            headers.append(("X-Accel-Expires", until(known, stale=age is not None)))
        start("304 Not Modified" if is_known else "200 OK", headers)
        return [] if is_known or environ["REQUEST_METHOD"] == "HEAD" else [body.content]


def until(known: Observation, *, stale: bool = False) -> str:
    """
    Return how long nginx may keep a page: to the end of this second of the clock, but not at all unless we have looked
    since it began. So nothing is shown that was changed more than a second ago.
    """
    second = int(time.time())
    return "0" if stale or known.wall < second else f"@{second}"


def body_of(content: bytes, etag: str, headers: Headers, *, encoding: str = "") -> Body:
    """Return a page in one encoding, with its own length and mark."""
    replaced = {"content-length", "etag", "vary"}
    vary = next((value for name, value in headers if name.lower() == "vary"), "")
    full = [pair for pair in headers if pair[0].lower() not in replaced]
    full += [("Vary", f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"), ("ETag", etag)]
    unchanged = [pair for pair in full if not pair[0].lower().startswith("content-") or pair[0].lower() in WITH_304]
    if encoding:
        full.append(("Content-Encoding", encoding))
    full.append(("Content-Length", str(len(content))))
    return Body(content, etag, full, unchanged)


def takes_gzip(environ: Environ) -> bool:
    """Return whether whoever asks takes gzip."""
    accepts = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepts and "gzip;q=0" not in accepts.replace(" ", "").replace("q=0.", "q=1.")


def is_not_modified(environ: Environ, body: Body, last_modified: int | None) -> bool:
    """Return whether whoever asks has this very page already (RFC 9110, 13.2.2)."""
    marks = environ.get("HTTP_IF_NONE_MATCH")
    if marks is not None:
        # A proxy that unpacks or packs on the way makes the mark a weak one.
        return marks.strip() == "*" or body.etag in [mark.strip().removeprefix("W/") for mark in marks.split(",")]
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None or last_modified is None:
        return False
    moment = parse_http_date_safe(since)
    return moment is not None and moment >= last_modified


def close(chunks: Iterable[bytes]) -> None:
    """Let Django end a request whose answer is used or thrown away."""
    if hasattr(chunks, "close"):
        chunks.close()
