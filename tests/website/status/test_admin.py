"""Incidents at the desk: whoever saves one has seen what becomes public."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from campaigns.http import page_changes
from campaigns.models import Campaign
from tests.support.builders import NOON, build_campaign
from website.models import Incident, IncidentUpdate

pytestmark = pytest.mark.django_db

ADD = "admin:website_incident_add"
EMPTY = {"updates-TOTAL_FORMS": "0", "updates-INITIAL_FORMS": "0"}


@pytest.fixture
def shown(campaign: Campaign, time_machine: Any) -> Campaign:
    """A campaign with a status page."""
    time_machine.move_to(NOON, tick=False)
    Campaign.objects.filter(pk=campaign.pk).update(has_status_page=True)
    return campaign


def entered(**fields: Any) -> dict[str, Any]:
    """Return what someone enters, began an hour before noon."""
    values = {
        "title__fi": "Sähköposti ei kulje",
        "title__en": "Email <b>stands</b> still",
        "text__en": "Read the bulletins here.",
        "parts": ["email"],
        "started_at_0": "2026-03-25",
        "started_at_1": "11:00",
        "_save": "Save",
    }
    return values | EMPTY | fields


def update(pk: int | str = "", **fields: Any) -> dict[str, Any]:
    """Return what someone enters for an update of an incident."""
    return {
        "updates-TOTAL_FORMS": "1",
        "updates-INITIAL_FORMS": "0",
        "updates-0-id": "",
        "updates-0-incident": str(pk),
        "updates-0-at_0": "2026-03-25",
        "updates-0-at_1": "11:30",
        "updates-0-text__en": "We found the cause.",
    } | fields


def test_what_becomes_public_is_shown_in_each_language_before_anything_is_stored(
    admin_client: Client, shown: Campaign
) -> None:
    before = page_changes.visible_changes()
    page = admin_client.post(reverse(ADD), entered() | update())
    said = page.content.decode()
    assert page.status_code == 200 and "for everyone to read" in said
    assert (
        "Email &lt;b&gt;stands&lt;/b&gt; still" in said
        and "We found the cause." in said
        and "Sähköposti ei kulje" in said
    )
    assert not Incident.objects.exists() and page_changes.visible_changes() == before
    assert not AuditEntry.objects.filter(subject_type="website.incident").exists()


def test_it_says_so_when_the_page_is_off(admin_client: Client, shown: Campaign) -> None:
    Campaign.objects.update(has_status_page=False)
    assert "status page is off" in admin_client.post(reverse(ADD), entered()).content.decode()


def test_it_is_stored_and_noted_once_it_is_confirmed(admin_client: Client, shown: Campaign) -> None:
    before = page_changes.visible_changes()
    answer = admin_client.post(reverse(ADD), entered() | update() | {"confirmed": "1"})
    assert answer.status_code == 302
    incident = Incident.objects.get()
    assert (incident.campaign, incident.parts, incident.started_at) == (shown, ["email"], NOON - timedelta(hours=1))
    assert incident.updates.get().text == {"en": "We found the cause."}
    assert page_changes.visible_changes() != before
    assert AuditEntry.objects.filter(verb="incident.added", subject_id=str(incident.pk)).exists()


def test_an_update_and_the_end_are_shown_first_too_and_take_old_words_back(
    admin_client: Client, shown: Campaign
) -> None:
    incident = Incident.objects.create(
        campaign=shown, title={"en": "x"}, text={"en": "y"}, parts=["site"], started_at=NOON
    )
    change = reverse("admin:website_incident_change", args=[incident.pk])
    ends = {"ended_at_0": "2026-03-25", "ended_at_1": "11:45"}
    page = admin_client.post(change, entered(**ends) | update(incident.pk))
    assert "listed there as ended" in page.content.decode()
    incident.refresh_from_db()
    assert incident.ended_at is None and not IncidentUpdate.objects.exists()
    before = page_changes.visible_changes()
    assert admin_client.post(change, entered(**ends) | update(incident.pk) | {"confirmed": "1"}).status_code == 302
    incident.refresh_from_db()
    assert incident.ended_at and incident.updates.count() == 1
    assert page_changes.visible_changes().taken_back != before.taken_back
    noted = AuditEntry.objects.get(verb="incident.changed")
    assert "Ended" in noted.detail["fields"] and "Email" not in str(noted.detail)


def test_going_back_keeps_what_was_entered_and_stores_nothing(admin_client: Client, shown: Campaign) -> None:
    page = admin_client.post(reverse(ADD), entered() | {"edit_again": "1"})
    said = page.content.decode()
    assert page.status_code == 200 and "Nothing has been saved yet" in said and "Email &lt;b&gt;stands" in said
    assert "correct the error" not in said
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title__fi": "", "title__en": ""}, "required"),
        ({"parts": []}, "required"),
        ({"title__en": "x" * 201}, "at most 200 characters"),
        ({"text__en": "a\0b"}, "cannot be stored"),
        ({"started_at_1": "12:01"}, "not come yet"),
        ({"ended_at_0": "2026-03-25", "ended_at_1": "10:00"}, "cannot end before it began"),
        (update(**{"updates-0-at_0": "2026-03-26"}), "not come yet"),
    ],
)
@pytest.mark.parametrize("way", [{}, {"confirmed": "1"}])
def test_what_is_wrong_is_refused_and_nothing_is_stored(
    admin_client: Client, shown: Campaign, fields: dict[str, Any], says: str, way: dict[str, str]
) -> None:
    page = admin_client.post(reverse(ADD), entered() | fields | way)
    assert page.status_code == 200 and says in page.content.decode()
    assert not Incident.objects.exists()


def test_one_that_is_deleted_leaves_the_page_at_once(admin_client: Client, shown: Campaign) -> None:
    incident = Incident.objects.create(campaign=shown, title={"en": "x"}, text={"en": "y"}, parts=["site"])
    before = page_changes.visible_changes()
    admin_client.post(reverse("admin:website_incident_delete", args=[incident.pk]), {"post": "yes"})
    assert not Incident.objects.exists() and AuditEntry.objects.filter(verb="incident.deleted").exists()
    assert page_changes.visible_changes().taken_back != before.taken_back


def test_another_campaigns_incident_does_not_exist(admin_client: Client, shown: Campaign) -> None:
    other = Incident.objects.create(
        campaign=build_campaign("other", starts_on="2026-01-01"), title={"en": "x"}, text={"en": "y"}
    )
    assert admin_client.get(reverse("admin:website_incident_change", args=[other.pk])).status_code == 404
    assert admin_client.post(reverse("admin:website_incident_change", args=[other.pk]), entered()).status_code == 404


def test_an_approver_reads_incidents_and_writes_none(oskar: Any, client: Client, shown: Campaign) -> None:
    incident = Incident.objects.create(campaign=shown, title={"en": "x"}, text={"en": "y"}, parts=["site", "feeds"])
    client.force_login(oskar)
    change = reverse("admin:website_incident_change", args=[incident.pk])
    assert "website, feeds and API" in client.get(change).content.decode()
    assert client.post(change, entered()).status_code == 403
    assert client.post(reverse(ADD), entered()).status_code == 403
