"""The calendar in a browser: a draft is dragged to a slot or a day, and moved from the keyboard with M."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bulletins.models import Bulletin, Target
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def planned(campaign: Any, alma: Any) -> Bulletin:
    """A draft for an audience with a slot a day, in the middle of the next month, at an hour of its own."""
    audience = builders.build_audience(campaign, "near", cadence="day")
    other = builders.build_audience(campaign, "other")
    builders.build_cadence(other, "day", local_time="20:15")
    bulletin = builders.build_bulletin(campaign, by=alma, audiences=[audience])
    middle = (timezone.now().replace(day=1) + timedelta(days=46)).replace(day=14, hour=9, minute=7)
    Target.objects.filter(bulletin=bulletin).update(timing="at_time", at=middle)
    return bulletin


def test_a_draft_is_dragged_to_a_slot_of_its_own_and_asked_about_elsewhere(
    planned, campaign, alma, live_site, browse_as
):
    page = browse_as(alma)
    at = campaign.local(planned.targets.get().at)
    month = live_site + reverse("admin:bulletins_bulletin_month", args=[at.year, at.month])
    own = planned.targets.get().audience_id
    page.goto(month)
    entry = page.locator("[data-move]")

    target = page.locator(f"td[data-day='{at:%Y-%m}-16'] [data-audiences='{own}']")
    slot = target.get_attribute("data-slot")
    entry.locator("b").drag_to(target)
    expect(page.get_by_text("Moved: bulletin 1 is sent on")).to_be_visible()
    assert planned.targets.get().at == datetime.fromisoformat(slot)

    page.locator("[data-move] b").drag_to(
        page.locator(f"td[data-day='{at:%Y-%m}-18'] [data-slot]:not([data-audiences='{own}'])")
    )
    expect(page.get_by_label("Time (")).to_have_value(f"{at:%Y-%m}-18T{campaign.local(planned.targets.get().at):%H:%M}")
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("Moved: bulletin 1 is sent on")).to_be_visible()
    assert planned.targets.get().at.day == 18


def test_m_opens_the_move_of_the_line_that_has_the_focus(planned, campaign, alma, live_site, browse_as):
    page = browse_as(alma)
    at = campaign.local(planned.targets.get().at)
    page.goto(live_site + reverse("admin:bulletins_bulletin_month", args=[at.year, at.month]))

    page.locator("[data-move] a").first.focus()
    page.keyboard.press("m")

    expect(page.get_by_role("heading", name="Move bulletin 1")).to_be_visible()
