"""Approval, schedule, cadences and calendar in a real browser: on a phone and a desk, open to everyone."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(live_site, browse_as, page):
    """A bulletin in review that rests on a fact-check, one that is published, and a daily cadence."""
    from django.utils import timezone

    from bulletins.models import KeyMessage
    from tests.support import builders

    now = timezone.now()
    campaign = builders.build_campaign()
    people = {
        name: builders.build_user(name, role)
        for name, role in (("alma", "editor"), ("oskar", "approver"), ("root", "admin"), ("fiona", "fact-checker"))
    }
    audience = builders.build_audience(campaign, size=6, cadence="day", stagger_minutes=60)
    published = builders.build_published_version(
        campaign, by=people["alma"], at=now - timedelta(hours=2), audiences=[audience]
    ).bulletin
    draft = builders.build_bulletin(campaign, by=people["alma"], at=now, timing="next_slot", variants=True)
    urgent = builders.build_bulletin_in_review(campaign, by=people["alma"], at=now, urgency="urgent")
    checked = builders.build_bulletin(campaign, by=people["alma"], at=now, variants=True)
    checked.claims.add(builders.build_claim(campaign))
    builders.submitted(checked, by=people["alma"], at=now)
    KeyMessage.objects.filter(bulletin=draft).update(valid_until=now + timedelta(days=2))
    return {"page": page, "as": browse_as, "people": people, "draft": draft, "urgent": urgent, "checked": checked,
            "published": published, "site": live_site}  # fmt: skip


def parts_of(name):
    """Return selectors of what is looked through on a page."""
    return ("#schedule", "#approval") if name == "compose" else (".cb",)


def look(page, name):
    """Keep a picture of the page when SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_every_page_is_open_to_everyone_at_every_width(scene):
    page, site = scene["page"], scene["site"]
    places = [
        ("oskar", f"bulletins/bulletin/{scene['urgent'].pk}/read/", "read-urgent"),
        ("oskar", f"bulletins/bulletin/{scene['checked'].pk}/read/", "read-checked"),
        ("alma", f"bulletins/bulletin/{scene['published'].pk}/correct/?was=2026-04-13&is_now=2026-04-19", "correct"),
        ("alma", f"bulletins/bulletin/{scene['published'].pk}/withdraw/", "withdraw"),
        ("alma", f"bulletins/bulletin/{scene['draft'].pk}/change/", "compose"),
    ]
    wrong = []
    for who, path, name in places:
        scene["as"](scene["people"][who])
        assert page.goto(f"{site}/desk/{path}").status == 200
        page_checks.settled(page)
        for width in (page_checks.NARROW, page_checks.DESKTOP, page_checks.PHONE):
            wide = page_checks.width_of(page, width)
            look(page, f"{name}-{width}")
            if wide > width and name != "compose":
                wrong.append(f"{name}: {wide} pixels wide in a window of {width}")
            for part in parts_of(name) if width != page_checks.NARROW else ():
                wrong += page_checks.barriers(page, part)
    assert wrong == []


def test_an_urgent_bulletin_goes_out_with_one_press_on_a_phone(scene):
    from bulletins.models import Bulletin
    from delivery.models import Send

    page = scene["as"](scene["people"]["oskar"])
    page.goto(f"{scene['site']}/desk/bulletins/bulletin/{scene['urgent'].pk}/read/")
    page.get_by_role("button", name="Approve and send now").click()

    expect(page.locator("body")).to_contain_text("Approved and published")
    assert Bulletin.objects.get(pk=scene["urgent"].pk).state == "published"
    assert Send.objects.filter(mailing__version__bulletin=scene["urgent"]).count() == 1


def test_the_schedule_saves_itself_and_keeps_the_keyboard_where_it_was(scene):
    from bulletins.models import Target

    page = scene["as"](scene["people"]["alma"])
    page.goto(f"{scene['site']}/desk/bulletins/bulletin/{scene['draft'].pk}/change/")
    when = page.locator("#schedule select").first
    when.focus()
    when.select_option("at_once")
    page.locator("#schedule [role=status]").wait_for()

    assert Target.objects.get(bulletin=scene["draft"]).timing == "at_once"
    page_checks.until(page, "document.activeElement.id.startsWith('when-')")


def test_the_next_slots_of_a_cadence_follow_what_is_chosen(scene):
    from bulletins.models import Cadence

    page = scene["as"](scene["people"]["root"])
    page.goto(f"{scene['site']}/desk/bulletins/cadence/{Cadence.objects.get().pk}/change/")
    page.select_option("[name=every]", "week")
    page.select_option("[name=weekday]", "2")
    page.get_by_text("Once a week, on this day: Wednesday").wait_for()

    expect(page.locator("#cadence-ahead ol li")).to_have_count(10)
    assert Cadence.objects.get().every == "day"
