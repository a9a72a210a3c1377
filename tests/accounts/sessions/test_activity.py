"""How long someone stays logged in, and how that ends."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Session, User
from accounts.sessions import activity, device_names, expiry
from accounts.sessions.middleware import ReplacedSessionMiddleware
from accounts.sessions.store import SessionStore
from tests.support.builders import build_influencer

pytestmark = pytest.mark.django_db

POLL: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_SEC_FETCH_MODE": "cors"}


def log_in(user: User, **agent: Any) -> Client:
    """Return a client that has opened its first page."""
    client = Client(**agent)
    client.force_login(user)
    client.get(reverse("account_sessions"))
    return client


def ago(client: Client, *, began: float = 0, seen: float = 0) -> None:
    """Let a session have begun and been used so many minutes ago."""
    session = client.session
    now = timezone.now().timestamp()
    session[expiry.BEGAN], session[expiry.SEEN] = now - max(began, seen) * 60, now - seen * 60
    session.save()


def is_in(client: Client, **headers: Any) -> bool:
    """Return whether a client is logged in, by asking as a script does."""
    return bool(client.get(reverse("account_session"), **POLL, **headers).json()["left"])


def test_staff_are_logged_out_after_half_an_hour_without_doing_anything(alma: User) -> None:
    client = log_in(alma)
    ago(client, seen=29)
    assert is_in(client)
    ago(client, seen=31)

    assert not is_in(client)
    assert client.get(reverse("admin:index")).status_code == 302


def test_opening_a_page_and_saying_that_one_types_go_on_and_what_a_page_does_by_itself_does_not(alma: User) -> None:
    client = log_in(alma)
    went_on = {}
    for name, ask in {
        "a page": lambda: client.get(reverse("admin:index")),
        "a word from a page": lambda: client.post(reverse("account_session"), HTTP_SEC_FETCH_MODE="cors"),
        "a poll": lambda: client.get(reverse("admin:today"), **POLL),
        "asking how long it lasts": lambda: client.get(reverse("account_session"), HTTP_SEC_FETCH_MODE="cors"),
        "a poll that posts": lambda: client.post(reverse("account_sessions"), **POLL),
    }.items():
        ago(client, seen=20)
        ask()
        went_on[name] = client.session[expiry.SEEN] > timezone.now().timestamp() - 60

    assert went_on == {
        "a page": True,
        "a word from a page": True,
        "a poll": False,
        "asking how long it lasts": False,
        "a poll that posts": False,
    }


def test_staff_are_logged_out_after_twelve_hours_whatever_they_do(alma: User) -> None:
    client = log_in(alma)
    ago(client, began=12 * 60 - 1)
    assert client.post(reverse("account_session")).json()["left"] <= 60
    ago(client, began=12 * 60 + 1)

    assert not is_in(client)


def test_influencers_stay_for_two_weeks_from_their_login(ines: User) -> None:
    client = log_in(ines)
    ago(client, seen=13 * 24 * 60)
    assert is_in(client)
    ago(client, seen=14 * 24 * 60 + 1)

    assert not is_in(client)


def test_what_a_session_writes_later_does_not_make_it_longer(alma: User) -> None:
    client = log_in(alma)
    ago(client, seen=20)
    session = client.session
    session["something"] = "else"
    session.save()

    left = Session.objects.get(user=alma).expire_date - timezone.now()
    assert timedelta(minutes=9) < left < timedelta(minutes=10)


def test_activity_is_written_once_a_minute_and_costs_nothing_between(
    alma: User, django_assert_num_queries: Any
) -> None:
    client = log_in(alma)
    with django_assert_num_queries(3):  # the session, the person and the campaign
        client.post(reverse("account_session"))


def test_the_sessions_key_changes_at_login(campaign: Any, settings: Any) -> None:
    build_influencer(campaign, "elli", language="en")
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": "elli@example.org"})
    before = client.session.session_key
    code = client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert client.session.session_key != before
    # What is left of the former one, for a code that is sent twice, has nobody logged in.
    former = Client()
    former.cookies[settings.SESSION_COOKIE_NAME] = before
    assert "_auth_user_id" not in former.session


def test_a_session_holds_while_the_secret_key_is_rotated(alma: User, settings: Any) -> None:
    client = log_in(alma)
    session = client.session
    session[HASH_SESSION_KEY] = alma._get_session_auth_hash(secret="the key before this one")
    session.save()
    settings.SECRET_KEY_FALLBACKS = ["the key before this one"]

    assert client.get(reverse("account")).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(reverse("account")).status_code == 200  # it was signed anew


def test_a_new_stamp_alone_ends_a_session(alma: User) -> None:
    client = log_in(alma)
    User.objects.filter(pk=alma.pk).update(session_stamp="another")

    assert client.get(reverse("account")).status_code == 302


def test_people_see_where_they_are_logged_in_and_end_one_of_them(
    alma: User, veikko: User, django_assert_num_queries: Any
) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    here, there, other = log_in(alma), log_in(alma, HTTP_USER_AGENT=firefox, REMOTE_ADDR="192.0.2.7"), log_in(veikko)
    key = there.session.session_key or ""
    html = here.get(reverse("account_sessions")).content.decode()

    assert html.count('name="session"') == 2 and "Firefox, Windows" in html and "192.0.2.7" in html
    assert key not in html, "a key would open the session"
    theirs = activity.handle_of(other.session.session_key or "")
    assert here.post(reverse("account_session_end"), {"session": theirs}).status_code == 404
    assert is_in(other)

    assert here.post(reverse("account_session_end"), {"session": activity.handle_of(key)}).status_code == 302
    assert is_in(here) and not is_in(there)
    assert AuditEntry.objects.filter(verb="user.session_ended", actor=alma).count() == 1
    for _ in range(5):
        log_in(alma)
    with django_assert_num_queries(5):
        here.get(reverse("account_sessions"))


def test_log_out_everywhere_ends_every_session_on_its_next_request(alma: User, veikko: User) -> None:
    here, there, other = log_in(alma), log_in(alma), log_in(veikko)
    here.post(reverse("account_log_out_everywhere"))

    assert [is_in(one) for one in (here, there, other)] == [False, False, True]
    assert not Session.objects.filter(user=alma).exists()
    assert AuditEntry.objects.get(verb="user.logged_out_everywhere").detail == {"sessions": 2}


def test_the_last_request_of_an_ended_session_cannot_bring_it_back(alma: User) -> None:
    client = log_in(alma)
    late = client.session
    late["something"] = "late"
    activity.end_all(alma)

    with pytest.raises(UpdateError):
        late.save()
    assert not is_in(client)


def test_sessions_that_are_over_are_deleted(alma: User, veikko: User) -> None:
    log_in(alma)
    log_in(veikko)
    Session.objects.filter(user=alma).update(expire_date=timezone.now())

    assert activity.forget_old(at=timezone.now()) == 1
    assert not Session.objects.filter(user=alma).exists() and Session.objects.filter(user=veikko).exists()


def test_what_a_session_says_about_itself_names_nobody_else(alma: User) -> None:
    client = log_in(alma)
    told = json.loads(client.get(reverse("account_session")).content)

    assert set(told) == {"left", "who", "token"} and told["who"] != str(alma.pk)
    assert Client().get(reverse("account_session")).json()["left"] == 0
    assert site_settings.STAFF_IDLE_MINUTES * 60 - 60 <= told["left"] <= site_settings.STAFF_IDLE_MINUTES * 60


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/130.0 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/130.0 Safari/537 Edg/130.0", "Edge, Windows"),
        ("curl/8.5.0", ""),
    ],
)
def test_a_device_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert device_names.name_of_device(agent) == name


def test_a_form_that_is_sent_twice_while_somebody_logs_in_leads_to_its_page(rf: RequestFactory) -> None:
    def view(request: Any) -> HttpResponse:
        assert request.session["tries"] == 1
        Session.objects.all().delete()  # the other post has logged in meanwhile
        request.session["tries"] = 2
        return HttpResponse("expired")

    store = SessionStore()
    store["tries"] = 1
    store.save()
    rf.cookies[site_settings.SESSION_COOKIE_NAME] = store.session_key

    answer = ReplacedSessionMiddleware(view)(rf.post("/accounts/login/code/confirm/?next=/desk/"))

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/code/confirm/?next=/desk/")
    assert not Session.objects.exists()
