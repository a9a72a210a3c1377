"""Anyone hands an answer on from a phone: question, answer, who answers, and a picture whose code leads back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.influencers.portal import questions_scene
from tests.journeys import page_checks

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


def test_an_answer_is_shared_in_one_tap(
    campaign: Any,
    authority: Any,
    liisa: Any,
    minna: Any,
    oskar: Any,
    page: Any,
    live_site: str,
    settings: Any,
    tmp_path: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    asked = timezone.now() - timedelta(days=2)
    found = questions_scene.asked(campaign, authority, at=asked, staff=liisa)
    questions_scene.published(found, by=minna, approver=oskar, at=asked + timedelta(hours=1))
    page.set_viewport_size({"width": 360, "height": 800})
    page.add_init_script(page_checks.SHEET)

    page.goto(f"{live_site}/en/answers/{found.slug}/")
    assert page_checks.width_of(page, 360) <= 360 and page_checks.wrong_with(page, "en") == []
    page.locator(".stage__share").click()
    page_checks.until(page, "Boolean(window.given)")
    given = page.evaluate("window.given")
    assert [one["type"] for one in given["files"]] == ["image/png"]
    lines = given["text"].splitlines()
    assert lines[0] == "Are the libraries open? Closed until 13.4." and lines[2].startswith("Answer: ")
    page.goto(lines[-1].replace(settings.PUBLIC_URL, live_site))
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine, from an exercise")
    assert page_checks.width_of(page, 360) <= 360 and page_checks.wrong_with(page, "en") == []
    page.get_by_role("link", name="Read the answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Are the libraries open?")
