"""Another site shows the box in a real browser: it reads well in 300 pixels, bars nobody, and nothing else can be framed."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

SMALLEST = 300


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Another site, which shows what stands in `pages`, {path: HTML}."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages, server.url = pages, f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_box_reads_well_in_a_narrow_column_by_day_and_in_the_dark(campaign, live_site, page):
    builders.build_published_version(campaign, at=timezone.now() - timedelta(minutes=5))
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            page.goto(f"{live_site}/{language}/embed/")
            assert page_checks.width_of(page, SMALLEST) == SMALLEST, page.url
        wrong = page_checks.barriers(page)
        page.emulate_media(color_scheme="dark")
        wrong += page_checks.barriers(page, rules=page_checks.CONTRAST)
    assert wrong + faults == []


def test_another_site_shows_the_box_with_what_the_page_says_to_copy(campaign, live_site, page, elsewhere):
    builders.build_published_version(campaign, at=timezone.now() - timedelta(minutes=5))
    page.goto(f"{live_site}/en/feeds/")
    snippet = page.inner_text("#snippet")
    elsewhere.pages["/"] = f"<!doctype html><title>News</title><h1>News</h1>{snippet}"

    with page_checks.watching(page) as faults:
        page.goto(elsewhere.url)
        box = page.frame_locator("iframe")
        box.get_by_role("link", name="Read the bulletin").click()
        page.wait_for_url(f"{live_site}/en/bulletins/1/")
    assert faults == []
    assert page.context.cookies() == []


def test_another_site_cannot_frame_a_page(campaign, live_site, browser, elsewhere):
    builders.build_published_version(campaign, at=timezone.now() - timedelta(minutes=5))
    elsewhere.pages["/"] = f'<!doctype html><title>Trap</title><iframe src="{live_site}/en/bulletins/1/"></iframe>'
    assert Client().get("/en/bulletins/1/").status_code == 200
    context = browser.new_context()
    page = context.new_page()

    with page.expect_console_message(lambda line: "frame-ancestors" in line.text or "X-Frame-Options" in line.text):
        page.goto(elsewhere.url)

    shown = page.frames[-1].content()
    context.close()
    assert "Libraries" not in shown
