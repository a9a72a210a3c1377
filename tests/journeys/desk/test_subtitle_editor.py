"""Subtitles beside their video, in a browser: by mouse, by keys and on a phone."""

import pytest
from playwright.sync_api import expect

from stories.models import StorySubtitles
from tests.journeys import page_checks
from tests.stories.story_media.scene import build_film, build_story, build_subtitles, film, work

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]
SAID = "".join(
    f"00:00:0{n}.000 --> 00:00:0{n}.900\n{words}\n\n"
    for n, words in enumerate(
        ["Hyvää iltaa kaikille.", "Seison vesitornin juurella, ja takanani näkyy, miksi soitan.", "Kiitos!"]
    )
)


def test_subtitles_are_timed_by_the_video_and_confirmed(
    campaign, alma, browse_as, live_site, real_ffmpeg, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path / "media"
    story = build_story(campaign)
    build_film(story, film("640x360", 6.0))
    work(story, "sizes")
    build_subtitles(story, "fi", "WEBVTT\n\n" + SAID, confirmed_at=None)
    page = browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_site}/desk/stories/story/{story.pk}/media/")
    assert page_checks.barriers(page) == []
    page.goto(f"{live_site}/desk/stories/story/{story.pk}/subtitles/")
    assert page_checks.barriers(page) == []
    page.get_by_role("link", name="Edit beside the video").click()
    cues = page.locator("[data-cue]")
    expect(cues).to_have_count(3)
    expect(page.get_by_label("Subtitles as WebVTT")).to_be_hidden()
    assert page_checks.barriers(page) == []
    page_checks.until(page, "() => document.querySelector('video').readyState >= 2")

    page.evaluate("document.querySelector('video').currentTime = 2.5")
    cues.nth(1).get_by_role("button", name="Ends now").click()
    expect(cues.nth(1).locator("[data-end]")).to_have_value("0:02.500")
    expect(cues.nth(2).locator("[data-start]")).to_have_value("0:02.500")  # two never stand at the same time
    cues.nth(2).locator("[data-words]").focus()
    page.keyboard.press("Control+Enter")
    expect(cues).to_have_count(4)
    page.keyboard.type("Nähdään")
    cues.nth(0).get_by_role("button", name="Split").click()
    expect(cues).to_have_count(5)
    page.get_by_role("button", name="Undo").click()
    expect(cues).to_have_count(4)
    cues.nth(0).locator("[data-end]").fill("0:00")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Not saved: mend what is marked.")).to_be_visible()
    cues.nth(0).locator("[data-end]").fill("0:00.9")
    page.get_by_label("I have watched the video with these subtitles").check()
    page.get_by_role("button", name="Save and confirm").click()
    expect(page.get_by_text("Confirmed: whoever watches the story has these subtitles.")).to_be_visible()
    row = StorySubtitles.objects.get(language="fi")
    assert "00:00:01.000 --> 00:00:02.500\nSeison" in row.vtt and row.vtt.endswith("Nähdään\n")

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_site}/desk/stories/story/{story.pk}/subtitles/fi/")
    expect(page.locator("[data-cue]")).to_have_count(4)
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390
