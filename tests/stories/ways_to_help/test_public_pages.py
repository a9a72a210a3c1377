"""What anyone sees of ways to help: the list with its filter, one of them, beside bulletins, and “I did it”."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Attempt
from stories.models import Offer
from stories.ways_to_help import offer_steps
from tests.support import builders
from tests.support.builders import in_all
from website.feeds.views import BOX_CSP

from .scene import build_draft, build_offer

pytestmark = pytest.mark.django_db
LIST = "/en/help/"


@pytest.fixture
def now():
    return timezone.now()


def titles(client, **query):
    """Return which of the ways to help a page lists."""
    text = client.get(LIST, query).text
    return {word for word in ("Ring", "Fetch", "Befriend", "Sort") if f"{word} away" in text}


@pytest.fixture
def four(campaign, now):
    """Four ways to help of different kinds."""
    home, there = builders.build_region("MK01"), builders.build_region("MK02")
    build_offer(campaign, at=now, title=in_all(en="Ring away"), minutes=10, languages=["fi", "ar"])
    build_offer(campaign, at=now, title=in_all(en="Fetch away"), minutes=60, from_home=False, region=home, from_age=18)
    build_offer(campaign, at=now, title=in_all(en="Befriend away"), minutes=60, is_weekly=True, languages=["sv"])
    build_offer(campaign, at=now, title=in_all(en="Sort away"), minutes=240, from_home=False, region=there, from_age=13)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Ring", "Fetch", "Befriend", "Sort"}),
        ({"time": "10"}, {"Ring"}),
        ({"time": "60"}, {"Ring", "Fetch"}),
        ({"time": "weekly"}, {"Befriend"}),
        ({"where": "home"}, {"Ring", "Befriend"}),
        ({"where": "MK02"}, {"Sort"}),
        ({"language": "ar"}, {"Ring", "Fetch", "Sort"}),
        ({"age": "15"}, {"Ring", "Befriend", "Sort"}),
        ({"age": "12", "time": "240"}, {"Ring"}),
        ({"time": "x\0", "where": "\0", "language": "%", "age": "-1"}, set()),
    ],
)
def test_one_can_choose_by_time_place_language_and_age_without_script(client, four, query, found):
    assert titles(client, **query) == found


def test_lists_feeds_and_box_lose_what_is_over_and_what_is_withdrawn(client, campaign, now):
    over = build_offer(campaign, at=now, title=in_all(en="Over now"))
    gone = build_offer(campaign, at=now, title=in_all(en="Gone now"))
    build_draft(campaign, at=now, title=in_all(en="Draft now"))
    build_offer(campaign, at=now, title=in_all(en="Kept now"))
    over.versions.update(valid_until=now - timedelta(seconds=1))
    offer_steps.withdraw(gone, by=builders.editor(), at=now)
    for name in ("help", "help_atom", "help_json", "embed_help"):
        text = client.get(reverse(f"website:{name}")).text
        assert "Kept now" in text
        assert not any(f"{word} now" in text for word in ("Over", "Gone", "Draft"))
    for one in (over, gone):
        answer = client.get(f"{LIST}{one.pk}/")
        assert answer.status_code == 410 and "now" not in answer.text.partition("<h1>")[2].partition("</h1>")[0]
    assert client.get(f"{LIST}{Offer.objects.latest('pk').pk + 1}/").status_code == 404


def test_a_draft_has_no_page(client, campaign, now):
    draft = build_draft(campaign, at=now)
    assert client.get(f"{LIST}{draft.pk}/").status_code == 404
    assert client.post(f"{LIST}{draft.pk}/done/").status_code == 404


def test_feeds_say_the_conditions_and_the_box_may_be_framed(client, campaign, now):
    build_offer(campaign, at=now, region=builders.build_region(), from_age=18)
    feed = json.loads(client.get(reverse("website:help_json")).text)
    (entry,) = feed["items"]
    told = entry["_way_to_help"]
    assert (told["minutes"], told["from_home"], told["region"], told["from_age"]) == (10, True, "MK01", 18)
    atom = ElementTree.fromstring(client.get(reverse("website:help_atom")).text)
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    box = client.get(reverse("website:embed_help"))
    assert "frame-ancestors *" in box["Content-Security-Policy"] and "X-Frame-Options" not in box
    assert BOX_CSP["default-src"] and "<script" not in box.text


def test_the_address_of_one_makes_its_box_until_it_is_over(client, campaign, now, settings):
    settings.PUBLIC_URL = "https://bulletins.example"
    offer = build_offer(campaign, at=now)
    build_offer(campaign, at=now, title=in_all(en="Fetch water"))
    box = reverse("website:embed_offer", args=[offer.pk])

    def told(path):
        return client.get("/oembed", {"url": f"https://bulletins.example{path}"})

    assert f'src="https://bulletins.example{box}"' in told(f"{LIST}{offer.pk}/").json()["html"]
    assert told(LIST).json()["title"].startswith("Ways to help. ")
    assert "Ring a neighbour" in client.get(box).text and "Fetch water" not in client.get(box).text
    offer_steps.withdraw(offer, by=builders.build_user("wary", "editor"), at=now)
    assert "has ended or was withdrawn" in client.get(box).text and "Ring a neighbour" not in client.get(box).text
    assert told(f"{LIST}{offer.pk}/").status_code == 404
    draft = build_draft(campaign, at=now)
    assert client.get(reverse("website:embed_offer", args=[draft.pk])).status_code == 404


def test_texts_are_shown_as_written(client, campaign, now):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> {{ settings.SECRET_KEY }}"
    offer = build_offer(campaign, at=now, title=in_all(en=evil), does=in_all(en=evil), place=in_all(en=evil))
    for path in (LIST, f"{LIST}{offer.pk}/", reverse("website:embed_help"), reverse("website:help_atom")):
        text = client.get(path).text
        assert "<script>alert" not in text and "<img src=x" not in text
    assert "{{ settings.SECRET_KEY }}" in client.get(LIST).text


# --- “I did it” --------------------------------------------------------------------------------------------------------


def test_it_is_counted_without_cookie_or_address_and_a_few_are_not_shown(client, campaign, now):
    offer = build_offer(campaign, at=now)
    for number in range(5):
        answer = client.post(f"{LIST}{offer.pk}/done/", REMOTE_ADDR=f"10.{number}.0.1")
        assert answer.status_code == 302 and not answer.cookies
        text = client.get(LIST).text
        assert ("5 have done it" in text) == (number == 4)
        assert ("fewer than 5 so far" in text) == (number < 4)
    assert not any("10." in row.key_hash for row in Attempt.objects.all())


def test_one_place_cannot_drive_a_number_up(client, campaign, now):
    offer = build_offer(campaign, at=now)
    answers = {client.post(f"{LIST}{offer.pk}/done/")["Location"] for _try in range(12)}
    offer.refresh_from_db()
    assert offer.done == 2 and len(answers) == 1


def test_another_site_counts_nothing_and_neither_does_looking(client, campaign, now):
    offer = build_offer(campaign, at=now)
    client.post(f"{LIST}{offer.pk}/done/", headers={"Sec-Fetch-Site": "cross-site"})
    assert client.get(f"{LIST}{offer.pk}/done/").status_code == 405
    offer.refresh_from_db()
    assert offer.done == 0


# --- Beside bulletins -------------------------------------------------------------------------------------------------


def test_a_bulletin_shows_those_of_its_topic_and_region(client, campaign, now):
    topic, other = builders.build_topic(campaign), builders.build_topic(campaign, "schools")
    here, there = builders.build_region("MK01"), builders.build_region("MK02")
    for title, fields in {
        "Of the topic": {"topic": topic},
        "Of the topic elsewhere": {"topic": topic, "region": there, "from_home": False},
        "Of another topic": {"topic": other, "region": here},
        "Of the region": {"region": here},
    }.items():
        build_offer(campaign, at=now, title=in_all(en=title), **fields)
    bulletin = builders.build_bulletin(campaign, inputs=[builders.build_input(campaign, regions=[here])])
    bulletin.topics.add(topic)
    builders.published(bulletin)
    text = client.get(f"/en/bulletins/{bulletin.number}/").text
    assert ">Of the topic<" in text and ">Of the region<" in text
    assert "Of another topic" not in text and "Of the topic elsewhere" not in text


# --- Many ---------------------------------------------------------------------------------------------------------------


def test_a_thousand_cost_as_many_queries_as_one_and_come_in_pages(client, campaign, now, django_assert_num_queries):
    offer = build_offer(campaign, at=now, region=builders.build_region())
    version = offer.versions.get()
    topic = builders.build_topic(campaign)
    bulletin = builders.build_bulletin(campaign)
    bulletin.topics.add(topic)
    builders.published(bulletin)
    for _round in range(2):
        with django_assert_num_queries(10):
            assert client.get(LIST).status_code == 200
        with django_assert_num_queries(3):
            client.get(f"{LIST}{offer.pk}/")
        with django_assert_num_queries(4):
            client.get(reverse("website:help_json"))
        if Offer.objects.count() == 1:
            offers = Offer.objects.bulk_create(
                Offer(campaign=campaign, partner=offer.partner, made_at=now) for _number in range(1000)
            )
            names = [field.name for field in version._meta.fields if field.name not in {"id", "offer"}]
            same = {name: getattr(version, name) for name in names}
            type(version).objects.bulk_create(type(version)(offer=one, **same | {"topic": topic}) for one in offers)
    assert "Page 1 of 51" in client.get(LIST).text
    assert client.get(LIST).text.count('class="offer"') == 20
    assert client.get(f"/en/bulletins/{bulletin.number}/").text.count("Ring a neighbour") == 3
