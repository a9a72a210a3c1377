"""Each fact-check's page carries its ClaimReview, as documented, in its own language, and nothing that stands no more."""

import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from campaigns.http.machine_values import address
from factcheck.models import ArchivedCopy, Claim, ClaimVersion, Evidence, Sighting
from factcheck.publication import jsonld
from factcheck.templatetags.claim_jsonld import claim_review
from factcheck.verdicts import verdict_workflow
from tests.support import builders

from .claimreview import REQUIRED, faults_of

pytestmark = pytest.mark.django_db

SITE = "https://facts.example"
VERDICTS = {
    "true": {"fi": "Totta", "sv": "Sant", "en": "True"},
    "false": {"fi": "Väärin", "sv": "Falskt", "en": "False"},
    "fifty_fifty": {"fi": "50–50", "sv": "50–50", "en": "50–50"},
    "unproven": {"fi": "Todistamatta", "sv": "Obevisat", "en": "Unproven"},
}
NUMBERS = {"true": 5, "fifty_fifty": 3, "false": 1}
WORDS = {
    "text": {"fi": "Valkosipuli parantaa", "sv": "Vitlök botar", "en": "Garlic cures it"},
    "fact": {"fi": "Mikään ruoka ei paranna tautia.", "sv": "Ingen mat botar sjukdomen.", "en": "No food cures it."},
}


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    """The site has a public name."""
    settings.PUBLIC_URL = SITE
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "facts.example"]


def live(**fields: Any) -> Any:
    """Return a campaign that is no exercise."""
    return builders.build_campaign("kriisi", mode="live", **fields)


def published(campaign: Any, verdict: str = "false", slug: str = "garlic", **fields: Any) -> Claim:
    """Return a published claim with a verdict and two sightings."""
    claim = builders.build_claim(campaign, slug, published=False, **WORDS | fields)
    build_sighting(claim, "whatsapp", seen_on=date(2026, 3, 20))
    build_sighting(claim, "tiktok", seen_on=date(2026, 3, 22))
    builders.publish_claim(claim, verdict)
    return claim


def build_sighting(claim: Claim, platform: str, **fields: Any) -> Sighting:
    """Return a sighting of a claim by the desk."""
    values = {"seen_on": date(2026, 3, 22), "language": "fi", "via": Sighting.Via.STAFF, "created_at": builders.NOON}
    return Sighting.objects.create(claim=claim, platform=platform, **values | fields)


def marked(claim: Claim, language: str = "en", *, at: datetime = builders.NOON) -> dict[str, Any] | None:
    """Return the ClaimReview of the version that stands."""
    version = ClaimVersion.objects.select_related("claim__campaign").get(stands_for=claim)
    found = jsonld.claim_reviews([version], language=language, at=at)
    return found.get(version.pk)


def on_page(claim: Claim, language: str = "en") -> list[dict[str, Any]]:
    """Return the data blocks of a claim's page."""
    page = Client().get(f"/{language}/facts/{claim.slug}/")
    assert page.status_code == 200
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.content.decode(), re.DOTALL)
    return [json.loads(one) for one in blocks]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_is_marked_with_all_required_and_recommended_properties(verdict, language):
    review = marked(published(live(), verdict), language)

    assert faults_of(review) == []
    assert review["@context"] == "https://schema.org"
    assert review["claimReviewed"] == WORDS["text"][language]
    assert review["name"] == WORDS["fact"][language]
    assert review["inLanguage"] == language
    assert review["reviewRating"]["alternateName"] == VERDICTS[verdict][language]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_page_of_every_verdict_carries_its_review_in_its_own_language(verdict, language):
    claim = published(live(), verdict)

    blocks = on_page(claim, language)

    assert blocks == [marked(claim, language)]
    assert faults_of(blocks[0]) == []


@pytest.mark.parametrize("verdict", NUMBERS)
def test_a_verdict_on_the_scale_has_its_number_and_the_scale(verdict):
    rating = marked(published(live(), verdict))["reviewRating"]

    assert (rating["ratingValue"], rating["bestRating"], rating["worstRating"]) == (NUMBERS[verdict], 5, 1)


def test_unproven_carries_no_number_at_all():
    rating = marked(published(live(), "unproven"))["reviewRating"]

    assert set(rating) == {"@type", "alternateName", "ratingExplanation"}
    assert not any(isinstance(value, int | float) for value in rating.values())


def test_its_address_is_the_pages_own_and_stays_when_it_is_corrected():
    claim = published(live())
    before = marked(claim, "sv")
    correct(claim, "true")

    after = marked(claim, "sv")

    assert before["@id"] == before["url"] == after["@id"] == after["url"] == f"{SITE}/sv/facts/garlic/"


def test_a_correction_says_what_changed_and_when_it_was_first_published():
    claim = published(live())
    later = builders.NOON + timedelta(days=3)
    correct(claim, "true", at=later)

    review = marked(claim)

    assert faults_of(review) == []
    assert review["datePublished"] == "2026-03-25T10:00:00+00:00"
    assert review["dateModified"] == "2026-03-28T10:00:00+00:00"
    assert review["version"] == 2
    assert review["correction"]["text"] == "A new study came out."


def test_who_checked_is_the_organisation_and_never_a_person():
    review = marked(published(live()), "fi")

    assert review["author"] == {"@type": "Organization", "name": "Team (fi)", "url": f"{SITE}/fi/"}


def test_an_exercise_says_so_in_the_data_too(campaign):
    claim = published(campaign)
    review = marked(claim, "sv")

    assert faults_of(review) == []
    assert review["creativeWorkStatus"] == "Exercise"
    assert review["author"]["name"] in {"Övning: Team (sv)", "Exercise: Team (sv)"}
    assert '<meta name="robots" content="noindex">' in Client().get("/sv/facts/garlic/").content.decode()


def test_a_claim_nobody_has_reported_seen_is_still_valid():
    claim = builders.build_claim(live())

    review = marked(claim)

    assert faults_of(review, wanted=REQUIRED) == []
    assert review["itemReviewed"] == {"@type": "Claim"}


def test_where_it_was_seen_is_told_by_platform_without_an_address():
    claim = published(live())
    build_sighting(claim, "facebook", url="https://facebook.example/groups/9/posts/1", channel="Neighbours")

    reviewed = marked(claim)["itemReviewed"]

    assert reviewed["datePublished"] == "2026-03-20"
    assert reviewed["firstAppearance"]["publisher"]["name"] == "WhatsApp"
    assert [one["publisher"]["name"] for one in reviewed["appearance"]] == ["WhatsApp", "Facebook", "TikTok"]
    assert "facebook.example" not in json.dumps(reviewed)
    assert "Neighbours" not in json.dumps(reviewed)
    assert "author" not in reviewed


def test_only_pages_of_publishers_that_the_desk_entered_are_named():
    claim = published(live())
    build_sighting(claim, "press", url="https://paper.example/story", channel="The Paper")
    build_sighting(claim, "press", url="https://paper.example/story", channel="The Paper")
    build_sighting(claim, "web", url="https://reported.example/?me=1", via=Sighting.Via.PUBLIC)
    build_sighting(claim, "web", url="https://portal.example/?me=1", via=Sighting.Via.PORTAL)
    build_sighting(claim, "web", url="http://10.0.0.1/wiki")

    urls = [one["url"] for one in marked(claim)["itemReviewed"]["appearance"] if "url" in one]

    assert urls == ["https://paper.example/story"]


def test_sightings_of_what_was_found_to_be_the_same_count():
    campaign = live()
    claim = published(campaign)
    same = builders.build_claim(campaign, "garlic-2", published=False)
    build_sighting(same, "x", seen_on=date(2026, 3, 1))
    Claim.objects.filter(pk=same.pk).update(status=Claim.Status.MERGED, duplicate_of=claim)

    assert marked(claim)["itemReviewed"]["firstAppearance"]["publisher"]["name"] == "X"


def test_evidence_is_cited_with_the_address_of_its_archived_copy():
    claim = builders.build_claim(live(), published=False)
    copy = ArchivedCopy.objects.create(
        sha256="a" * 64, url="https://institute1.example/", text="Findings", fetched_at=builders.NOON
    )
    one = Evidence.objects.filter(claim=claim).earliest("pk")
    Evidence.objects.filter(pk=one.pk).update(copy=copy, language="en", published_on=date(2026, 3, 1))
    builders.publish_claim(claim)

    first, second = marked(claim, "fi")["citation"]

    assert (first["name"], first["publisher"]["name"]) == ("Findings", "Institute 1")
    assert (first["url"], first["datePublished"], first["inLanguage"]) == (
        "https://institute1.example/",
        "2026-03-01",
        "en",
    )
    assert first["sameAs"] == first["archivedAt"] == address("factcheck:copy", copy.pk, language="fi")
    assert first["sameAs"].startswith(f"{SITE}/fi/facts/")
    assert "sameAs" not in second


@pytest.mark.parametrize("end", ["pause", "withdraw"])
def test_what_was_taken_back_is_not_marked(end):
    claim = published(live())
    {"pause": pause, "withdraw": withdraw}[end](claim)

    assert marked(claim) is None
    assert on_page(claim) == []


def test_what_is_out_of_date_is_not_marked_and_until_then_says_how_long():
    until = builders.NOON + timedelta(hours=1)
    claim = published(live(), valid_until=until)

    review = marked(claim)

    assert faults_of(review) == []
    assert review["expires"] == "2026-03-25T11:00:00+00:00"
    assert marked(claim, at=until) is None
    assert on_page(claim) == []


def test_an_earlier_version_is_not_marked():
    claim = published(live())
    correct(claim, "true")

    page = Client().get("/en/facts/garlic/versions/1/")

    assert page.status_code == 200
    assert b'application/ld+json">' not in page.content


def test_a_verdict_that_is_checked_again_is_still_marked():
    claim = published(live())
    verdict_workflow.reopen(claim, reason="A reader wrote", by=builders.editor(), at=builders.NOON)

    assert faults_of(marked(claim)) == []


def test_a_working_copy_is_not_marked_before_two_people_agreed():
    claim = published(live())
    verdict_workflow.reopen(claim, reason="A reader wrote", by=builders.editor(), at=builders.NOON)
    Claim.objects.filter(pk=claim.pk).update(fact={"en": "Unagreed"})

    assert marked(claim)["name"] == "No food cures it."


EVIL = "</script><script>alert(1)</script><!-- \u2028 \u2029 & ]]> \" ' \\"


def test_nothing_said_in_a_claim_breaks_out_of_the_data_block():
    claim = published(live(), text={"en": EVIL, "fi": EVIL, "sv": EVIL})
    version = ClaimVersion.objects.select_related("claim__campaign").get(claim=claim)

    with translation.override("en"):
        element = claim_review(version)

    inside = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set(inside) & set("<>&\u2028\u2029")
    assert json.loads(inside)["claimReviewed"] == EVIL
    assert on_page(claim)[0]["claimReviewed"] == EVIL


def test_marking_many_takes_as_many_queries_as_marking_one(django_assert_num_queries):
    campaign = live()
    for number in range(5):
        published(campaign, slug=f"claim-{number}")
    versions = list(ClaimVersion.objects.in_force().select_related("claim"))

    for some in (versions[:1], versions):
        with django_assert_num_queries(3):
            jsonld.claim_reviews(some, language="en", at=builders.NOON)


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
def test_a_browser_finds_the_data_and_no_fault_with_it(page, live_site):
    claim = published(live(), text={"en": EVIL, "fi": EVIL, "sv": EVIL})

    page.goto(f"{live_site}/en/facts/{claim.slug}/")

    block = page.locator('script[type="application/ld+json"]')
    assert block.count() == 1
    assert json.loads(block.text_content())["claimReviewed"] == EVIL  # and the fixture finds no broken policy


# --- Ways to end -------------------------------------------------------------------------------------


def correct(claim: Claim, verdict: str, *, at: Any = builders.NOON) -> ClaimVersion:
    """Take a verdict up again and publish another one."""
    verdict_workflow.reopen(claim, reason="A new study", by=builders.editor(), at=at)
    claim.what_changed = builders.in_all(en="A new study came out.")
    claim.save()
    return builders.publish_claim(claim, verdict, at=at)


def pause(claim: Claim, *, at: Any = builders.NOON) -> None:
    """Pause a verdict."""
    builders.pause_claim(claim, told=builders.in_all(en="We look again."), by=builders.editor(), at=at)


def withdraw(claim: Claim, *, at: Any = builders.NOON) -> None:
    """Withdraw a verdict for good."""
    pause(claim, at=at)
    builders.withdraw_claim(claim, told=builders.in_all(en="We were wrong."), by=builders.second_person(), at=at)
