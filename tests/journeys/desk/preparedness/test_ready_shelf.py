"""The ready shelf in a browser: by keyboard from the list to a draft in two presses, on a phone and on a wide screen."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.models import Bulletin
from preparedness.crisis_templates import template_files
from preparedness.models import ReadyBulletin
from preparedness.ready_shelf import shelf
from tests.journeys.page_checks import barriers

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_two_presses_by_keyboard_from_the_shelf_to_a_draft(live_site, campaign, alma, browse_as):
    rows = shelf.put_prepared(campaign, template_files.read("water"), None, by=alma, at=timezone.now())
    ReadyBulletin.objects.filter(pk=rows[2].pk).update(review_on=timezone.localdate() - timedelta(1))
    page = browse_as(alma)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for name in ("changelist", "add", "change", "write", "use"):
            arguments = [rows[0].pk] if name in {"change", "write", "use"} else []
            page.goto(live_site + reverse(f"admin:preparedness_readybulletin_{name}", args=arguments))
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert barriers(page, ".cb" if name != "changelist" else "main") == [], (name, width)
    page.goto(live_site + reverse("admin:preparedness_readybulletin_changelist"))
    first = page.get_by_role("link", name="Use", exact=True).first
    with page.expect_navigation():
        first.press("Enter")
    expect(page.get_by_text("It was to be looked at again by")).to_be_visible()
    for field in page.locator("form.stepcard input:visible").all():
        field.fill({"date": "2099-11-24", "time": "18:00"}.get(field.get_attribute("type") or "", "Kuusi"))
    button = page.get_by_role("button", name="Make the draft")
    with page.expect_navigation():
        button.press("Enter")
    bulletin = Bulletin.objects.get()
    assert page.url == live_site + reverse("admin:bulletins_bulletin_change", args=[bulletin.pk])
    assert not any("{" in body for body in bulletin.editions.values_list("body", flat=True))
