"""
An approver, woken at night by a text message: from its link to approved, on a phone, with the second factor and one confirmed press.
SCREENSHOTS names a folder for pictures.
"""

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.models import Bulletin
from delivery.transports.push import vapid
from notifications.channels import addresses
from notifications.channels.outgoing_copies import deliver_copies
from notifications.models import StaffAddress
from tests.accounts.login.login_proofs import prove
from tests.journeys.desk.login.test_logging_in import with_device
from tests.journeys.page_checks import DESKTOP, PHONE, barriers, follow, width_of
from tests.journeys.portal.test_push import STANDS_IN
from tests.support import builders
from tests.support.providers.push_service import Browser
from tests.support.providers.sms_provider import FakeSMS

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SCREENSHOTS")
TAPS, SECONDS = 4, 60.0
NUMBER = "+358401234567"


@pytest.fixture
def sms(settings: Any, own_buckets: None) -> Any:
    with FakeSMS() as fake:
        settings.SMS = {"sms": fake.way("twilio")}
        settings.TRANSPORTS = {**settings.TRANSPORTS, "sms": "sms"}
        settings.FETCH_ALLOW = [f"127.0.0.1:{fake.port}"]
        yield fake


def look(page: Any, name: str) -> None:
    """Keep a picture of the page when SCREENSHOTS names a folder."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_an_approver_adds_their_phone_and_approves_from_its_text_message(
    live_site: str, page: Any, settings: Any, sms: FakeSMS
) -> None:
    settings.PUBLIC_URL = live_site
    campaign = builders.build_campaign("water", mode="live")
    builders.build_audience(campaign, size=6)
    alma = builders.build_user("alma", "editor", language="en")
    oskar = builders.build_user("oskar", "approver", language="en")
    with_device(page)
    signed_in = Client()
    signed_in.force_login(oskar)
    prove(signed_in, oskar, "code", "totp")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": signed_in.session.session_key or "", "url": live_site}
    page.context.add_cookies([cookie])
    page.goto(f"{live_site}/en/account/second-factor/passkey/")
    page.fill("[name=name]", "My phone")
    page.locator("#passkey").click()
    expect(page).to_have_url(re.compile(r"/second-factor/recovery-codes/$"))

    # Their number, proven by its code
    page.goto(f"{live_site}/desk/notifications/channels/")
    page.get_by_label("Mobile number").fill("040 123 4567")
    follow(page.get_by_role("button", name="Send me a code"))
    [(_number, text, *_rest)] = sms.came
    page.get_by_label("Code").fill(re.findall(r"\d{6}", text)[0])
    follow(page.get_by_role("button", name="Confirm"))
    assert StaffAddress.objects.get().address == NUMBER and addresses.offered()
    for width in (PHONE, DESKTOP):
        assert width_of(page, width) <= width
        look(page, f"told-{width}")
        assert barriers(page, ".cb") == []
    page.set_viewport_size({"width": PHONE, "height": 844})

    # Out for hours; then the text message
    page.context.clear_cookies()
    row = builders.build_bulletin_in_review(campaign, by=alma, at=timezone.now(), urgency="urgent")
    deliver_copies(at=timezone.now())
    _number, text, *_rest = sms.came[-1]
    assert builders.TEXTS["en"]["title"] in text
    [link] = re.findall(r"https?://\S+", text)

    began, taps = time.monotonic(), 1  # the link
    page.goto(link)
    look(page, "phone-1-login")
    page.locator("#passkey").click()
    taps += 1
    expect(page).to_have_url(link)
    expect(page.get_by_role("heading", name="Goes to 6 people the moment you approve it.")).to_be_visible()
    assert page.locator(".preview").first.is_visible(), "it is read whole there"
    look(page, "phone-2-read")
    page.get_by_role("button", name="Approve…").click()
    taps += 1
    look(page, "phone-3-confirm")
    follow(page.get_by_role("dialog").get_by_role("button", name="Approve and send to 6"))
    taps += 1
    seconds = time.monotonic() - began
    look(page, "phone-4-done")
    print(f"from the text message to approved: {taps} taps, {seconds:.1f} seconds of the machine")
    assert Bulletin.objects.get(pk=row.pk).state == Bulletin.State.PUBLISHED
    assert taps <= TAPS and seconds < SECONDS


def test_a_device_is_allowed_at_the_desk_and_its_worker_leads_to_the_page_that_needs_somebody(
    live_site: str, page: Any, settings: Any, campaign: Any, oskar: Any
) -> None:
    settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = vapid.new_pair()[0], "mailto:desk@example.org"
    settings.TRANSPORTS = {**settings.TRANSPORTS, "push": "push"}
    signed_in = Client()
    signed_in.force_login(oskar)
    prove(signed_in, oskar, "code", "totp")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": signed_in.session.session_key or "", "url": live_site}
    page.context.add_cookies([cookie])
    page.add_init_script(STANDS_IN % Browser().given("https://fcm.googleapis.com/fcm/send/abc"))
    page.goto(f"{live_site}/desk/notifications/channels/")
    page.get_by_role("button", name="Allow notifications on this device").click()
    expect(page.get_by_text("Allowed on this device.")).to_be_visible()
    assert StaffAddress.objects.get().channel == "push"
    look(page, "told-push")
    assert barriers(page, ".cb") == []

    worker = page.context.service_workers[0]
    assert worker.url.endswith("/desk/notifications/channels/worker.js")
    worker.evaluate("self.clients.matchAll = async () => []")
    worker.evaluate("self.clients.openWindow = async (url) => (self.led = url)")
    for asked, led in (
        (f"{live_site}/desk/bulletins/bulletin/6/read/", "/read/"),
        ("https://elsewhere.test/", "/channels/"),
    ):
        worker.evaluate("opened", asked)
        assert worker.evaluate("self.led").endswith(led)

    follow(page.get_by_role("button", name="Remove"))
    expect(page.get_by_role("button", name="Allow notifications on this device")).to_be_visible()
    assert not StaffAddress.objects.exists()
