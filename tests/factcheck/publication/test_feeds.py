"""Newsrooms and other machines get all that stands, hear of what stands no more, and can ask as often as they like."""

import json
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from xml.sax import make_parser
from xml.sax.handler import ContentHandler, feature_external_ges

import feedparser
import pytest
from django.core.cache import cache
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date

from campaigns.publication_details import PrintedWords
from factcheck.models import Claim, ClaimStep, ClaimVersion, Sighting
from factcheck.publication import feeds
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.frozen_rows import thawed

from .claimreview import faults_of
from .test_jsonld import build_sighting, correct, live, pause, published, withdraw

pytestmark = pytest.mark.django_db

SITE = "https://facts.example"
LATER = builders.NOON + timedelta(days=2)
ADDRESSES = ("feed/", "data/claims.json", "data/claimreview.json")


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    """The site has a public name."""
    settings.PUBLIC_URL = SITE
    cache.clear()


def get(what: str, language: str = "en", **headers: str) -> Any:
    """Fetch something from the site's data."""
    return Client().get(f"/{language}/facts/{what}", headers=headers)


def rss(language: str = "en") -> Any:
    """Fetch the feed, and have feedparser read it."""
    response = get("feed/", language)
    assert response.status_code == 200
    read = feedparser.parse(response.content)
    assert not read.bozo, read.get("bozo_exception")
    return read


def plain(language: str = "en", query: str = "") -> dict[str, Any]:
    """Fetch the plain JSON."""
    return json.loads(get(f"data/claims.json{query}", language).content)


def data_feed(language: str = "en", query: str = "") -> dict[str, Any]:
    """Fetch the DataFeed."""
    return json.loads(get(f"data/claimreview.json{query}", language).content)


# --- RSS -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title", "fact"),
    [
        ("fi", "Mikä pitää paikkansa. Harjoitus", "Mikään ruoka ei paranna tautia."),
        ("sv", "Vad som är sant. Övning", "Ingen mat botar sjukdomen."),
        ("en", "What is true. Exercise", "No food cures it."),
    ],
)
def test_the_feed_is_in_the_language_of_its_address(language, title, fact):
    published(live())

    read = rss(language)

    assert read.version == "rss20"
    assert (read.feed.title, read.feed.language) == (title, language)
    assert read.feed.link == f"{SITE}/{language}/facts/"
    assert [one.title for one in read.entries] == [fact]
    assert read.entries[0].link == f"{SITE}/{language}/facts/garlic/"
    assert read.entries[0].id == read.entries[0].link
    assert {"rel": "self", "href": f"{SITE}/{language}/facts/feed/"}.items() <= read.feed.links[1].items()


def test_the_feed_says_fact_verdict_and_where_to_read_on_and_never_the_claim():
    published(live())

    entry = rss().entries[0]

    said = entry.title + entry.summary
    assert entry.summary.index("No food cures it.") < entry.summary.index("False") < entry.summary.index(entry.link)
    assert "Garlic" not in said


def test_the_feed_is_well_formed_for_a_strict_parser_whatever_a_fact_says():
    fact = "5 < 6 & \x0b \x00 ]]> <b>bold</b> \ufffe ä".replace("\x00", "")
    published(live(), fact={"en": fact, "fi": fact, "sv": fact})

    body = get("feed/").content

    parser = make_parser()
    parser.setFeature(feature_external_ges, False)
    parser.setContentHandler(ContentHandler())
    parser.parse(BytesIO(body))
    item = ElementTree.fromstring(body).find("channel/item")
    assert item is not None
    assert item.findtext("title") == "5 < 6 &   ]]> <b>bold</b>  ä"
    assert "&lt;b&gt;" in (item.findtext("description") or "")


def test_a_corrected_fact_check_comes_again_on_top_and_the_address_stays():
    campaign = live()
    first = published(campaign)
    published(campaign, slug="salt")
    before = {one.link: one.id for one in rss().entries}
    correct(first, "true", at=LATER)

    entries = rss().entries

    assert [one.link for one in entries] == [f"{SITE}/en/facts/garlic/", f"{SITE}/en/facts/salt/"]
    assert entries[0].id == f"{SITE}/en/facts/garlic/#version-2"
    assert entries[1].id == before[entries[1].link] == entries[1].link


@pytest.mark.parametrize("end", [pause, withdraw])
def test_what_was_taken_back_leaves_the_feed(end):
    claim = published(live())
    end(claim)

    assert rss().entries == []


def test_what_is_out_of_date_leaves_the_feed():
    claim = published(live())
    with thawed():
        models.QuerySet(ClaimVersion).filter(claim=claim).update(valid_until=builders.NOON)

    assert rss().entries == []


def test_the_feed_ends_at_fifty():
    campaign = live()
    build_many(campaign, 60)

    entries = rss().entries

    assert len(entries) == 50
    assert entries[0].link.endswith("/claim-59/")


def test_what_is_not_published_is_nowhere():
    campaign = live()
    builders.build_claim(campaign, "secret", published=False, fact=builders.in_all(en="Secret fact"))
    published(campaign)

    for what in ADDRESSES:
        assert "ecret" not in get(what).content.decode()


# --- DataFeed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_data_feed_holds_every_verdict_as_its_page_does(language):
    campaign = live()
    for verdict in Claim.Verdict.values:
        published(campaign, verdict, slug=verdict.replace("_", "-"))

    found = data_feed(language)

    assert faults_of(found) == []
    assert found["inLanguage"] == language
    reviews = {item["url"]: item["item"][0] for item in found["dataFeedElement"]}
    assert len(reviews) == 4
    for url, review in reviews.items():
        assert review["@id"] == url
        on_page = Client().get(url.removeprefix(SITE)).content.decode()
        shown = json.loads(on_page.split('<script type="application/ld+json">')[1].split("</script>")[0])
        assert review == {name: value for name, value in shown.items() if name != "@context"}


def test_the_data_feed_tells_what_was_withdrawn_and_repeats_nothing_of_it():
    claim = published(live())
    withdraw(claim, at=LATER)

    (item,) = data_feed()["dataFeedElement"]

    url = f"{SITE}/en/facts/garlic/"
    assert item["dateDeleted"] == "2026-03-27T10:00:00+00:00"
    assert item["item"] == [{"@type": "ClaimReview", "@id": url, "url": url}]


def test_the_data_feed_tells_what_is_paused_until_it_is_shown_again():
    claim = published(live())
    pause(claim, at=LATER)
    assert data_feed()["dataFeedElement"][0]["dateDeleted"] == "2026-03-27T10:00:00+00:00"

    verdict_workflow.resume(claim, by=builders.editor(), at=LATER)

    (item,) = data_feed()["dataFeedElement"]
    assert "dateDeleted" not in item
    assert faults_of(item) == []


def test_the_data_feed_tells_what_is_out_of_date():
    claim = published(live())
    with thawed():
        models.QuerySet(ClaimVersion).filter(claim=claim).update(valid_until=LATER)

    (item,) = data_feed()["dataFeedElement"]

    assert item["dateDeleted"] == "2026-03-27T10:00:00+00:00"


# --- JSON ------------------------------------------------------------------------------------------


def test_the_json_has_all_languages_versions_sources_and_numbers():
    claim = published(live())
    correct(claim, "fifty_fifty", at=LATER)

    found = plain()

    (one,) = found["claims"]
    assert (found["count"], found["page"], found["pages"], found["exercise"]) == (1, 1, 1, False)
    assert (one["slug"], one["state"], one["version"]) == ("garlic", "published", 2)
    assert (one["verdict"], one["rating"]) == ("fifty_fifty", 3)
    assert one["fact"]["sv"] == "Ingen mat botar sjukdomen."
    assert one["claim"]["fi"] == "Valkosipuli parantaa"
    assert one["urls"] == {code: f"{SITE}/{code}/facts/garlic/" for code in ("fi", "sv", "en")}
    assert [(row["number"], row["kind"], row["verdict"]) for row in one["versions"]] == [
        (1, "original", "false"),
        (2, "correction", "fifty_fifty"),
    ]
    assert one["versions"][1]["what_changed"]["en"] == "A new study came out."
    assert [row["publisher"] for row in one["sources"]] == ["Institute 1", "Institute 2"]
    assert one["sightings"] == {
        "count": 2,
        "first": "2026-03-20",
        "last": "2026-03-22",
        "platforms": {"whatsapp": 1, "tiktok": 1},
    }


def test_the_json_is_the_same_in_every_language():
    published(live())

    assert plain("fi") == plain("sv") == plain("en")


def test_unproven_has_no_number_in_the_json_either():
    published(live(), "unproven")

    assert plain()["claims"][0]["rating"] is None


@pytest.mark.parametrize(
    ("end", "state", "told"), [(pause, "paused", "We look again."), (withdraw, "withdrawn", "We were wrong.")]
)
def test_of_what_was_taken_back_the_json_says_only_that_it_was_since_when_and_why(end, state, told):
    claim = published(live())
    end(claim, at=LATER)

    (one,) = plain()["claims"]

    assert (one["state"], one["since"], one["told"]["en"]) == (state, "2026-03-27T10:00:00+00:00", told)
    assert set(one) == {"slug", "state", "urls", "first_published_at", "since", "told", "same_as"}


def test_of_what_was_found_to_be_the_same_the_json_says_as_what():
    campaign = live()
    claim, other = published(campaign), published(campaign, slug="salt")
    Claim.objects.filter(pk=other.pk).update(status=Claim.Status.MERGED, duplicate_of=claim)
    ClaimStep.objects.create(claim=other, kind=ClaimStep.Kind.MERGED, at=LATER)

    by_slug = {one["slug"]: one for one in plain()["claims"]}

    assert (by_slug["salt"]["state"], by_slug["salt"]["same_as"]) == ("merged", "garlic")
    assert by_slug["salt"]["since"] == "2026-03-27T10:00:00+00:00"
    assert by_slug["garlic"]["sightings"]["count"] == 4
    assert [one.link for one in rss().entries] == [f"{SITE}/en/facts/garlic/"]


def test_what_is_checked_again_says_so():
    claim = published(live())
    verdict_workflow.reopen(claim, reason="A reader wrote", by=builders.editor(), at=LATER)

    (one,) = plain()["claims"]

    assert (one["state"], one["being_checked_again"]) == ("published", True)


# --- For all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("feed/", "application/rss+xml; charset=utf-8"),
        ("data/claims.json", "application/json"),
        ("data/claimreview.json", "application/ld+json"),
    ],
)
def test_each_says_what_it_is_and_may_be_read_by_pages_of_other_sites(what, kind):
    published(live())

    response = get(what)

    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "public" in response["Cache-Control"]
    assert "X-Robots-Tag" not in response
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("what", ADDRESSES)
def test_whoever_has_it_already_is_not_sent_it_again(what):
    claim = published(live())
    had = get(what)

    for headers in (
        {"if_none_match": had["ETag"]},
        {"if_modified_since": had["Last-Modified"]},
        {"if_none_match": had["ETag"], "if_modified_since": http_date(0)},
    ):
        again = get(what, **headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == had["ETag"]
        assert again["Access-Control-Allow-Origin"] == "*"

    pause(claim, at=LATER + timedelta(days=1))
    for headers in ({"if_none_match": had["ETag"]}, {"if_modified_since": had["Last-Modified"]}):
        assert get(what, **headers).status_code == 200


def test_the_end_of_a_validity_is_a_change():
    campaign = live()
    published(campaign, valid_until=LATER)

    assert feeds.changed_at(campaign, at=LATER - timedelta(seconds=1)) == builders.NOON
    assert feeds.changed_at(campaign, at=LATER) == LATER


@pytest.mark.parametrize("what", ADDRESSES)
def test_when_somebody_reported_a_sighting_is_not_told(what):
    claim = published(live())
    had = get(what)
    build_sighting(claim, "x", created_at=LATER, seen_on=date(2026, 3, 21))

    again = get(what)

    assert again["Last-Modified"] == had["Last-Modified"]
    assert (again["ETag"] == had["ETag"]) is (what == "feed/")
    assert "2026-03-27" not in again.content.decode()


@pytest.mark.parametrize("what", ADDRESSES)
def test_steps_among_staff_change_nothing_that_is_told(what):
    campaign = live()
    claim = published(campaign)
    had = get(what)
    builders.build_claim(campaign, "secret", published=False)
    verdict_workflow.start_check(Claim.objects.get(slug="secret"), by=builders.editor(), at=LATER)

    again = get(what)

    assert claim.slug in again.content.decode()
    assert (again["ETag"], again["Last-Modified"]) == (had["ETag"], had["Last-Modified"])


@pytest.mark.parametrize("what", ADDRESSES)
def test_an_empty_campaign_has_empty_data(what):
    live()

    first, second = get(what), get(what)

    assert first.status_code == 200
    assert first["ETag"] == second["ETag"]


@pytest.mark.parametrize("what", ADDRESSES)
def test_without_a_campaign_there_is_nothing(what):
    assert get(what).status_code == 404


@pytest.mark.parametrize("what", ADDRESSES)
def test_nothing_is_done_by_posting(what):
    published(live())

    assert Client().post(f"/en/facts/{what}").status_code == 405
    assert Client().head(f"/en/facts/{what}").status_code == 200


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_an_exercise_is_marked_everywhere(campaign, language):
    published(campaign)

    for what in ADDRESSES:
        assert get(what, language)["X-Robots-Tag"] == "noindex"
    title = rss(language).feed.title
    assert title.split(". ")[1].startswith(("Exercise: ", "Harjoitus: ", "Övning: "))
    assert plain()["exercise"] is True
    found = data_feed(language)
    assert faults_of(found) == []
    assert found["creativeWorkStatus"] == "Exercise"
    assert {item["item"][0]["creativeWorkStatus"] for item in found["dataFeedElement"]} == {"Exercise"}


def test_another_campaigns_fact_checks_are_not_here():
    published(live())
    other = builders.build_campaign("muu")  # an exercise: the site shows the live one
    published(other, slug="elsewhere")

    for what in ADDRESSES:
        assert "elsewhere" not in get(what).content.decode()


# --- Many ------------------------------------------------------------------------------------------


def build_many(campaign: Any, number: int) -> None:
    """Publish many claims at once, an hour apart, each with a step and a sighting."""
    one, other = builders.editor(), builders.second_person()
    claims = Claim.objects.bulk_create(
        (
            Claim(
                campaign=campaign,
                slug=f"claim-{place}",
                text=builders.in_all(en=f"Claim {place}"),
                fact=builders.in_all(en=f"Fact {place}"),
                verdict="false",
                proposed_by=one,
                confirmed_by=other,
                created_at=builders.NOON,
            )
            for place in range(number)
        ),
        batch_size=1000,
    )
    printed = PrintedWords.of(campaign).plain()
    versions = ClaimVersion.objects.bulk_create(
        (
            ClaimVersion(
                claim=claim,
                number=1,
                kind="original",
                text=claim.text,
                fact=claim.fact,
                verdict="false",
                printed=printed,
                evidence=[{"publisher": "Institute", "title": "Findings", "url": "https://institute.example/"}],
                published_at=builders.NOON - timedelta(hours=number - place),
                checked_on=date(2026, 3, 25),
                proposed_by=one,
                confirmed_by=other,
            )
            for place, claim in enumerate(claims)
        ),
        batch_size=1000,
    )
    for claim, version in zip(claims, versions, strict=True):
        claim.current_version, claim.status = version, Claim.Status.PUBLISHED
    Claim.objects.bulk_update(claims, ["current_version", "status"], batch_size=200)
    Sighting.objects.bulk_create(
        (
            Sighting(claim=claim, platform="x", seen_on=date(2026, 3, 20), language="fi", created_at=builders.NOON)
            for claim in claims
        ),
        batch_size=1000,
    )
    ClaimStep.objects.bulk_create(
        (ClaimStep(claim=claim, kind="published", at=builders.NOON, passed_on_at=builders.NOON) for claim in claims),
        batch_size=1000,
    )
    builders.take_statistics()


@pytest.mark.slow
def test_a_thousand_claims_take_no_more_queries_than_a_few_and_come_in_pages(django_assert_num_queries):
    build_many(live(), 3)
    counted: dict[str, int] = {}
    for what in ADDRESSES:
        with CaptureQueriesContext(connection) as few:
            get(what)
        counted[what] = len(few)
    build_many(builders.build_campaign("uusi", mode="live", starts_on=date(2026, 3, 20)), 1_000)

    for what in ADDRESSES:
        with django_assert_num_queries(counted[what]):
            assert get(what).status_code == 200
    assert max(counted.values()) <= 11
    found = plain()
    assert (found["count"], found["pages"], len(found["claims"])) == (1_000, 10, feeds.PER_PAGE)
    assert len(data_feed()["dataFeedElement"]) == feeds.PER_PAGE
    assert len(rss().entries) == feeds.NEWEST


def test_pages_lead_to_each_other_and_together_hold_each_claim_once(monkeypatch):
    monkeypatch.setattr(feeds, "PER_PAGE", 2)
    build_many(live(), 5)

    slugs: list[str] = []
    for number in (1, 2, 3):
        response = get(f"data/claims.json?page={number}", "sv")
        slugs += [one["slug"] for one in json.loads(response.content)["claims"]]
        address = f"{SITE}/sv/facts/data/claims.json"
        assert (f'<{address}?page={number + 1}>; rel="next"' in response.get("Link", "")) is (number < 3)
        assert (f'<{address}?page={number - 1}>; rel="prev"' in response.get("Link", "")) is (number > 1)

    assert slugs == [f"claim-{place}" for place in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "", "9" * 5000])
@pytest.mark.parametrize("what", ["data/claims.json", "data/claimreview.json"])
def test_a_page_that_does_not_exist_is_not_found(what, number):
    published(live())

    assert get(f"{what}?page={number}").status_code == 404


def test_pages_of_fact_checks_tell_readers_programs_where_the_feeds_are():
    claim = published(live())
    build_sighting(claim, "x")

    for path in ("/sv/facts/", "/sv/facts/garlic/"):
        head = Client().get(path).content.decode().split("</head>")[0]
        for kind, what in (
            ("application/rss+xml", "feed/"),
            ("application/ld+json", "data/claimreview.json"),
            ("application/json", "data/claims.json"),
        ):
            assert f'type="{kind}"' in head
            assert f'href="/sv/facts/{what}"' in head
