"""What spreads since yesterday: over how many channels, of which narrative, and in which zone that is."""

from datetime import date, timedelta
from typing import Any

import pytest

from factcheck.models import Claim, Narrative, Sighting, Thresholds
from factcheck.spread import trending
from tests.support import builders

pytestmark = pytest.mark.django_db
TODAY = builders.NOON.date()


def see(claim: Claim, channel: str, *, day: date = TODAY, platform: str = "telegram", **fields: Any) -> Sighting:
    """Note a sighting."""
    return Sighting.objects.create(
        claim=claim, platform=platform, channel=channel, seen_on=day, language="fi", **fields
    )


@pytest.fixture
def story(campaign: Any) -> Narrative:
    return Narrative.objects.create(campaign=campaign, slug="kitchen", name={"en": "Kitchen cures"})


def test_a_narrative_rises_when_its_claims_were_seen_on_many_channels(campaign, story):
    one = builders.build_claim(campaign, "one", published=False, narrative=story)
    two = builders.build_claim(campaign, "two", narrative=story)
    see(one, "A", reach=100)
    see(one, "a ", day=TODAY - timedelta(days=1), reach=50)
    see(two, "B")
    assert trending.rising(campaign, at=builders.NOON) == []

    see(two, "A", platform="x", reach=7)

    found = trending.rising(campaign, at=builders.NOON)
    assert [(row.narrative, row.claim, row.channels, row.sightings, row.reach) for row in found] == [
        (story, None, 3, 4, 157)
    ]
    assert found[0].platforms == ["Telegram", "X"] and found[0].since == TODAY - timedelta(days=1)


def test_a_claim_in_no_narrative_is_a_line_of_its_own(campaign):
    Thresholds.objects.create(campaign=campaign, rising_channels=2)
    lone, other = (builders.build_claim(campaign, slug, published=False) for slug in ("lone", "other"))
    see(lone, "A")
    see(other, "B")
    assert trending.rising(campaign, at=builders.NOON) == []
    see(lone, "B")
    assert [row.subject for row in trending.rising(campaign, at=builders.NOON)] == [lone]


def test_a_duplicate_counts_with_its_main_claim(campaign, story):
    main = builders.build_claim(campaign, "main", narrative=story)
    twin = builders.build_claim(campaign, "twin", published=False, status="merged", duplicate_of=main)
    for channel in "AB":
        see(twin, channel)
    see(main, "C")
    assert [(row.narrative, row.channels) for row in trending.rising(campaign, at=builders.NOON)] == [(story, 3)]


def test_what_is_old_set_aside_of_tomorrow_or_of_another_campaign_does_not_count(campaign, story):
    claim = builders.build_claim(campaign, "one", published=False, narrative=story)
    aside = builders.build_claim(campaign, "aside", published=False, narrative=story, status="set_aside")
    other = builders.build_claim(builders.build_campaign("other"), "theirs", published=False)
    for channel in "ABC":
        see(claim, channel, day=TODAY - timedelta(days=2))
        see(claim, channel, day=TODAY + timedelta(days=1))
        see(aside, channel)
        see(other, channel)
    assert trending.rising(campaign, at=builders.NOON) == []


def test_yesterday_is_the_campaigns_yesterday(campaign, story):
    claim = builders.build_claim(campaign, "one", published=False, narrative=story)
    late = builders.NOON.replace(hour=23, minute=30)  # already the next day in Helsinki when NOON is in UTC
    local = campaign.local(late).date()
    for channel in "ABC":
        see(claim, channel, day=local - timedelta(days=1))
    assert len(trending.rising(campaign, at=late)) == 1
    assert trending.rising(campaign, at=late + timedelta(days=1)) == []


def test_the_widest_comes_first_and_it_costs_the_same_however_much_was_seen(
    campaign, story, django_assert_max_num_queries
):
    wide = builders.build_claim(campaign, "wide", published=False)
    narrow = builders.build_claim(campaign, "narrow", published=False, narrative=story)
    for number in range(40):
        see(wide, f"W{number}")
        see(narrow, f"N{number % 5}")
    with django_assert_max_num_queries(3):
        found = trending.rising(campaign, at=builders.NOON)
    assert [(row.subject, row.channels) for row in found] == [(wide, 40), (story, 5)]
