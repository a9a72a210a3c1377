"""
One partner with a phone and three channels: linking Telegram, adding a number, an urgent word on all three, "seen" from the text message, the
end of the steps, and a correction that follows every channel.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.models import Variant, Version
from bulletins.publication import corrections
from delivery.models import Send
from delivery.sending import dispatch, worker
from influencers.escalation import step_runner
from influencers.models import AskedPartner, SeenRequest
from tests.journeys.page_checks import follow, in_the_end, wrong_with
from tests.support import builders
from tests.support.providers.sms_provider import FakeSMS
from tests.support.providers.telegram_api import TOKEN, TelegramApi

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WORDS = "Boil tap water in Lehtola for five minutes."
TOLD = builders.in_all(en="It is three minutes.", fi="Kolme minuuttia.", sv="Tre minuter.")


@pytest.fixture
def telegram(settings: Any, own_buckets: None) -> Any:
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_BOT, settings.TELEGRAM_SECRET = TOKEN, "ministry_bot", "s3cret"
    with TelegramApi() as server, FakeSMS() as sms:
        settings.SMS = {"sms": sms.way("json")}
        settings.TRANSPORTS = {**settings.TRANSPORTS, "telegram": "telegram", "sms": "sms"}
        settings.FETCH_ALLOW = [server.place, f"127.0.0.1:{sms.port}"]
        settings.TELEGRAM_URL = f"http://{server.place}"
        server.sms = sms  # type: ignore[attr-defined]  # the other one, for this journey
        yield server


def update(**said: Any) -> None:
    """Have Telegram tell of what somebody did there."""
    path, secret = reverse("webhooks:telegram"), {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}
    assert Client().post(path, {"update_id": 1, **said}, "application/json", headers=secret).status_code == 200


def send_all(version: Version) -> None:
    """Hand over everything that is due of a version, by every channel."""
    now = timezone.now() + timedelta(minutes=1)
    dispatch.start_due_sends(at=now)
    for send in Send.objects.filter(mailing=version.mailing):
        worker.work(send.pk, clock=lambda: now)


def wrong(page: Any) -> list[str]:
    """Return what is wrong with a page of a campaign that is live: nothing says that it is an exercise."""
    return [fault for fault in wrong_with(page, "en") if "exercise" not in fault]


def texts(api: TelegramApi) -> list[str]:
    return [words["text"] for method, words in api.asked if method == "sendMessage"]


def link_telegram(page: Any) -> None:
    """Link the bot, as somebody who presses Start in it does."""
    page.get_by_role("button", name="Link Telegram").click()
    link = page.get_by_role("link", name="Open Telegram").get_attribute("href")
    update(message={"chat": {"id": 4711, "type": "private"}, "text": f"/start {link.partition('start=')[2]}"})
    follow(page.get_by_role("link", name="I have pressed Start"))
    expect(page.get_by_role("heading", name="Telegram", exact=True)).to_be_visible()


def add_number(page: Any, sms: FakeSMS) -> None:
    """Type a number, and the code that comes there."""
    page.get_by_label("Mobile number").fill("040 123 4567")
    page.get_by_role("button", name="Send me a code").click()
    in_the_end(page, lambda: bool(sms.came))
    page.get_by_label("Code", exact=True).fill(re.search(r"\d{6}", sms.came[0][1])[0])  # type: ignore[index]
    page.get_by_role("button", name="Confirm and agree").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_an_urgent_word_comes_by_three_channels_is_seen_by_one_and_its_correction_follows_all(
    telegram: Any, smtp_sink: Any, live_site: str, browse_as: Any, alma: Any
) -> None:
    campaign = builders.build_campaign("live", mode="live")
    close, sms = builders.build_audience(campaign, "close", tier=1), telegram.sms
    aino = builders.build_influencer(campaign, "aino", audience=close, language="en")
    page = browse_as(aino.user)
    page.goto(f"{live_site}/en/portal/settings/channels/")
    link_telegram(page)
    add_number(page, sms)
    assert not wrong(page)

    bulletin = builders.build_bulletin(campaign, audiences=[close], urgency="urgent", asks_seen=True)
    for edition in bulletin.editions.all():
        for channel in ("sms", "telegram"):
            Variant.objects.create(edition=edition, platform=channel, caption=WORDS)
    version = builders.published(bulletin, at=timezone.now())
    send_all(version)
    request = SeenRequest.objects.get(version=version)
    assert len(smtp_sink.caught) == 1 and WORDS in texts(telegram)[-1]
    [text] = [text for _number, text, *_rest in sms.came if WORDS in text]
    step_runner.advance(request.pk, at=timezone.now() + timedelta(minutes=2))
    request.refresh_from_db()
    assert request.ended_at is None

    page.goto(re.search(r"http\S+/s/\S+", text)[0])  # type: ignore[index]
    assert AskedPartner.objects.get().seen_at is None, "opening it counts nothing"
    assert not wrong(page)
    page.get_by_role("button", name="I have seen this").click()
    expect(page.get_by_text("Thank you. It was noted on")).to_be_visible()
    assert AskedPartner.objects.get().channel == "sms"
    step_runner.advance(request.pk, at=timezone.now() + timedelta(minutes=30))
    request.refresh_from_db()
    assert request.ended == SeenRequest.End.ENOUGH and request.calls_since is None

    corrections.start_correction(bulletin, by=alma, at=timezone.now(), what_changed=TOLD, share_text=TOLD)
    Variant.objects.filter(edition__bulletin=bulletin).delete()
    send_all(builders.published(bulletin, at=timezone.now()))
    assert len(smtp_sink.caught) == 2
    assert all("It is three minutes." in last for last in (texts(telegram)[-1], sms.came[-1][1]))
