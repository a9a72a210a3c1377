"""What a campaign published of its impact stays at its address when it is closed, and when the site shows another one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign
from impact.models import ResultsPage
from tests.impact.insight_reports import scene
from tests.support import builders

pytestmark = pytest.mark.django_db


def test_reports_and_results_stay_at_their_addresses(
    campaign: Campaign, noon: datetime, alma: Any, oskar: Any, client: Client, time_machine: Any
) -> None:
    time_machine.move_to(noon, tick=False)
    scene.week(campaign, noon)
    report = scene.approved(campaign, by=alma, approver=oskar, at=noon)
    results = ResultsPage.objects.create(campaign=campaign, opened_by=oskar, opened_at=noon)
    names = ("report", "pdf", "data")
    pages = [*(reverse(f"insight:{name}", args=[report.code]) for name in names), reverse("results:page")]
    mine, every = f"?campaign={campaign.slug}", reverse("insight:reports")

    Campaign.objects.filter(pk=campaign.pk).update(closed_at=noon)
    assert {page: client.get(page).status_code for page in [*pages, every]} == dict.fromkeys([*pages, every], 200)
    assert "ended on" in client.get(pages[0]).content.decode()
    front = client.get(reverse("home")).content.decode()
    assert pages[-1] + mine in front and every + mine in front and reverse("archive", args=[campaign.slug]) not in front

    other = builders.build_campaign("other", mode=campaign.mode, published_at=noon + timedelta(hours=1))
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    assert every + mine in client.get(every).content.decode()  # the list is of the campaign that the site shows

    for row in (report, results):
        row.pk, row.campaign = None, other
        row.save()
    for page in (pages[0], pages[-1]):
        assert client.get(page).context["campaign"] == other
        assert client.get(page + mine).context["campaign"] == campaign
        assert client.get(f"{page}?campaign=nobody").status_code == 404
