"""The desk's page on which a campaign is closed."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import AuditEntry, User
from campaigns.models import Campaign
from impact.models import Archive, Measure
from tests.support import builders

pytestmark = pytest.mark.django_db


def page_of(campaign: Campaign) -> str:
    """Return the address of the page."""
    return reverse("admin:campaigns_campaign_close", args=[campaign.pk])


def test_a_campaign_is_closed_once_by_who_knows_what_goes_on(campaign: Campaign, root: User, signed_in: Any) -> None:
    client, address = signed_in(root), page_of(campaign)
    knows = client.get(address).context["knows"]
    typed = {"typed": campaign.slug}
    assert "to confirm, write" in client.post(address, {"step": "close", "knows": knows}).content.decode()
    builders.build_fanned_out_send(builders.build_audience(campaign, size=3))
    refused = client.post(address, {"step": "close", "knows": knows, **typed})
    assert refused.status_code == 409 and "has changed since you read it" in refused.content.decode()
    page = client.get(address)
    assert "1 send goes on to its end" in page.content.decode()
    campaign.refresh_from_db()
    assert campaign.closed_at is None

    assert client.post(address, {"step": "close", "knows": page.context["knows"], **typed}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.closed_at
    assert "closed already" in client.post(address, {"step": "close", "knows": knows, **typed}).content.decode()
    assert AuditEntry.objects.filter(verb="campaign.closed").count() == 1
    client.post(address, {"step": "make"})
    page = client.get(address).content.decode()
    assert "Waiting to be made" in page and "Make the archive" not in page
    assert Archive.objects.get().campaign == campaign


def test_an_editor_sees_how_far_it_is_and_takes_no_step(campaign: Campaign, alma: User, signed_in: Any) -> None:
    client, address = signed_in(alma), page_of(campaign)
    page = client.get(address)
    assert page.status_code == 200 and "An administrator closes it." in page.content.decode()
    for step in ("close", "make", "show"):
        assert client.post(address, {"step": step, "knows": page.context["knows"]}).status_code == 403
    campaign.refresh_from_db()
    assert campaign.closed_at is None and not Archive.objects.exists()


def test_the_only_campaign_is_read_at_the_desk_in_its_own_zone_once_it_is_closed(
    campaign: Campaign, alma: User, signed_in: Any, noon: datetime
) -> None:
    measure = Measure.objects.create(campaign=campaign, key="calls", name={"en": "Calls"}, unit="calls")
    campaign.closed_at = noon
    campaign.save()
    client = signed_in(alma)
    for address in ("impact_week", "impact_messages"):
        assert client.get(reverse(f"admin:{address}")).status_code == 200, address
    assert date_format(campaign.local(noon), "DATETIME_FORMAT") in client.get(page_of(campaign)).content.decode()
    assert client.get(reverse("admin:impact_measure_change", args=[measure.pk])).status_code == 200
    client.post(reverse("admin:campaigns_campaign_work", args=[campaign.pk]))
    assert client.get(reverse("admin:impact_measure_change", args=[measure.pk])).status_code == 200
    refused = client.get(reverse("admin:impact_measure_take"))
    assert refused.status_code == 403 and "This campaign is closed" in refused.content.decode()
