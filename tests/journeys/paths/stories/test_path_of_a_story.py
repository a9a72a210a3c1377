"""Stories of municipalities, from an invitation on a phone to the wall: codes, videos, consents, subtitles, moderation, the cut that is taken along."""

import os
import re
import subprocess
import time
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.login import code_mails
from lib.images import ffmpeg
from stories.models import Story, StoryConsent
from stories.municipalities import invitations
from tests.journeys import page_checks
from tests.stories.sending.scene import build_municipality
from tests.stories.story_media.scene import work
from tests.stories.wall.scene import themes
from tests.support.builders import editor

pytestmark = [
    pytest.mark.journey,
    pytest.mark.looks,
    pytest.mark.usefixtures("real_ffmpeg"),
    pytest.mark.django_db(transaction=True),
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def film(tmp_path):
    """A short video of more than a megabyte that FFmpeg made: small pictures of noise, which nothing makes smaller."""
    made = tmp_path / "vesitorni.mp4"
    source = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25,noise=alls=80:allf=t", "-t", "1.2")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "2", "-pix_fmt", "yuv420p")
    subprocess.run(["ffmpeg", "-v", "error", *source, *coded, str(made)], check=True)
    assert made.stat().st_size > 1_000_000
    return made


def fits(page: Any) -> bool:
    return page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390


def log_in(page: Any, language: str, says: Any) -> None:
    """Follow the link of the last invitation, and log in by the code that comes."""
    page.context.clear_cookies()
    page.goto(re.search(r"https?://\S+/municipality/join/\S+", mail.outbox[-1].body)[0])
    page.get_by_role("button", name=says("Send me the code")).click()
    page.locator("[name=code]").wait_for()
    code_mails.send_waiting(at=timezone.now())
    page.locator("[name=code]").fill(re.search(r"\b(\d{6})\b", mail.outbox[-1].body)[1])
    page.get_by_role("button", name=says("Begin")).click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_stories_are_sent_from_phones_and_one_reaches_the_wall(
    campaign, page, browse_as, live_site, settings, tmp_path, film, alma, oskar, monkeypatch
):
    """Three mayors send in their languages. The Finnish one's connection is lost on the way, and that story is followed to the wall."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(ffmpeg, "NICE", os.getpriority(os.PRIO_PROCESS, 0))  # no send is to be spared here
    began = time.monotonic()
    for number, language in enumerate(("sv", "en", "fi")):
        says = partial(page_checks.said, language)
        town = build_municipality(campaign, f"09{number}")
        invitations.invite(town, f"{language}@town.example", language=language, by=editor(), at=timezone.now())
        invitations.send_due(at=timezone.now())
        log_in(page, language, says)
        send_a_video(page, film, says, is_lost=language == "fi")
    assert time.monotonic() - began < 3 * 120

    story = Story.objects.latest("pk")
    assert Story.objects.filter(state="sent").count() == 3
    assert (story.title, story.people.get()) == ({"fi": "Naapuri toi vettä"}, StoryConsent.objects.get())
    assert story.people.get().guardian == "Elna"
    assert story.files.get(role="original").size == film.stat().st_size
    is_on_the_wall_and_taken_along(story, campaign, page, browse_as, alma, oskar, live_site)


def send_a_video(page: Any, film: Any, says: Any, *, is_lost: bool) -> None:
    """Send a video with what belongs to it; one that is lost on the way goes on, is seen by somebody under age, and has all its pages looked through."""
    cut_off: list[Any] = []
    held: list[Any] = []
    if is_lost:
        page.route("**/sending*.js", lambda route: held.append(route))
        page.route("**/municipality/uploads/*/", lambda route: lose(route, cut_off))
    page.get_by_role("button", name=says("Send a video")).click()
    page.locator(".filebox").set_input_files(film)
    if is_lost:
        # On a slow line a file is chosen before the script has come.
        page_checks.in_the_end(page, lambda: held)[0].continue_()
        with page.expect_event("requestfailed", lambda request: request.method == "HEAD"):
            expect(page.get_by_text(says("Connection lost"))).to_be_visible()
        expect(page.get_by_text("0,5 Mt on tallessa")).to_be_visible()
        assert fits(page) and cut_off
    page.locator("[name=title]").fill("Naapuri toi vettä")
    page.locator("[name=speaker]").fill("Kunnanjohtaja")
    page.locator("[name=sentence]").fill("Joku kävi joka talossa.")
    page.unroute_all()
    expect(page.locator("[data-upload-name]")).to_have_text(says("It is here"))
    if is_lost:
        page.locator("[name=name]").fill("Onni")
        page.locator("[name=minor]").check()
        page.get_by_role("button", name=says("Add"), exact=True).click()
        page.get_by_text(says("Agree on this phone")).click()
        page.locator("[name^=guardian]").fill("Elna")
        page.get_by_role("button", name=says("I agree (%(name)s)") % {"name": "Onni"}).click()
        expect(page.locator(".status--good")).to_be_visible()
        assert fits(page)
    page.locator("[name=nobody_else]").check()
    page.get_by_role("button", name=says("Send to be looked at")).click()
    expect(page.get_by_text(says("Being looked at"))).to_be_visible()
    assert page_checks.width_of(page, 390) <= 390


def is_on_the_wall_and_taken_along(
    story: Story, campaign: Any, page: Any, browse_as: Any, alma: Any, oskar: Any, live_site: str
) -> None:
    """Make the story's sizes, edit its subtitles, accept it and make its cut, as the desk does on a phone; then read it in each language."""
    themes(campaign)
    assert work(story, "sizes", at=timezone.now()).state == "done"
    page.context.clear_cookies()
    desk = browse_as(alma)
    desk.goto(f"{live_site}/desk/stories/story/{story.pk}/subtitles/")
    desk.get_by_text("Upload a file").first.click()
    words = "WEBVTT\n\n00:00:00.100 --> 00:00:01.000\nHyvää iltaa.\n"
    desk.locator("#file-fi").set_input_files({"name": "fi.vtt", "mimeType": "text/vtt", "buffer": words.encode()})
    desk.locator("details[open]").get_by_role("button", name="Upload").click()
    desk.goto(f"{live_site}/desk/stories/story/{story.pk}/subtitles/fi/")
    desk.locator("[data-words]").fill("Hyvää huomenta.")
    desk.get_by_label("I have watched the video with these subtitles").check()
    desk.get_by_role("button", name="Save and confirm").click()
    expect(desk.get_by_text("Confirmed: whoever watches the story has these subtitles.")).to_be_visible()
    desk = browse_as(oskar)
    desk.goto(f"{live_site}/desk/stories/story/{story.pk}/change/")
    desk.get_by_label("Solidarity").check()
    desk.get_by_role("button", name="Save the themes").click()
    desk.get_by_role("button", name="Accept and publish").click()
    expect(desk.get_by_text("Published.").first).to_be_visible()
    assert work(story, "cut", "fi", at=timezone.now()).state == "done"

    page.context.clear_cookies()
    cut = story.files.get(role="cut")
    for language in ("fi", "sv", "en"):
        says = partial(page_checks.said, language)
        page.goto(f"{live_site}/{language}/stories/?theme=solidarity")
        assert page_checks.width_of(page, 390) <= 390
        page.get_by_role("link", name="Naapuri toi vettä").click()
        expect(page.get_by_role("heading", name=says("Take it along"))).to_be_visible()
        expect(page.get_by_text("Hyvää huomenta.").first).to_be_attached()
        assert page_checks.width_of(page, 390) <= 390
        with page.expect_download() as download:
            page.get_by_role("link", name=says("Upright 9:16")).click()
        assert download.value.path().stat().st_size == cut.size


def lose(route, cut_off):
    """Lose the connection at every piece but the first, and from then on for every question."""
    offset = route.request.headers.get("upload-offset")
    if cut_off or (route.request.method == "PATCH" and offset != "0"):
        cut_off.append(offset)
        return route.abort("connectionreset")
    return route.continue_()
