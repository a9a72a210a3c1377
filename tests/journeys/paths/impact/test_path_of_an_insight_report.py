"""A rumour and insight report in a browser: drafted from data, judged and written by one person, approved by another, read and downloaded by anyone."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from impact.models import InsightReport
from tests.impact.insight_reports import scene
from tests.journeys import page_checks
from tests.support.tagged_pdf import TaggedPdf

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_report_goes_from_the_draft_to_its_paper(campaign, alma, oskar, browse_as, browser, live_site):
    scene.week(campaign, timezone.now())
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_site}/desk/impact/insightreport/add/")
    assert page_checks.barriers(page) == []
    page.get_by_role("button", name="Draft from data").click()
    expect(page.get_by_role("heading", name="Nobody has answered: Label of void?")).to_be_visible()
    report = InsightReport.objects.get()
    held: list[Any] = []
    page.route("**/kept_words*.js", lambda route: held.append(route))
    page.get_by_role("link", name="Words: English").click()
    page.get_by_label("Finding").fill("People ask why the order changes")
    page.get_by_label("Summary").fill("Nobody has said.")
    # What is typed, even before the script has come, is there again after the page was left without saving.
    page_checks.in_the_end(page, lambda: held)[0].continue_()
    page.wait_for_load_state()
    page.unroute("**/kept_words*.js")
    page.goto(f"{live_site}/desk/impact/insightreport/{report.pk}/words/en/")
    expect(page.get_by_label("Finding")).to_have_value("People ask why the order changes")
    assert page_checks.barriers(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="People ask why the order changes")).to_be_visible()
    page.get_by_role("link", name="Risks, dates and readers").click()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page_checks.barriers(page) == []
    assert page_checks.width_of(page, 390) <= 390
    page.get_by_label("Who reads it").select_option("yes")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A claim has no reach, harm or doubt yet.")).to_be_visible()
    report.refresh_from_db()
    scene.complete(report, by=alma, at=timezone.now())
    page.reload()
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.get_by_text("You worked on this text")).to_be_visible()
    assert page_checks.barriers(page) == []
    assert page_checks.width_of(page, 390) <= 390

    page = browse_as(oskar)
    page.goto(f"{live_site}/desk/impact/insightreport/{report.pk}/change/")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("link", name="Public page")).to_be_visible()

    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en")
    page.goto(f"{live_site}/en/insight/")
    page.get_by_role("link", name="Finding en").click()
    expect(page.get_by_role("heading", name="What we recommend")).to_be_visible()
    expect(page.get_by_text("The secret rumour")).to_have_count(0)
    assert page_checks.barriers(page) == []
    assert page_checks.width_of(page, 390) <= 390
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert TaggedPdf(download.value.path().read_bytes()).problems() == []
    page.close()
