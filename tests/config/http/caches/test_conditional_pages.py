"""Whoever has a page already is told that nothing changed, whichever page it is; what is someone's own has no mark."""

import io
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from campaigns.http import page_changes
from config.http.caches.cache_watcher import Observation, Watch
from config.http.caches.conditional_pages import ConditionalPagesMiddleware
from config.http.caches.page_cache import PageCache
from tests.support import builders

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

SEEN = page_changes.VisibleChanges((1, 1), (0, 0))
PAGES = (
    *("/en/", "/en/bulletins/", "/en/bulletins/?q=water", "/en/bulletins/1/", "/en/answers/", "/en/facts/"),
    *("/en/feeds/", "/en/feeds/rss.xml", "/en/embed/", "/en/about/", "/en/about/corrections/", "/en/subscribe/"),
    *("/sitemap.xml", "/robots.txt"),
)


@pytest.fixture
def published(campaign):
    """A bulletin that everyone can read."""
    return builders.build_published_version(campaign, at=builders.NOON)


@pytest.mark.parametrize("host", ["testserver", "localhost"])
@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_has_its_mark_at_the_first_time_under_each_name_of_the_site(path, host, published, settings):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    client = Client(headers={"host": host})

    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again["ETag"] == first["ETag"] == client.head(path)["ETag"]
    assert again.get("Cache-Control") == first.get("Cache-Control") and again.get("Vary") == first.get("Vary")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_page_that_changed_is_sent_whole(published, client):
    before = client.get("/en/")["ETag"]
    builders.build_published_version(published.bulletin.campaign, at=builders.NOON)
    after = client.get("/en/", headers={"If-None-Match": before})
    assert after.status_code == 200 and after["ETag"] != before


def test_a_page_of_somebody_who_is_logged_in_has_none(published, client, liisa):
    client.force_login(liisa)
    answer = client.get("/en/", headers={"If-None-Match": "*"})
    assert answer.status_code == 200 and "ETag" not in answer


@pytest.mark.parametrize("path", ["/en/check/", "/en/facts/report/", "/health/live"])
def test_a_page_with_a_token_or_not_to_be_stored_has_none(path, published, client):
    for _time in range(2):  # the second time with the cookie of the first
        answer = client.get(path, headers={"If-None-Match": "*"})
        assert answer.status_code == 200 and "ETag" not in answer


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse("x", status=404),
        HttpResponse("x", status=422),
        HttpResponse("x", headers={"Cache-Control": "no-store"}),
        StreamingHttpResponse(["x"]),
    ],
)
def test_what_is_no_page_has_none(answer, rf):
    assert "ETag" not in ConditionalPagesMiddleware(lambda _request: answer)(rf.get("/x/"))


def test_an_answer_to_a_post_or_to_a_token_has_none(rf):
    answer = ConditionalPagesMiddleware(lambda _request: HttpResponse("x"))
    assert "ETag" not in answer(rf.post("/x/"))
    assert "ETag" not in answer(rf.get("/x/", headers={"Authorization": "Bearer x"}))


def test_a_page_is_the_same_before_and_after_it_is_kept_and_is_learnt_from_a_304_too(published, settings):
    settings.PUBLIC_URL = "http://testserver"
    watch = Watch(lambda: SEEN)
    watch.begin = lambda: None  # type: ignore[method-assign]  # no thread
    watch.poll()
    assert isinstance(watch.known, Observation)
    handler: Any = ClientHandler()

    def django(environ: dict[str, Any], start: Any) -> list[bytes]:
        answer = handler(environ)
        start(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        return [answer.content]

    pages = PageCache(django, watch)

    def ask(**headers: str) -> tuple[str, dict[str, str]]:
        told: list[Any] = []
        environ = RequestFactory().get("/en/").environ | {"HTTP_HOST": "testserver", "wsgi.input": io.BytesIO()}
        answer = pages(environ | headers, lambda status, given: told.extend((status, dict(given))))
        assert isinstance(b"".join(answer), bytes)
        return told[0], told[1]

    mark = Client().get("/en/")["ETag"]
    assert ask(HTTP_IF_NONE_MATCH=mark)[0] == "304 Not Modified" and not pages.pages
    status, headers = ask(HTTP_IF_NONE_MATCH=mark)
    assert status == "304 Not Modified" and list(pages.pages) == ["/en/?"]
    assert headers["ETag"] == mark and page_changes.MARK not in headers
