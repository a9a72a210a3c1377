"""A form of someone whose login has ended meanwhile is not lost without a word."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.login import code_mails
from influencers.models import Harassment, ThreadMessage
from tests.support.builders import build_influencer

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
TALK = "/en/portal/conversation/"


@pytest.fixture
def elli(campaign):
    return build_influencer(campaign, "elli", language="en")


def back(response):
    """Return where the login leads afterwards."""
    assert response.status_code == 302
    there = urlsplit(response["Location"])
    assert there.path == reverse("account_request_login_code")
    return parse_qs(there.query)["next"][0]


@pytest.mark.parametrize(
    ("form", "leads"),
    [
        (f"{HERE}/en/portal/bulletins/3/?page=2#ask", "/en/portal/bulletins/3/?unsent=1"),
        (f"{HERE}/en/portal/conversation/", "/en/portal/conversation/?unsent=1"),
        ("https://elsewhere.example/en/portal/conversation/", "/en/portal/?unsent=1"),
        (f"{HERE}//elsewhere.example/", "/en/portal/?unsent=1"),
        (f"{HERE}/en/account/logout/", "/en/portal/?unsent=1"),
        ("http://[", "/en/portal/?unsent=1"),
        ("", "/en/portal/?unsent=1"),
    ],
)
def test_after_the_login_the_page_of_the_form_comes_again_and_no_page_of_another_site(client, elli, form, leads):
    headers = {"Referer": form} if form else {}

    response = client.post(reverse("influencers:conversation"), {"text": "Hello"}, headers=headers)

    assert back(response) == leads
    assert not ThreadMessage.objects.exists()


def test_the_code_leads_there(client, elli):
    asked = client.post(reverse("influencers:conversation"), {"text": "Hello"}, headers={"Referer": f"{HERE}{TALK}"})
    there = {"next": back(asked)}
    client.post(reverse("account_request_login_code"), {"email": "elli@example.org"} | there)
    code_mails.send_waiting(at=timezone.now())
    code = re.search(r"^ +([A-Z0-9-]{6,})$", mail.outbox[-1].body, re.MULTILINE)
    assert code

    entered = client.post(reverse("account_confirm_login_code"), {"code": code[1]} | there)

    assert entered.status_code == 302 and entered["Location"] == f"{TALK}?unsent=1"


def test_what_was_only_asked_for_comes_as_it_was_asked_for(client, elli):
    assert back(client.get("/en/portal/bulletins/?page=2")) == "/en/portal/bulletins/?page=2"


def test_the_page_says_that_nothing_was_sent(client, elli):
    client.force_login(elli.user)

    html = client.get("/en/portal/conversation/?unsent=1").content.decode()

    assert "You were logged out before this was sent.</strong> Please send it again." in html
    assert "You were logged out" not in client.get("/en/portal/conversation/").content.decode()


def test_the_login_says_so_too_and_keeps_112_in_sight(client, elli):
    asked = client.post(reverse("influencers:harassed"), headers={"Referer": f"{HERE}/en/portal/"})

    html = client.get(asked["Location"]).content.decode()

    assert "You were logged out before this was sent." in html
    assert html.index('href="tel:112"') < html.index("<form", html.index("<main"))
    plain = client.get(reverse("account_request_login_code")).content.decode()
    assert "You were logged out" not in plain and "call 112" in plain, "the foot of every page"


def test_a_tap_for_harassment_comes_back_to_its_own_page_where_one_tap_sends_it(client, elli):
    asked = client.post(reverse("influencers:harassed"), headers={"Referer": f"{HERE}/en/portal/bulletins/3/"})
    assert back(asked) == "/en/portal/harassed/?unsent=1"
    assert not Harassment.objects.exists()

    client.force_login(elli.user)
    html = client.get(back(asked)).content.decode()
    assert "Not sent yet: tap again." in html
    assert html.index("I am being harassed") < html.index("<h1"), "the tap is what comes first"

    assert client.post(reverse("influencers:harassed")).status_code == 302
    assert Harassment.objects.count() == 1


def test_drafts_are_kept_for_their_writer_and_go_at_logging_out(client, elli, campaign):
    other = build_influencer(campaign, "olli").user
    marks = set()
    for user in (elli.user, other):
        client.force_login(user)
        html = client.get("/en/portal/conversation/").content.decode()
        assert "data-draft" in html
        marks.add(html.partition('data-reader="')[2].partition('"')[0])
    assert len(marks) == 2 and "" not in marks
    assert "data-drafts" in client.get("/en/account/logout/").content.decode()
    client.logout()
    for path in ("/en/account/login/code/", "/en/account/login/"):
        html = client.get(path).content.decode()
        assert "influencers/forget" in html and "data-drafts" not in html, "what was typed is still wanted"
