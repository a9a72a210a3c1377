"""Views of a desk's list in a browser: kept, opened with, seen by colleagues, and removed."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.models import SavedView
from factcheck.models import Claim
from tests.journeys.page_checks import NARROW, PHONE, barriers, follow, too_wide
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_view_of_my_claims_is_kept_opened_with_shared_and_removed(live_site, campaign, browse_as):
    fiona, veera = (builders.build_user(name, "fact-checker") for name in ("fiona", "veera"))
    claims = [builders.build_claim(campaign, f"claim-{number}", published=False) for number in range(3)]
    Claim.objects.filter(pk=claims[0].pk).update(taken_by=fiona)
    Claim.objects.filter(pk=claims[1].pk).update(taken_by=veera)
    address = live_site + reverse("admin:factcheck_claim_changelist")
    page = browse_as(fiona)
    rows = page.locator("#result_list tbody tr")

    # What a list shows is kept under a name, for the team, and as the first to see; by keyboard.
    page.goto(f"{address}?assigned=me&stage=open")
    expect(rows).to_have_count(1)
    page.locator("summary", has_text="Save this view").press("Enter")
    page.get_by_label("Name of the view").fill("Mine, open")
    for tick in page.locator(".views input[type=checkbox]").all():
        tick.press("Space")
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("Saved as “Mine, open”.")).to_be_visible()
    tab = page.locator(".views__tabs").get_by_role("link", name="Mine, open")
    expect(tab).to_have_attribute("aria-current", "page")

    # From elsewhere the list opens with it; everything is one press away, at any width.
    page.goto(f"{live_site}/desk/")
    page.goto(address)
    expect(rows).to_have_count(1)
    follow(page.locator(".views__tabs").get_by_role("link", name="All"))
    expect(rows).to_have_count(3)
    for width in (PHONE, NARROW):
        assert too_wide(page, width) == [] and barriers(page, ".views") == []

    # A colleague sees it under its owner's name, and in it what is theirs.
    browse_as(veera)
    page.goto(address)
    expect(rows).to_have_count(3)
    follow(page.locator(".views__tabs").get_by_role("link", name="Mine, open Fiona"))
    expect(rows).to_have_count(1)
    expect(page.locator("summary", has_text="Change")).to_have_count(0)

    browse_as(fiona)
    page.goto(address)
    page.locator("summary", has_text="Change “Mine, open”").press("Enter")
    follow(page.get_by_role("button", name="Remove this view"))
    expect(page.get_by_text("Removed the view “Mine, open”.")).to_be_visible()
    assert not SavedView.objects.exists()
