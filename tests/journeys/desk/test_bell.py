"""The bell in a browser: a press turns notifications on, and Today's refresh brings what is new."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bulletins import notices
from notifications import outbox
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

# A browser without a screen shows none: what it was asked to show is written down.
WRITTEN_DOWN = """
window.shown = [];
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { return (Notification.permission = "granted"); }
  constructor(title, options) { super(); window.shown.push(options.body); }
};
"""


def tell(campaign: Any, person: Any) -> None:
    """Tell someone that a submission came in."""
    now = timezone.now()
    outbox.write(notices.INPUT_ARRIVED, [person], at=now, about=builders.build_input(campaign, at=now))


def test_the_browser_notifies_only_after_a_press_and_only_of_what_is_new(campaign, alma, live_site, browse_as):
    tell(campaign, alma)
    page = browse_as(alma)
    page.add_init_script(WRITTEN_DOWN)
    page.goto(live_site + reverse("admin:notifications"))
    assert page.evaluate("shown") == []
    button = page.get_by_role("button", name="Notify me in this browser")
    button.click()
    expect(page.get_by_role("button", name="Stop notifications in this browser")).to_be_visible()

    page.add_init_script("Notification.permission = 'granted'")
    page.goto(live_site + reverse("admin:index"))
    expect(page.locator("#bell")).to_contain_text("Notifications: 1 new")
    assert page.evaluate("shown") == []

    tell(campaign, alma)
    expect(page.locator("#bell")).to_contain_text("Notifications: 2 new", timeout=30_000)
    page_checks.until(page, "shown.length === 1 && shown[0].includes('has arrived')")

    page.goto(live_site + reverse("admin:notifications"))
    assert page.evaluate("shown") == []
    page.get_by_role("button", name="Stop notifications in this browser").click()
    tell(campaign, alma)
    page.reload()
    assert page.evaluate("shown") == []


def test_it_fits_a_phone_and_is_found_by_keyboard_and_name(campaign, alma, live_site, browse_as):
    tell(campaign, alma)
    page = browse_as(alma)
    page.goto(live_site + reverse("admin:index"))
    page_checks.follow(page.get_by_role("link", name="Notifications: 1 new"))
    assert page_checks.barriers(page, ".cb") == []
    for width in (page_checks.NARROW, page_checks.PHONE, page_checks.DESKTOP):
        assert page_checks.width_of(page, width) <= width
    page.get_by_role("button", name="Open").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/messageinput/*/change/")
    expect(page.locator("#bell")).to_contain_text("Notifications: nothing new")
