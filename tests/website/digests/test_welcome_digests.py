"""Whoever confirms a subscription is welcomed with what holds and the link to their choices: once, by the ledger."""

import re
from datetime import timedelta

import pytest

from bulletins.models import KeyMessage
from bulletins.publication import corrections
from delivery.fanout import fanout
from delivery.models import Mailing, Newcomer, Send, Subscription
from delivery.sending import worker
from delivery.subscriptions import subscription_choices
from tests.support.builders import NOON, build_bulletin, build_digest, build_subscription, in_all, published
from website.digests import publication_order, welcome_digests
from website.models import Publication

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=30)
SITE = "https://bulletins.example.fi"


def hand_over(at=LATER):
    """Do what the tick and the workers do at a moment."""
    welcome_digests.plan_due(at=at)
    for send in Send.objects.due(at=at).filter(audience__kind="digest"):
        fanout.fan_out(send, at=at)
        worker.work(send.pk, clock=lambda: at)


@pytest.fixture
def digest(campaign, settings):
    settings.PUBLIC_URL = SITE
    return build_digest(campaign)


def test_a_subscriber_is_welcomed_once_with_what_holds_and_told_when_that_changes(campaign, digest, smtp_sink):
    published(build_bulletin(campaign))
    upto = publication_order.give_numbers(campaign)
    before = build_subscription(digest, "before@example.net", since=upto)
    Newcomer.objects.all().delete()
    reader = build_subscription(digest, language="fi", since=upto, at=LATER)
    hand_over()
    hand_over(LATER + timedelta(minutes=1))

    [caught] = [one.message for one in smtp_sink.caught if one.message["To"] == "elli@example.net"] or [None]
    assert len(smtp_sink.caught) == 1 and caught is not None
    assert caught["Auto-Submitted"] == "auto-generated" and caught["Content-Language"] == "fi"
    assert caught["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = caught.get_body(("html",)).get_content()
    [address] = set(re.findall(rf'href="{SITE}/\w\w/subscription/([^/"]+)/"', html))
    assert subscription_choices.read(address).pk == reader.pk
    assert f"{SITE}/fi/bulletins/1/" in html and set(re.findall(r'https?://[^/"\s<>]+', html)) == {SITE}
    reader.refresh_from_db()
    before.refresh_from_db()
    assert (reader.since, reader.cursor, before.since) == (upto - 1, upto, upto), "its correction is theirs"
    assert Mailing.objects.get(key__startswith="welcome-").is_digest


def test_who_pauses_leaves_or_was_erased_before_gets_no_welcome(campaign, digest, smtp_sink):
    published(build_bulletin(campaign))
    reader = build_subscription(digest, at=LATER)
    subscription_choices.end_subscription(reader, at=LATER)
    hand_over(LATER + timedelta(minutes=1))

    assert not smtp_sink.caught and Subscription.objects.get().left_at == LATER


def test_the_newest_heads_a_welcome_and_what_was_corrected_stands_where_it_stood(campaign, digest, alma):
    old, ended_one, newer = (build_bulletin(campaign, at=NOON - timedelta(days=9)) for _one in range(3))
    KeyMessage.objects.filter(bulletin=ended_one).update(valid_until=NOON)
    old.urgency = "urgent"
    old.save()
    for days, bulletin in ((8, old), (7, ended_one), (6, newer)):
        published(bulletin, at=NOON - timedelta(days=days))
    corrections.start_correction(old, by=alma, at=NOON - timedelta(days=5), what_changed=in_all(fi="Päivä muuttui"))
    published(old, at=NOON - timedelta(days=4))
    publication_order.give_numbers(campaign)

    def said(at):
        keys = [item.publication for item in welcome_digests.items_that_hold(campaign, at=at)]
        rows = Publication.objects.in_bulk(keys)
        return [(rows[key].version.bulletin_id, rows[key].change) for key in keys]

    assert said(LATER) == [(newer.pk, "new"), (old.pk, "corrected")], "what has ended is not told"
    assert said(NOON - timedelta(days=3, hours=12))[0] == (old.pk, "corrected"), "urgent, and of this day"
    assert said(NOON - timedelta(days=3, hours=12))[2] == (ended_one.pk, "new")
