"""Results are public only once somebody of the right role has confirmed it, and show nothing of few people or that is open."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from bulletins.models import Version
from campaigns.http import page_changes
from campaigns.models import Campaign
from demo.exercise.impact import measured_weeks, past_surveys
from impact.dashboard import public_page
from impact.dashboard.pending_work import newer_values
from impact.measures import snapshots
from impact.measures.snapshots import Reading
from impact.models import ChartNote, Measure, ResultsPage, Source
from impact.weeks import Week
from tests.support import builders

pytestmark = pytest.mark.django_db

DESK = "admin:impact_public"


def test_it_opens_by_the_campaigns_name_and_closes_again(
    campaign: Campaign, oskar: Any, alma: Any, signed_in: Any
) -> None:
    measured_weeks.write(campaign, alma, at=timezone.now())
    past_surveys.create_surveys(campaign, composer=alma, starter=oskar, at=timezone.now() - timedelta(days=7))
    public, client = reverse("results:page"), signed_in(oskar)
    assert Client().get(public).status_code == 404
    given = {"measures": ["subscribers", "nonsense"], "opinions": "1", "typed": "yes"}
    assert client.post(reverse(DESK), given).status_code == 422 and not ResultsPage.objects.exists()
    assert signed_in(alma).get(reverse(DESK)).status_code == 403
    client.post(reverse(DESK), {**given, "typed": campaign.slug})
    assert ResultsPage.objects.get().measures == ["subscribers"]
    answer = Client().get(public)
    assert answer[page_changes.MARK] and not answer.cookies  # kept as other public pages are
    html = answer.content.decode()
    assert "Digest subscribers" in html and "I felt well informed." in html
    assert "Calls to the helpline" not in html and "/desk/" not in html and "What is open" not in html
    assert public in Client().get(reverse("website:about")).content.decode()
    client.post(reverse(DESK), {"close": "1"})
    assert Client().get(public).status_code == 404
    assert list(
        AuditEntry.objects.filter(verb__startswith="results_page.").values_list("verb", flat=True).order_by("pk")
    ) == [
        "results_page.opened",
        "results_page.closed",
    ]


def test_it_shows_nothing_of_few_people_and_nothing_that_was_taken_back(campaign: Campaign, oskar: Any) -> None:
    now = timezone.now()
    last = Week.of(campaign.local(now).date()).before()
    for key, unit, value in (("few", "people", 3), ("many", "people", 300), ("calls", "calls", 2)):
        measure = Measure.objects.create(campaign=campaign, key=key, name={"en": key}, unit=unit)
        snapshots.take(Reading(measure, last.last, Decimal(value)), source=Source.HAND, by=None, at=now)
    for kind in ("original", "retraction"):
        version = builders.build_published_version(campaign)
        Version.objects.filter(pk=version.pk).update(
            published_at=last.begins(campaign.zone) + timedelta(days=2), kind=kind
        )
    page = public_page.open_for_all(
        campaign, measures=["few", "many", "calls"], has_opinions=True, typed=campaign.slug, by=oskar, at=now
    )
    shown = public_page.public_week(page, campaign, now=now)
    assert {chart.key for chart in shown.charts} == {"many", "calls"}
    assert [one.label for one in shown.said] == ["Bulletin 1"] and shown.said[0].address.endswith("/bulletins/1/")


def test_nobody_brings_a_number_or_a_word_to_everybody_alone(
    campaign: Campaign, oskar: Any, alma: Any, signed_in: Any
) -> None:
    now = timezone.now()
    day = Week.of(campaign.local(now).date()).before().first
    calls = Measure.objects.create(campaign=campaign, key="calls", name={"en": "Calls"}, unit="calls")

    def take(value: int, at: Any) -> Any:
        return snapshots.take(Reading(calls, day, Decimal(value)), source=Source.HAND, by=alma, at=at).snapshot

    def shown() -> Any:
        return public_page.public_week(ResultsPage.objects.get(), campaign, now=timezone.now())

    take(500, now - timedelta(hours=2))
    public_page.open_for_all(
        campaign, measures=["calls"], has_opinions=False, typed=campaign.slug, by=oskar, at=now - timedelta(hours=1)
    )
    assert newer_values(campaign, oskar, now) == []
    wrong = take(7, now)
    assert newer_values(campaign, oskar, now) and not newer_values(campaign, alma, now)
    editor, approver = signed_in(alma), signed_in(oskar)
    editor.post(reverse("admin:impact_chartnote_add"), {"on": day.isoformat(), "words__en": "a slogan"})
    Measure.objects.update(name={"en": "Calls of fools"})
    [chart] = shown().charts
    assert chart.name == "Calls" and chart.rows[-1].value == 500 and not chart.notes

    html = approver.get(reverse(DESK)).content.decode()
    assert all(words in html for words in ("a slogan", "Calls of fools", "Everybody sees"))
    with pytest.raises(public_page.NotOpened, match="by you"):
        page = ResultsPage.objects.get()
        waiting = public_page.waiting_for(page, public_page.shown_measures(page, campaign), by=alma, at=timezone.now())
        public_page.show_newer(campaign, digest=waiting.digest, by=alma, at=timezone.now())
    assert approver.post(reverse(DESK), {"newer": "0" * 64}).status_code == 422
    assert shown().charts[0].rows[-1].value == 500

    approver.post(reverse(DESK), {"newer": html.split('name="newer"')[1].split('value="')[1].split('"')[0]})
    [chart] = shown().charts
    assert (chart.name, chart.rows[-1].value, chart.rows[-1].notes) == ("Calls of fools", 7, ("a slogan",))
    assert AuditEntry.objects.filter(verb="results_page.agreed", actor=oskar).count() == 1
    snapshots.take_back(wrong, by=alma, at=timezone.now())
    ChartNote.objects.all().delete()
    [chart] = [*shown().charts, None]
    assert chart is None  # gone at once, and what it had replaced is not there by one person alone
