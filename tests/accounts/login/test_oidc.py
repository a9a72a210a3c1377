"""Staff log in at their organisation's own identity provider; nobody gets an account that way."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from tests.support.builders import build_influencer, build_user

from .identity_provider import CLIENT, SECRET, IdentityProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any, campaign: Any) -> Iterator[IdentityProvider]:
    """An identity provider that the settings name."""
    with IdentityProvider() as one:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_NAME = one.url, CLIENT, "Ministry"
        app = {"provider_id": "staff", "name": "Ministry", "client_id": CLIENT, "secret": SECRET}
        app["settings"] = {"server_url": one.url}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        yield one


def log_in(provider: IdentityProvider, client: Client, *, wanted: str = "/desk/today/") -> Any:
    """Go there and back as a browser does, and return the site's last answer."""
    leading = client.post(reverse("identity"), {"next": wanted})
    there = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', leading.content.decode())
    assert there, leading.content.decode()
    return client.get(provider.send_back(unescape(there[1])))


def test_staff_with_that_verified_address_get_in_and_to_where_they_were_going(
    provider: IdentityProvider, alma: User, settings: Any
) -> None:
    settings.OIDC_SECOND_FACTOR = True
    provider.claims = {"email": "Alma@Example.org", "email_verified": True}
    client = Client()

    answer = log_in(provider, client)

    assert provider.faults == [] and {"nonce", "state", "code_challenge"} <= provider.asked.keys()
    assert answer.status_code == 302 and answer["Location"] == "/desk/today/"
    assert client.session["_auth_user_id"] == str(alma.pk)
    assert client.get("/desk/today/").status_code == 200  # their own second factor counts
    assert not SocialAccount.objects.exists()
    assert AuditEntry.objects.get(verb="user.logged_in").detail == {"how": ["socialaccount"]}


def test_its_own_second_factor_counts_only_when_the_settings_say_so(provider: IdentityProvider, alma: User) -> None:
    provider.claims = {"email": alma.email, "email_verified": True}
    client = Client()
    log_in(provider, client)

    assert client.get("/desk/")["Location"].startswith("/desk/login/")
    assert client.get("/desk/", follow=True).redirect_chain[-1][0] == reverse("mfa_index")


def test_nobody_else_gets_in_and_nobody_gets_an_account(
    provider: IdentityProvider, campaign: Any, alma: User, minna: User
) -> None:
    elli = build_influencer(campaign, "elli").user
    closed = build_user("closed", "editor", is_active=False)
    people = User.objects.count()
    cases: list[dict[str, Any]] = [
        {"email": "nobody@example.org", "email_verified": True},
        {"email": alma.email, "email_verified": False},
        {"email": alma.email, "email_verified": "true"},
        {"email": alma.email},
        {"email_verified": True},
        {"email": [alma.email], "email_verified": True},
        {"email": elli.email, "email_verified": True},
        {"email": minna.email, "email_verified": True},
        {"email": closed.email, "email_verified": True},
    ]
    wrong = []
    for provider.claims in cases:
        client = Client()
        answer = log_in(provider, client)
        if answer.status_code != 403 or "_auth_user_id" in client.session:
            wrong.append(f"{provider.claims} was answered {answer.status_code}")

    assert wrong == []
    assert User.objects.count() == people and not SocialAccount.objects.exists()
    assert not AuditEntry.objects.filter(verb="user.logged_in").exists()


def test_a_token_that_is_not_to_be_trusted_lets_nobody_in(provider: IdentityProvider, alma: User) -> None:
    provider.claims = {"email": alma.email, "email_verified": True}
    let_in = []
    for fault in ("issuer", "audience", "nonce", "key", "unsigned", "expired"):
        provider.wrong = {fault}
        client = Client()
        answer = log_in(provider, client)
        if answer.status_code != 403 or "_auth_user_id" in client.session:
            let_in.append(fault)

    assert let_in == []


def test_a_forged_or_used_return_lets_nobody_in(provider: IdentityProvider, alma: User) -> None:
    provider.claims = {"email": alma.email, "email_verified": True}
    client = Client()
    log_in(provider, client)
    back = f"{provider.asked['redirect_uri']}?code=once&state={provider.asked['state']}"

    other = Client()  # the state is another browser's
    assert other.get(back).status_code == 403 and "_auth_user_id" not in other.session
    client.post(reverse("account_logout"))
    assert client.get(back).status_code == 403 and "_auth_user_id" not in client.session
    assert client.get(f"{provider.asked['redirect_uri']}?error=access_denied&state=x").status_code == 403


def test_a_provider_that_calls_itself_otherwise_or_is_away_is_not_gone_to(
    provider: IdentityProvider, settings: Any
) -> None:
    provider.wrong = {"config_issuer"}
    assert Client().post(reverse("identity"))["Location"] == reverse("account_login")

    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = settings.OIDC_ISSUER
    assert Client().post(reverse("identity"))["Location"] == reverse("account_login")


def test_it_begins_by_a_post_and_only_where_there_is_one(client: Client, campaign: Any) -> None:
    assert client.get(reverse("identity")).status_code == 405
    assert client.post(reverse("identity")).status_code == 404
    assert client.get("/identity/staff/?code=x&state=y").status_code == 404
    assert reverse("identity") not in client.get(reverse("account_login")).content.decode()


def test_the_login_page_offers_it_by_its_name(provider: IdentityProvider, client: Client) -> None:
    assert "Log in with Ministry" in client.get(reverse("account_login")).content.decode()
