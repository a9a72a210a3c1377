"""A hub hears of every change of the feeds, is asked again while it is away, and hears nothing of exercises."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import feedparser
import pytest
from django.db import transaction
from django.test import Client

from tests.support import builders
from tests.support.providers.http_recorder import Hearer, hearing
from website.digests import publication_order
from website.feeds import websub
from website.models import HubPing

from .published_examples import LATER, NOON, SITE, answered, corrected, live, told, withdrawn

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)

ADDRESSES = [
    f"{SITE}/{language}/{what}"
    for language in builders.LANGUAGES
    for what in ("feeds/rss.xml", "feeds/atom.xml", "feeds/feed.json", "facts/feed/")
] + [f"{SITE}/cap/"]


@pytest.fixture
def hub(settings: Any) -> Iterator[Hearer]:
    """A hub that the settings name."""
    with hearing("/hub", otherwise=204) as hub:
        settings.PUBLIC_URL, settings.WEBSUB_HUB, settings.FETCH_ALLOW = SITE, hub.url, [hub.host]
        yield hub


def urls(hub: Hearer) -> list[str]:
    """Return what the hub was told to fetch since it was asked last."""
    told = [form_of(headers, body) for headers, body in hub.got]
    hub.got.clear()
    return [form["hub.url"] for form in told if form["hub.mode"] == "publish"]


def form_of(headers: dict[str, str], body: bytes) -> dict[str, str]:
    """Return the form that was posted."""
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    return {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}


def test_a_bulletin_its_correction_and_its_withdrawal_are_each_told_once(hub):
    version = told(live())
    assert websub.notify_hub(at=NOON) == 1
    assert urls(hub) == ADDRESSES
    assert websub.notify_hub(at=NOON + MINUTE) == 0

    version = corrected(version)
    assert websub.notify_hub(at=LATER) == 1
    withdrawn(version, at=LATER + MINUTE)
    assert websub.notify_hub(at=LATER + MINUTE) == 1
    assert urls(hub) == ADDRESSES * 2


def test_an_answer_is_told_when_everybody_may_read_it(hub):
    answered(live())
    publication_order.note_waiting(at=NOON)
    assert websub.notify_hub(at=NOON) == 0

    publication_order.note_waiting(at=NOON + 15 * MINUTE)

    assert websub.notify_hub(at=NOON + 15 * MINUTE) == 1


def test_what_is_new_together_is_told_together(hub):
    campaign = live()
    for _each in range(3):
        told(campaign)

    assert websub.notify_hub(at=NOON) == 3
    assert urls(hub) == ADDRESSES


@pytest.mark.parametrize("status", [500, 404, 307])
def test_a_hub_that_says_no_is_asked_again_later_and_later(hub, status):
    told(live())
    hub.answers = [204, status]
    assert websub.notify_hub(at=NOON) == 0
    assert len(urls(hub)) == 2
    assert websub.notify_hub(at=NOON + MINUTE / 2) == 0
    assert urls(hub) == []

    hub.answers = [status]
    assert websub.notify_hub(at=NOON + MINUTE) == 0
    assert HubPing.objects.get().next_attempt_at == NOON + 6 * MINUTE
    assert websub.notify_hub(at=NOON + 6 * MINUTE) == 1
    assert urls(hub)[-len(ADDRESSES) :] == ADDRESSES


def test_a_hub_that_is_away_is_given_up_after_two_days(hub):
    told(live())
    hub.server.shutdown()
    hub.server.server_close()

    assert websub.notify_hub(at=NOON) == 0
    assert HubPing.objects.get().given_up_at is None
    assert websub.notify_hub(at=NOON + timedelta(hours=48)) == 0

    ping = HubPing.objects.get()
    assert (ping.attempts, ping.given_up_at) == (2, NOON + timedelta(hours=48))
    assert websub.notify_hub(at=NOON + timedelta(hours=50)) == 0
    assert HubPing.objects.get().attempts == 2


def test_a_hub_inside_our_network_is_not_asked_unless_it_is_allowed(hub, settings):
    settings.FETCH_ALLOW = []
    told(live())

    assert websub.notify_hub(at=NOON) == 0
    assert hub.got == []


def test_no_hub_hears_of_an_exercise(hub, campaign):
    told(campaign)

    assert websub.notify_hub(at=NOON) == 0
    assert hub.got == []
    assert not HubPing.objects.exists()
    response = Client().get("/en/feeds/rss.xml")
    assert "Link" not in response
    assert b"hub" not in response.content


def test_without_a_hub_nothing_is_written_and_nothing_is_told(settings, django_assert_num_queries):
    settings.WEBSUB_HUB = ""
    told(live())

    with django_assert_num_queries(0):
        assert websub.notify_hub(at=NOON) == 0
        websub.wake_due(at=NOON)


def test_what_is_older_than_a_hub_is_not_told_to_it(hub):
    told(live())

    assert websub.notify_hub(at=NOON + timedelta(days=3)) == 0
    assert hub.got == []


def test_publishing_wakes_a_worker_when_it_is_through_and_the_tick_does_if_that_is_lost(hub, monkeypatch, request):
    woken: list[bool] = []
    monkeypatch.setattr(
        "lib.task_queue.wake", lambda task, **how: woken.append(transaction.get_connection().in_atomic_block)
    )
    capture = request.getfixturevalue("django_capture_on_commit_callbacks")
    with capture(execute=True):
        told(live())
    assert woken

    woken.clear()
    websub.wake_due(at=NOON)
    assert len(woken) == 1
    websub.notify_hub(at=NOON)
    websub.wake_due(at=NOON)
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
