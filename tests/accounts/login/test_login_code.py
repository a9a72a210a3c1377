"""Logging in with the code or the link from a mail: the same rules for both, and for joining."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.login import code_mails, codes, login_limits
from accounts.models import Attempt, AuditEntry, CodeMail
from accounts.sessions import known_browsers
from delivery.links.portal_marks import PortalMarks
from tests.support.builders import build_influencer

pytestmark = pytest.mark.django_db
ELLI = "elli@example.org"


@pytest.fixture
def elli(campaign):
    return build_influencer(campaign, "elli", language="en")


def ask(client, email=ELLI, **more):
    """Ask for a mail, and return the code and the path of the link in it."""
    client.post(reverse("account_request_login_code"), {"email": email, **more})
    code_mails.send_waiting(at=timezone.now())
    return in_last_mail()


def in_last_mail():
    body = mail.outbox[-1].body
    return re.search(r"^ +(\d{6})$", body, re.MULTILINE)[1], re.search(r"^ +https?://[^/]+(/\S+)$", body, re.MULTILINE)[
        1
    ]


def guess(client, code="wrong"):
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def is_in(client):
    return "_auth_user_id" in client.session


def how():
    return AuditEntry.objects.get(verb="user.logged_in").detail["how"]


def test_the_fifth_guess_still_opens_the_door(client, elli):
    code, _link = ask(client)
    for _guess in range(codes.MOST_GUESSES - 1):
        assert b"Wrong code." in guess(client).content

    assert guess(client, f"{code[:3]} {code[3:]}").status_code == 302
    assert is_in(client) and how() == ["code"]


def test_after_five_wrong_guesses_the_code_is_over_and_the_page_says_how_it_goes_on(client, elli):
    code, _link = ask(client)
    for _guess in range(codes.MOST_GUESSES - 1):
        assert guess(client).status_code == 200
    last = guess(client)

    assert last.status_code == 302 and last["Location"] == reverse("account_request_login_code")
    html = client.get(last["Location"]).content.decode()
    assert "That was the fifth attempt, so this code no longer works. Request a new one below." in html
    guess(client, code)
    assert not is_in(client)


def test_the_link_logs_in_by_its_button_once_where_it_was_asked_for(client, elli):
    before = client.session.session_key
    code, link = ask(client, next="/en/portal/questions/")
    held = client.session.session_key

    for _look in range(3):  # a scanner looks, too
        page = client.get(link)
        assert b"Log in as elli@example.org?" in page.content and not is_in(client)
    assert page["Referrer-Policy"] == "strict-origin" and "no-store" in page["Cache-Control"]
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = client.cookies
    assert guarded.post(link).status_code == 403 and not is_in(client)
    answer = client.post(link)

    assert answer["Location"] == "/en/portal/questions/" and is_in(client) and how() == ["mail link"]
    assert client.session.session_key not in {before, held}, "a session that somebody planted is worth nothing"
    elli.user.refresh_from_db()
    assert elli.user.mailbox_proven_at and not CodeMail.objects.exists()
    client.logout()
    assert client.get(link).status_code == client.post(link).status_code == 200 and not is_in(client)
    guess(client, code)
    assert not is_in(client)


def test_a_link_that_others_hold_is_worth_nothing(client, elli):
    _code, link = ask(client)
    other, asked_too = Client(), Client()
    ask(asked_too, email="stranger@example.org")

    for stranger in (other, asked_too):
        for answer in (stranger.get(link), stranger.post(link)):  # a scanner that presses buttons, too
            assert answer.status_code in {200, 404} and ELLI not in answer.content.decode()
            assert not is_in(stranger)
    assert b"only in the browser in which you asked for it" in other.get(link).content
    assert client.post(link).status_code == 302 and is_in(client)


def test_one_uses_up_the_other_and_a_newer_mail_both(client, elli):
    _code, old_link = ask(client)
    _code, link = ask(client)
    assert old_link != link, "starting again sends a new mail"
    assert client.get(old_link).status_code == 404 and client.post(old_link).status_code == 404
    one, two = Client(), Client()
    for browser in (one, two):
        browser.cookies["sessionid"] = client.session.session_key
    assert client.post(link).status_code == 302 and is_in(client)
    assert not is_in(one) and two.post(link).status_code == 200 and not is_in(two)


def test_ten_minutes_end_both(client, elli, monkeypatch):
    code, link = ask(client)
    later = timezone.now().timestamp() + codes.CODE_LASTS.total_seconds() + 1
    monkeypatch.setattr("time.time", lambda: later)

    assert client.get(link).status_code == 404 and client.post(link).status_code in {302, 404}
    guess(client, code)
    assert not is_in(client)


def test_an_unknown_address_gets_the_same_pages_and_nobody_a_mail(client, elli):
    pages = []
    for email in (ELLI, "nobody@example.org"):
        browser = Client()
        asked = browser.post(reverse("account_request_login_code"), {"email": email})
        page = browser.get(asked["Location"]).content.decode() + guess(browser).content.decode()
        pages.append(re.sub(r'value="[A-Za-z0-9]{64}"', "", page.replace(email, "")))
    assert pages[0] == pages[1]
    code_mails.send_waiting(at=timezone.now())
    assert [letter.to for letter in mail.outbox] == [[ELLI]]


def test_strangers_guesses_have_a_ceiling_at_which_the_link_still_lets_the_owner_in(client, elli):
    ceiling = login_limits.CODE_GUESSES.for_owner.most
    for number in range(ceiling // codes.MOST_GUESSES):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number + 1}")
        ask(stranger)
        for _guess in range(codes.MOST_GUESSES):
            guess(stranger)
    known = Client()
    request = known.get("/en/").wsgi_request
    answer = known.get("/en/")
    known_browsers.remember(request, answer, elli.user)
    known.cookies.update(answer.cookies)

    code, link = ask(client)
    refused = guess(client, code)
    assert b"Too many wrong codes were tried today." in refused.content and not is_in(client)
    assert guess(client, f"https://example.org{link}").status_code == 302 and is_in(client)
    code, _link = ask(known)
    assert guess(known, code).status_code == 302 and is_in(known), "a browser of theirs is counted apart"


def test_right_codes_are_not_counted_and_all_wrong_ones_have_one_ceiling(client, elli):
    for _time in range(3):
        code, _link = ask(client)
        guess(client, code)
        client.logout()
    assert not Attempt.objects.filter(bucket__startswith="code guess").exists()
    limit = login_limits.CODE_GUESSES_OF_ALL
    until = timezone.now() + timedelta(hours=1)
    assert limit.allow("everyone")
    Attempt.objects.bulk_create(
        Attempt(bucket=limit.bucket, key_hash=Attempt.objects.get(bucket=limit.bucket).key_hash, until=until)
        for _number in range(limit.most - 1)
    )
    client.cookies.clear()
    code, link = ask(client)
    assert b"Too many wrong codes" in guess(client, code).content
    assert client.post(link).status_code == 302 and is_in(client)


def test_whoever_comes_by_a_link_that_was_sent_to_them_types_no_address_and_nobody_reads_it(client, elli):
    mark = PortalMarks().of(elli.recipient_id, ELLI)
    page = client.get(reverse("influencers:home"), {"for": mark}, follow=True)
    going_to = f"{reverse('influencers:home')}?for={mark}"
    html = page.content.decode()
    assert "e…@e….org" in html and ELLI not in html and "Use another address" in html

    code, _link = ask(client, email="", next=going_to)
    waiting = client.get(reverse("account_confirm_login_code")).content.decode()
    assert mail.outbox[-1].to == [ELLI] and "e…@e….org" in waiting and ELLI not in waiting
    assert guess(client, code).status_code == 302 and is_in(client)

    # Another address may be typed, and is shown to whoever typed it. A mark that holds no more, or is none, is nobody's.
    other = Client()
    other.post(reverse("account_request_login_code"), {"email": "olli@example.org", "next": going_to})
    assert "olli@example.org" in other.get(reverse("account_confirm_login_code")).content.decode()
    elli.recipient.take_address("elli@elsewhere.example", at=timezone.now())
    for stale in (mark, mark[:-1], "x", ""):
        html = Client().get(reverse("influencers:home"), {"for": stale}, follow=True).content.decode()
        assert "…@" not in html and "required autofocus" in html
        told = Client().post(reverse("account_request_login_code"), {"email": "", "next": f"/en/portal/?for={stale}"})
        assert told.status_code == 200 and "This field is required" in told.content.decode()
