"""What influencers report in the portal, and what they read of it afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from factcheck.models import Claim, Sighting
from factcheck.verdicts import verdict_workflow
from influencers.models import Influencer
from tests.influencers.kits.kits_scene import build_fact, correct, pause, publishes_on, withdraw
from tests.support import builders
from tests.support.builders import build_campaign, build_influencer

pytestmark = pytest.mark.django_db
FORM, MINE = "/en/portal/report/", "/en/portal/reports/"


@pytest.fixture
def elli(campaign: Any, roles: None) -> Influencer:
    return publishes_on(build_influencer(campaign, "elli", language="sv"), "youtube")


@pytest.fixture
def portal(elli: Influencer) -> Client:
    client = Client()
    client.force_login(elli.user)
    return client


def said(**more: Any) -> dict[str, Any]:
    return {
        "text": "Onions cure it.",
        "platform": "youtube",
        "language": "sv",
        "seen_on": timezone.localdate().isoformat(),
        "token": "0" * 32,
    } | more


def mine(portal: Client) -> str:
    answer = portal.get(MINE)
    assert answer.status_code == 200
    return answer.content.decode()


def reported(elli: Influencer, claim: Claim, language: str = "en") -> Sighting:
    return Sighting.objects.create(
        claim=claim,
        platform="youtube",
        language=language,
        seen_on=timezone.localdate(),
        via=Sighting.Via.PORTAL,
        reporter=elli.user,
    )


def test_the_form_knows_where_and_in_which_language_i_publish(portal):
    html = portal.get(FORM).content.decode()

    assert '<option value="youtube" selected>' in html and '<option value="sv" selected>' in html
    assert "<details><summary>More, if you know it" in html
    assert 'name="website"' not in html


def test_a_report_becomes_an_open_claim_and_is_thanked_for(portal, elli):
    answer = portal.post(FORM, said(), follow=True)

    assert answer.redirect_chain == [(f"{MINE}?sent=1", 302)]
    html = answer.content.decode()
    assert "Thank you, we have your report." in html
    assert "Onions cure it." in html and "Waiting to be checked" in html
    claim = Claim.objects.get()
    sighting = claim.sightings.get()
    assert claim.status == Claim.Status.OPEN
    assert (sighting.via, sighting.reporter, sighting.platform) == ("portal", elli.user, "youtube")


def test_pressed_twice_it_is_stored_once(portal):
    portal.post(FORM, said())
    portal.post(FORM, said())

    assert Sighting.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"text": "x" * 2001}, {"platform": "myspace"}, {"url": "ftp://a"}, {"reach": "many"}]
)
def test_wrong_input_comes_back_with_all_that_was_written(portal, wrong):
    answer = portal.post(FORM, said(note="Seen by my niece") | wrong)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Nothing was sent yet." in html and "Seen by my niece" in html
    assert not Claim.objects.exists()
    if wrong.keys() & {"url", "reach"}:
        assert "<details open>" in html


def test_what_became_of_each_is_told_without_staffs_reasons(campaign, portal, elli):
    now = timezone.now()
    by = builders.checker()
    aside = builders.build_claim(campaign, "aside", published=False)
    work = builders.build_claim(campaign, "work", published=False)
    verdict_workflow.set_aside(aside, reason="secret reason", by=by, at=now)
    verdict_workflow.start_check(work, by=by, at=now)
    main, paused, gone = (build_fact(campaign, slug) for slug in ("main", "paused", "gone"))
    same = builders.build_claim(campaign, "same", published=False)
    same.duplicate_of, same.status = main, Claim.Status.MERGED
    same.save()
    pause(paused)
    withdraw(gone)
    for claim in (aside, work, paused, gone, same):
        reported(elli, claim)

    html = mine(portal)

    assert "Thank you. We will not check this one for now." in html
    assert "Being checked" in html and "Being checked again" in html and "Withdrawn" in html
    assert "Someone else has reported the same." in html
    assert "/en/portal/facts/main/" in html and "Rest and water help" in html
    assert "secret reason" not in html


def test_what_others_or_i_in_another_campaign_reported_is_not_mine(campaign, portal, elli):
    other = build_influencer(campaign, "otto")
    reported(other, builders.build_claim(campaign, "others", published=False))
    old = build_campaign("older", starts_on="2020-01-01")
    reported(elli, builders.build_claim(old, "older-claim", published=False))

    assert "You have not reported anything yet." in mine(portal)


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_costs_the_same_however_much_there_is(campaign, portal, elli, django_assert_num_queries, many):
    for number in range(many):
        claim = build_fact(campaign, f"claim-{number}", at=timezone.now() - timedelta(days=2))
        reported(elli, claim)
        if number % 2:
            correct(claim)

    with django_assert_num_queries(8):
        mine(portal)
