"""Systems of the authority that leads a campaign give values by the API; the same value twice is one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import api_tokens
from campaigns.models import Authority, Campaign
from impact.models import Snapshot, Source
from tests.support import builders

from .test_snapshots import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(campaign: Campaign, authority: Any, root: Any) -> Client:
    """A system of the authority that leads the campaign."""
    Campaign.objects.update(authority=authority)
    secret = api_tokens.issue(authority, name="helpline", by=root, at=builders.NOON)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


def put(client: Client, day: Any, body: Any, key: str = "calls") -> Any:
    return client.put(f"/api/v1/measures/{key}/{day}", body, content_type="application/json")


def test_a_value_is_kept_once_and_another_one_replaces_it(campaign: Campaign, system: Client) -> None:
    build(campaign)
    day = campaign.local(timezone.now()).date()
    first = put(system, day, {"value": 2310})
    assert first.status_code == 201
    assert first.json() == {
        "measure": "calls", "day": day.isoformat(), "value": "2310", "of_all": "", "unit": "calls", "replaced": "",
    }  # fmt: skip
    assert put(system, day, {"value": "2310"}).status_code == 200 and Snapshot.objects.count() == 1
    assert put(system, day, {"value": 2320}).json()["replaced"] == "2310"
    assert set(Snapshot.objects.values_list("source", flat=True)) == {Source.API} and Snapshot.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"value": -1}, 422),
        ({"value": "NaN"}, 422),
        ({"value": 5, "of_all": 4}, 422),
        ({"value": 1e20}, 422),
        ({"amount": 5}, 422),
        ({}, 422),
        ({"value": 5, "campaign": "none"}, 422),
        ({"value": 5, "note": "x" * 20_000}, 413),
        ("[" * 1000, 422),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    campaign: Campaign, system: Client, body: Any, status: int
) -> None:
    build(campaign)
    answer = put(system, campaign.local(timezone.now()).date(), body)
    assert answer.status_code == status and answer.json()["detail"]
    assert not Snapshot.objects.exists()


def test_days_to_come_other_measures_and_other_authorities_are_refused(
    campaign: Campaign, system: Client, root: Any
) -> None:
    build(campaign)
    today = campaign.local(timezone.now()).date()
    assert put(system, today + timedelta(1), {"value": 5}).status_code == 422
    assert put(system, "yesterday", {"value": 5}).status_code == 422
    assert put(system, today, {"value": 5}, key="none").status_code == 404
    build(campaign, key="subscribers", source=Source.OWN)
    assert put(system, today, {"value": 7}, key="subscribers").status_code == 409  # the site counts them
    assert put(Client(), today, {"value": 5}).status_code == 401
    other = Authority.objects.create(slug="other", kind="agency", name={"en": "Other"})
    secret = api_tokens.issue(other, name="x", by=root, at=builders.NOON)[1]
    assert put(Client(headers={"Authorization": f"Bearer {secret}"}), today, {"value": 5}).status_code == 404
    assert not Snapshot.objects.exists()
