"""What keeps an approval of its own for now asks for two independent people, too."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import two_administrators
from accounts.audit import trail
from accounts.models import User
from bulletins.approval import approval_workflow
from bulletins.models import Bulletin, NotAllowed
from factcheck.models import NotConfirmable
from factcheck.verdicts import verdict_workflow
from tests.support import builders
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def tied(alma: User, oskar: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oskar made Alma's account, alone and on a live site."""
    monkeypatch.setattr(two_administrators, "live_since", lambda: NOON - timedelta(days=90))
    trail.note("user.added", alma, by=oskar, at=NOON - timedelta(days=2))


def test_nobody_approves_a_bulletin_of_an_account_that_they_made(
    campaign: Any, alma: User, oskar: User, tied: None
) -> None:
    bulletin = builders.build_bulletin(campaign, by=alma)
    approval_workflow.submit(bulletin, by=alma, at=NOON)
    with pytest.raises(NotAllowed, match="independent"):
        approval_workflow.approve(bulletin, digest=bulletin.digest, by=oskar, at=NOON)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.IN_REVIEW


def test_nobody_withdraws_a_fact_check_that_such_an_account_paused(
    campaign: Any, alma: User, oskar: User, tied: None
) -> None:
    claim = builders.build_claim(campaign)
    verdict_workflow.pause(claim, by=alma, at=NOON)
    with pytest.raises(NotConfirmable, match="independent"):
        verdict_workflow.withdraw(claim, by=oskar, at=NOON)
    claim.refresh_from_db()
    assert claim.status == "paused"
