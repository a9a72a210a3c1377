"""A campaign is closed by three people at the desk, and its archive is opened from a folder, without script and without a network."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from delivery.models import Message
from impact.closing import archives
from impact.models import Archive
from tests.journeys import page_checks, scene

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_campaign_is_closed_and_its_archive_opens_offline(
    root: Any, alma: Any, oskar: Any, browse_as: Any, browser: Any, live_site: str, tmp_path: Path
) -> None:
    site = scene.fill(timezone.now())

    def at_desk(person: Any) -> Any:
        page = browse_as(person)
        page.goto(f"{live_site}/desk/campaigns/campaign/{site.campaign.pk}/close/")
        assert page_checks.barriers(page) == []
        assert page_checks.width_of(page, 390) <= 390
        return page

    page = at_desk(root)
    page.get_by_text("Close the campaign …").click()
    page.get_by_label("To confirm, write").fill(site.campaign.slug)
    page.get_by_role("button", name="Close the campaign").click()
    expect(page.get_by_text("nothing new begins in it").first).to_be_visible()

    page = at_desk(alma)
    page.get_by_role("button", name="Gather the results").click()
    page.get_by_label("English", exact=True).fill("Libraries opened on time, and everybody knew it.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("someone else must approve it")).to_be_visible()
    page.get_by_label("What went well, and should be done again?").fill("Three languages from the first hour.")
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_label("What went well")).to_have_value("Three languages from the first hour.")

    page = at_desk(oskar)
    expect(page.get_by_text("Three languages from the first hour.")).to_be_visible()
    page.get_by_role("button", name="Approve this text").click()
    expect(page.get_by_text("Approved by Oskar")).to_be_visible()

    page = at_desk(root)
    page.get_by_role("button", name="Make the archive").click()
    expect(page.get_by_text("Waiting to be made.")).to_be_visible()
    archives.make(Archive.objects.get().pk, clock=timezone.now)
    page.reload()
    page.get_by_role("button", name="Let anyone download it").click()
    expect(page.get_by_text("Anyone can download it:")).to_be_visible()
    page.get_by_text("Thank everybody …").click()
    page.get_by_label("To confirm, write").fill(site.campaign.slug)
    page.get_by_role("button", name="Thank everybody now").click()
    expect(page.get_by_text("It cannot be sent again.")).to_be_visible()
    mail = Message.objects.get(mailing__key="thanks-influencers", language="en")
    assert "everybody knew it" in mail.html and f"/archives/{site.campaign.slug}.zip" in mail.text
    assert page_checks.barriers(page) == []
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download the archive").click()
    with zipfile.ZipFile(loading.value.path()) as zipped:
        zipped.extractall(tmp_path)

    context = browser.new_context(java_script_enabled=False, offline=True, viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.goto(f"file://{tmp_path}/{site.campaign.slug}/index.html")
        page.get_by_role("link", name="English").click()
        page.get_by_role("link", name="Results", exact=True).click()
        expect(page.get_by_text("Libraries opened on time")).to_be_visible()
        page.get_by_role("link", name="Bulletins").first.click()
        page.get_by_role("link", name="Libraries open on Monday").first.click()
        expect(page.get_by_role("heading", name="Key messages")).to_be_visible()
        page.get_by_role("link", name="SV").click()
        expect(page.locator("html")).to_have_attribute("lang", "sv")
        assert page.url.startswith("file://") and "/sv/bulletins/" in page.url
        assert failed == []
    finally:
        context.close()
