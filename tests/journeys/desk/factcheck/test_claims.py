"""Fact-checkers at the desk, in a browser: a claim is taken up, written, proposed, read by a second person, published."""

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from factcheck.models import Claim, Narrative, Sighting
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def look(page: Any, name: str) -> None:
    """Keep pictures of the page where CLAIM_DESK_SHOTS names a folder."""
    if folder := os.environ.get("CLAIM_DESK_SHOTS"):
        for width in (page_checks.PHONE, page_checks.DESKTOP):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def darken(page: Any, is_dark: bool) -> None:
    """Show the frame in its dark or light theme, which is a class of the page."""
    page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", is_dark)


def wrong_with(page: Any) -> list[str]:
    """Return what is wrong with the open page of the desk, light and dark, at every width."""
    wrong = page_checks.barriers(page, ".cb")
    darken(page, True)
    wrong += page_checks.barriers(page, ".cb", rules=page_checks.CONTRAST)
    darken(page, False)
    for width in (page_checks.NARROW, page_checks.DESKTOP, page_checks.PHONE):
        if (wide := page_checks.width_of(page, width)) > width:
            wrong.append(f"{page.url}: {wide} pixels wide in a window of {width}")
    return wrong


def test_two_people_reach_a_verdict(campaign, fiona, live_site, page, browse_as):
    faisal = builders.build_user("faisal", "fact-checker")
    now = datetime.now(UTC)
    story = Narrative.objects.create(
        campaign=campaign,
        slug="kitchen",
        name={"en": "Kitchen cures"},
        need_behind={"en": "To be able to do something."},
    )
    claim = builders.build_claim(campaign, published=False, fallacy={}, narrative=story, at=now)
    builders.build_topic(campaign)
    for number in range(9):
        Sighting.objects.create(
            claim=claim,
            platform=("telegram", "x", "tiktok")[number % 3],
            channel=f"Channel {number % 5}",
            url=f"https://t.example/{number}",
            seen_on=campaign.local(now - timedelta(days=number // 2)).date(),
            language="fi",
            reach=500 * number,
            reporter=fiona if number % 2 else None,
        )
    desk = f"{live_site}/desk/factcheck"
    with page_checks.watching(page) as faults:
        browse_as(fiona)
        page.goto(f"{live_site}/desk/")
        look(page, "today")
        page.goto(f"{desk}/claim/")
        assert wrong_with(page) == []
        look(page, "list")
        page_checks.follow(page.locator("text=Garlic cures it").first)
        page_checks.follow(page.locator("text=Start checking").first)
        expect(page.locator("#findings .stops")).to_have_count(3)
        page.click("#findings .stops a >> nth=0")
        expect(page).to_have_url(re.compile("#id_fallacy__fi$"))
        page.check("[name=verdict][value=false]")
        page_checks.follow(page.locator("text=Propose this verdict"))
        expect(page.locator("body")).to_contain_text("prevent it")
        assert page.is_checked("[name=verdict][value=false]")
        look(page, "refused")
        for code in ("fi", "sv", "en"):
            page.fill(f"#id_fallacy__{code}", f"It confuses smell with effect ({code}).")
        page_checks.follow(page.locator("#words button[type=submit]"))
        page.wait_for_selector("#findings >> text=archived copy")
        page.click("#sources summary >> text=Paste a copy by hand >> nth=0")
        page.fill("#sources textarea[name=text] >> nth=0", "Garlic is food.")
        page_checks.follow(page.locator("text=Keep this copy").first)
        page.wait_for_selector("text=Copied by hand by")
        assert wrong_with(page) == []
        look(page, "in-review")
        page.check("[name=verdict][value=false]")
        page_checks.follow(page.locator("text=Propose this verdict"))
        page.wait_for_selector("text=You proposed it")
        assert page.locator("text=I have read it").count() == 0

        browse_as(faisal)
        page.goto(f"{live_site}/desk/")
        look(page, "today-second")
        page_checks.follow(page.locator("text=Read and confirm").first)
        page.wait_for_selector("text=I have read it")
        assert wrong_with(page) == []
        look(page, "proposed")
        darken(page, True)
        look(page, "proposed-dark")
        darken(page, False)
        page_checks.follow(page.locator("text=I have read it").first)
        page_checks.follow(page.locator("text=Publish the fact-check").first)
        page.wait_for_selector("text=Everyone can read it.")
        page.click("#next summary >> text=Pause it")
        page.fill("#reason-pause", "A study was withdrawn; this is being checked again.")
        page_checks.follow(page.locator("#next button >> text=Pause it"))
        page.wait_for_selector("text=Show again")
        assert wrong_with(page) == []
        look(page, "paused")
        page.goto(f"{desk}/narrative/{story.pk}/change/")
        assert wrong_with(page) == []
        look(page, "narrative")
        page.goto(f"{desk}/narrative/")
        look(page, "narratives")
        page.goto(f"{desk}/thresholds/add/")
        look(page, "thresholds")
    assert faults == []
    claim = Claim.objects.get()
    assert (claim.status, claim.proposed_by, claim.confirmed_by) == ("paused", fiona, faisal)
