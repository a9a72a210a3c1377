"""A code that one browser sends twice, by the script of its page and by the button: it logs in, once and in that browser only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.login import codes
from accounts.models import Session
from accounts.sessions import activity
from tests.support.builders import build_influencer

from .test_login_code import ask, guess, is_in

pytestmark = pytest.mark.django_db
PAGE = reverse("account_confirm_login_code")
HOME = "/en/portal/"


@pytest.fixture
def elli(campaign):
    return build_influencer(campaign, "elli", language="en")


@pytest.fixture
def form(elli):
    """A browser that checks its tokens, and the form with the right code in it."""
    browser = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    code, _link = ask_with_token(browser)
    return browser, {"code": code, "csrfmiddlewaretoken": token_of(browser)}


def token_of(browser):
    browser.get(reverse("account_request_login_code"))
    return browser.cookies["csrf"].value


def ask_with_token(browser):
    return ask(browser, csrfmiddlewaretoken=token_of(browser))


def twin(browser):
    """Return the browser as it was when it sent the form: its cookies, not what was answered since."""
    other = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    for name, morsel in browser.cookies.items():
        other.cookies[name] = morsel.value
    return other


def test_the_second_post_is_led_on_when_the_first_was_answered(form):
    browser, fields = form
    first = browser.post(PAGE, fields)
    second = browser.post(PAGE, fields)

    assert first["Location"] == second["Location"] == HOME and first.status_code == second.status_code == 302
    assert is_in(browser)


def test_the_second_post_logs_in_when_the_answer_to_the_first_was_dropped(form):
    browser, fields = form
    before = twin(browser)
    first, second = browser.post(PAGE, fields), before.post(PAGE, fields)

    assert first["Location"] == second["Location"] == HOME and is_in(before)
    assert before.session.session_key != browser.session.session_key


def test_neither_another_browser_nor_another_code_nor_a_third_post_gets_in(form):
    browser, fields = form
    again, third, wrong = twin(browser), twin(browser), twin(browser)
    stranger = Client()
    browser.post(PAGE, fields)

    guess(stranger, fields["code"])
    wrong.post(PAGE, {**fields, "code": "000000" if fields["code"] != "000000" else "111111"})
    again.post(PAGE, fields)
    third.post(PAGE, fields)
    assert is_in(again) and not any(is_in(other) for other in (stranger, wrong, third))


@pytest.mark.parametrize("how", ["log out", "log out everywhere", "ten minutes"])
def test_what_ends_the_login_ends_the_code(form, elli, monkeypatch, how):
    browser, fields = form
    before = twin(browser)
    browser.post(PAGE, fields)
    if how == "log out":
        browser.post(reverse("account_logout"), {"csrfmiddlewaretoken": browser.cookies["csrf"].value})
    elif how == "log out everywhere":
        assert activity.end_all(elli.user) == 1
    else:
        later = timezone.now() + codes.CODE_LASTS + timedelta(seconds=1)
        monkeypatch.setattr("time.time", later.timestamp)

    before.post(PAGE, fields)
    assert not is_in(before)


def test_the_session_that_is_left_is_no_device_of_theirs(form, elli):
    browser, fields = form
    browser.post(PAGE, fields)

    assert [row.session_key for row in activity.sessions_of(elli.user, at=timezone.now())] == [
        browser.session.session_key
    ]
    assert Session.objects.filter(
        user=elli.user, began_at=None, expire_date__lte=timezone.now() + codes.CODE_LASTS
    ).exists()


@pytest.mark.django_db(transaction=True)
def test_both_posts_at_the_same_moment_end_logged_in(form):
    browser, fields = form
    twins, start = [twin(browser), twin(browser)], Barrier(2)

    def send(client):
        try:
            start.wait(10)
            return client.post(PAGE, fields, follow=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        pages = list(threads.map(send, twins))
    assert [page.redirect_chain[0][0] for page in pages] == [HOME, HOME]
    assert all(is_in(client) for client in twins)
