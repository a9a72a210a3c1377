"""How often somebody may try to get in, whatever happens at the same moment and whether Redis is there or not."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from tests.builders import build_influencer, build_user

ASK, CONFIRM, PASSWORD = "account_request_login_code", "account_confirm_login_code", "account_login"
TOO_MANY = b"Too many tries."
WORDS = "correct horse battery staple"


def ask(address: str, place: str = "192.0.2.1", client: Client | None = None) -> Any:
    """Ask for a code."""
    return (client or Client()).post(reverse(ASK), {"email": address}, REMOTE_ADDR=place)


def try_password(address: str, password: str, place: str = "192.0.2.1") -> Any:
    """Try a password."""
    return Client().post(reverse(PASSWORD), {"login": address, "password": password}, REMOTE_ADDR=place)


def code_in(client: Client) -> str:
    """Return the code that a browser waits for."""
    code: str = client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    return code


@pytest.fixture
def elli(campaign: Any) -> User:
    """An influencer."""
    user = build_influencer(campaign, "elli", language="en").user
    assert user is not None
    return user


@pytest.mark.django_db
def test_an_address_gets_five_codes_an_hour_known_or_not_from_wherever(elli: User) -> None:
    for address in ("elli@example.org", "nobody@example.org"):
        answers = [ask(address if number % 2 else address.upper(), f"192.0.2.{number}") for number in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [200]
        assert TOO_MANY in answers[-1].content


@pytest.mark.django_db
def test_a_place_gets_twenty_codes_an_hour(elli: User) -> None:
    answers = [ask(f"person{number}@example.org").status_code for number in range(20)]

    assert answers == [302] * 20
    assert TOO_MANY in ask("person20@example.org").content
    assert ask("elli@example.org", "192.0.2.2").status_code == 302


@pytest.mark.django_db
def test_ten_passwords_are_tried_for_an_address_and_then_not_even_the_right_one_opens() -> None:
    build_user("alma", "editor", password=WORDS)
    for number in range(10):
        assert TOO_MANY not in try_password("alma@example.org", "wrong", f"192.0.2.{number}").content

    assert TOO_MANY in try_password("alma@example.org", WORDS, "192.0.2.99").content
    assert not Session.objects.filter(user__isnull=False).exists()


@pytest.mark.django_db
def test_fifty_passwords_are_tried_from_a_place() -> None:
    answers = [try_password(f"person{number}@example.org", "wrong") for number in range(51)]

    assert [TOO_MANY in answer.content for answer in answers] == [False] * 50 + [True]
    assert TOO_MANY not in try_password("other@example.org", "wrong", "192.0.2.2").content


@pytest.mark.django_db
def test_right_passwords_do_not_count() -> None:
    build_user("alma", "editor", password=WORDS)

    assert [try_password("alma@example.org", WORDS).status_code for _ in range(12)] == [302] * 12


@pytest.mark.django_db(transaction=True)
def test_fifty_who_redeem_one_code_at_the_same_moment_make_one_session(elli: User) -> None:
    first = Client()
    ask("elli@example.org", client=first)
    code, key = code_in(first), first.session.session_key or ""

    def redeem(_number: int) -> int:
        client = Client(raise_request_exception=False)
        client.cookies[site_settings.SESSION_COOKIE_NAME] = key
        try:
            return int(client.post(reverse(CONFIRM), {"code": code}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(redeem, range(50)))

    assert Session.objects.filter(user=elli).count() == 1
    assert max(answers) < 500, answers


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_all_counted(elli: User) -> None:
    first = Client()
    ask("elli@example.org", client=first)
    code, key = code_in(first), first.session.session_key or ""

    def guess(number: int) -> bytes:
        client = Client(raise_request_exception=False)
        client.cookies[site_settings.SESSION_COOKIE_NAME] = key
        try:
            return bytes(client.post(reverse(CONFIRM), {"code": f"WRONG{number}"}).content)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(guess, range(20)))

    assert first.post(reverse(CONFIRM), {"code": code}).status_code != 500
    assert not Session.objects.filter(user=elli).exists()


@pytest.mark.django_db
def test_logging_in_needs_no_redis(elli: User, settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    build_user("alma", "editor", password=WORDS)
    client = Client()

    assert ask("elli@example.org", client=client).status_code == 302
    assert client.post(reverse(CONFIRM), {"code": code_in(client)}).status_code == 302
    assert try_password("alma@example.org", "wrong").status_code == 200
    assert try_password("alma@example.org", WORDS).status_code == 302
    assert Session.objects.filter(user=elli).exists()
