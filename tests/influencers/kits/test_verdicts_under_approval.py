"""An approval is about the verdicts that stood when it was given."""

from datetime import timedelta
from typing import Any

import pytest

from bulletins.models import Bulletin, NotAllowed, Review
from bulletins.publication import publish
from factcheck.models import Claim
from factcheck.verdicts import verdict_workflow
from influencers.recall import fact_check_notices
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=1)
State = Bulletin.State


@pytest.fixture
def claim(campaign: Any) -> Claim:
    return builders.build_claim(campaign)


@pytest.fixture
def approved(campaign: Any, claim: Claim) -> Bulletin:
    """A bulletin that rests on the claim, approved and not yet published."""
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(claim)
    return builders.approved(bulletin)


def pause(claim: Claim) -> None:
    builders.pause_claim(claim, told={}, by=builders.editor(), at=LATER)


def correct(claim: Claim) -> None:
    verdict_workflow.reopen(claim, reason="A study came.", by=builders.editor(), at=LATER)
    claim.what_changed = builders.in_all(en="A study came.")
    claim.save()
    builders.publish_claim(claim, Claim.Verdict.UNPROVEN, at=LATER)


def test_a_bulletin_is_not_published_over_a_paused_verdict(approved, claim):
    pause(claim)

    with pytest.raises(NotAllowed, match="changed after it was approved"):
        publish.publish(approved, at=LATER)

    assert not approved.versions.exists()


def test_it_is_published_when_the_verdict_is_shown_again_in_time(approved, claim):
    pause(claim)
    verdict_workflow.resume(claim, by=builders.editor(), at=LATER)

    publish.publish(approved, at=LATER)

    assert approved.versions.count() == 1


def test_another_verdict_takes_the_approval_back(approved, claim):
    correct(claim)

    fact_check_notices.forward_steps(at=LATER)

    approved.refresh_from_db()
    assert (approved.state, approved.approved_by) == (State.DRAFT, None)
    assert approved.reviews.filter(decision=Review.Decision.VOIDED, by=None).count() == 1


def test_a_verdict_that_is_published_as_it_was_confirmed_takes_nothing_back(campaign):
    claim = builders.build_claim(campaign, published=False)
    verdict_workflow.propose(claim, Claim.Verdict.FALSE, by=builders.editor(), at=NOON)
    verdict_workflow.confirm(claim, digest=claim.digest, by=builders.second_person(), at=NOON)
    bulletin = builders.build_bulletin(campaign)
    bulletin.claims.add(claim)
    builders.approved(bulletin)

    verdict_workflow.publish(claim, by=builders.editor(), at=LATER)
    fact_check_notices.forward_steps(at=LATER)

    publish.publish(bulletin, at=LATER)
    assert bulletin.versions.count() == 1


def test_a_verdict_that_is_only_checked_again_takes_nothing_back(approved, claim):
    verdict_workflow.reopen(claim, reason="A reader wrote.", by=builders.editor(), at=LATER)
    claim.fact = builders.in_all(en="Something else.")
    claim.save()

    publish.publish(approved, at=LATER)

    assert approved.versions.count() == 1
