"""Other sites show a bulletin in a box that needs no script, sets no cookie and never shows what is withdrawn."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.support import builders

from .published_examples import LATER, NOON, SITE, corrected, live, told, withdrawn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    """The site has a public name."""
    settings.PUBLIC_URL = SITE


def box(number: int | None = None, language: str = "en", **headers: str) -> Any:
    """Fetch a box."""
    return Client().get(f"/{language}/embed/{f'{number}/' if number else ''}", headers=headers)


def oembed(url: str, **query: Any) -> Any:
    """Ask how an address is put into a box."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return Client().get(f"/oembed?url={quote(url, safe='')}{more}")


# --- The box ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_box_shows_the_newest_bulletin_in_its_language(language):
    campaign = live()
    told(campaign)
    told(campaign, at=LATER, words="")

    said = box(language=language).content.decode()

    texts = builders.TEXTS[language]
    assert f'<html class="cb" lang="{language}">' in said
    assert texts["title"] in said
    assert texts["key_message"] in said
    assert f'href="{SITE}/{language}/bulletins/2/" target="_top" rel="noopener"' in said
    assert "112" in said


def test_a_box_can_be_framed_by_anybody_and_runs_nothing():
    told(live())

    response = box()

    assert "X-Frame-Options" not in response
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert b"<script" not in response.content
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("path", ["/en/", "/en/bulletins/1/", "/en/feeds/", "/oembed", "/en/embed/9/", "/desk/"])
def test_no_other_page_can_be_framed(path):
    told(live())

    response = Client().get(path)

    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_a_corrected_bulletin_says_so_and_what_changed():
    corrected(told(live()))

    said = box(1).content.decode()

    assert "Corrected" in said
    assert "The day was wrong." in said


def test_the_box_of_a_withdrawn_bulletin_says_why_and_no_word_of_it():
    withdrawn(told(live(), words="Kanarialintu"))

    said = box(1).content.decode()

    assert "Bulletin 1 has been withdrawn" in said
    assert "The decision was taken back." in said
    assert "Kanarialintu" not in said


def test_the_newest_box_says_that_something_newer_was_withdrawn_and_shows_what_stands():
    campaign = live()
    told(campaign)
    withdrawn(told(campaign, at=NOON + timedelta(hours=1), words="Kanarialintu"))

    said = box().content.decode()

    assert "Bulletin 2 has been withdrawn" in said
    assert "Libraries open on Monday" in said
    assert "Kanarialintu" not in said


def test_an_empty_campaign_has_an_empty_box_and_a_number_that_is_not_published_none():
    campaign = live()
    builders.build_approved_bulletin(campaign, embargo_until=NOON + timedelta(days=3650))

    assert "No bulletins yet." in box().content.decode()
    assert box(1).status_code == 404
    assert box(7).status_code == 404


def test_an_exercise_is_marked(campaign):
    told(campaign)

    assert "This is an exercise." in box().content.decode()


def test_whoever_has_a_box_already_is_not_sent_it_again_until_it_changes():
    version = told(live())
    had = box()

    for headers in ({"if_none_match": had["ETag"]}, {"if_modified_since": had["Last-Modified"]}):
        assert box(**headers).status_code == 304
    corrected(version)
    for headers in ({"if_none_match": had["ETag"]}, {"if_modified_since": had["Last-Modified"]}):
        assert box(**headers).status_code == 200


def test_a_box_costs_the_same_however_many_bulletins_there_are(django_assert_num_queries):
    campaign = live()
    told(campaign)
    for _more in range(3):
        with django_assert_num_queries(4):
            box()
        with django_assert_num_queries(4):
            box(1)
        told(campaign)


# --- oEmbed ----------------------------------------------------------------------------------------


def test_a_bulletins_page_names_its_oembed_addresses_and_they_answer():
    told(live())
    page = Client().get("/sv/bulletins/1/").content.decode()
    link = next(part for part in page.split("<link ") if "application/json+oembed" in part)
    address = link.split('href="')[1].split('"')[0].replace("&amp;", "&")

    assert address.startswith(f"{SITE}/oembed?")
    found = Client().get(address.removeprefix(SITE)).json()
    assert found["title"] == "Biblioteken öppnar på måndag"
    assert f'src="{SITE}/sv/embed/1/"' in found["html"]


def test_oembed_has_what_its_standard_asks_of_a_rich_answer():
    told(live())

    response = oembed(f"{SITE}/en/bulletins/1/")

    found = json.loads(response.content)
    assert response["Content-Type"] == "application/json"
    assert (found["version"], found["type"]) == ("1.0", "rich")
    assert (found["width"], found["height"]) == (480, 420)
    frame = ElementTree.fromstring(found["html"])
    assert (frame.tag, frame.get("width"), frame.get("height")) == ("iframe", "480", "420")
    assert (frame.get("src"), frame.get("title")) == (f"{SITE}/en/embed/1/", "Libraries open on Monday")
    assert found["provider_url"] == f"{SITE}/en/"
    assert Client().get(frame.get("src", "").removeprefix(SITE)).status_code == 200


def test_oembed_in_xml_says_the_same():
    told(live())
    url = f"{SITE}/en/bulletins/1/"

    response = oembed(url, format="xml")

    root = ElementTree.fromstring(response.content)
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert {child.tag: child.text for child in root} == {name: str(value) for name, value in oembed(url).json().items()}


@pytest.mark.parametrize("url", [f"{SITE}/fi/", f"{SITE}/fi/embed/", f"{SITE}/fi/bulletins/"])
def test_pages_without_a_bulletin_of_their_own_give_the_newest(url):
    told(live())

    assert f'src="{SITE}/fi/embed/"' in oembed(url).json()["html"]


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "https://elsewhere.example/en/bulletins/1/", f"{SITE}/en/bulletins/9/", f"{SITE}/en/check/",
        f"{SITE}/xx/bulletins/1/", f"{SITE}/desk/", f"{SITE}.evil.example/en/bulletins/1/", "javascript:alert(1)",
        f"{SITE}:99/en/", "https://[", f"{SITE}/en/bulletins/99999999999999999999/",
        "https://user@elsewhere.example/@bulletins.example/en/",
        f"{SITE.replace('://', '://user:word@')}/en/bulletins/1/", f"{SITE.replace('://', '://@')}/en/",
    ],
)  # fmt: skip
def test_any_other_address_is_not_put_into_a_box(url):
    told(live())

    response = oembed(url)

    assert response.status_code == 404
    assert b"iframe" not in response.content


@pytest.mark.parametrize(("width", "shown"), [(300, 300), (480, 480), (4000, 480), (1, 1)])
def test_a_box_is_no_wider_than_is_asked_for(width, shown):
    told(live())

    assert oembed(f"{SITE}/en/", maxwidth=width).json()["width"] == shown


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "yaml"}, 400),
        ({"maxwidth": "wide"}, 422),
        ({"maxwidth": "-1"}, 422),
        ({"maxheight": "0"}, 422),
        ({"maxwidth": "٣"}, 422),
        ({"maxwidth": "9" * 5000}, 200),
    ],
)
def test_what_oembed_cannot_do_it_says(query, status):
    told(live())

    assert oembed(f"{SITE}/en/", **query).status_code == status


def test_oembed_of_a_withdrawn_bulletin_has_no_word_of_it():
    withdrawn(told(live(), words="Kanarialintu"))

    found = oembed(f"{SITE}/en/bulletins/1/").json()

    assert found["title"] == "Bulletin 1 has been withdrawn"
    assert "Kanarialintu" not in json.dumps(found)


def test_oembed_speaks_the_language_of_the_page_that_is_asked_about():
    told(live())

    found = Client().get(f"/oembed?url={SITE}/sv/", headers={"accept-language": "fi"}).json()

    assert found["title"].endswith(". Övning")


def test_without_a_campaign_there_is_no_box():
    assert box().status_code == 404
    assert oembed(f"{SITE}/en/").status_code == 404


@pytest.mark.parametrize(
    ("sender", "lead", "says"),
    [("Team", "", "Exercise, Team"), ("Exercise", "", "Exercise"), ("Exercise", "The Office", "Exercise, The Office")],
)
def test_a_box_names_who_was_responsible_once(sender, lead, says):
    campaign = live()
    campaign.languages.update(sender_name=sender)
    if lead:
        campaign.authority = builders.build_authority("office", name=builders.in_all(en=lead))
        campaign.save()
    told(campaign)
    assert f">{says}</span>" in " ".join(box().content.decode().split())
