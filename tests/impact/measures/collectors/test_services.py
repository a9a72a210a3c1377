"""Services that are asked for figures, by answers as their references show them: what they give, gaps that say why, keys and terms."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from config import tick
from impact.measures import snapshots
from impact.measures.collectors import collection
from impact.measures.collectors.collection import COLLECTORS
from impact.measures.snapshots import Reading
from impact.models import Measure, Snapshot, Source, Unit
from lib.http import safe_fetch
from tests.support import builders

pytestmark = pytest.mark.django_db

AT = builders.NOON
TODAY = AT.date()
ABOUT = {
    "mastodon": "@ministry@social.example",
    "bluesky": "ministry.example",
    "youtube": "@ministry",
    "media-cloud": "34412118: #Coronafacts OR coronafacts",
}
# Shortened to what is read and what stands around it in the references.
ANSWERS = {
    "mastodon": {
        "id": "14715",
        "username": "ministry",
        "acct": "ministry",
        "followers_count": 3216,
        "statuses_count": 71,
    },
    "bluesky": {"did": "did:plc:z72i", "handle": "ministry.example", "followersCount": 1208, "postsCount": 7},
    "youtube": {
        "kind": "youtube#channelListResponse",
        "pageInfo": {"totalResults": 1, "resultsPerPage": 5},
        "items": [{"id": "UC1", "statistics": {"subscriberCount": "12300", "hiddenSubscriberCount": False}}],
    },
    "media-cloud": {
        "count_over_time": {
            "counts": [
                {"date": str(TODAY - timedelta(days=2)), "count": 7, "total_count": 112, "ratio": 0.0625},
                {"date": str(TODAY - timedelta(days=1)), "count": 0, "total_count": 98, "ratio": 0},
                {"date": str(TODAY), "count": 3, "total_count": 40, "ratio": 0.075},
            ]
        }
    },
}
TAKEN = {
    "mastodon": [(0, 3216, None)],
    "bluesky": [(0, 1208, None)],
    "youtube": [(0, 12300, None)],
    "media-cloud": [(1, 0, 98), (2, 7, 112)],
}


@pytest.fixture
def service(monkeypatch: Any, settings: Any) -> Any:
    """What answers instead of the services: its status and body, and what it was asked."""
    settings.COLLECTORS, settings.YOUTUBE_KEY, settings.MEDIA_CLOUD_KEY = list(COLLECTORS), "y-key", "m-key"

    class Service:
        status = 200
        body: bytes | Exception = b""
        asked: list[tuple[str, dict[str, str]]] = []

        def fetch(self, url: str, **how: Any) -> safe_fetch.Fetched:
            assert how["most_redirects"] == 0
            self.asked.append((url, dict(how["headers"] or {})))
            if isinstance(self.body, Exception):
                raise self.body
            return safe_fetch.Fetched(self.status, url, self.body[: how["most_bytes"]], "application/json")

    found = Service()
    found.asked = []
    monkeypatch.setattr(safe_fetch, "fetch", found.fetch)
    return found


def measure(campaign: Campaign, name: str, **fields: Any) -> Measure:
    """Return a measure that is asked of a service."""
    return Measure.objects.create(
        campaign=campaign,
        key=f"of-{name}",
        name=builders.in_all(en=name),
        unit=Unit.ARTICLES if name == "media-cloud" else Unit.PEOPLE,
        source=Source.ASKED,
        **({"collector": name, "asked_about": ABOUT[name]} | fields),
    )


def taken() -> list[tuple[int, int, int | None]]:
    rows = Snapshot.objects.standing().order_by("-on").values_list("on", "value", "of_all")
    return [((TODAY - on).days, int(value), None if of_all is None else int(of_all)) for on, value, of_all in rows]


@pytest.mark.parametrize("name", sorted(COLLECTORS))
def test_each_gives_what_its_answer_says_and_is_asked_again_after_six_hours(
    name: str, campaign: Campaign, service: Any
) -> None:
    measure(campaign, name)
    service.body = json.dumps(ANSWERS[name]).encode()

    assert collection.take_due(at=AT) == len(TAKEN[name])

    assert taken() == TAKEN[name]
    assert collection.take_due(at=AT + timedelta(hours=1)) == 0
    ((url, headers),) = service.asked
    parts, asked = urlsplit(url), parse_qs(urlsplit(url).query)
    assert parts.scheme == "https" and "key" not in url  # a key in an address stands in logs
    if name == "mastodon":
        assert (parts.hostname, asked) == ("social.example", {"acct": ["ministry"]})
    if name == "bluesky":
        assert asked == {"actor": ["ministry.example"]}
    if name == "youtube":
        assert asked == {"part": ["statistics"], "forHandle": ["@ministry"]} and headers == {"X-Goog-Api-Key": "y-key"}
    if name == "media-cloud":
        assert headers == {"Authorization": "Token m-key"} and asked["q"] == ["#Coronafacts OR coronafacts"]
        assert (asked["start"], asked["end"]) == ([str(TODAY - timedelta(days=7))], [str(TODAY - timedelta(days=1))])


@pytest.mark.parametrize(
    ("name", "status", "body", "says"),
    [
        ("mastodon", 404, b'{"error":"Record not found"}', "does not know"),
        ("bluesky", 400, b'{"error":"InvalidRequest","message":"Profile not found"}', "does not know"),
        ("youtube", 403, b'{"error":{"code":403,"errors":[{"reason":"quotaExceeded"}]}}', "refused"),
        ("youtube", 200, b'{"pageInfo":{"totalResults":0}}', "no such channel"),
        ("youtube", 200, b'{"items":[{"statistics":{"hiddenSubscriberCount":true}}]}', "hides"),
        ("media-cloud", 401, b"{}", "refused"),
        ("media-cloud", 200, b'{"count_over_time":{"counts":[]}}', "none of the last days"),
        ("media-cloud", 200, b'{"count_over_time":{"counts":[7]}}', "no sense"),
        ("mastodon", 429, b"", "too often"),
        ("mastodon", 302, b"", "answered 302"),
        ("mastodon", 503, b"<html>", "answered 503"),
        ("mastodon", 200, b"<html>", "no sense"),
        ("mastodon", 200, b"[" * 100_000, "no sense"),
        ("mastodon", 200, b'{"followers_count":-1}', "no sense"),
        ("mastodon", 200, b'{"followers_count":true}', "no sense"),
        ("mastodon", 200, b'{"followers_count":1e400}', "no sense"),
        ("mastodon", 200, b'{"followers_count":' + b"9" * 30 + b"}", "no sense"),
        ("mastodon", 200, b'{"followers_count":1,"x":"' + b"x" * 300_000 + b'"}', "no sense"),
        ("mastodon", 200, safe_fetch.TooSlow("x"), "did not answer"),
    ],
)
def test_whatever_is_no_figure_leaves_a_gap_and_says_why(
    name: str, status: int, body: Any, says: str, campaign: Campaign, service: Any
) -> None:
    row = measure(campaign, name)
    service.status, service.body = status, body

    assert collection.take_due(at=AT) == 0

    row.refresh_from_db()
    assert says in row.missing_because and taken() == []


def test_nobody_is_asked_who_is_not_allowed_or_has_no_key(campaign: Campaign, service: Any, settings: Any) -> None:
    row = measure(campaign, "youtube")
    settings.COLLECTORS = []
    assert collection.take_due(at=AT) == 0
    settings.COLLECTORS, settings.YOUTUBE_KEY = ["youtube"], ""
    assert collection.take_due(at=AT) == 0

    row.refresh_from_db()
    assert "YOUTUBE_KEY" in row.missing_because and service.asked == []


def test_what_youtube_lets_nobody_keep_is_forgotten_also_where_somebody_corrected_it(
    campaign: Campaign, service: Any, alma: Any
) -> None:
    row, other = measure(campaign, "youtube"), measure(campaign, "bluesky")
    service.body = json.dumps(ANSWERS["youtube"]).encode()
    collection.take(row, at=AT)
    service.body = json.dumps(ANSWERS["bluesky"]).encode()
    collection.take(other, at=AT)
    by_hand = snapshots.take(Reading(row, TODAY, Decimal(12_345)), source=Source.HAND, by=alma, at=AT).snapshot

    assert collection.forget_old(at=AT + timedelta(days=29)) == 0
    assert collection.forget_old(at=AT + timedelta(days=30)) == 1

    by_hand.refresh_from_db()
    assert by_hand.replaces is None and {one.measure for one in Snapshot.objects.all()} == {row, other}
    assert {collection.take_due, collection.forget_old} <= set(tick.UPKEEP_STEPS)


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("mastodon", "ministry"),
        ("mastodon", "@ministry@social.example/../x"),
        ("mastodon", "https://social.example/@ministry"),
        ("bluesky", "ministry"),
        ("youtube", "ministry"),
        ("youtube", "@a b"),
        ("media-cloud", "coronafacts"),
        ("media-cloud", "1:  "),
        ("", "@ministry@social.example"),
    ],
)
def test_a_measure_names_what_its_service_can_be_asked_about(
    name: str, about: str, campaign: Campaign, service: Any, root: Any, signed_in: Any
) -> None:
    page = signed_in(root).post(
        reverse("admin:impact_measure_add"),
        {
            "key": "x",
            "unit": "people",
            "source": "asked",
            "every": "7",
            "position": "1",
            "collector": name,
            "asked_about": about,
        },
    )
    assert page.status_code == 200
    assert page.context["adminform"].form.errors.keys() & {"collector", "asked_about"}
    assert not Measure.objects.exists()
