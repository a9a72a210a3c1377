"""What every request knows about its campaign."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from campaigns.http.context_processors import campaign as context_of
from campaigns.http.middleware import CampaignMiddleware
from tests.support.builders import build_campaign


@pytest.mark.django_db
def test_a_request_has_its_campaign_and_its_time_zone(campaign, noon):
    seen = []

    def view(request):
        seen.append((request.campaign, Template("{{ noon|date:'H:i' }}").render(Context({"noon": noon}))))

    with timezone.override("UTC"):
        CampaignMiddleware(view)(RequestFactory().get("/fi/"))
        assert timezone.get_current_timezone_name() == "UTC"

    assert seen == [(campaign, "12:00")]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/static/site.css", "/health/live"])
def test_static_files_and_probes_do_not_ask_the_database(path, django_assert_num_queries):
    with django_assert_num_queries(0):
        CampaignMiddleware(lambda request: None)(RequestFactory().get(path))


@pytest.mark.django_db
def test_a_page_speaks_of_the_campaign_in_the_readers_language_or_its_main_one(rf):
    request = rf.get("/")
    request.campaign = build_campaign(languages=("fi", "sv"))

    with translation.override("sv"):
        assert context_of(request)["campaign_text"].code == "sv"
    with translation.override("en"):
        assert context_of(request)["campaign_text"].code == "fi"


def test_without_a_campaign_there_is_nothing_to_say(rf):
    assert context_of(rf.get("/")) == {
        "campaign": None,
        "campaign_text": None,
        "campaign_languages": [],
        "is_earlier": False,
    }


def test_a_time_for_machines_has_whole_seconds_in_the_zone_that_the_page_shows(noon):
    written = Template("{% load site %}{{ at|machine }}|{{ none|machine }}|{{ at|until }}")
    with timezone.override("Europe/Helsinki"):
        shown = written.render(Context({"at": noon.replace(microsecond=123456), "none": None}))

    assert shown.startswith('2026-03-25T12:00:00+02:00||<time datetime="2026-03-25T12:00:00+02:00">')


def test_no_page_writes_a_moment_with_fractions_of_a_second():
    """HTML knows thousandths, Django's "c" writes millionths."""
    folder = Path(settings.BASE_DIR) / "templates"
    texts = {str(page): page.read_text() for page in folder.rglob("*.html")}

    assert [name for name, text in texts.items() if re.search("""date: *["']c["']""", text)] == []
    assert sum("|machine" in text for text in texts.values()) > 30
