"""A hub hears of every change of the feeds, is asked again while it is away, and hears nothing of exercises."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import feedparser
import pytest
from django.db import transaction
from django.test import Client

from bulletins import pinging, publications
from bulletins.models import HubPing
from tests import builders

from .feeding import LATER, NOON, SITE, answered, corrected, live, told, withdrawn

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)

ADDRESSES = [
    f"{SITE}/{language}/{what}"
    for language in builders.LANGUAGES
    for what in ("feeds/rss.xml", "feeds/atom.xml", "feeds/feed.json", "facts/feed/")
] + [f"{SITE}/cap/"]


class Hub:
    """A real HTTP server that keeps what it hears and answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answers: list[int] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
                assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                hub.heard.append((fields["hub.mode"], fields["hub.url"]))
                status = hub.answers.pop(0) if hub.answers else 204
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hub"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def hub(settings: Any) -> Iterator[Hub]:
    """A hub that the settings name."""
    hub = Hub()
    settings.PUBLIC_URL, settings.WEBSUB_HUB = SITE, hub.url
    settings.FETCH_ALLOW = [hub.url.removeprefix("http://").removesuffix("/hub")]
    yield hub
    hub.server.shutdown()
    hub.server.server_close()


def urls(hub: Hub) -> list[str]:
    """Return what the hub has heard since it was asked last."""
    heard = [url for mode, url in hub.heard if mode == "publish"]
    hub.heard.clear()
    return heard


def test_a_bulletin_its_correction_and_its_withdrawal_are_each_told_once(hub):
    version = told(live())
    assert pinging.tell_hub(at=NOON) == 1
    assert urls(hub) == ADDRESSES
    assert pinging.tell_hub(at=NOON + MINUTE) == 0

    version = corrected(version)
    assert pinging.tell_hub(at=LATER) == 1
    withdrawn(version, at=LATER + MINUTE)
    assert pinging.tell_hub(at=LATER + MINUTE) == 1
    assert urls(hub) == ADDRESSES * 2


def test_an_answer_is_told_when_everybody_may_read_it(hub):
    answered(live())
    publications.note_waiting(at=NOON)
    assert pinging.tell_hub(at=NOON) == 0

    publications.note_waiting(at=NOON + 15 * MINUTE)

    assert pinging.tell_hub(at=NOON + 15 * MINUTE) == 1


def test_what_is_new_together_is_told_together(hub):
    campaign = live()
    for _each in range(3):
        told(campaign)

    assert pinging.tell_hub(at=NOON) == 3
    assert urls(hub) == ADDRESSES


@pytest.mark.parametrize("status", [500, 404, 307])
def test_a_hub_that_says_no_is_asked_again_later_and_later(hub, status):
    told(live())
    hub.answers = [204, status]
    assert pinging.tell_hub(at=NOON) == 0
    assert len(urls(hub)) == 2
    assert pinging.tell_hub(at=NOON + MINUTE / 2) == 0
    assert urls(hub) == []

    hub.answers = [status]
    assert pinging.tell_hub(at=NOON + MINUTE) == 0
    assert HubPing.objects.get().next_attempt_at == NOON + 6 * MINUTE
    assert pinging.tell_hub(at=NOON + 6 * MINUTE) == 1
    assert urls(hub)[-len(ADDRESSES) :] == ADDRESSES


def test_a_hub_that_is_away_is_given_up_after_two_days(hub):
    told(live())
    hub.server.shutdown()
    hub.server.server_close()

    assert pinging.tell_hub(at=NOON) == 0
    assert HubPing.objects.get().given_up_at is None
    assert pinging.tell_hub(at=NOON + timedelta(hours=48)) == 0

    ping = HubPing.objects.get()
    assert (ping.attempts, ping.given_up_at) == (2, NOON + timedelta(hours=48))
    assert pinging.tell_hub(at=NOON + timedelta(hours=50)) == 0
    assert HubPing.objects.get().attempts == 2


def test_a_hub_inside_our_network_is_not_asked_unless_it_is_allowed(hub, settings):
    settings.FETCH_ALLOW = []
    told(live())

    assert pinging.tell_hub(at=NOON) == 0
    assert hub.heard == []


def test_two_workers_tell_once(hub):
    told(live())
    pinging.write_down(at=NOON)
    first, second = HubPing.objects.get(), HubPing.objects.get()

    assert pinging.claim(first, at=NOON)
    assert not pinging.claim(second, at=NOON)
    assert HubPing.objects.get().attempts == 1


def test_no_hub_hears_of_an_exercise(hub, campaign):
    told(campaign)

    assert pinging.tell_hub(at=NOON) == 0
    assert hub.heard == []
    assert not HubPing.objects.exists()
    response = Client().get("/en/feeds/rss.xml")
    assert "Link" not in response
    assert b"hub" not in response.content


def test_without_a_hub_nothing_is_written_and_nothing_is_told(settings, django_assert_num_queries):
    settings.WEBSUB_HUB = ""
    told(live())

    with django_assert_num_queries(0):
        assert pinging.tell_hub(at=NOON) == 0
        pinging.wake_due(at=NOON)


def test_what_is_older_than_a_hub_is_not_told_to_it(hub):
    told(live())

    assert pinging.tell_hub(at=NOON + timedelta(days=3)) == 0
    assert hub.heard == []


def test_publishing_wakes_a_worker_when_it_is_through_and_the_tick_does_if_that_is_lost(hub, monkeypatch, request):
    woken: list[bool] = []
    monkeypatch.setattr(
        "bulletins.tasks.tell_hub.apply_async", lambda **how: woken.append(transaction.get_connection().in_atomic_block)
    )
    capture = request.getfixturevalue("django_capture_on_commit_callbacks")
    with capture(execute=True):
        told(live())
    assert woken

    woken.clear()
    pinging.wake_due(at=NOON)
    assert len(woken) == 1
    pinging.tell_hub(at=NOON)
    pinging.wake_due(at=NOON)
    assert len(woken) == 1


@pytest.mark.parametrize(
    "what", ["en/feeds/rss.xml", "sv/feeds/atom.xml", "fi/feeds/feed.json", "en/facts/feed/", "cap/"]
)
def test_a_feed_names_its_hub_and_itself(hub, what):
    told(live())

    response = Client().get(f"/{what}")

    assert response["Link"] == f'<{hub.url}>; rel="hub", <{SITE}/{what}>; rel="self"'
    if what.endswith("json"):
        assert response.json()["hubs"] == [{"type": "WebSub", "url": hub.url}]
    elif "facts" not in what:
        links = {link.rel: link.href for link in feedparser.parse(response.content).feed.links}
        assert (links["hub"], links["self"]) == (hub.url, f"{SITE}/{what}")
