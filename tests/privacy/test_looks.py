"""The pages about one's own data in a real browser: open to everyone, in each language, on a phone and on a desktop."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from delivery.links import preference_links
from delivery.models import Consent
from influencers.models import UnmatchedMail
from tests.journeys import page_checks
from tests.support import builders

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

# Where pictures go when someone wants to look: LOOKS=folder.
SHOTS = os.environ.get("LOOKS")


def shot(page: Any, name: str) -> None:
    """Keep pictures of the page as phone and desktop show it, when someone asked for them."""
    for width in (page_checks.DESKTOP, page_checks.PHONE) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=str(Path(str(SHOTS)) / f"{name}-{width}.png"), full_page=True)


def test_pages_about_ones_own_data_are_open_to_everybody(live_site, page, browse_as, campaign):
    digest = builders.build_digest(campaign)
    subscription = builders.build_subscription(digest, "elli@example.net")
    person = builders.build_influencer(campaign, "ines")
    token = preference_links.PreferenceLinks(campaign.pk, "en").token(subscription.recipient_id, "elli@example.net")
    wrong = []
    with page_checks.watching(page) as faults:
        for language in page_checks.LANGUAGES:
            page.goto(f"{live_site}/{language}/about/privacy/")
            wrong += page_checks.wrong_with(page, language)
            shot(page, f"privacy-{language}")
            page.goto(f"{live_site}/{language}/subscription/{token}/")
            with page.expect_navigation():
                page.locator("#erase").get_by_role("button").click()
            wrong += page_checks.wrong_with(page, language)
            shot(page, f"preferences-{language}")
        browse_as(person.user)
        for language in page_checks.LANGUAGES:
            page.goto(f"{live_site}/{language}/account/data/")
            wrong += page_checks.wrong_with(page, language)
            with page.expect_navigation():
                page.locator("form .btn[type=submit]").last.click()
            wrong += page_checks.wrong_with(page, language)
            shot(page, f"data-{language}")
        # By keyboard to the end.
        page.locator("#id_sure").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        wrong += page_checks.wrong_with(page, language)
        shot(page, "erased")
    assert wrong + faults == []
    person.refresh_from_db()
    assert person.state == "erased"


def test_the_desks_pages_about_a_person_are_open_to_everybody(live_site, page, browse_as, campaign):
    builders.build_subscription(builders.build_digest(campaign), "elli@example.net")
    UnmatchedMail.objects.create(from_address="elli@example.net", mail_id="x", at=timezone.now())
    browse_as(builders.build_user("ada", "admin"))
    consent = Consent.objects.get()
    wrong = []
    for width in (page_checks.DESKTOP, page_checks.PHONE):
        page_checks.width_of(page, width)
        page.goto(f"{live_site}/desk/person/")
        page.get_by_label("Full email address").fill("elli@example.net")
        page.get_by_role("button", name="Search").click()
        page.get_by_text("Held about elli@example.net").wait_for()
        page.get_by_role("button", name="Erase permanently").click()
        page.get_by_text("Give the reason").wait_for()
        wrong += page_checks.barriers(page, ".cb")
        page.goto(f"{live_site}/desk/delivery/consent/{consent.pk}/change/")
        page.get_by_role("button", name="Download the proof").wait_for()
        wrong += page_checks.barriers(page, "#content")
        if page_checks.width_of(page, width) > width:
            wrong.append(f"{page.url}: wider than {width}")
    if SHOTS:
        page.goto(f"{live_site}/desk/delivery/consent/{consent.pk}/change/")
        shot(page, "consent")
        page.goto(f"{live_site}/desk/person/")
        page.get_by_label("Full email address").fill("elli@example.net")
        page.get_by_role("button", name="Search").click()
        page.get_by_text("Held about elli@example.net").wait_for()
        shot(page, "person")
    assert wrong == []
