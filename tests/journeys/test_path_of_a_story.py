"""A municipality's story on a phone: invitation, code, a video whose connection is lost on the way, consents, sent."""

import re
import subprocess
import time
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.login import code_mails
from stories.models import Story, StoryConsent
from stories.municipalities import invitations
from tests.journeys import page_checks
from tests.stories.sending.scene import build_municipality
from tests.support.builders import editor

pytestmark = [
    pytest.mark.journey,
    pytest.mark.looks,
    pytest.mark.usefixtures("real_ffmpeg"),
    pytest.mark.django_db(transaction=True),
]
WORDS = {
    "fi": {
        "code": "Lähetä koodi",
        "begin": "Aloita",
        "video": "Lähetä video",
        "lost": "Yhteys katkesi",
        "kept": "0,5 Mt on tallessa",
        "here": "Perillä",
        "agree": "Annan luvan (Onni)",
        "here_sign": "Anna lupa tällä puhelimella",
        "send": "Lähetä tarkistettavaksi",
        "sent": "Tarkistettavana",
        "add": "Lisää",
    },
}


@pytest.fixture
def film(tmp_path):
    """A video of some megabytes that FFmpeg made: noise, so that nothing makes it smaller."""
    made = tmp_path / "vesitorni.mp4"
    source = "testsrc2=size=640x360:rate=25,noise=alls=80:allf=t"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        source,
        "-t",
        "2",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    ]
    subprocess.run([*command, "-qp", "18", "-pix_fmt", "yuv420p", str(made)], check=True)
    return made


@pytest.mark.parametrize("language", ["fi"])
def test_a_story_is_sent_from_a_phone(language, campaign, page, live_site, settings, tmp_path, film):
    settings.MEDIA_ROOT = tmp_path / "media"
    says = WORDS[language]
    town, now = build_municipality(campaign), timezone.now()
    invitations.invite(town, "mayor@town.example", language=language, by=editor(), at=now)
    invitations.send_due(at=now)
    page.goto(re.search(r"https?://\S+/municipality/join/\S+", mail.outbox[0].body)[0])
    assert page_checks.barriers(page) == []
    page.get_by_role("button", name=says["code"]).click()
    page.locator("[name=code]").wait_for()
    code_mails.send_waiting(at=timezone.now())
    page.locator("[name=code]").fill(re.search(r"\b(\d{6})\b", mail.outbox[-1].body)[1])
    page.get_by_role("button", name=says["begin"]).click()

    began = time.monotonic()
    held: list[Any] = []
    page.route("**/sending*.js", lambda route: held.append(route))
    page.get_by_role("button", name=says["video"]).click()
    cut_off = []
    page.route("**/municipality/uploads/*/", lambda route: lose(route, cut_off))
    page.locator(".filebox").set_input_files(film)
    # On a slow line a file is chosen before the script has come.
    page_checks.in_the_end(page, lambda: held)[0].continue_()
    with page.expect_event("requestfailed", lambda request: request.method == "HEAD"):
        expect(page.get_by_text(says["lost"])).to_be_visible()
    expect(page.get_by_text(says["kept"])).to_be_visible()
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390
    page.locator("[name=title]").fill("Naapuri toi vettä")
    page.locator("[name=speaker]").fill("Kunnanjohtaja")
    page.locator("[name=sentence]").fill("Joku kävi joka talossa.")
    page.unroute("**/municipality/uploads/*/")
    expect(page.locator("[data-upload-name]")).to_have_text(says["here"])

    page.locator("[name=name]").fill("Onni")
    page.locator("[name=minor]").check()
    page.get_by_role("button", name=says["add"], exact=True).click()
    page.get_by_text(says["here_sign"]).click()
    page.locator("[name^=guardian]").fill("Elna")
    page.get_by_role("button", name=says["agree"]).click()
    expect(page.locator(".status--good")).to_be_visible()
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390
    page.locator("[name=nobody_else]").check()
    page.get_by_role("button", name=says["send"]).click()
    expect(page.get_by_text(says["sent"])).to_be_visible()
    assert time.monotonic() - began < 120
    assert page_checks.barriers(page) == [] and page_checks.width_of(page, 390) <= 390

    story = Story.objects.get()
    assert (story.state, story.title, story.people.get()) == (
        "sent",
        {language: "Naapuri toi vettä"},
        StoryConsent.objects.get(),
    )
    assert story.people.get().guardian == "Elna"
    original = story.files.get(role="original")
    assert (original.size, len(cut_off) > 0) == (film.stat().st_size, True)


def lose(route, cut_off):
    """Lose the connection at every piece but the first, and from then on for every question."""
    offset = route.request.headers.get("upload-offset")
    if cut_off or (route.request.method == "PATCH" and offset != "0"):
        cut_off.append(offset)
        return route.abort("connectionreset")
    return route.continue_()
