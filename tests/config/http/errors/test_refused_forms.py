"""A form whose cookie or token is missing: what is said of it, and that nothing typed is lost."""

import re

import pytest
from django.test import Client

from influencers.models import Application
from tests.influencers.onboarding.joining_scene import build_door, filled

pytestmark = pytest.mark.django_db
OURS = {"Sec-Fetch-Site": "same-origin"}


def again(html: str) -> dict[str, str]:
    """Return the form that the page offers to send again."""
    main = html.split("<main")[1]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main))


def test_a_lost_cookie_is_named_and_one_press_sends_what_was_typed(campaign, roles):
    build_door(campaign)
    browser, typed = Client(enforce_csrf_checks=True), filled(campaign, name='"><script>', handle="@elli.e")

    answer = browser.post("/en/join/", typed, headers=OURS)

    html = answer.content.decode()
    assert answer.status_code == 403 and "Your browser sent no cookie" in html and "open for too long" not in html
    assert '"><script>' not in html and answer["Cache-Control"] == "no-store" and not Application.objects.exists()
    form = again(html)
    assert form["handle"] == "@elli.e" and form["email"] == typed["email"]
    assert browser.post("/en/join/", form | {"name": "Elli"}, headers=OURS).status_code == 302
    assert Application.objects.get().answers["name"] == "Elli"

    blocked = Client(enforce_csrf_checks=True).post("/fi/join/", form, headers=OURS).content.decode()
    assert "estää" in blocked and again(blocked)["handle"] == "@elli.e"


def test_another_token_is_a_form_that_was_open_for_long(campaign, client):
    browser = Client(enforce_csrf_checks=True)
    browser.get("/en/check/")
    browser.cookies["csrf"] = "a" * 32
    html = browser.post("/en/check/", {"text": "x"}, headers=OURS).content.decode()

    assert "open for too long" in html and again(html)["text"] == "x"


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {"text": "buy this"}),
        ({"Sec-Fetch-Site": "same-site"}, {"text": "buy this"}),
        ({"Origin": "https://evil.example"}, {"text": "buy this"}),
        ({}, {"text": "buy this"}),
        (OURS, {"text": "buy this", "password": "a right password"}),
        (OURS, {"text": "buy this" * 20_000}),
    ],
)
def test_what_another_site_sent_and_passwords_stand_in_no_form_of_ours(campaign, headers, fields):
    answer = Client(enforce_csrf_checks=True).post("/en/check/", fields, headers=headers)

    html = answer.content.decode()
    assert answer.status_code == 403 and again(html) == {} and "buy this" not in html
