"""A campaign in a browser, from a template and an earlier campaign to the first bulletin: each step on a phone, the list at the desk."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bulletins.models import Bulletin
from campaigns.models import Campaign
from influencers.models import Influencer
from preparedness.models import CampaignStart
from tests.journeys.page_checks import barriers, follow
from tests.preparedness.campaign_start.test_creation import build_people

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

FIELDS = 25  # at most; what is only there to say it otherwise in another language is folded away


def test_from_a_template_to_the_first_bulletin_in_six_steps(live_site, campaign, alma, root, browse_as):
    build_people(campaign, 5, 3)
    page = browse_as(alma)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_site + reverse("admin:preparedness_campaignstart_add"))
    page.locator("[name=template][value=water]").check()
    page.get_by_label("Earlier campaign").select_option(index=1)
    follow(page.get_by_role("button", name="Save and go on"))
    page.get_by_label("Where").fill("Kuusivaara")
    page.get_by_label("An exercise").check()
    follow(page.get_by_role("button", name="Save and go on"))
    expect(page.locator("#along")).to_contain_text("Never copied.")
    for step in ("along", "people", "influencers"):
        expect(page.locator(f"#{step}.stepcard--now")).to_be_visible()
        follow(page.get_by_role("button", name="Save and go on"))
    first = page.locator("#first")
    expect(page.get_by_label("Area, in Finnish", exact=True)).to_have_value("Kuusivaara")
    for field in first.locator("input:visible").all():
        if not field.input_value():
            field.fill({"date": "2099-11-24", "time": "18:00"}.get(field.get_attribute("type") or "", "0800 555 010"))
    visible = page.locator("form input:visible:not([type=radio]):not([type=checkbox]), form select:visible").count()
    groups = page.locator("main fieldset, main .scroller:has(input)").count()
    assert visible + groups <= FIELDS
    follow(page.get_by_role("button", name="Save and go on"))
    expect(page.get_by_text("ask one to open this page")).to_be_visible()
    assert barriers(page, ".cb") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    start = CampaignStart.objects.get()
    desk = browse_as(root)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.goto(live_site + reverse("admin:preparedness_campaignstart_change", args=[start.pk]))
    follow(desk.get_by_role("button", name="Make the campaign"))
    expect(desk.get_by_text("3 influencers came along.")).to_be_visible()
    expect(desk.locator(".tests .hand")).to_contain_text("Somebody answers at 0800 555 010")
    assert barriers(desk, ".cb") == []
    made = Campaign.objects.get(start=start)
    assert made.published_at is None and Influencer.objects.filter(campaign=made).count() == 3
    follow(desk.get_by_role("link", name="Open the first bulletin"))
    assert Bulletin.objects.get().campaign == made
    expect(desk.locator("#content").get_by_text("Kuusivaara").first).to_be_visible()
