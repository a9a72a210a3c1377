"""Views of public pages are counted without anything of who looked, beside requests, and nobody makes the numbers alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from impact.measures import own_figures
from impact.models import Measure, Snapshot, Source, ViewCount
from impact.page_views import beacon, daily_views, writer_thread
from impact.page_views.counter import MOST_KEYS, MOST_OF_A_PLACE, Counter, Key
from tests.support import builders

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
AT = builders.NOON


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """The counter that the site counts with."""
    fresh = Counter()
    monkeypatch.setattr(beacon, "counter", fresh)
    return fresh


def test_a_public_page_ends_with_its_dot_and_only_readers_count(
    campaign: Campaign, alma: Any, signed_in: Any, counted: Counter, django_assert_num_queries: Any
) -> None:
    dot = f"/seen/{campaign.pk}/home/0.gif"
    assert f'src="{dot}"' in Client().get(reverse("home")).content.decode()
    assert "/seen/" not in signed_in(alma).get(reverse("home")).content.decode()
    assert "/seen/" not in Client().get(reverse("website:privacy")).content.decode()
    with django_assert_num_queries(0):
        answer = Client().get(dot, headers={"user-agent": BROWSER})
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "image/gif", "no-store")
    assert not answer.cookies
    for headers in (
        {"user-agent": "Googlebot/2.1"},
        {},
        {"user-agent": BROWSER, "sec-purpose": "prefetch"},
        {"user-agent": BROWSER, "sec-fetch-site": "cross-site"},
    ):
        assert Client().get(dot, headers=headers).status_code == 200
    for wrong in ("/seen/1/nonsense/0.gif", "/seen/x/home/0.gif", "/seen/", dot + "x"):
        assert Client().get(wrong, headers={"user-agent": BROWSER}).status_code == 404
    assert counted.take() == {Key(campaign.pk, "home", 0): 1}


def test_one_place_counts_only_so_often_in_an_hour_and_no_address_is_kept() -> None:
    one, key = Counter(), Key(1, "home", 0)
    taken = [one.count(key, [("192.0.2.1", 1)], now=0) for _n in range(MOST_OF_A_PLACE + 5)]
    assert sum(taken) == MOST_OF_A_PLACE
    assert one.count(key, [("192.0.2.2", 1)], now=0)
    assert "192.0.2" not in repr(vars(one))
    assert one.count(key, [("192.0.2.1", 1)], now=3600)
    assert sum(one.count(Key(n, "home", 0), [], now=0) for n in range(MOST_KEYS + 10)) <= MOST_KEYS


@pytest.mark.both
def test_views_are_written_in_bulk_and_no_address_makes_a_row(
    campaign: Campaign, django_assert_num_queries: Any
) -> None:
    views = {
        Key(campaign.pk, "home", 0): 2,
        Key(campaign.pk, "bulletin", 0): 3,
        Key(campaign.pk, "home", 7): 9,
        Key(campaign.pk, "answer", 4711): 9,
        Key(campaign.pk + 1, "home", 0): 9,
    }
    with django_assert_num_queries(3):
        assert daily_views.add(views, at=AT) == 5
    daily_views.add({Key(campaign.pk, "home", 0): 4}, at=AT)
    assert set(ViewCount.objects.values_list("kind", "subject", "views")) == {("home", 0, 6), ("bulletin", 0, 3)}
    assert daily_views.forget(at=AT + timedelta(days=100)) == 2


def test_what_the_database_does_not_take_is_counted_on(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Counter()
    one.count(Key(campaign.pk, "home", 0), [], now=0)

    def refuse(*_views: Any, **_at: Any) -> int:
        raise OperationalError

    monkeypatch.setattr(writer_thread.daily_views, "add", refuse)
    assert writer_thread.write(one, at=AT) == 0
    monkeypatch.undo()
    assert writer_thread.write(one, at=AT) == 1


def test_the_sums_of_days_that_are_over_become_snapshots_and_a_day_without_any_stays_a_gap(campaign: Campaign) -> None:
    today = campaign.local(AT).date()
    for back, kind, views in ((0, "home", 50), (1, "home", 7), (1, "bulletin", 3), (3, "home", 4)):
        ViewCount.objects.create(campaign=campaign, kind=kind, on=today - timedelta(back), views=views)
    for key in ("page-visits", "answer-views"):
        Measure.objects.create(
            campaign=campaign, key=key, name={"en": key}, unit="times", source=Source.OWN, every=1, is_summed=True
        )
    assert own_figures.take_due(at=AT) == 2
    rows = Snapshot.objects.order_by("on").values_list("measure__key", "on", "value")
    assert set(rows) == {
        ("page-visits", today - timedelta(3), 4),
        ("page-visits", today - timedelta(1), 10),
        ("answer-views", today - timedelta(3), 0),
        ("answer-views", today - timedelta(1), 0),
    }
    assert own_figures.take_due(at=AT + timedelta(hours=1)) == 0
