"""The demo's report is one that two people could have made, in three languages."""

from datetime import timedelta

import pytest

from demo.exercise.impact import past_report
from impact.weeks import Week
from tests.support import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("days", [0, 3, 6])
def test_the_demo_has_a_public_report_whichever_day_it_begins(campaign, alma, oskar, noon, days):
    at = noon + timedelta(days=days)
    type(campaign).objects.filter(pk=campaign.pk).update(starts_on=(at - timedelta(days=22)).date())
    campaign.refresh_from_db()
    week = Week.of(campaign.local(at - past_report.BACK).date())
    builders.build_claim(campaign, past_report.MAIN, at=week.begins(campaign.zone) + timedelta(days=1))

    report = past_report.create_report(campaign, writer=alma, approver=oskar, at=at)

    assert report is not None
    report.refresh_from_db()
    assert report.approved["is_public"] and report.approved["figures"]["claims"][0]["seen"] == past_report.SEEN[0]
    assert report.approved["words"].keys() == {"fi", "sv", "en"}
