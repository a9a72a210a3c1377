"""Logging in with a code from a mail: ten guesses, as for joining."""

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.login import code_mails
from influencers.onboarding import join_codes
from tests.support.builders import build_influencer

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(client, campaign):
    """A code that someone has asked for."""
    build_influencer(campaign, "elli", language="en")
    client.post(reverse("account_request_login_code"), {"email": "elli@example.org"})
    code_mails.send_waiting(at=timezone.now())
    found = re.search(r"^ +([A-Z0-9-]{6,})$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def guess(client, code):
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def test_the_tenth_guess_still_opens_the_door(client, code):
    for _guess in range(join_codes.MOST_GUESSES - 1):
        assert b"Wrong code." in guess(client, "wrong").content

    assert guess(client, code).status_code == 302
    assert "_auth_user_id" in client.session


def test_after_ten_wrong_guesses_the_code_is_over_and_the_page_says_how_it_goes_on(client, code):
    for _guess in range(join_codes.MOST_GUESSES - 1):
        assert guess(client, "wrong").status_code == 200
    last = guess(client, "wrong")

    assert last.status_code == 302 and last["Location"] == reverse("account_request_login_code")
    html = client.get(last["Location"]).content.decode()
    assert "That was the tenth attempt, so this code no longer works. Request a new one below." in html
    guess(client, code)
    assert "_auth_user_id" not in client.session
