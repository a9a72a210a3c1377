"""What the portal lets a phone keep, for whom, and how little a bulletin's page weighs."""

import gzip
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import translation

from campaigns.models import Campaign, PlatformLimit
from influencers.models import Influencer
from tests.influencers.portal.test_portal import html_of, publish, words
from tests.support.builders import build_influencer, build_user

pytestmark = pytest.mark.django_db
KEPT = ["/en/portal/", "/en/portal/bulletins/", "/en/portal/bulletins/1/", "/en/portal/handbook/"]


@pytest.fixture
def elli(campaign: Campaign) -> Influencer:
    return build_influencer(campaign, "elli", language="en")


@pytest.fixture
def portal(client: Client, elli: Influencer) -> Client:
    client.force_login(elli.user)
    return client


@pytest.mark.parametrize("path", KEPT)
def test_a_page_says_for_whom_it_may_be_kept_and_no_cache_stores_it(portal, campaign, path):
    publish(campaign)
    other = Client()
    other.force_login(build_influencer(campaign, "olli").user)

    first, again, others = portal.get(path), portal.get(path), other.get(path)

    assert first["Portal-Keep"] == again["Portal-Keep"] != others["Portal-Keep"]
    assert re.fullmatch("[0-9a-f]{20}", first["Portal-Keep"]), "a mark that names nobody"
    assert "no-store" in first["Cache-Control"]
    assert "data-saved hidden" in first.content.decode(), "what the service worker uncovers in a copy"


@pytest.mark.parametrize("path", ["/en/portal/settings/", "/en/portal/conversation/", "/en/portal/report/"])
def test_forms_and_private_pages_are_not_kept(portal, campaign, path):
    response = portal.get(path)

    assert response.status_code == 200
    assert "Portal-Keep" not in response


def test_who_may_not_enter_gets_no_mark(client, campaign):
    client.force_login(build_user("nobody"))

    response = client.get("/en/portal/")

    assert response.status_code == 403, "at which the service worker wipes what it kept"
    assert "Portal-Keep" not in response


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_service_worker_rules_over_the_portal_only(client, campaign, language):
    with translation.override(language):
        path, home = reverse("influencers:offline_script"), reverse("influencers:home")

    response = client.get(path)

    assert path.rpartition("/")[0] + "/" == home
    assert "Service-Worker-Allowed" not in response
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert "no-cache" in response["Cache-Control"], "a new one is taken at once"
    assert b"Portal-Keep" in response.content


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_for_what_is_not_kept_says_nothing_of_anybody(portal, campaign, elli, language):
    with translation.override(language):
        path, home = reverse("influencers:offline_page"), reverse("influencers:home")
    html = html_of(portal, path)

    assert path == f"{home}offline/", "where the service worker of the language looks for it"
    assert f'data-kept="{home}"' in html and 'href="tel:112"' in html
    assert "data-unsent hidden" in html and "data-unread>" in html, "what the service worker turns round for a form"
    assert html_of(Client(), path).count("<h1") == 1, "anyone may read it"
    assert "Portal-Keep" not in portal.get(path)
    assert elli.name not in html and elli.user.email not in html


@pytest.mark.parametrize("path", ["/en/account/login/code/", "/en/account/login/", "/en/portal/gone/"])
def test_pages_where_nobody_is_logged_in_wipe_what_was_kept(client, campaign, path):
    assert "influencers/forget" in html_of(client, path)


def test_so_does_logging_out(portal):
    assert "influencers/forget" in html_of(portal, "/en/account/logout/")


def test_a_bulletin_weighs_less_than_100_kilobytes_without_pictures(portal, campaign):
    for platform in ("instagram", "tiktok", "youtube"):
        PlatformLimit.objects.create(
            platform=platform, field="caption", limit=2200, counted_in="code_points", seen_on="2026-11-01", source="x"
        )
    content: dict[str, Any] = {
        "key_messages": [words(f"m{number}", "Libraries open on Monday in all towns.") for number in range(8)],
        "calls_to_action": ["Return what you borrowed on time."] * 5,
        "variants": [
            {
                "platform": name,
                "caption": "Libraries open on Monday. " * 30,
                "hashtags": ["#open"],
                "script": "Hi. " * 50,
            }
            for name in ("instagram", "tiktok", "youtube", "x", "facebook")
        ],
    }
    publish(campaign, **content)
    publish(campaign, version=2, kind="correction", **content)

    html = html_of(portal)

    parts = re.findall(r'(?:href|src)="/static/([^"]+?)(?:\.[0-9a-f]{12})?(\.(?:css|js))"', html)
    assert {kind for _name, kind in parts} == {".css", ".js"}
    packed = [gzip.compress(open(finders.find(name + kind), "rb").read()) for name, kind in parts]
    assert len(html.encode()) + sum(map(len, packed)) < 100_000, (
        "the page as it is, style and scripts as they are served"
    )
