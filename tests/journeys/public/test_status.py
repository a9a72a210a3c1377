"""The status page in a real browser, and an incident on its way there: on a phone and a desk, open to everyone."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign
from delivery.models import Pulse, SeedAddress, SeedArrival, Send
from tests.journeys import page_checks
from tests.support import builders
from website.models import Incident, IncidentUpdate, UptimeHour
from website.status import uptime

pytestmark = [pytest.mark.journey, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

WIDTHS = (390, 1280)


@pytest.fixture
def campaign() -> Campaign:
    """A live campaign with a status page."""
    return builders.build_campaign("live", mode="live", has_status_page=True)


def look(page: Any, name: str) -> None:
    """Keep a picture of the page when SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def measure(campaign: Campaign, *, at: datetime) -> None:
    """Let emails of each urgency have been measured, and the site's hours be recorded for two months."""
    seeds = [
        SeedAddress.objects.create(campaign=campaign, email=f"inbox@{number}.example", language="fi")
        for number in range(4)
    ]
    for queue, seconds in (
        ("urgent", (3, 4, 9, 31)),
        ("bulletin", (40, 55, 70, 260)),
        ("digest", (900, 1300, 4000, None)),
    ):
        mailing = builders.build_mailing(campaign, queue, languages=[], queue=queue, created_at=at)
        slot = at - timedelta(hours=5)
        send = Send.objects.create(
            mailing=mailing,
            audience=builders.build_audience(campaign, queue),
            slot_key=queue,
            slot_at=slot,
            state="finished",
        )
        mailing.created_at = slot
        mailing.save()
        for seed, taken in zip(seeds, seconds, strict=True):
            arrived = None if taken is None else slot + timedelta(seconds=taken)
            SeedArrival.objects.create(send=send, seed=seed, after_row=1, handed_over_at=slot, arrived_at=arrived)
    hour = at.replace(minute=0, second=0, microsecond=0)
    out = {24 * 9: 40, 24 * 30: 2000, 24 * 30 + 1: 3600}
    UptimeHour.objects.bulk_create(
        UptimeHour(hour=hour - timedelta(hours=back), working=3600 - out.get(back, 0), not_working=out.get(back, 0))
        for back in range(1, 24 * 60)
    )
    Pulse.beat(uptime.MARK, at=at)


def report(campaign: Campaign, *, at: datetime) -> Incident:
    """Return an incident with two updates, one of them in English only."""
    incident = Incident.objects.create(
        campaign=campaign,
        title=builders.in_all(fi="Sähköposti viivästyy", sv="E-posten är försenad", en="Email is delayed"),
        text=builders.in_all(
            fi="Tiedotteet saapuvat tavallista myöhemmin. Lue ne tältä sivustolta.",
            sv="Bulletinerna kommer senare än vanligt. Läs dem på webbplatsen.",
            en="Bulletins arrive later than usual. Read them on this site.",
        ),
        parts=["email", "sign_in"],
        started_at=at - timedelta(hours=3),
    )
    for hours, text in (
        (2, "The mail server refuses connections. Its provider is looking into it."),
        (1, "Email is leaving again, slowly."),
    ):
        IncidentUpdate.objects.create(incident=incident, at=at - timedelta(hours=hours), text={"en": text})
    return incident


@pytest.mark.parametrize("state", ["empty", "open", "ended"])
def test_the_page_is_open_to_everyone_in_each_state(page: Any, live_site: str, campaign: Campaign, state: str) -> None:
    now = timezone.now()
    if state != "empty":
        measure(campaign, at=now)
        incident = report(campaign, at=now)
        if state == "ended":
            Incident.objects.filter(pk=incident.pk).update(ended_at=now - timedelta(minutes=20))
    for width in WIDTHS:
        for language in builders.LANGUAGES:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{live_site}/{language}/status/")
            if language == "en":
                page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
            look(page, f"{state}-{language}-{width}")
            wrong = [*page_checks.too_wide(page, width), *page_checks.misdirected(page)]
            if language == "en":
                wrong += page_checks.barriers(page)
                page.emulate_media(color_scheme="dark")
                look(page, f"{state}-dark-{width}")
                wrong += page_checks.barriers(page)
                page.emulate_media(color_scheme="light")
            assert wrong == []


def test_an_editor_reads_what_becomes_public_and_then_it_is(
    page: Any, live_site: str, campaign: Campaign, browse_as: Callable[[Any], Any], alma: Any
) -> None:
    browse_as(alma)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_site}/desk/website/incident/add/")
    page.locator("[name=title__en]").fill("Login does not work")
    page.locator("[name=text__en]").fill("Codes by email are delayed. Try again in an hour.")
    page.get_by_label("portal and login").check()
    look(page, "desk-form")
    assert page_checks.barriers(page, "#content") == []
    page.locator("[name=_save]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What becomes public")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        look(page, f"desk-preview-{width}")
        assert page_checks.barriers(page, ".cb") == []
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("[name=title__en]")).to_have_value("Login does not work")
    look(page, "desk-again")
    page.locator("[name=title__en]").fill("Login by code does not work")
    page.locator("[name=_save]").click()
    page.get_by_role("button", name="Make it public").click()
    expect(page).to_have_url(f"{live_site}/desk/website/incident/")
    look(page, "desk-list")
    page.goto(f"{live_site}/en/status/")
    expect(page.locator("main")).to_contain_text("Login by code does not work")
