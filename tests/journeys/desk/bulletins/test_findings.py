"""The findings beside the text, in a real browser: they follow what is written and lead to where it is fixed."""

from typing import Any

import pytest
from django.urls import reverse

from bulletins.editing import drafts
from campaigns.models import BannedTerm
from tests.journeys.page_checks import barriers, until
from tests.support import builders
from tests.support.builders import NOON

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_a_finding_leads_to_its_field_and_goes_when_it_is_mended(
    browse_as: Any, campaign: Any, alma: Any, live_site: str
) -> None:
    from playwright.sync_api import expect

    BannedTerm.objects.create(language="en", term="fake news", say_instead="falsehood", why="It labels people.")
    bulletin = builders.build_bulletin(campaign, by=alma)
    edition = bulletin.editions.get(language="en")
    edition.title, edition.preheader = "No fake news", "Open until 19 April"
    drafts.save_edition(edition, by=alma, at=NOON)
    page = browse_as(alma)
    page.goto(live_site + reverse("admin:bulletins_bulletin_change", args=[bulletin.pk]))
    page.locator("#step-check").click()
    pane = page.locator("#findings")
    expect(pane.get_by_role("status")).to_have_text("2 things must be fixed before approval")
    assert barriers(page, "#findings") == []

    # It leads into the field, by keyboard too.
    date = pane.locator("[data-finding]", has_text="19 April")
    date.get_by_role("link", name="Show me").press("Enter")
    until(page, "document.activeElement.name === 'preheader'")
    page.go_back()  # to the list

    # One click exchanges the words, and the autosave of the text keeps them.
    pane.get_by_role("button", name="Replace with").click()
    expect(pane.get_by_role("status")).to_have_text("1 thing must be fixed before approval")
    edition.refresh_from_db()
    assert edition.title == "No falsehood"

    # What may stand needs a reason; a short one is refused and stays to be written on.
    page.locator("#step-check").click()
    date.locator("summary").click()
    date.get_by_label("Why can it stay?").fill("It was agreed with the authority.")
    date.get_by_role("button", name="Keep as is, for this reason").click()
    expect(pane.get_by_role("status")).to_have_text("No problems found.")
    expect(pane).to_contain_text("Kept as is by Alma: It was agreed with the authority.")

    pane.get_by_label("Be first").check()
    expect(pane.get_by_label("Be first")).to_be_checked()
    page.reload()
    expect(page.locator("#findings").get_by_label("Be first")).to_be_checked()

    # Ticks that follow one another faster than they are kept: none is lost, and the pane never shows one less.
    page.evaluate("document.querySelectorAll('#at-checklist input:not(:checked)').forEach((tick) => tick.click())")
    expect(pane).not_to_contain_text("Not ticked yet")
    expect(pane.locator("#at-checklist input:checked")).to_have_count(6)
    bulletin.refresh_from_db()
    assert len(bulletin.checklist) == 6
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
