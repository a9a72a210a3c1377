"""A story from the desk to the wall, its text to press on, and a box on another site: in a browser, on a phone."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import expect

from stories.models import StoryFile
from stories.story_media import files
from tests.journeys import page_checks
from tests.stories.story_media.scene import film
from tests.stories.wall.scene import build_consent, build_story, build_subtitles, themes

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


def fits(page) -> bool:
    return page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390


def test_a_story_is_looked_at_shown_played_from_its_text_and_framed(campaign, oskar, browse_as, browser, live_site):
    now = timezone.now()
    themes(campaign)
    story = build_story(campaign, at=now, kind="video", title={"en": "A neighbour brought us water"})
    data = film("160x90", 12.0, sound=False)
    story.files.all().delete()
    for role, label in (("original", ""), ("web", "90")):
        files.keep(story, StoryFile.Role(role), label, ContentFile(data), ".mp4", at=now, width=160, height=90)
    build_subtitles(story, at=now)
    build_consent(story, at=now)
    anyone = browser.new_page(viewport=PHONE)
    anyone.goto(f"{live_site}/en/stories/")
    expect(anyone.get_by_text("No stories yet.")).to_be_visible()

    desk = browse_as(oskar)
    desk.set_viewport_size(PHONE)
    desk.goto(f"{live_site}/desk/")
    desk.get_by_role("link", name="A story needs your check: A neighbour brought us water.").click()
    assert fits(desk)
    expect(desk.get_by_label("Solidarity")).to_be_checked()  # by its words
    desk.get_by_role("button", name="Save the themes").click()
    desk.get_by_role("button", name="Accept and publish").click()
    expect(desk.get_by_text("Published.").first).to_be_visible()

    anyone.goto(f"{live_site}/en/stories/?theme=solidarity")
    assert fits(anyone)
    anyone.get_by_role("link", name="A neighbour brought us water").click()
    assert fits(anyone)
    assert anyone.evaluate("document.querySelector('video').currentTime") == 0  # nothing plays by itself
    anyone.get_by_role("button", name="Play from 0:01").click()
    page_checks.until(anyone, "() => document.querySelector('video').currentTime >= 1")
    expect(anyone.locator("li.is-spoken")).to_contain_text("Good evening.")

    anyone.goto(f"{live_site}/en/embed/stories/{story.key}/")
    assert fits(anyone)
    expect(anyone.locator("video")).to_be_visible()
    assert desk.goto(desk.url) is not None
    desk.get_by_text("Withdraw it").click()
    desk.get_by_role("button", name="Withdraw").click()
    expect(desk.get_by_text("Withdrawn.").first).to_be_visible()
    answer = anyone.reload()
    assert answer is not None and answer.status == 410
    expect(anyone.get_by_role("heading", name="This story is no longer here")).to_be_visible()
