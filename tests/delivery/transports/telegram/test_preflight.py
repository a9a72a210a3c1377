"""Before the first message: whether Telegram knows the bot, and where it posts."""

import pytest

from delivery.transports.telegram import preflight
from tests.support.providers.telegram_api import refusal


def known(name="ministry_bot"):
    return 200, {"ok": True, "result": {"id": 1, "is_bot": True, "username": name}}


def posts_to(address):
    return 200, {"ok": True, "result": {"url": address, "pending_update_count": 0}}


def test_the_doctor_names_the_bot(api):
    api.answers = [known(), posts_to(preflight.webhook())]
    assert preflight.reach() == "ministry_bot"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([(401, refusal(401, "Unauthorized"))] * 2, "does not know this bot"),
        ([(502, "<html>Bad gateway</html>")] * 2, "does not know this bot"),
        ([known("another_bot"), posts_to("")], "the token is of @another_bot"),
        ([known(), posts_to("https://elsewhere.test/")], "posts to another address"),
        ([known(), (200, {"ok": True, "result": []})], "posts to another address"),
    ],
)
def test_what_is_wrong_is_named(api, answers, says):
    api.answers = answers
    with pytest.raises(preflight.Unready, match=says):
        preflight.reach()


def test_a_short_secret_and_an_address_without_tls_are_found(api, settings):
    assert len(list(preflight.findings())) == 3  # the interface on this machine is one too
    settings.TELEGRAM_SECRET, settings.PUBLIC_URL = "x" * 30, "https://bulletins.test"
    settings.TELEGRAM_URL = "https://api.telegram.org"
    assert not list(preflight.findings())
