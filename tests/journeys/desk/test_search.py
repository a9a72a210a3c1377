"""The field that finds everything, by keyboard and on a phone."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_ctrl_k_a_word_and_enter_lead_to_a_submission(campaign, alma, live_site, browse_as):
    builders.build_input(campaign, at=timezone.now(), title="Boil tap water in Nokia")
    page = browse_as(alma)
    page.set_viewport_size({"width": page_checks.DESKTOP, "height": 800})
    page.goto(live_site + reverse("admin:index"))
    page.keyboard.press("Control+k")
    expect(page.locator("#seek")).to_be_focused()
    expect(page.get_by_role("option", name="Calendar")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#seek-list [aria-selected=true]")).to_have_text("New bulletin")
    assert page_checks.barriers(page, ".seek") == []
    page.keyboard.press("Escape")
    expect(page.locator("#seek-list")).to_be_hidden()
    page.keyboard.type("tap water")
    page.keyboard.press("Enter")
    page.wait_for_url("**/everything/?q=tap+water")

    page.keyboard.press("Control+k")
    expect(page.locator("#seek-page")).to_be_focused()
    for _press in range(3):
        page.keyboard.press("Tab")
    assert page_checks.barriers(page, ".cb") == []
    page.get_by_role("link", name="Boil tap water in Nokia").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/messageinput/*/change/")


def test_a_phone_has_a_way_to_it_and_it_fits(campaign, alma, live_site, browse_as):
    builders.build_input(campaign, at=timezone.now(), title="Boil tap water in Nokia " + "y" * 90)
    page = browse_as(alma)
    page.set_viewport_size({"width": page_checks.PHONE, "height": 800})
    page.goto(live_site + reverse("admin:index"))
    expect(page.locator("#seek")).to_be_hidden()
    page_checks.follow(page.get_by_role("link", name="Search everything"))
    page.locator("#seek-page").fill("boil")
    page.locator("#seek-page").press("Enter")
    page.wait_for_url("**/everything/?q=boil")
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()
    for width in (page_checks.NARROW, page_checks.PHONE, page_checks.DESKTOP):
        assert page_checks.width_of(page, width) <= width
    assert page_checks.barriers(page, ".cb") == []
