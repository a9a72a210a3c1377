"""A claim comes in: with its first sighting, once, and refused in words when it cannot be taken."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from accounts.models import AuditEntry
from factcheck.intake import claim_reports
from factcheck.models import Claim, ClaimStep, Sighting
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 24)


def a_report(**fields: Any) -> dict[str, Any]:
    values = {"text": "Hot water cures the virus", "language": "en", "platform": "facebook", "seen_on": DAY, "at": NOON}
    return values | fields


def a_picture() -> BytesIO:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Fiona's phone"
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    out.seek(0)
    return out


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def files(settings: Any) -> list[str]:
    return sorted(str(path) for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def test_a_report_is_an_open_claim_with_its_first_sighting(campaign, fiona):
    claim = claim_reports.report(
        campaign, **a_report(url="https://www.example.org/post/1", channel="Health group", reach=1200, by=fiona)
    )

    assert claim.status == Claim.Status.OPEN
    assert claim.text == {"en": "Hot water cures the virus"}
    assert claim.slug.startswith("report-")
    sighting = claim.sightings.get()
    assert (sighting.platform, sighting.channel, sighting.reach) == ("facebook", "Health group", 1200)
    assert sighting.url_key
    assert sighting.reporter == fiona
    assert claim.steps.get().kind == ClaimStep.Kind.REPORTED
    assert AuditEntry.objects.about(claim).get().actor == fiona
    assert claim.words.filter(language="en").exists()


def test_of_a_public_report_nobody_is_kept(campaign):
    claim = claim_reports.report(campaign, **a_report(via=Sighting.Via.PUBLIC))

    assert claim.sightings.get().reporter is None
    assert claim.steps.get().by is None
    assert not AuditEntry.objects.exists()


def test_the_same_sending_is_stored_once(campaign):
    first = claim_reports.report(campaign, **a_report(token="a" * 32))
    second = claim_reports.report(campaign, **a_report(token="a" * 32))
    other = claim_reports.report(campaign, **a_report(token="b" * 32))

    assert first == second != other
    assert Sighting.objects.count() == 2


@pytest.mark.parametrize(
    ("fields", "says", "field"),
    [
        ({"text": "x" * 2001}, "2001 characters", "text"),
        ({"text": "x" * 1_000_000}, "1000000 characters", "text"),
        ({"text": " \u200b\x00 !!"}, "missing", "text"),
        ({"platform": "myspace"}, "where the claim", "platform"),
        ({"language": "english please"}, "language", "language"),
        ({"url": "javascript:alert(1)"}, "full address", "url"),
        ({"url": "ftp://example.org/x"}, "full address", "url"),
        ({"url": "https://user:secret@example.org/"}, "password", "url"),
        ({"url": "https://example.org/" + "x" * 600}, "longer than 500", "url"),
        ({"url": "https://[::1"}, "full address", "url"),
        ({"seen_on": NOON.date() + timedelta(days=1)}, "in the future", "seen_on"),
        ({"seen_on": date(1821, 3, 24)}, "ten years", "seen_on"),
        ({"reach": -1}, "number of people", "reach"),
        ({"reach": 10**12}, "number of people", "reach"),
        ({"note": "x" * 1001}, "1000 characters", "note"),
        ({"channel": "x" * 121}, "120 characters", "channel"),
        ({"screenshot": BytesIO(b"<svg onload='x'/>")}, "SVG", "screenshot"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words_and_nothing_is_stored(campaign, settings, fields, says, field):
    with pytest.raises(claim_reports.NotReportable, match=says) as refused:
        claim_reports.report(campaign, **a_report(**fields))

    assert refused.value.field == field
    assert not Claim.objects.exists()
    assert not Sighting.objects.exists()
    assert files(settings) == []


def test_characters_that_do_not_show_are_taken_out(campaign):
    claim = claim_reports.report(campaign, **a_report(text="\ufeffHot\x00 \u202ewater\u202c\r\ncures\u200b 👩‍⚕️"))

    assert claim.text == {"en": "Hot water\ncures 👩‍⚕️"}


@pytest.mark.parametrize("words", ["Hot water cures it", "Горячая вода лечит"])
def test_the_short_name_of_a_report_says_nothing_of_the_claim(campaign, words):
    slug = claim_reports.report(campaign, **a_report(text=words)).slug

    assert re.fullmatch(r"report-[0-9a-f]{16}", slug)


def test_a_known_claim_is_seen_again(campaign, fiona):
    claim = claim_reports.report(campaign, **a_report(by=fiona))
    again = a_report(platform="tiktok", by=fiona)
    del again["text"]

    first, second = claim_reports.add_sighting(claim, **again), claim_reports.add_sighting(claim, **again)

    assert first == second
    assert claim.sightings.count() == 2
    assert AuditEntry.objects.filter(verb="claim.seen_again").count() == 1


def test_two_people_may_have_seen_the_same(campaign, fiona):
    other = builders.build_user("fanni", "fact-checker")
    claim = claim_reports.report(campaign, **a_report(by=fiona))
    again = a_report()
    del again["text"]

    claim_reports.add_sighting(claim, **again, by=other)

    assert claim.sightings.count() == 2


def test_a_sighting_that_cannot_be_taken_adds_nothing(campaign, fiona):
    claim = claim_reports.report(campaign, **a_report(by=fiona))
    again = a_report(url="nonsense")
    del again["text"]

    with pytest.raises(claim_reports.NotReportable):
        claim_reports.add_sighting(claim, **again)

    assert claim.sightings.count() == 1


def test_a_screenshot_is_drawn_anew_under_a_name_nobody_can_guess(campaign, settings):
    claim = claim_reports.report(campaign, **a_report(screenshot=a_picture()))

    name = claim.sightings.get().screenshot.name
    stored = (settings.MEDIA_ROOT / name).read_bytes()
    assert name.startswith("sightings/")
    assert len(name) > 40
    assert b"phone" not in stored
    assert Image.open(BytesIO(stored)).size == (40, 30)
