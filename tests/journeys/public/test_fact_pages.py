"""The public pages of fact-checks in a real browser, in every language, on a phone and on a desk."""

import os
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_site: str, settings: Any, tmp_path: Any) -> Any:
    """A fact-check in every state, published before now."""
    from django.utils import timezone

    from factcheck.models import Claim, Sighting
    from factcheck.verdicts import verdict_workflow
    from tests.support import builders

    settings.MEDIA_ROOT = tmp_path
    at = timezone.now() - timedelta(days=3)
    campaign = builders.build_campaign()
    told = builders.in_all(fi="Lähde muuttui.", sv="En källa har ändrats.", en="A source has changed.")
    plain = builders.build_claim(
        campaign,
        at=at,
        how_checked=builders.in_all(en="We read two reviews of all studies."),
        why_few_sources=builders.in_all(en="Only two institutes have looked."),
        published=False,
    )
    plain.topics.add(builders.build_topic(campaign, "food"))
    plain.evidence.update(quote="Ingen verkan.", language="sv", published_on=at.date())
    builders.publish_claim(plain, at=at)
    for platform, count in (("tiktok", 4), ("whatsapp", 2), ("spoken", 1)):
        for _number in range(count):
            Sighting.objects.create(claim=plain, platform=platform, seen_on=at.date(), language="fi")
    mended = builders.build_claim(campaign, "mended", at=at)
    verdict_workflow.reopen(mended, reason="new", by=builders.editor(), at=at)
    mended.what_changed = builders.in_all(en="There is a new study.")
    mended.save()
    builders.publish_claim(mended, Claim.Verdict.UNPROVEN, at=at + timedelta(hours=1))
    again = builders.build_claim(campaign, "again", at=at)
    verdict_workflow.reopen(again, reason="new", by=builders.editor(), at=at)
    builders.build_claim(campaign, "over", at=at, valid_until=at + timedelta(days=1))
    for slug in ("waiting", "gone"):
        claim = builders.build_claim(campaign, slug, at=at)
        builders.pause_claim(claim, told=told, by=builders.editor(), at=at + timedelta(hours=2))
    builders.withdraw_claim(claim, told=told, by=builders.second_person(), at=at + timedelta(hours=3))
    return campaign


PATHS = [
    "",
    "?verdict=true",
    "garlic/",
    "mended/",
    "mended/versions/1/",
    "again/",
    "over/",
    "waiting/",
    "gone/",
    "corrections/",
    "how-we-check/",
]


def test_every_page_of_facts_is_open_to_everyone(site, live_site, page):
    wrong = []
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            for path in PATHS:
                assert page.goto(f"{live_site}/{language}/facts/{path}").status == 200, page.url
                wrong += page_checks.wrong_with(page, language, thoroughly=True)
                keep(page, language, path)
    assert wrong + faults == []


def test_a_reader_copies_the_fact_takes_the_picture_and_never_met_the_claim_first(site, live_site, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_site)
    page.goto(f"{live_site}/en/facts/")
    page.select_option("[name=verdict]", "false")
    page_checks.follow(page.locator("main form button[type=submit]").first)
    page_checks.follow(page.locator("a[href$='/facts/garlic/']").first)
    assert "Garlic" not in page.title()
    assert page.locator("h1").inner_text() == "No food cures it."
    assert (
        page.locator("blockquote", has_text="Garlic cures it").bounding_box()["y"]
        > page.locator("h1").bounding_box()["y"]
    )

    page.click("#h-remember ~ .say__row [data-copy]")
    copied = "(words) => navigator.clipboard.readText().then((text) => text.startsWith(words))"
    page_checks.until(page, copied, "No food cures it; rest and water help.")
    page.click("[data-copy='#alt']")
    page_checks.until(page, copied, "No food cures it. Valid")
    with page.expect_download() as download:
        page.click(".kit__formats a >> nth=0")
    assert download.value.suggested_filename.endswith(".png")


def keep(page: Any, language: str, path: str) -> None:
    """Keep a picture of the page on phone and desk in the folder SHOTS, if there is one."""
    if folder := os.environ.get("SHOTS"):
        name = path.strip("/").replace("/", "-").replace("?", "") or "list"
        for width in (page_checks.PHONE, page_checks.DESKTOP):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=f"{folder}/{name}-{language}-{width}.png", full_page=True)
