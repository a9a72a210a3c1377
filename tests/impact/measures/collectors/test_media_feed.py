"""Media coverage from a feed, over real HTTP: days that are over, gaps that say why, and nothing that a feed can break."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils.translation import override

from campaigns.models import Campaign
from config import tick
from impact.measures.collectors import collection, media_feed
from impact.models import Measure, Snapshot, Source, Unit
from tests.support import builders

pytestmark = pytest.mark.django_db

AT = builders.NOON


class Monitor(BaseHTTPRequestHandler):
    """Answers with the status and body that a test set."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked += 1
        self.send_response(server.status)
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *_parts: Any) -> None:
        pass


@pytest.fixture
def monitor(settings: Any) -> Iterator[Any]:
    """A real HTTP server on this machine that may be asked."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Monitor)
    server.status, server.body, server.asked = 200, b"", 0
    server.url = f"http://127.0.0.1:{server.server_port}/feed.xml"
    settings.FETCH_ALLOW = [f"127.0.0.1:{server.server_port}"]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def coverage(campaign: Campaign, monitor: Any) -> Measure:
    """The measure that reads it."""
    return Measure.objects.create(
        campaign=campaign,
        key="media-coverage",
        name=builders.in_all(en="Media coverage"),
        unit=Unit.ARTICLES,
        source=Source.FEED,
        every=1,
        is_summed=True,
        feed_url=monitor.url,
        feed_words="#Coronafacts, koronafakta",
    )


def rss(*articles: tuple[datetime, str]) -> bytes:
    """Return an RSS feed."""
    items = "".join(
        f"<item><title>{title}</title><pubDate>{format_datetime(at)}</pubDate></item>" for at, title in articles
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Monitor</title>{items}</channel></rss>'.encode()


def atom(*articles: tuple[datetime, str]) -> bytes:
    """Return an Atom feed."""
    entries = "".join(
        f"<entry><title>News</title><summary>{words}</summary><updated>{at.isoformat()}</updated></entry>"
        for at, words in articles
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Monitor</title>{entries}</feed>'.encode()


def days_ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def taken() -> list[tuple[int, int | None, int | None]]:
    """Return (days ago, matching, all) of each snapshot, the latest first."""
    rows = Snapshot.objects.standing().order_by("-on").values_list("on", "value", "of_all")
    return [((AT.date() - on).days, int(value), int(of_all)) for on, value, of_all in rows]


@pytest.mark.parametrize("written", [rss, atom])
def test_each_day_that_is_over_is_counted_once(coverage: Measure, monitor: Any, written: Any) -> None:
    monitor.body = written(
        (days_ago(0), "Today koronafakta"),
        (days_ago(1), "KORONAFAKTA spreads"),
        (days_ago(1), "Sports"),
        (days_ago(2), "Weather"),
        (days_ago(3), "Perhaps not all of this day"),
    )

    assert collection.take_due(at=AT) == 2
    assert taken() == [(1, 1, 2), (2, 0, 1)]
    assert Snapshot.objects.filter(source=Source.FEED, taken_by=None).count() == 2
    assert collection.take_due(at=AT + timedelta(minutes=5)) == 0
    assert collection.take_due(at=AT + timedelta(hours=7)) == 0
    assert taken() == [(1, 1, 2), (2, 0, 1)]


def test_days_of_which_all_is_known_are_not_asked_for_again(coverage: Measure, monitor: Any) -> None:
    monitor.body = rss(*((days_ago(days), "koronafakta") for days in range(9)))

    assert collection.take_due(at=AT) == 7
    asked = monitor.asked
    assert collection.take_due(at=AT + timedelta(hours=7)) == 0
    assert monitor.asked == asked


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mon, 04 May 2026 10:00:00 +0300", "2026-05-04T07:00:00+00:00"),
        ("Mon, 04 May 2026 10:00:00 GMT", "2026-05-04T10:00:00+00:00"),
        ("2026-05-04T10:00:00Z", "2026-05-04T10:00:00+00:00"),
        ("2026-05-04", "2026-05-04T00:00:00+00:00"),
        ("yesterday", None),
        ("Mon, 44 May 2026 10:00:00 GMT", None),
        ("1" * 100, None),
        ("", None),
    ],
)
def test_dates_are_read_as_feeds_write_them(written: str, moment: str | None) -> None:
    assert media_feed.moment_of(written) == (moment and datetime.fromisoformat(moment))


def test_without_words_every_article_counts(coverage: Measure, monitor: Any) -> None:
    coverage.feed_words = " , "
    coverage.save()
    monitor.body = rss((days_ago(1), "Sports"), (days_ago(2), "Weather"))

    collection.take_due(at=AT)

    assert taken() == [(1, 1, 1)]


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss version="2.0"><channel/></rss>'


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<html><body>Log in</body></html>", "no feed"),
        (200, b"", "no feed"),
        (200, b'{"articles": 7}', "no feed"),
        (200, ENTITIES, "entities"),
        (200, b'<rss version="2.0"><channel>' + b"<item/>" * 200_001, "too large"),
        (200, b'<?xml version="1.0" encoding="klingon"?><rss version="2.0"/>', "no feed"),
        (200, b'<rss version="2.0"><channel><item><title>Undated</title></item></channel></rss>', "with a date"),
        (200, rss((AT, "Only today")), "Ask for a longer one"),
        (200, b" " * (media_feed.MOST_BYTES + 10), "too large"),
        (429, b"slow down", "answered 429"),
        (500, b"", "answered 500"),
    ],
)
def test_what_cannot_be_counted_leaves_a_gap_and_says_why(
    coverage: Measure, monitor: Any, status: int, body: bytes, says: str
) -> None:
    monitor.status, monitor.body = status, body

    assert collection.take_due(at=AT) == 0

    coverage.refresh_from_db()
    assert says in coverage.missing_because
    assert taken() == []


def test_a_feed_that_works_again_has_no_fault_and_fills_the_gap(coverage: Measure, monitor: Any) -> None:
    monitor.status = 500
    collection.take_due(at=AT - timedelta(days=1))
    monitor.status, monitor.body = 200, rss((days_ago(1), "koronafakta"), (days_ago(2), "x"), (days_ago(3), "y"))

    collection.take_due(at=AT)

    coverage.refresh_from_db()
    assert (coverage.fault, taken()) == ("", [(1, 1, 1), (2, 0, 1)])


def test_a_server_that_nobody_can_reach_is_said_so_and_a_private_one_is_never_asked(
    coverage: Measure, monitor: Any, settings: Any
) -> None:
    settings.FETCH_ALLOW = []

    collection.take_due(at=AT)

    coverage.refresh_from_db()
    assert (coverage.fault != "", monitor.asked, taken()) == (True, 0, [])
    for language, words in (("fi", "Syötettä"), ("en", "The feed")):  # whoever reads it, not whoever caused it
        with override(language):
            assert words in coverage.missing_because


def test_nothing_is_asked_of_closed_campaigns_stopped_measures_or_without_an_address(
    coverage: Measure, monitor: Any, django_assert_num_queries: Any
) -> None:
    coverage.stopped_at = AT
    coverage.save()
    with django_assert_num_queries(1):
        collection.take_due(at=AT)
    Measure.objects.update(stopped_at=None, feed_url="")
    collection.take_due(at=AT)
    Measure.objects.update(feed_url=monitor.url)
    Campaign.objects.update(closed_at=AT)
    collection.take_due(at=AT)

    assert monitor.asked == 0


def test_one_feed_is_read_in_a_turn_the_longest_waiting_first(coverage: Measure, monitor: Any) -> None:
    coverage.pk, coverage.key, coverage.tried_at = None, "second", AT - timedelta(days=2)
    coverage.save()
    monitor.body = rss((days_ago(1), "x"), (days_ago(2), "y"))

    collection.take_due(at=AT)
    assert monitor.asked == 1
    collection.take_due(at=AT)
    assert monitor.asked == 2
    collection.take_due(at=AT)
    assert monitor.asked == 2


def test_the_tick_of_upkeep_reads_feeds() -> None:
    assert collection.take_due in tick.UPKEEP_STEPS
