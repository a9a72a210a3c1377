"""The desk's page on which a campaign is closed."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import AuditEntry, User
from campaigns.models import Campaign, CampaignRole
from impact.closing import campaign_end
from impact.dashboard import public_page
from impact.models import Archive, Measure, ResultsPage
from impact.surveys import answers
from tests.impact.insight_reports import scene as insight
from tests.impact.pretests import scene as pretests
from tests.impact.surveys import scene as surveys
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


def test_what_ends_at_once_is_named_before_it_is_confirmed(
    campaign: Campaign, alma: User, oskar: User, root: User, signed_in: Any
) -> None:
    now = timezone.now()
    people = {"alma": alma, "oskar": oskar, "at": now}
    drawn = surveys.running(campaign, **people, name="Drawn week")
    address = page_of(campaign)
    before = campaign_end.told_ahead(campaign, at=now).mark
    linked = surveys.running(campaign, **people, way="public", name="Linked week")
    draft = builders.build_bulletin(campaign)
    pretests.show(draft, by=oskar, at=now)
    client = signed_in(root)
    page = client.get(address)
    html = " ".join(page.content.decode().split())
    assert "2 open surveys end at once" in html and "(7 days left)" in html
    assert "Fewer than 5 have answered: closed now, it ends empty" in html
    assert "How many have answered by its link is known once it has closed" in html
    for name in (drawn.name, linked.name, f"Pretest of bulletin {draft}"):
        assert html.count(name) == 2, name  # in the list, and beside the confirmation

    closing = {"step": "close", "typed": campaign.slug}
    assert client.post(address, {**closing, "knows": before}).status_code == 409
    surveys.answer(drawn, surveys.tokens_of(drawn)[0], at=now)  # one more answer is no reason to read it again
    assert client.post(address, {**closing, "knows": page.context["knows"]}).status_code == 302
    answers.close_due(at=timezone.now())
    drawn.refresh_from_db()
    assert drawn.state == "closed" and not drawn.answers
    client.post(reverse("admin:campaigns_campaign_work", args=[campaign.pk]))
    listed = client.get(reverse("admin:impact_survey_changelist")).content.decode()
    assert date_format(campaign.local(drawn.closed_at), "DATETIME_FORMAT") in listed
    assert date_format(campaign.local(drawn.closes_at), "DATETIME_FORMAT") not in listed


def test_an_editor_sees_how_far_it_is_and_takes_no_step(campaign: Campaign, alma: User, signed_in: Any) -> None:
    client, address = signed_in(alma), page_of(campaign)
    page = client.get(address)
    assert page.status_code == 200 and "An administrator closes it." in page.content.decode()
    for step in ("close", "make", "show"):
        assert client.post(address, {"step": step, "knows": page.context["knows"]}).status_code == 403
    campaign.refresh_from_db()
    assert campaign.closed_at is None and not Archive.objects.exists()


@pytest.fixture
def closed(campaign: Campaign, noon: datetime) -> Campaign:
    """Return the only campaign, which is closed."""
    campaign.closed_at = noon
    campaign.save()
    return campaign


def test_the_only_campaign_is_read_at_the_desk_in_its_own_zone_once_it_is_closed(
    closed: Campaign, alma: User, signed_in: Any, noon: datetime
) -> None:
    measure = Measure.objects.create(campaign=closed, key="calls", name={"en": "Calls"}, unit="calls")
    survey = surveys.compose(closed, by=alma, at=noon)
    report = insight.drafted(closed, by=alma, at=noon)
    client = signed_in(alma)
    for address in ("impact_week", "impact_messages"):
        assert client.get(reverse(f"admin:{address}")).status_code == 200, address
    assert client.get(reverse("admin:impact_week")).wsgi_request.campaign == closed  # its frame says so
    assert date_format(closed.local(noon), "DATETIME_FORMAT") in client.get(page_of(closed)).content.decode()
    assert client.get(reverse("admin:impact_measure_change", args=[measure.pk])).status_code == 200
    for name, row in (("survey", survey), ("insightreport", report)):
        page = client.get(reverse(f"admin:impact_{name}_changelist")).content.decode()
        assert reverse(f"admin:impact_{name}_change", args=[row.pk]) in page
        assert reverse(f"admin:impact_{name}_add") not in page, name
    client.post(reverse("admin:campaigns_campaign_work", args=[closed.pk]))
    assert client.get(reverse("admin:impact_measure_change", args=[measure.pk])).status_code == 200


def test_no_form_is_offered_or_taken_in_the_only_campaign_once_it_is_closed(
    closed: Campaign, alma: User, signed_in: Any
) -> None:
    client = signed_in(alma)
    forms = ("measure_take", "measure_csv", "measure_add", "chartnote_add", "survey_add", "insightreport_add")
    for name in forms:
        for send in (client.get, client.post):
            refused = send(reverse(f"admin:impact_{name}"))
            assert refused.status_code == 403 and "This campaign is closed" in refused.content.decode(), name


@pytest.mark.parametrize("is_of_campaign", [False, True])
def test_public_results_are_changed_and_taken_away_after_the_end(
    closed: Campaign, oskar: User, signed_in: Any, noon: datetime, is_of_campaign: bool
) -> None:
    if is_of_campaign:
        oskar.groups.clear()
        CampaignRole.objects.create(campaign=closed, user=oskar, role="approver")
    public_page.open_for_all(closed, measures=[], has_opinions=True, typed=closed.slug, by=oskar, at=noon)
    client, address = signed_in(oskar), reverse("admin:impact_public")
    page = client.get(address)
    assert page.status_code == 200 and page.context["results_page"].is_open
    assert client.post(address, {"typed": closed.slug}).status_code == 302
    assert not ResultsPage.objects.get().has_opinions
    client.post(address, {"close": "1"})
    assert not ResultsPage.objects.get().is_open
