"""Public pages are answered from memory: to whom, for how long, and what is never shown again."""

import gzip
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory

from campaigns.http import page_changes
from campaigns.models import PageChange
from config.http.caches import page_cache
from config.http.caches.cache_watcher import Observation, Watch
from config.http.caches.page_cache import PageCache, until

SEEN = page_changes.VisibleChanges((1, 1), (0, 0))
LONG = "a word " * 200


class Site:
    """Django's place: answers a page that counts how often it was made."""

    def __init__(self) -> None:
        self.made = 0
        self.status, self.text, self.headers = "200 OK", LONG, [(page_changes.MARK, "page;q")]
        self.environs: list[dict[str, Any]] = []
        self.before = lambda: None

    def __call__(self, environ, start):
        self.before()
        self.made += 1
        self.environs.append(environ)
        content = f"{self.made} {self.text}".encode()
        start(self.status, [("Content-Type", "text/html"), ("Content-Length", str(len(content))), *self.headers])
        return [content]


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def pages(site, settings):
    """The pages of a site whose database answers and says that nothing changes."""
    settings.PUBLIC_URL = "http://news.test"
    watch = Watch(lambda: SEEN)
    watch.begin = lambda: None  # no thread: each test says what is known
    kept = PageCache(site, watch)
    knows(kept)
    return kept


def knows(pages: PageCache, seen: page_changes.VisibleChanges = SEEN, *, ago: float = 0.0) -> None:
    """Let a look so many seconds ago have seen this."""
    pages.watch.known = Observation(seen, time.time() - ago, time.monotonic() - ago)


def get(pages: PageCache, path: str = "/fi/", query: str = "", method: str = "GET", **headers: str) -> Any:
    """Ask for a page; return `status`, `headers` and `body`."""
    environ = RequestFactory().generic(method, path, QUERY_STRING=query).environ
    environ |= {"HTTP_HOST": "news.test", **headers}
    environ.pop("HTTP_COOKIE", None) if "HTTP_COOKIE" not in headers else None
    told: list[Any] = []
    body = b"".join(pages(environ, lambda status, given: told.extend((status, dict(given)))))
    return SimpleNamespace(status=told[0], headers=told[1], body=body)


def warm(pages: PageCache, path: str = "/fi/") -> Any:
    """Ask for a page until it is kept: first its view is learnt, then the page is made for everyone."""
    get(pages, path)
    return get(pages, path)


def test_a_page_is_made_once_and_then_answered_from_memory(pages, site):
    first = warm(pages)
    assert [get(pages).body for _n in range(5)] == [first.body] * 5
    assert site.made == 2


def test_the_mark_of_a_view_never_leaves_the_process(pages):
    assert page_changes.MARK not in get(pages).headers
    assert page_changes.MARK not in get(pages).headers


def test_a_page_without_the_mark_is_never_kept(pages, site):
    site.headers = []
    assert len({get(pages).body for _n in range(4)}) == 4


@pytest.mark.parametrize(
    ("status", "header"),
    [
        ("200 OK", ("Set-Cookie", "csrf=1")),
        ("200 OK", ("Cache-Control", "private, max-age=0")),
        ("200 OK", ("Cache-Control", "no-store")),
        ("200 OK", ("Content-Security-Policy", "script-src 'nonce-abc'")),
        ("404 Not Found", ("X-Any", "thing")),
        ("302 Found", ("Location", "/")),
    ],
)
def test_what_is_somebodys_own_or_no_page_is_never_kept(pages, site, status, header):
    site.status = status
    site.headers.append(header)
    bodies = [get(pages).body for _n in range(4)]
    assert len(set(bodies)) == 4
    assert not pages.pages


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "session=abc"},
        {"HTTP_COOKIE": "a=b; messages=xyz"},
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"HTTP_HOST": "other.test"},
        {"method": "POST"},
    ],
)
def test_whoever_is_somebody_gets_a_page_of_their_own_and_leaves_none(pages, site, headers):
    kept = warm(pages).body
    assert get(pages, **headers).body != kept
    assert site.environs[-1].get("HTTP_COOKIE", "") == headers.get("HTTP_COOKIE", "")
    assert get(pages).body == kept


def test_with_https_only_what_came_by_https_is_answered_from_memory(site, settings):
    settings.PUBLIC_URL = "https://news.test"
    pages = PageCache(site, Watch(lambda: SEEN))
    pages.watch.begin = lambda: None
    knows(pages)
    for _n in range(3):
        get(pages)
    assert site.made == 3
    for _n in range(3):
        get(pages, HTTP_X_FORWARDED_PROTO="https")
    assert site.made == 5


def test_a_kept_page_holds_nothing_of_the_visitor_that_it_was_made_for(pages, site):
    get(pages)
    get(pages, HTTP_COOKIE="csrf=mine", HTTP_USER_AGENT="mine", HTTP_IF_NONE_MATCH='"x"', CONTENT_TYPE="mine/mine")
    kept = site.environs[-1]
    assert "CONTENT_TYPE" not in kept
    assert {name for name in kept if name.startswith("HTTP_")} == {"HTTP_HOST"}


def test_tracking_words_in_an_address_make_no_other_page(pages, site):
    warm(pages)
    answers = {get(pages, query=f"fbclid={n}&utm_source=x").body for n in range(5)}
    assert len(answers) == 1 and site.made == 2


def test_a_parameter_that_the_view_reads_makes_another_page(pages, site):
    warm(pages)
    two = get(pages, query="utm=1&page=2").body
    assert get(pages, query="page=2&utm=7").body == two != get(pages).body
    assert site.environs[-1]["QUERY_STRING"] == "page=2"


def test_a_search_is_asked_of_django_each_time(pages, site):
    warm(pages)
    asked = {get(pages, query="q=flu&page=1").body for _n in range(3)}
    assert len(asked) == 3
    assert site.environs[-1]["QUERY_STRING"] == "q=flu&page=1"


def test_a_change_is_shown_at_the_next_request(pages):
    before = warm(pages).body
    knows(pages, page_changes.VisibleChanges((2, 3), (0, 0)))
    assert get(pages).body != before


def test_a_page_is_made_anew_after_some_seconds_because_embargoes_end_by_the_clock(pages, site, monkeypatch):
    before = warm(pages).body
    monkeypatch.setattr(page_cache, "FRESH", 0.01)
    time.sleep(0.02)
    assert get(pages).body != before


def test_one_request_makes_a_page_while_the_others_wait(pages, site):
    warm(pages)
    made = site.made
    site.before = lambda: time.sleep(0.2)
    knows(pages, page_changes.VisibleChanges((2, 3), (1, 2)))
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(get(pages).body)) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.made == made + 1
    assert len(bodies) == 6 and len(set(bodies)) == 1


# --- While the database is away -----------------------------------------------------------------------


def test_pages_are_shown_as_they_were_and_say_so(pages, site):
    before = warm(pages).body
    site.status = "503 Service Unavailable"
    knows(pages, ago=60)
    answer = get(pages)
    assert (answer.status, answer.body) == ("200 OK", before)
    assert answer.headers["Cache-Status"].startswith("bulletins; hit; ttl=")


def test_a_page_whose_turn_it_was_to_be_made_anew_is_shown_as_it_was(pages, site, monkeypatch):
    before = warm(pages).body
    site.status = "503 Service Unavailable"
    knows(pages, page_changes.VisibleChanges((2, 3), (0, 0)))
    assert get(pages).body == before


def test_words_that_were_taken_back_are_not_shown_even_then(pages, site):
    before = warm(pages).body
    site.status, site.text = "503 Service Unavailable", "later"
    knows(pages, page_changes.VisibleChanges((2, 3), (1, 2)), ago=60)
    answer = get(pages)
    assert answer.status.startswith("503") and answer.body != before


def test_django_is_told_so_that_nobody_waits(pages, site):
    site.headers = []
    pages.watch.poll()
    get(pages)
    assert page_cache.AWAY not in site.environs[-1]
    pages.watch._read_changes = lambda: 1 / 0
    pages.watch.poll()
    get(pages)
    assert site.environs[-1][page_cache.AWAY] is True
    pages.watch._read_changes = lambda: SEEN
    pages.watch.poll()
    get(pages)
    assert page_cache.AWAY not in site.environs[-1]


def test_before_the_first_look_nothing_is_kept(pages, site):
    pages.watch.known = None
    assert len({get(pages).body for _n in range(3)}) == 3


# --- How it is answered --------------------------------------------------------------------------------


def test_whoever_takes_gzip_gets_the_same_words_packed(pages):
    plain = warm(pages)
    packed = get(pages, HTTP_ACCEPT_ENCODING="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.body) == plain.body
    assert int(packed.headers["Content-Length"]) == len(packed.body) < len(plain.body)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert get(pages, HTTP_ACCEPT_ENCODING="gzip;q=0").body == plain.body


def test_whoever_has_the_page_is_told_that_nothing_changed(pages):
    mark = warm(pages).headers["ETag"]
    for sent in (mark, f"W/{mark}", f'"other", {mark}', "*"):
        answer = get(pages, HTTP_IF_NONE_MATCH=sent)
        assert (answer.status, answer.body) == ("304 Not Modified", b"")
        assert answer.headers["ETag"] == mark and "Content-Length" not in answer.headers
    assert get(pages, HTTP_IF_NONE_MATCH='"other"').status == "200 OK"


def test_a_date_counts_only_without_a_mark(pages, site):
    site.headers.append(("Last-Modified", "Wed, 25 Nov 2026 10:00:00 GMT"))
    warm(pages)
    assert get(pages, HTTP_IF_MODIFIED_SINCE="Wed, 25 Nov 2026 10:00:00 GMT").status.startswith("304")
    assert get(pages, HTTP_IF_MODIFIED_SINCE="Wed, 25 Nov 2026 09:59:59 GMT").status.startswith("200")
    assert get(pages, HTTP_IF_MODIFIED_SINCE="nonsense").status.startswith("200")
    both = get(pages, HTTP_IF_MODIFIED_SINCE="Wed, 25 Nov 2026 10:00:00 GMT", HTTP_IF_NONE_MATCH='"other"')
    assert both.status.startswith("200")


def test_head_has_the_headers_without_the_page(pages):
    full = warm(pages)
    head = get(pages, method="HEAD")
    assert head.body == b"" and head.headers == full.headers


def test_nginx_may_keep_a_page_to_the_end_of_the_second_only_once_we_have_looked_in_it(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1000.5)
    assert until(Observation(SEEN, 1000.02, 0.0)) == "@1000"
    assert until(Observation(SEEN, 999.99, 0.0)) == "0"
    assert until(Observation(SEEN, 1000.02, 0.0), stale=True) == "0"


def test_nothing_is_said_to_nginx_where_there_is_none(pages, site, settings):
    warm(pages)
    assert "X-Accel-Expires" not in get(pages).headers
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind = PageCache(site, pages.watch)
    warm(behind)
    assert get(behind).headers["X-Accel-Expires"].startswith(("@", "0"))


def test_memory_is_bounded_and_what_is_asked_for_stays(pages, monkeypatch):
    monkeypatch.setattr(page_cache, "MOST_PAGES", 20)
    warm(pages, "/hot/")
    for number in range(100):
        warm(pages, f"/{number}/")
        get(pages, "/hot/")
    assert len(pages.pages) <= 20
    assert "/hot/?" in pages.pages
    assert pages.bytes == sum(page.size for page in pages.pages.values())


# --- What changed -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_change_is_seen_and_only_some_take_words_back(django_assert_num_queries):
    nothing = page_changes.visible_changes()
    page_changes.changed()
    with django_assert_num_queries(1):
        one = page_changes.visible_changes()
    page_changes.note_retraction()
    two = page_changes.visible_changes()
    assert len({nothing.changes, one.changes, two.changes}) == 3
    assert nothing.taken_back == one.taken_back != two.taken_back


@pytest.mark.django_db
def test_a_change_that_becomes_visible_after_a_later_one_is_seen():
    PageChange.objects.create(pk=12)
    before = page_changes.visible_changes()
    PageChange.objects.create(pk=11)
    assert page_changes.visible_changes() != before


@pytest.mark.django_db
def test_old_changes_are_forgotten_and_new_ones_in_their_place_are_seen(noon):
    page_changes.changed()
    before = page_changes.visible_changes()
    PageChange.objects.update(noted_at=noon)
    assert page_changes.forget_old(at=noon + page_changes.REMEMBERED) == 0
    page_changes.changed()
    assert page_changes.forget_old(at=noon + 2 * page_changes.REMEMBERED) == 1
    assert PageChange.objects.count() == 1
    assert page_changes.visible_changes() != before


@pytest.mark.django_db
def test_what_was_taken_back_stays_so_when_old_changes_are_forgotten(noon):
    untouched = page_changes.visible_changes()
    page_changes.note_retraction()
    page_changes.changed()
    taken_back = page_changes.visible_changes()
    PageChange.objects.update(noted_at=noon)
    page_changes.forget_old(at=noon + 2 * page_changes.REMEMBERED)
    assert page_changes.visible_changes() == taken_back
    assert page_changes.visible_changes().taken_back != untouched.taken_back


def test_a_view_sees_only_the_parameters_that_its_page_is_kept_by(rf):
    @page_changes.cached_page("page")
    def view(request):
        return HttpResponse(f"{request.GET.urlencode()} {request.get_full_path()}")

    answer = view(rf.get("/x/?page=2&fbclid=1"))
    assert answer.content == b"page=2 /x/?page=2"
    assert answer[page_changes.MARK] == "page;"
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_a_page_for_somebody_who_is_logged_in_is_not_called_public(rf, settings):
    request = rf.get("/x/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "abc"
    answer = page_changes.cached_page()(lambda request: HttpResponse("x"))(request)
    assert page_changes.MARK not in answer and "Cache-Control" not in answer


# --- Django's part ------------------------------------------------------------------------------------


def test_while_the_database_is_away_django_says_so_at_once_and_when_to_come_back(client):
    answer = client.get("/fi/", **{page_cache.AWAY: True})
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert client.get("/health/live", **{page_cache.AWAY: True}).status_code == 200


@pytest.mark.django_db
def test_a_page_that_the_database_does_not_answer_is_a_503_and_no_fault_of_ours(client):
    def away(*args: object) -> None:
        raise OperationalError("connection refused")

    client.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = client.get("/fi/")
    assert answer.status_code == 503 and answer["Retry-After"] == "5"


@pytest.mark.django_db
def test_another_fault_is_still_a_500(client):
    def broken(*args: object) -> None:
        raise ValueError("a fault of ours")

    client.raise_request_exception = False
    with connection.execute_wrapper(broken):
        answer = client.get("/fi/")
    assert answer.status_code == 500
