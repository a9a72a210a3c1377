"""How often someone may try to get in, whatever happens at the same moment and whether Redis is there or not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core import signing
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import rate_limit
from accounts.login import login_limits
from accounts.models import Session, User
from accounts.sessions import known_browsers
from influencers.onboarding import join_codes
from lib import mail_addresses
from tests.support.builders import build_influencer, build_user

ASK, CONFIRM, PASSWORD = "account_request_login_code", "account_confirm_login_code", "account_login"
TOO_MANY = b"Too many attempts."
WORDS = "correct horse battery staple"


def ask(address: str, place: str = "192.0.2.1", client: Client | None = None) -> Any:
    """Ask for a code."""
    return (client or Client()).post(reverse(ASK), {"email": address}, REMOTE_ADDR=place)


def try_password(address: str, password: str, place: str = "192.0.2.1") -> Any:
    """Try a password."""
    return Client().post(reverse(PASSWORD), {"login": address, "password": password}, REMOTE_ADDR=place)


def strangers_try(door: rate_limit.StrangerLimits, address: str, times: int) -> None:
    """Count so many tries of strangers for an address, each from a place of its own, as the pages count them."""
    for number in range(times):
        assert rate_limit.allow_all(door.counts_of_strangers(f"198.51.100.{number}", address))


def code_in(client: Client) -> str:
    """Return the code that a browser waits for."""
    code: str = client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    return code


def again_with(known: Client) -> Client:
    """Return the same browser in a new session."""
    client = Client()
    client.cookies[site_settings.DEVICE_COOKIE_NAME] = known.cookies[site_settings.DEVICE_COOKIE_NAME].value
    return client


@pytest.fixture
def elli(campaign: Any) -> User:
    """An influencer."""
    user = build_influencer(campaign, "elli", language="en").user
    assert user is not None
    return user


@pytest.mark.django_db
def test_an_address_gets_five_codes_an_hour_from_a_place_known_or_not(elli: User) -> None:
    for address in ("elli@example.org", "nobody@example.org"):
        answers = [ask(address if number % 2 else address.upper()) for number in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [200]
        assert TOO_MANY in answers[-1].content


@pytest.mark.django_db
def test_what_strangers_ask_for_does_not_lock_a_person_out(elli: User) -> None:
    for number in range(4):
        for _ in range(5):
            ask("elli@example.org", f"198.51.100.{number}")
    client = Client()

    assert ask("elli@example.org", client=client).status_code == 302
    assert client.post(reverse(CONFIRM), {"code": code_in(client)}).status_code == 302
    assert Session.objects.filter(user=elli).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("door", [login_limits.CODES, login_limits.PASSWORDS, login_limits.FACTORS, join_codes.LIMITS])
def test_whoever_has_a_whole_network_of_ipv6_locks_nobody_out_alone(door: rate_limit.StrangerLimits) -> None:
    for number in range(60):
        counts = door.counts_of_strangers(f"2001:db8:1:{number:x}::/64", "elli@example.org")
        while rate_limit.allow_all(counts):
            pass

    assert rate_limit.allow_all(door.counts_of_strangers("2001:db8:2:1::/64", "elli@example.org"))


@pytest.mark.django_db
def test_from_wherever_an_address_gets_fifty_codes_an_hour_and_its_owners_browser_five_more(elli: User) -> None:
    known = Client()
    ask("elli@example.org", client=known)
    assert known.post(reverse(CONFIRM), {"code": code_in(known)}).status_code == 302
    known.post(reverse("account_logout"))
    strangers_try(login_limits.CODES, "elli@example.org", 48)  # one was asked for before the browser was known

    assert ask("elli@example.org", "203.0.113.1").status_code == 302
    assert TOO_MANY in ask("elli@example.org", "203.0.113.1").content
    answers = [ask("elli@example.org", client=again_with(known)).status_code for _ in range(6)]
    assert answers == [302] * 5 + [200]
    assert ask("elli@example.org", "198.51.100.1").status_code == 200, "nobody else has more for it"


@pytest.mark.django_db
def test_a_browser_is_known_to_whoever_logged_in_with_it_and_names_nobody(elli: User, campaign: Any) -> None:
    known = Client()
    ask("elli@example.org", client=known)
    known.post(reverse(CONFIRM), {"code": code_in(known)})
    cookie = known.cookies[site_settings.DEVICE_COOKIE_NAME]

    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["domain"]
    held = signing.loads(cookie.value, salt=known_browsers.SALT)
    assert "elli" not in str(held) and mail_addresses.code_of("elli@example.org") not in str(held)
    request = RequestFactory().get("/", headers={"cookie": f"{cookie.key}={cookie.value}"})
    assert known_browsers.known_browser(request, "elli@example.org") and not known_browsers.known_browser(
        request, "onni@example.org"
    )
    for forged in (cookie.value[:-1] + ("a" if cookie.value[-1] != "a" else "b"), "", "x:y:z"):
        request = RequestFactory().get("/", headers={"cookie": f"{cookie.key}={forged}"})
        assert not known_browsers.known_browser(request, "elli@example.org")


@pytest.mark.django_db
def test_a_shared_browser_knows_the_four_who_came_last(campaign: Any) -> None:
    people = [build_user(f"person{number}") for number in range(5)]
    request = RequestFactory().get("/")
    for user in people:
        response = HttpResponse()
        known_browsers.remember(request, response, user)
        request.COOKIES[site_settings.DEVICE_COOKIE_NAME] = response.cookies[site_settings.DEVICE_COOKIE_NAME].value

    assert [bool(known_browsers.known_browser(request, user.email)) for user in people] == [
        False,
        True,
        True,
        True,
        True,
    ]
    assert len(response.cookies.output()) < 700


@pytest.mark.django_db
def test_who_shares_an_address_with_many_gets_a_code_whatever_a_neighbour_makes_up(elli: User) -> None:
    for number in range(12):  # twice as many as one owner has
        assert ask(f"nobody{number}@example.org").status_code == 302

    assert ask("elli@example.org").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("door", [login_limits.CODES, login_limits.PASSWORDS, join_codes.LIMITS])
def test_a_hundred_people_behind_one_address_come_in(door: rate_limit.StrangerLimits) -> None:
    tries = [rate_limit.allow_all(door.counts_of_strangers("192.0.2.1", f"person{n}@example.org")) for n in range(100)]

    assert all(tries)


@pytest.mark.django_db
def test_a_place_has_a_ceiling_for_codes_and_is_told_how_long_to_wait(elli: User, monkeypatch: Any) -> None:
    assert login_limits.CODES.from_place is not None
    assert (login_limits.CODES.from_place.most, login_limits.CODES.from_place.seconds) == (300, 3600)
    few = replace(login_limits.CODES, from_place=replace(login_limits.CODES.from_place, most=6))
    monkeypatch.setattr(login_limits, "CODES", few)
    answers = [ask(f"person{number}@example.org").status_code for number in range(6)]

    assert answers == [302] * 6
    assert b"Too many attempts. Wait an hour, then start again." in ask("person6@example.org").content
    assert ask("elli@example.org", "192.0.2.2").status_code == 302


@pytest.mark.django_db
def test_ten_passwords_are_tried_for_an_address_from_a_place_and_then_not_even_the_right_one_opens() -> None:
    build_user("alma", "editor", password=WORDS)
    for _ in range(10):
        assert TOO_MANY not in try_password("alma@example.org", "wrong").content

    assert TOO_MANY in try_password("alma@example.org", WORDS).content
    assert not Session.objects.filter(user__isnull=False).exists()
    assert try_password("alma@example.org", WORDS, "192.0.2.99").status_code == 302, "elsewhere its owner gets in"


@pytest.mark.django_db
def test_from_wherever_fifty_passwords_are_tried_for_an_address_and_its_owners_browser_still_opens() -> None:
    alma = build_user("alma", "editor", password=WORDS)
    known = Client()
    assert known.post(reverse(PASSWORD), {"login": alma.email, "password": WORDS}).status_code == 302
    known.post(reverse("account_logout"))
    strangers_try(login_limits.PASSWORDS, alma.email, 49)

    assert TOO_MANY not in try_password(alma.email, "wrong", "192.0.2.98").content
    assert TOO_MANY in try_password(alma.email, WORDS, "192.0.2.99").content
    assert known.post(reverse(PASSWORD), {"login": alma.email, "password": WORDS}).status_code == 302


@pytest.mark.django_db
def test_what_strangers_try_does_not_stop_who_is_logged_in_from_proving_it_again(elli: User) -> None:
    client = Client()
    client.force_login(elli)
    strangers_try(login_limits.CODES, "elli@example.org", 50)
    assert TOO_MANY in ask("elli@example.org").content

    client.post(reverse("account_confirm_by_mail"))
    assert "confirm_by_mail" in client.session


@pytest.mark.django_db
def test_a_place_has_a_ceiling_for_passwords_and_is_told_how_long_to_wait(monkeypatch: Any) -> None:
    assert login_limits.PASSWORDS.from_place is not None
    assert (login_limits.PASSWORDS.from_place.most, login_limits.PASSWORDS.from_place.seconds) == (500, 900)
    few = replace(login_limits.PASSWORDS, from_place=replace(login_limits.PASSWORDS.from_place, most=6))
    monkeypatch.setattr(login_limits, "PASSWORDS", few)
    answers = [try_password(f"person{number}@example.org", "wrong") for number in range(7)]

    assert [TOO_MANY in answer.content for answer in answers] == [False] * 6 + [True]
    assert b"Wait 15 minutes" in answers[-1].content
    assert TOO_MANY not in try_password("other@example.org", "wrong", "192.0.2.2").content


@pytest.mark.django_db
def test_right_passwords_do_not_count() -> None:
    build_user("alma", "editor", password=WORDS)

    assert [try_password("alma@example.org", WORDS).status_code for _ in range(12)] == [302] * 12


@pytest.mark.django_db(transaction=True)
def test_fifty_who_redeem_one_code_at_the_same_moment_make_two_sessions_at_most(elli: User) -> None:
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

    # A browser that sends its code twice is let in twice, from the session that asked; nobody else is, and not a third time.
    assert Session.objects.filter(user=elli).exclude(began_at=None).count() <= login_limits.USES_OF_CODE.most
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
