"""Which addresses are tried, when, and what is written down about them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bulletins import tasks
from bulletins.checks import registry
from bulletins.checks.links import link_checker
from bulletins.models import Bulletin, LinkCheck, Variant
from config import tick
from lib import task_queue
from tests.lib.http.test_safe_fetch import site  # noqa: F401  a real site on this machine
from tests.support.builders import NOON, build_bulletin, build_bulletin_in_review, build_published_version

HOUR = timedelta(hours=1)


@pytest.fixture
def woken(monkeypatch):
    """How often the task was woken."""
    calls = []
    monkeypatch.setattr(task_queue, "wake", lambda *_a, **named: calls.append(named))
    return calls


def with_links(bulletin, *urls):
    """Put addresses into a bulletin's English text, and no others anywhere."""
    bulletin.key_messages.update(source_url={})
    bulletin.editions.filter(language="en").update(body=" ".join(f"[a]({url})" for url in urls))
    return bulletin


def test_every_address_of_text_variants_and_sources_is_found(campaign):
    bulletin = with_links(build_bulletin(campaign, variants=True), "https://a.fi/1_(x", "http://b.fi/å")
    Variant.objects.filter(edition__language="sv").update(caption="Läs mera: https://c.fi/d. Tack")
    message = bulletin.key_messages.get()
    message.source_url = {"fi": "https://e.fi/"}
    message.save()
    found = {
        (url, place.partition(":")[0])
        for url, _code, place in link_checker.addresses_of(
            bulletin.editions.prefetch_related("variants"), bulletin.key_messages.all()
        )
    }
    assert found == {
        ("https://a.fi/1_(x", "edition"),
        ("http://b.fi/å", "edition"),
        ("https://c.fi/d", "variant"),
        ("https://e.fi/", "message"),
    }


def test_a_new_address_is_asked_for_once(campaign, woken):
    with_links(build_bulletin(campaign), "https://a.fi/")
    assert link_checker.wake(at=NOON) == 1
    assert link_checker.wake(at=NOON + timedelta(seconds=30)) == 0
    assert woken == [{"queue": "background", "expires": None}]
    assert LinkCheck.objects.get().asked_at == NOON


def test_what_a_lost_task_left_is_asked_for_again(campaign, woken):
    with_links(build_bulletin(campaign), "https://a.fi/")
    link_checker.wake(at=NOON)
    assert link_checker.wake(at=NOON + timedelta(minutes=6)) == 1
    assert len(woken) == 2


def test_a_draft_is_tried_again_after_a_day_and_one_in_review_after_an_hour(campaign, woken):
    bulletin = with_links(build_bulletin_in_review(campaign), "https://a.fi/")
    LinkCheck.objects.create(url="https://a.fi/", asked_at=NOON, checked_at=NOON, works=True, status=200)
    assert link_checker.wake(at=NOON + HOUR) == 0
    assert link_checker.wake(at=NOON + HOUR * 1.1) == 1

    LinkCheck.objects.update(asked_at=NOON)
    Bulletin.objects.filter(pk=bulletin.pk).update(state="draft")
    assert link_checker.wake(at=NOON + HOUR * 23) == 0
    assert link_checker.wake(at=NOON + HOUR * 25) == 1


def test_nobody_asks_for_examples_or_for_published_bulletins(campaign, woken):
    with_links(build_bulletin(campaign), "https://www.example.org/a", "https://site.test/", "https://x.invalid/")
    published = build_published_version(campaign).bulletin
    published.editions.filter(language="en").update(body="[a](https://a.fi/)")
    assert link_checker.wake(at=NOON) == 0
    assert woken == []


def test_the_tick_asks(campaign, woken):
    assert link_checker.wake in tick.STEPS


@pytest.mark.parametrize(
    ("path", "works", "status"),
    [
        ("/page", True, 200),
        ("/no-head", True, 200),
        ("/to?/page", True, 200),
        ("/404", False, 404),
        ("/503", False, 503),
    ],
)
def test_a_try_writes_down_what_came_of_it(campaign, site, path, works, status):  # noqa: F811
    url = f"{site.url}{path}"
    LinkCheck.objects.create(url=url, asked_at=NOON)
    tasks.check_links()
    check = LinkCheck.objects.get()
    assert (check.works, check.status, check.detail) == (works, status, "")
    assert check.checked_at >= NOON
    assert list(link_checker.waiting()) == []
    assert site.seen[0][0] == "HEAD"


def test_an_address_inside_is_written_down_as_private(campaign, settings):
    LinkCheck.objects.create(url="http://127.0.0.1/", asked_at=NOON)
    link_checker.check_waiting()
    check = LinkCheck.objects.get()
    assert (check.works, check.status, check.detail) == (False, 0, "private")


def test_a_broken_link_stops_approval_once_it_was_tried(campaign, site):  # noqa: F811
    bulletin = with_links(build_bulletin(campaign), f"{site.url}/410")
    assert registry.stops(bulletin, at=NOON) == []

    link_checker.recheck_links(bulletin, at=NOON)
    link_checker.check_waiting()

    [stop] = registry.stops(bulletin, at=NOON)
    assert (stop.code, stop.overridable) == ("broken-link", True)
    assert "410" in stop.says


@pytest.mark.parametrize(("answered", "detail"), [(False, "unreachable"), (True, "dns")])
def test_a_name_that_is_not_found_counts_only_where_sites_answer_at_all(campaign, monkeypatch, answered, detail):
    monkeypatch.setattr(link_checker, "attempt", lambda url: (False, 0, "dns"))
    if answered:
        LinkCheck.objects.create(
            url="https://b.fi/", status=200, works=True, asked_at=timezone.now(), checked_at=timezone.now()
        )
    LinkCheck.objects.create(url="https://no-such-name.fi/", asked_at=timezone.now())

    link_checker.check_waiting()

    assert LinkCheck.objects.get(url="https://no-such-name.fi/").detail == detail
