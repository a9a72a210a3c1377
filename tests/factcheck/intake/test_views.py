"""The forms that take in claims: for everyone, and at the desk."""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Attempt, AuditEntry
from factcheck.matching import similar_claims
from factcheck.models import Claim, Sighting
from tests.support.builders import build_claim

from .test_claim_reports import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def typed(**fields: Any) -> dict[str, Any]:
    values = {
        "text": "Hot water cures the virus",
        "language": "en",
        "platform": "facebook",
        "seen_on": (timezone.now() - timedelta(days=1)).date().isoformat(),
        "channel": "Health group",
        "url": "https://www.example.org/post/1",
        "reach": "1200",
        "note": "My aunt sent it",
        "token": "a" * 32,
    }
    return values | fields


def address(name: str = "report") -> str:
    with translation.override("en"):
        return reverse(f"factcheck:{name}")


def test_anyone_can_report_a_claim(client, campaign):
    response = client.post(address(), typed(screenshot=SimpleUploadedFile("x.jpg", a_picture().read())))

    assert response.status_code == 302
    assert "Thank you for the report" in client.get(response["Location"]).content.decode()
    sighting = Sighting.objects.get()
    assert (sighting.via, sighting.reporter, sighting.reach) == ("public", None, 1200)
    assert sighting.screenshot.name.startswith("sightings/")
    assert not AuditEntry.objects.exists()


def test_the_form_asks_for_no_name_and_says_that_it_is_no_emergency_number(client, campaign):
    page = client.get(address()).content.decode()

    assert "112" in page
    assert "We don't ask who you are" in unescape(page)
    names = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page.partition("<main")[2]))
    assert names == {
        "csrfmiddlewaretoken", "token", "text", "language", "platform", "seen_on", "url", "channel", "reach",
        "screenshot", "note", "website",
    }  # fmt: skip


def test_a_sending_pressed_twice_is_stored_once(client, campaign):
    for _time in range(2):
        assert client.post(address(), typed()).status_code == 302

    assert Claim.objects.count() == Sighting.objects.count() == 1


def test_a_machine_that_fills_in_everything_is_thanked_and_not_heard(client, campaign):
    assert client.post(address(), typed(website="https://spam.example.org")).status_code == 302

    assert not Claim.objects.exists()
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "x" * 1_000_000}, "at most 2000 characters"),
        ({"text": ""}, "The claim is missing"),
        ({"text": "\x00\u202e"}, "The claim is missing"),
        ({"url": "javascript:alert(1)"}, "Enter the full address"),
        ({"seen_on": "2999-01-01"}, "is in the future"),
        ({"seen_on": "1821-01-01"}, "ten years ago"),
        ({"seen_on": "yesterday"}, "Enter the day"),
        ({"reach": "many"}, "number of people"),
        ({"reach": "99999999999999999999"}, "number of people"),
        ({"platform": "myspace"}, "myspace"),
        ({"language": "xx"}, "xx"),
        ({"note": "y" * 1001}, "at most 1000 characters"),
    ],
)
def test_wrong_input_is_said_and_what_was_typed_is_kept(client, campaign, fields, says):
    response = client.post(address(), typed(**fields))

    page = unescape(response.content.decode())
    assert response.status_code == 422
    assert says in page
    assert "Health group" in page
    assert fields.get("text", "Hot water cures the virus") in page or "\x00" in fields["text"]
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\nbroken",
        b"%PDF-1.7",
    ],
)
def test_a_screenshot_that_is_no_picture_is_refused_with_all_that_was_typed(client, campaign, settings, data):
    response = client.post(address(), typed(screenshot=SimpleUploadedFile("x.png", data)))

    assert response.status_code == 422
    assert "Hot water cures the virus" in response.content.decode()
    assert not Claim.objects.exists()
    assert not settings.MEDIA_ROOT.exists() or not list(settings.MEDIA_ROOT.rglob("*.*"))


def test_the_eleventh_report_in_an_hour_waits_and_is_not_lost(client, campaign):
    for number in range(10):
        assert client.post(address(), typed(text=f"Claim number {number}")).status_code == 302

    response = client.post(address(), typed(text="One more"))

    page = response.content.decode()
    assert response.status_code == 429
    assert "Send it again in an hour" in page
    assert "One more" in page
    assert Claim.objects.count() == 10
    assert client.post(address(), typed(text="From elsewhere"), REMOTE_ADDR="192.0.2.7").status_code == 302


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_store_what_one_place_may(campaign):
    def one(number: int) -> int:
        try:
            return Client().post(address(), typed(text=f"Claim number {number % 25}")).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(50)))

    assert sorted(set(answers)) == [302, 429]
    assert answers.count(302) == 10
    assert Claim.objects.count() == Sighting.objects.count() <= 10


@pytest.mark.django_db
def test_whoever_floods_the_form_does_not_shut_it_for_others(campaign, monkeypatch):
    monkeypatch.setattr("factcheck.intake.views.CROWD", 20)
    number = itertools.count()

    def report(place: str) -> int:
        return Client().post(address(), typed(text=f"Claim number {next(number)}"), REMOTE_ADDR=place).status_code

    assert [report("198.51.100.1") for _ in range(10)] + [report("198.51.100.2") for _ in range(10)] == [302] * 20
    assert [report("198.51.100.1"), report("192.0.2.7"), report("192.0.2.7")] == [429, 302, 429]
    assert Claim.objects.count() == 21


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_the_same_sending_many_times_at_once_is_stored_once(campaign):
    def one(_number: int) -> int:
        try:
            return Client().post(address(), typed()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    assert answers == [302] * 8
    assert Claim.objects.count() == Sighting.objects.count() == 1


def test_thanks_name_published_facts_and_nothing_unpublished(client, campaign):
    published = build_claim(campaign)
    hidden = Claim.objects.create(campaign=campaign, slug="hidden", text={"en": "A secret under review"})

    page = client.get(f"{address('reported')}?see={published.pk}.{hidden.pk}.x.99").content.decode()

    assert "We may already have checked this" in page
    assert unescape(published.current_version.fact["en"]) in unescape(page)
    assert published.current_version.text["en"] not in page
    assert "secret" not in page


def test_a_claim_like_a_published_one_is_answered_with_the_fact_at_once(client, campaign):
    published = build_claim(campaign)
    hidden = Claim.objects.create(campaign=campaign, slug="hidden", text={"en": "Garlic cures it and more"})
    for claim in (published, hidden):
        similar_claims.index(claim)

    response = client.post(address(), typed(text="Garlic cures it all"))

    assert response["Location"] == f"{address('reported')}?see={published.pk}"
    page = unescape(client.get(response["Location"]).content.decode())
    assert published.current_version.fact["en"] in page
    assert "Garlic" not in page


def test_who_reported_is_on_no_public_page(client, campaign, fiona):
    published = build_claim(campaign)
    Sighting.objects.create(
        claim=published, platform="x", seen_on="2026-03-20", language="en", reporter=fiona, note="A private note"
    )

    with translation.override("en"):
        pages = [client.get(published.get_absolute_url()), client.get(reverse("factcheck:claims"))]
    pages += [client.get(f"{address('reported')}?see={published.pk}")]

    for response in pages:
        page = response.content.decode()
        assert response.status_code == 200
        assert fiona.email not in page and fiona.name not in page and "A private note" not in page


def test_without_a_campaign_there_is_no_form(client, db):
    assert client.get(address()).status_code == 404


def test_once_the_campaign_has_ended_its_forms_say_so(client, campaign):
    type(campaign).objects.filter(pk=campaign.pk).update(closed_at=timezone.now())
    for page in (address(), reverse("joining:join"), reverse("joining:look")):
        answer = client.get(page)
        assert answer.status_code == 410 and "has ended" in answer.content.decode(), page
    assert client.post(address(), typed()).status_code == 410 and not Claim.objects.exists()


# --- The desk --------------------------------------------------------------------------------------------


def desk() -> str:
    return reverse("admin:factcheck_claim_report")


@pytest.mark.parametrize("who", ["fiona", "alma", "liisa"])
def test_staff_report_what_they_see(who, campaign, signed_in, request):
    user = request.getfixturevalue(who)

    response = signed_in(user).post(desk(), typed())

    claim = Claim.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("admin:factcheck_claim_change", args=[claim.pk])
    assert (claim.sightings.get().reporter, claim.sightings.get().via) == (user, "staff")


def test_whoever_may_not_add_claims_has_no_form(campaign, oskar, ines, client, signed_in):
    assert signed_in(oskar).post(desk(), typed()).status_code == 403
    assert signed_in(ines).post(desk(), typed()).status_code in {302, 403}
    assert client.post(desk(), typed()).status_code == 302
    assert not Claim.objects.exists()


def test_a_likely_duplicate_is_shown_and_a_person_decides(campaign, fiona, signed_in):
    client = signed_in(fiona)
    client.post(desk(), typed())
    known = Claim.objects.get()
    again = typed(text="Hot water cures this virus", platform="tiktok", token="b" * 32)

    asked = client.post(desk(), again)

    assert "is it one of these?" in asked.content.decode()
    assert "Hot water cures the virus" in asked.content.decode()
    assert Sighting.objects.count() == 1

    client.post(desk(), again | {"same_as": str(known.pk)})
    assert known.sightings.count() == 2
    assert Claim.objects.count() == 1

    client.post(desk(), again | {"same_as": "new"})
    assert Claim.objects.count() == 2


def test_while_typing_known_claims_are_looked_up_and_nothing_is_stored(campaign, fiona, signed_in):
    client = signed_in(fiona)
    client.post(desk(), typed())

    page = client.post(desk(), {"look": "1", "text": "Hot water cures this virus"}).content.decode()

    assert "The same: add a sighting." in page
    assert "<html" not in page
    assert Claim.objects.count() == 1


def test_another_campaigns_claim_cannot_be_named_as_the_same(campaign, fiona, signed_in):
    from tests.support.builders import build_campaign

    other = Claim.objects.create(
        campaign=build_campaign("other", mode="exercise", starts_on="2019-01-01"), slug="theirs", text={"en": "Theirs"}
    )

    signed_in(fiona).post(desk(), typed(same_as=str(other.pk)))

    assert not other.sightings.exists()


def test_the_desk_keeps_what_was_typed_too(campaign, fiona, signed_in):
    response = signed_in(fiona).post(
        desk(), typed(url="nonsense:x", screenshot=SimpleUploadedFile("x.png", BytesIO(b"no").read()))
    )

    assert response.status_code == 422
    assert "Health group" in response.content.decode()
    assert not Claim.objects.exists()
