"""The desk's page of digests: what comes, to how many, what it would say, and what went."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bulletins.publication import corrections
from delivery.models import Delivery, Membership, Send, Subscription
from delivery.sending import dispatch
from tests.support.builders import TEXTS, build_audience, build_published_version, build_subscribers, build_user
from website.digests import digest_runs, publication_order


@pytest.fixture
def daily(campaign: Any) -> Any:
    return build_audience(campaign, "digest-day", kind="digest", cadence="day")


def address() -> str:
    return reverse("admin:website_digestrun_changelist")


def test_it_says_when_the_next_ones_go_and_what_they_would_say(campaign, daily, client, boss, noon):
    build_subscribers(5, daily, language=["fi", "sv"])
    build_published_version(campaign, at=noon)
    publication_order.give_numbers(campaign)
    client.force_login(boss)
    page = " ".join(client.get(address(), {"audience": "digest-day", "language": "sv"}).content.decode().split())
    assert "Every day at" in page and "sv 2" in page and "fi 3" in page
    assert TEXTS["sv"]["title"] in page


def test_it_lists_the_slots_that_went_with_their_sends(campaign, daily, client, boss, noon):
    build_subscribers(5, daily)
    build_published_version(campaign, at=noon)
    (run,) = digest_runs.plan_due(at=noon + timedelta(hours=3))
    client.force_login(boss)
    page = client.get(address()).content.decode()
    send = run.digests.get().mailing.sends.get()
    assert reverse("admin:delivery_send_change", args=[send.pk]) in page
    assert "Nothing new since the last one" in page


def sent(audience, *, at):
    """Plan the digest of a slot and hand it over to all but one reader, of whom nothing is known."""
    digest_runs.plan_due(at=at)
    dispatch.start_due_sends(at=at)
    rows = Delivery.objects.filter(mailing__is_digest=True, send__audience=audience)
    rows.update(state="accepted", finished_at=at)
    Delivery.objects.filter(pk=rows.order_by("pk")[0].pk).update(state="unknown")


def test_who_was_told_by_a_digest_is_counted_with_those_who_hear_of_a_correction(
    campaign, daily, client, boss, noon, django_assert_num_queries
):
    build_subscribers(3, daily, language=["fi", "sv"])
    bulletin = build_published_version(campaign, at=noon).bulletin
    sent(daily, at=noon + timedelta(hours=3))
    other = build_published_version(campaign, at=noon + timedelta(days=1)).bulletin
    with django_assert_num_queries(2):
        (one,) = corrections.audiences_reached(bulletin)
    assert (one.audience, one.accepted, one.unknown, one.by_language) == (None, 2, 1, {"fi": 2, "sv": 1})
    assert corrections.audiences_reached(other) == []

    client.force_login(boss)
    page = client.get(reverse("admin:bulletins_bulletin_correct", args=[bulletin.pk])).content.decode()
    assert "Digest subscribers" in page and "read it in their next digest" in page
    other_page = client.get(reverse("admin:bulletins_bulletin_correct", args=[other.pk])).content.decode()
    assert "Digest subscribers" not in other_page

    corrections.start_correction(bulletin, by=boss, at=noon, what_changed={"en": "The day was wrong."})
    read = client.get(reverse("admin:bulletins_bulletin_read", args=[bulletin.pk])).content.decode()
    assert "3 digest subscribers, in their next digest" in read and "Nobody gets it by email" in read


def test_who_changed_how_often_theirs_comes_is_counted_once(campaign, daily, noon):
    (reader,) = build_subscribers(1, daily)
    bulletin = build_published_version(campaign, at=noon).bulletin
    digest_runs.plan_due(at=noon + timedelta(hours=3))
    dispatch.start_due_sends(at=noon + timedelta(hours=3))
    other = build_audience(campaign, "digest-hour", kind="digest", cadence="day")
    Subscription.objects.filter(pk=reader.pk).update(audience=other, cursor=0, considered_at=None)
    Membership.objects.update(audience=other)
    Send.objects.update(settled_at=noon)
    digest_runs.plan_due(at=noon + timedelta(hours=3))
    dispatch.start_due_sends(at=noon + timedelta(hours=3))
    assert Delivery.objects.update(state="accepted") == 2
    (one,) = corrections.audiences_reached(bulletin)
    assert one.total == 1


def test_today_names_a_digest_by_its_readers_and_its_subject(campaign, daily, client, boss, noon):
    build_subscribers(3, daily)
    build_published_version(campaign, at=noon)
    sent(daily, at=noon + timedelta(hours=3))
    client.force_login(boss)
    page = client.get(reverse("admin:index")).content.decode()
    assert f"{daily} (“{TEXTS['en']['title']}”)" in page and "digest-1-1" not in page


def test_it_costs_as_much_for_many_slots_as_for_one(campaign, daily, client, boss, noon: datetime):
    build_subscribers(3, daily)
    client.force_login(boss)
    counts = []
    for day in range(3):
        build_published_version(campaign, at=noon + timedelta(days=day))
        digest_runs.plan_due(at=noon + timedelta(days=day, hours=3))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address()).status_code == 200
        counts.append(len(queries))
        Send.objects.filter(mailing__is_digest=True).update(state="finished", finished_at=noon, settled_at=noon)
    assert counts[0] == counts[1] == counts[2]


def test_who_may_not_see_sends_does_not_see_it(campaign, daily, client, roles):
    client.force_login(build_user("ines", "influencer", is_staff=True))
    assert client.get(address()).status_code == 403
