"""A bulletin shows its fact-checks as they stand now, and the desk says when one has moved."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from bulletins.checks import registry
from bulletins.models import Version
from factcheck.models import Claim
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import NOON, in_all

LATER = NOON + timedelta(days=1)


@pytest.fixture
def garlic(campaign: Any) -> Claim:
    """A claim that was found false."""
    return builders.build_claim(campaign)


@pytest.fixture
def version(campaign: Any, garlic: Claim) -> Version:
    """A published bulletin that rests on it."""
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(garlic)
    return builders.published(bulletin)


def shown(client: Any, version: Version) -> str:
    """Return the bulletin's page."""
    response = client.get(f"/en/bulletins/{version.bulletin.number}/")
    assert response.status_code == 200
    return response.content.decode()


def pause(claim: Claim) -> None:
    """Take a verdict back for the time being."""
    builders.pause_claim(claim, told=in_all(en="We check again."), by=builders.checker(), at=LATER)


def change(claim: Claim, verdict: str = "unproven") -> None:
    """Reach another verdict and publish it."""
    verdict_workflow.reopen(claim, reason="New findings.", by=builders.checker(), at=LATER)
    Claim.objects.filter(pk=claim.pk).update(what_changed=in_all(en="A study came out."))
    claim.refresh_from_db()
    builders.publish_claim(claim, verdict, at=LATER)


def merge(claim: Claim, main: Claim) -> None:
    """Find a claim to be the same as another."""
    Claim.objects.filter(pk=claim.pk).update(status=Claim.Status.MERGED, duplicate_of=main)


def test_a_bulletin_shows_the_fact_first_and_then_the_verdict(client: Any, version: Version):
    page = shown(client, version)

    assert page.index("No food cures it.") < page.index("verdict--false") < page.index("Garlic cures it")
    assert "The verdict changed" not in page


def test_a_changed_verdict_is_shown_with_the_day_that_it_changed(client: Any, version: Version, garlic: Claim):
    change(garlic)

    page = shown(client, version)

    assert "verdict--open" in page
    assert "verdict--false" not in page
    assert "The verdict changed after this bulletin:" in page


def test_a_paused_fact_check_is_not_to_be_passed_on_and_its_words_are_gone(
    client: Any, version: Version, garlic: Claim
):
    pause(garlic)

    page = shown(client, version)

    assert "Being checked again" in page
    assert "No food cures it." not in page


def test_a_withdrawn_fact_check_says_so(client: Any, version: Version, garlic: Claim):
    pause(garlic)
    builders.withdraw_claim(garlic, told=in_all(en="We were wrong."), by=builders.second_person(), at=LATER)

    assert "We have withdrawn this fact-check." in shown(client, version)


def test_a_merged_claim_shows_the_verdict_of_its_main_one(client: Any, campaign: Any, version: Version, garlic: Claim):
    merge(garlic, builders.build_claim(campaign, "onion", fact=in_all(en="No onion cures it.")))

    page = shown(client, version)

    assert "No onion cures it." in page
    assert "No food cures it." not in page


def test_the_page_costs_the_same_however_many_fact_checks_it_shows(
    client: Any, campaign: Any, version: Version, django_assert_num_queries: Any, django_assert_max_num_queries: Any
):
    shown(client, version)
    with django_assert_max_num_queries(12) as one:
        shown(client, version)
    many = builders.build_bulletin(campaign)
    many.claims.set(builders.build_claim(campaign, f"claim-{n}") for n in range(6))
    several = builders.published(many)

    with django_assert_num_queries(len(one)):
        assert shown(client, several).count('class="fact"') == 6


@pytest.mark.parametrize(
    ("step", "code", "level"),
    [("pause", "paused-claim", "stops"), ("withdraw", "withdrawn-claim", "stops"), ("merge", "merged-claim", "advice")],
)
def test_the_desk_finds_fact_checks_that_do_not_stand(step: str, code: str, level: str, campaign: Any, garlic: Claim):
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(garlic)
    if step == "merge":
        merge(garlic, builders.build_claim(campaign, "onion"))
    else:
        pause(garlic)
    if step == "withdraw":
        builders.withdraw_claim(garlic, told=in_all(en="We were wrong."), by=builders.second_person(), at=LATER)

    (finding,) = [one for one in registry.findings(bulletin, at=LATER) if one.place == "claims"]

    assert (finding.code, finding.level) == (code, level)


def test_the_desk_shows_each_choice_with_its_verdict_and_warns_of_what_moved(
    signed_in: Any, alma: Any, campaign: Any, version: Version, garlic: Claim
):
    address = reverse("admin:bulletins_bulletin_about", args=[version.bulletin_id])
    before = signed_in(alma).get(address).content.decode()
    assert "Garlic cures it (false)" in before
    assert "start a correction" not in before

    change(garlic)

    after = signed_in(alma).get(address).content.decode()
    assert "Garlic cures it (unproven)" in after
    assert "start a correction" in after
    assert "The verdict is now: unproven." in after


def test_the_choice_of_fact_checks_costs_the_same_however_many_there_are(
    signed_in: Any,
    alma: Any,
    campaign: Any,
    version: Version,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
):
    client = signed_in(alma)
    address = reverse("admin:bulletins_bulletin_about", args=[version.bulletin_id])
    client.get(address)
    with django_assert_max_num_queries(40) as few:
        client.get(address)
    for n in range(5):
        builders.build_claim(campaign, f"claim-{n}")

    with django_assert_num_queries(len(few)):
        client.get(address)
