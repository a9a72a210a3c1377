"""A reader subscribes, confirms by mail, changes how often, leaves by one click and comes back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Attempt
from delivery.fanout import fanout
from delivery.links.preference_links import PreferenceLinks
from delivery.message.personal_fields import field
from delivery.models import Membership, Subscription
from delivery.sending import worker
from delivery.subscriptions import subscription_mails
from tests.journeys.page_checks import DESKTOP, PHONE, drawn_as, follow, width_of, wrong_with
from tests.support.builders import (
    build_digest,
    build_mailing,
    build_published_version,
    build_send,
    build_subscription,
    build_topic,
    unsubscribe_url,
)

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", drawn_as("fi", "sv"))
def test_from_the_form_to_the_digest_and_out_and_back(language, campaign, page, live_site, smtp_sink):
    width_of(page, DESKTOP if language == "sv" else PHONE)
    build_digest(campaign)
    daily = build_digest(campaign, "day")
    build_published_version(campaign, at=timezone.now() - timedelta(days=1)).mailing.topics.add(build_topic(campaign))

    page.goto(f"{live_site}/{language}/")
    assert wrong_with(page, language) == []
    follow(page.locator("#subscribe button"))
    expect(page.locator(".notice--bad")).to_be_focused()
    assert wrong_with(page, language) == []
    page.fill("[name=email]", "elli@example.net")
    page.locator("main form details summary").first.click()
    page.check("[name=topics]")
    page.check("[name=consent]")
    page.locator("main button").click()
    expect(page).to_have_url(f"{live_site}/{language}/subscribe/sent/")
    assert wrong_with(page, language) == []

    page.goto(link_in_mail(smtp_sink, 1, language))
    assert wrong_with(page, language) == []
    follow(page.locator("main button"))
    expect(page.locator("main .notice[role=status]")).to_be_visible()
    assert wrong_with(page, language) == []
    subscription = Subscription.objects.get()
    assert (subscription.language, len(subscription.topics.topic_ids)) == (language, 1)

    page.check("#choices [value=digest-day]")
    page.uncheck("#choices [name=topics]")
    follow(page.locator("#choices button"))
    expect(page.locator("main .notice[role=status]")).to_be_visible()
    subscription.refresh_from_db()
    assert (subscription.audience, subscription.topics.key) == (daily, "")
    page.check("#pause [value=day]")
    follow(page.locator("#pause button").last)
    expect(page.locator("#pause .field__error")).to_be_visible()
    assert wrong_with(page, language) == []

    click = one_click_in_digest(campaign, subscription, smtp_sink)
    assert Client().post(click, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Membership.objects.filter(left_at=None).exists()
    page.reload()
    expect(page.locator("#leave")).to_have_count(0)
    assert wrong_with(page, language) == []
    page.goto(live_site + click.replace("/fi/", f"/{language}/"))
    assert wrong_with(page, language) == []

    page.goto(f"{live_site}/{language}/subscribe/")
    page.fill("[name=email]", "elli@example.net")
    page.check("[name=consent]")
    page.locator("main button").click()
    expect(page).to_have_url(f"{live_site}/{language}/subscribe/sent/")
    Attempt.objects.all().delete()  # ten minutes later
    page.goto(link_in_mail(smtp_sink, 3, language))
    follow(page.locator("main button"))
    expect(page.locator("main .notice[role=status]")).to_be_visible()
    assert Subscription.objects.get(left_at=None).topics.key == ""


@pytest.mark.looks
def test_a_reader_moves_to_another_address(campaign, page, live_site, smtp_sink):
    subscription = build_subscription(build_digest(campaign), language="en", at=timezone.now() - timedelta(days=1))
    old = PreferenceLinks(campaign.pk, "en").of(subscription.recipient_id, "elli@example.net")
    page.goto(old)
    page.fill("#address [name=email]", "new@example.net")
    page.locator("#address button").click()
    expect(page.locator("main .notice[role=status]")).to_contain_text("new@example.net")
    page.goto(link_in_mail(smtp_sink, 1, "en"))
    assert wrong_with(page, "en") == []
    follow(page.locator("main button"))
    expect(page.locator("main .notice[role=status]")).to_be_visible()
    page.goto(old)
    expect(page.locator("main .notice--bad")).to_be_visible()
    assert wrong_with(page, "en") == []


def link_in_mail(sink: Any, number: int, language: str) -> str:
    """Write what is due, and return the link in the last of so many mails."""
    subscription_mails.write_due(at=timezone.now())
    assert len(sink.caught) == number
    message = sink.caught[-1].message
    assert message["Content-Language"] == language
    found = re.search(r"^https?://\S+", message.get_body(("plain",)).get_content(), re.MULTILINE)
    assert found
    return found[0]


def one_click_in_digest(campaign: Any, subscription: Subscription, sink: Any) -> str:
    """Send a digest to the subscriber, and return the path that its List-Unsubscribe header names."""
    digest = build_mailing(campaign, "digest-1", queue="digest", text=f"{field('preferences_url')}\n")
    send = build_send(subscription.audience, digest, slot_at=timezone.now())
    fanout.fan_out(send, at=timezone.now())
    worker.work(send.pk)
    header = sink.caught[-1].message["List-Unsubscribe"]
    url = unsubscribe_url(subscription.recipient_id, digest.pk, subscription.language)
    assert f"<{url}>" in header
    return "/" + url.split("/", 3)[3].replace(f"{subscription.language}/", "fi/", 1)
