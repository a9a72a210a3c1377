"""Narratives and thresholds at the desk: what rises, which claims serve a story, and who may say so."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from factcheck.models import Claim, Narrative, Sighting, Thresholds
from tests.support import builders

pytestmark = pytest.mark.django_db
TODAY = builders.NOON.date()
LIST = "admin:factcheck_narrative_changelist"


@pytest.fixture
def story(campaign: Any) -> Narrative:
    return Narrative.objects.create(
        campaign=campaign,
        slug="kitchen",
        name={"en": "Kitchen cures"},
        need_behind={"en": "To be able to do something."},
    )


def see(claim: Claim, channel: str, *, ago: int = 0, platform: str = "telegram") -> None:
    """Note a sighting some days ago."""
    Sighting.objects.create(
        claim=claim, platform=platform, channel=channel, seen_on=TODAY - timedelta(days=ago), language="fi", reach=10
    )


def test_the_list_shows_how_a_narrative_spreads(campaign, story, fiona, signed_in):
    claim = builders.build_claim(campaign, narrative=story)
    for channel in "ABC":
        see(claim, channel)
    see(claim, "D", ago=5)
    see(claim, "E", ago=20)
    answer = signed_in(fiona).get(reverse(LIST))
    (row,) = answer.context["cl"].result_list
    assert (row.claims_count, row.day, row.week, len(row.channels)) == (1, 3, 4, 4)
    assert "seen on 3 channels since yesterday" in answer.content.decode()


def test_the_page_shows_claims_charts_and_the_need(campaign, story, fiona, signed_in):
    claim = builders.build_claim(campaign, narrative=story)
    twin = builders.build_claim(campaign, "twin", published=False, status="merged", duplicate_of=claim)
    see(claim, "A")
    see(twin, "B", platform="x", ago=2)
    answer = signed_in(fiona).get(reverse("admin:factcheck_narrative_change", args=[story.pk]))
    page = answer.content.decode()
    assert "Garlic cures it" in page and "To be able to do something." in page and "Telegram" in page
    assert (
        answer.context["spread"].whole.count == 2
        and 'class="by-day"' in page
        and "style=" not in page[page.index('class="by-day"') :][:400]
    )
    assert [one.seen for one in answer.context["claims"]] == [2]


def test_claims_are_put_here(campaign, story, fiona, alma, signed_in):
    one, two = (builders.build_claim(campaign, slug, published=False) for slug in ("one", "two"))
    other = builders.build_claim(builders.build_campaign("other", starts_on=date(2020, 1, 1)), "x", published=False)
    url = reverse("admin:factcheck_narrative_claims", args=[story.pk])
    signed_in(alma).post(url, {"claim": [one.pk]})
    signed_in(fiona).post(url, {"claim": ["x"]})
    assert signed_in(fiona).get(url).status_code == 405
    assert not Claim.objects.exclude(narrative=None).exists()

    signed_in(fiona).post(url, {"claim": [one.pk, two.pk, other.pk]})
    assert set(story.claims.all()) == {one, two}


def test_another_campaigns_narratives_do_not_exist(campaign, fiona, signed_in):
    other = Narrative.objects.create(
        campaign=builders.build_campaign("other", starts_on=date(2020, 1, 1)), slug="x", name={"en": "X"}
    )
    client = signed_in(fiona)
    assert client.get(reverse("admin:factcheck_narrative_change", args=[other.pk])).status_code == 404
    assert client.post(reverse("admin:factcheck_narrative_claims", args=[other.pk])).status_code == 404
    assert not list(client.get(reverse(LIST)).context["cl"].result_list)


def test_a_new_narrative_belongs_to_the_campaign_that_the_site_shows(campaign, fiona, signed_in):
    answer = signed_in(fiona).post(
        reverse("admin:factcheck_narrative_add"), {"slug": "new", "name__en": "New", "first_seen": ""}
    )
    assert answer.status_code == 302 and Narrative.objects.get().campaign == campaign


def test_thresholds_are_one_row_that_fact_checkers_change(campaign, fiona, alma, signed_in):
    client, add = signed_in(fiona), reverse("admin:factcheck_thresholds_add")
    values = {"least_sightings": 3, "least_reach": 100, "within_days": 7, "rising_channels": 4}
    assert signed_in(alma).post(add, values).status_code == 403
    assert client.post(add, values | {"rising_channels": 0}).status_code == 200 and not Thresholds.objects.exists()

    client.post(add, values)
    row = Thresholds.objects.get()
    assert row.campaign == campaign and row.rising_channels == 4
    assert client.get(add).status_code == 403
    change = reverse("admin:factcheck_thresholds_change", args=[row.pk])
    client.post(change, values | {"rising_channels": 2})
    signed_in(alma).post(change, values)
    row.refresh_from_db()
    assert row.rising_channels == 2 and signed_in(alma).get(change).status_code == 200


# --- Today ------------------------------------------------------------------------------------------


def test_today_tells_fact_checkers_what_waits_and_everybody_what_rises(campaign, story, fiona, alma, signed_in):
    from factcheck.verdicts import verdict_workflow

    claim = builders.build_claim(campaign, "waits", published=False, narrative=story)
    verdict_workflow.propose(claim, "false", by=builders.editor(), at=builders.NOON)
    builders.build_claim(campaign, "open", published=False, created_at=builders.NOON - timedelta(days=3))
    builders.build_claim(
        campaign, "due", check_again_by=TODAY - timedelta(days=1), text=builders.in_all(en="It is due")
    )
    builders.build_claim(
        campaign,
        "soon",
        valid_until=builders.NOON + timedelta(hours=5),
        text=builders.in_all(en="It ends soon"),
        at=builders.NOON,
    )
    for channel in "ABCD":
        see(claim, channel)
    page = signed_in(fiona).get(reverse("admin:today")).content.decode()
    for words in (
        "For you to confirm.",
        "1 open report, from 3 d ago.",
        "It is due",
        "to be checked again by",
        "It ends soon",
        "Seen on 4 channels since yesterday.",
    ):
        assert words in page, words
    page = signed_in(alma).get(reverse("admin:today")).content.decode()
    assert (
        "Seen on 4 channels since yesterday." in page
        and "For you to confirm." not in page
        and "open report" not in page
    )
