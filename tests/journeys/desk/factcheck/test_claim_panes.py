"""Claims on the desk in a browser: a file with an endless word, a finding whose pane is on its way, Today."""

import os
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from factcheck.models import Claim
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def look(page: Any, name: str) -> None:
    """Keep pictures of the page where CLAIM_PANES_SHOTS names a folder."""
    if folder := os.environ.get("CLAIM_PANES_SHOTS"):
        for width in (page_checks.PHONE, page_checks.DESKTOP):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_an_endless_word_in_a_file_does_not_widen_the_page(campaign, fiona, live_site, browse_as):
    page = browse_as(fiona)
    page.goto(live_site + reverse("admin:factcheck_claim_import"))
    rows = f"claim,platform,seen on\n{'x' * 190},x,2021-03-01\nWords,{'y' * 300},2021-03-01\n"
    file = {"name": "claims.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()

    expect(page.locator(".claim__file tbody tr")).to_have_count(2)
    look(page, "import")
    for width in (page_checks.NARROW, page_checks.PHONE, page_checks.DESKTOP):
        assert page_checks.width_of(page, width) <= width
    assert page_checks.barriers(page, ".cb") == []


def test_a_screenshot_puts_its_name_into_no_other_field(campaign, fiona, live_site, browse_as):
    page = browse_as(fiona)
    page.goto(live_site + reverse("admin:factcheck_claim_report"))
    shot = {"name": "shot.png", "mimeType": "image/png", "buffer": b"\x89PNG"}
    page.locator("input[type=file]").set_input_files(shot)

    assert [one.input_value() for one in page.locator(".cb input[type=text]").all()].count("shot.png") == 0


def test_a_finding_leads_to_where_its_pane_will_be(campaign, alma, live_site, browse_as):
    bulletin = builders.build_bulletin(campaign, by=alma)
    bulletin.claims.add(builders.build_claim(campaign, published=False))
    about = reverse("admin:bulletins_bulletin_about", args=[bulletin.pk])
    page = browse_as(alma)
    page.route(f"**{about}", lambda route: None)  # it never comes
    page.goto(live_site + reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))

    page.locator("#step-check").click()
    finding = page.locator("#findings [data-finding]", has_text="no confirmed verdict")
    finding.get_by_role("link", name="Show me").click()

    page_checks.until(page, "document.activeElement.id === 'pane-about'")
    page.unroute(f"**{about}")
    page.reload()
    expect(page.locator("#about")).to_be_visible()
    page.locator("#step-check").click()
    page.locator("#findings [data-finding]", has_text="no confirmed verdict").get_by_role("link").first.click()
    page_checks.until(page, "document.querySelector('#about').contains(document.activeElement)")
    page.locator("#about details").first.evaluate("one => one.open = true")
    look(page, "about")
    assert page_checks.barriers(page, "#about") == []


def test_today_shows_what_waits_to_be_published(campaign, fiona, live_site, browse_as):
    claim = builders.build_claim(campaign, "ready", published=False)
    Claim.objects.filter(pk=claim.pk).update(
        status="confirmed", verdict="false", proposed_by=builders.checker(), confirmed_by=builders.second_person()
    )
    builders.build_claim(campaign, "other", published=False, status="in_review")
    page = browse_as(fiona)
    page.goto(live_site + reverse("admin:index"))
    page.get_by_role("heading", name="Confirmed, to be published").wait_for()
    look(page, "today")
    assert page_checks.barriers(page, ".cb") == []
    for width in (page_checks.NARROW, page_checks.PHONE, page_checks.DESKTOP):
        assert page_checks.width_of(page, width) <= width
