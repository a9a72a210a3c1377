"""The silence gate: from how much on a channel is loud."""

from datetime import timedelta
from typing import Any

import pytest

from factcheck.models import Claim, Sighting, Thresholds
from factcheck.spread import silence_thresholds
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON


@pytest.fixture
def claim(campaign: Any) -> Claim:
    return builders.build_claim(campaign)


def seen(claim: Claim, platform: str = "tiktok", *, days: int = 0, language: str = "fi", **fields: Any) -> Sighting:
    """Return a sighting of a claim, so many days before NOON."""
    day = NOON.date() - timedelta(days=days)
    return Sighting.objects.create(claim=claim, platform=platform, language=language, seen_on=day, **fields)


def loud(claim: Claim, *, at: Any = NOON) -> set[Any]:
    thresholds = Thresholds.of(claim.campaign)
    thresholds.campaign = claim.campaign
    return silence_thresholds.loud_for([claim.pk], thresholds, at=at)[claim.pk]


def test_a_claim_that_nobody_saw_is_loud_nowhere(claim):
    assert loud(claim) == set()


def test_a_channel_is_loud_from_the_second_sighting_on(claim):
    seen(claim)
    assert loud(claim) == set()

    seen(claim)
    assert loud(claim) == {("tiktok", "fi")}


def test_sightings_on_two_platforms_or_in_two_languages_make_neither_loud(claim):
    seen(claim)
    seen(claim, "youtube")
    seen(claim, language="sv")

    assert loud(claim) == set()


def test_reach_alone_makes_a_channel_loud_and_adds_up(claim):
    seen(claim, reach=4999)
    assert loud(claim) == set()

    Thresholds.objects.create(campaign=claim.campaign, least_sightings=9)
    seen(claim, reach=1)
    assert loud(claim) == {("tiktok", "fi")}


def test_what_is_too_old_or_to_come_does_not_count(claim):
    seen(claim, reach=9000, days=15)
    seen(claim, reach=9000, days=-1)
    assert loud(claim) == set()

    seen(claim, reach=9000, days=14)
    assert loud(claim) == {("tiktok", "fi")}


def test_the_day_is_the_campaigns(claim):
    seen(claim, reach=9000, days=14)
    before_midnight = NOON.replace(hour=23, minute=59)

    assert loud(claim, at=before_midnight) == {("tiktok", "fi")}
    assert loud(claim, at=before_midnight + timedelta(minutes=1)) == set()


def test_thresholds_are_data(claim):
    for _again in range(3):
        seen(claim)
    row = Thresholds.objects.create(campaign=claim.campaign, least_sightings=4)
    assert loud(claim) == set()

    row.least_sightings = 3
    row.save()
    assert loud(claim) == {("tiktok", "fi")}


def test_a_confirmed_duplicate_counts_and_a_suspected_one_does_not(campaign, claim):
    other = builders.build_claim(campaign, "garlic-again", published=False)
    seen(claim)
    seen(other)
    assert loud(claim) == set()

    other.duplicate_of, other.status = claim, Claim.Status.MERGED
    other.save()
    assert loud(claim) == {("tiktok", "fi")}


def test_a_languages_region_makes_no_difference(claim):
    seen(claim, language="sv-FI")
    seen(claim, language="sv")

    assert loud(claim) == {("tiktok", "sv")}


def test_many_claims_cost_one_query(campaign, django_assert_num_queries):
    claims = [builders.build_claim(campaign, f"claim-{number}", published=False) for number in range(5)]
    for one in claims[:3]:
        seen(one, reach=5000)
    thresholds = Thresholds.of(campaign)
    thresholds.campaign = campaign

    with django_assert_num_queries(1):
        found = silence_thresholds.loud_for([one.pk for one in claims], thresholds, at=NOON)

    assert [bool(found[one.pk]) for one in claims] == [True, True, True, False, False]


def test_only_a_true_claim_needs_no_gate():
    assert {verdict for verdict in Claim.Verdict.values if not silence_thresholds.names_falsehood(verdict)} == {"true"}
