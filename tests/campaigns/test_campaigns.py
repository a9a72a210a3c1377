"""A campaign is one crisis, live or an exercise, and the site shows one of them."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from campaigns.models import Campaign
from tests.support.builders import build_campaign

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("mode", "other"), [("exercise", "live"), ("live", "exercise")])
def test_the_mode_is_fixed_when_a_campaign_starts(mode, other):
    campaign = build_campaign(mode=mode)
    campaign.mode = other

    with pytest.raises(ValidationError) as refusal:
        campaign.full_clean()

    assert "mode" in refusal.value.message_dict
    assert Campaign.objects.get(pk=campaign.pk).mode == mode


def test_a_campaign_that_keeps_its_mode_can_be_changed():
    campaign = build_campaign()
    campaign.liaison_name = "Somebody else"
    campaign.full_clean()


def test_the_database_knows_two_modes_only():
    with pytest.raises(IntegrityError), transaction.atomic():
        build_campaign(mode="rehearsal")


def test_an_exercise_is_the_default():
    assert Campaign().is_exercise


def test_the_site_shows_a_live_campaign_before_a_newer_exercise():
    live = build_campaign("live", mode="live", starts_on=date(2026, 3, 1))
    build_campaign("exercise", starts_on=date(2026, 3, 20))

    assert Campaign.objects.current() == live


def test_the_site_shows_the_newest_of_several_exercises():
    build_campaign("first", starts_on=date(2026, 3, 1))
    newest = build_campaign("second", starts_on=date(2026, 3, 20))

    assert Campaign.objects.current() == newest


def test_a_closed_campaign_is_not_shown(noon):
    build_campaign("over", mode="live", closed_at=noon)
    exercise = build_campaign("exercise")

    assert Campaign.objects.current() == exercise


def test_there_may_be_no_campaign():
    assert Campaign.objects.current() is None


def test_times_are_shown_in_the_campaigns_zone():
    campaign = build_campaign(time_zone="Europe/Helsinki")

    assert campaign.local(datetime(2026, 3, 25, 10, tzinfo=UTC)).hour == 12
    assert campaign.local(datetime(2026, 3, 29, 10, tzinfo=UTC)).hour == 13  # the clocks went forward that night


@pytest.mark.parametrize("zone", ["Helsinki", "Europe/Nowhere", "UTC+2", "../etc/passwd"])
def test_what_is_no_time_zone_is_refused(zone):
    campaign = build_campaign()
    campaign.time_zone = zone

    with pytest.raises(ValidationError) as refusal:
        campaign.full_clean()
    assert "time_zone" in refusal.value.message_dict


def test_a_campaign_has_each_language_once(campaign):
    assert [language.code for language in campaign.languages.all()] == ["fi", "sv", "en"]
    with pytest.raises(IntegrityError), transaction.atomic():
        campaign.languages.create(code="fi", name="Again", sender_name="Team")


def test_languages_are_data():
    campaign = build_campaign("arctic", languages=("se", "fi"))

    assert [language.code for language in campaign.languages.all()] == ["se", "fi"]


@pytest.mark.parametrize("code", ["FI", "finnish", "f", "fi_FI", "fi\n", ""])
def test_what_is_no_language_code_is_refused(code):
    campaign = build_campaign()
    campaign.default_language = code

    with pytest.raises(ValidationError):
        campaign.full_clean()
