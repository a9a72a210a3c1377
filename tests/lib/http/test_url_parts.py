"""Addresses that someone else wrote, also those that are none."""

import ast
from typing import Any

import pytest
from django.test import Client, RequestFactory

from bulletins.checks.links import link_checker
from bulletins.mail import bulletin_mail
from config.allauth_adapters import AccountAdapter
from factcheck.matching import canonical_urls
from factcheck.verdicts import verdict_checks
from influencers.editions import bulletin_entries
from influencers.posts import post_urls
from lib.http import safe_fetch, url_parts
from questions.answers import published_answers
from tests.architecture import PACKAGES, ROOT, modules_that_say
from website.check_text import matcher
from website.feeds import oembed

NONE_AT_ALL = ["//[", "https://[::1", "http://℀.fi", "http://[http://[", "http://a:99999999/", "http://a:x/"]
# Who takes an address apart without web_addresses, and why it is always one.
OF_OURS = {
    "accounts/login/reauthentication.py": "Django has found it to be one of ours",
    "accounts/login/known_address.py": "allauth has found it to be one of ours",
    "website/feeds/items.py": "a setting",
    "website/feeds/oembed.py": "a setting",
    "website/feeds/ical.py": "a setting",
    "stories/exchanges/meetings/meeting_series.py": "a setting",
    "stories/exchanges/invitations/invitation_calendar.py": "a setting",
    "bulletins/mail/bulletin_mail.py": "a page's of ours",
    "website/check_text/matcher.py": "a setting",
    "lib/http/form_origin.py": "a setting",
    "lib/http/safe_fetch.py": "web_addresses has found it to be one; where an answer leads is asked with care",
    "lib/http/kept_connections.py": "safe_fetch has found it to be one",
    "delivery/transports/push/preflight.py": "a setting",
    "delivery/transports/push/subscriptions.py": "safe_fetch has found it to be one",
    "delivery/transports/sms/preflight.py": "a setting",
    "delivery/transports/telegram/preflight.py": "a setting",
    "delivery/transports/whatsapp/preflight.py": "a setting",
    "bulletins/authority_posts/networks/mastodon.py": "the form of accounts has found it to be one",
    "lib/http/url_parts.py": "it is the one that takes care",
    "config/templatetags/site.py": "a path of ours",
    "config/backends/object_storage.py": "a setting and a file's of ours",
    "influencers/posts/post_urls.py": "web_addresses has found it to be one",
    "influencers/profiles/handles.py": "what there is when it is none",
    "influencers/templatetags/portal.py": "a file's of ours",
    "impact/closing/archive_contents.py": "a page's of ours",
    "impact/closing/public_site.py": "a page's of ours, and a setting",
}
ONLY_SETTINGS = {
    "mail_catcher.py",
    "deploy_checks.py",
    "doctor.py",
    "env.py",
    "page_cache.py",
    "redaction.py",
    "scratch_database.py",
    "installation.py",
    "startup_errors.py",
}


def test_an_address_is_taken_apart():
    found = url_parts.parts_of("https://www.Example.org:443/a?b=c#d")
    assert found is not None
    assert (found.scheme, found.hostname, found.port, found.path, found.query) == (
        "https",
        "www.example.org",
        443,
        "/a",
        "b=c",
    )
    assert url_parts.host_of("https://www.Example.org/") == "www.example.org"
    assert url_parts.host_of("/a/b") == ""


@pytest.mark.parametrize("address", NONE_AT_ALL)
def test_what_is_no_address_is_none(address: str):
    assert url_parts.parts_of(address) is None
    assert url_parts.host_of(address) == ""


@pytest.mark.parametrize("address", NONE_AT_ALL)
def test_nobody_who_reads_an_address_stumbles_over_one_that_is_none(address: str, settings: Any):
    assert matcher._own(matcher._OWN_BULLETIN, address) is None
    assert canonical_urls.url_key(address) == ""
    assert verdict_checks.closed(address) == "no" and verdict_checks.registered_domain(address) == address
    assert url_parts.site_of(address) == "" and not link_checker.is_example(address)
    assert oembed.embedded_page(address) is None and not published_answers.is_playable(address)
    assert bulletin_entries.place_of({"source_url": address}) == ("", "")
    assert not post_urls.is_profile(address, "instagram")
    assert bulletin_mail._own_links(f'<a href="{address}">here</a>', "https://example.org/") == "here"
    with pytest.raises(post_urls.BadPostAddress):
        post_urls.checked(address, "instagram")
    with pytest.raises(safe_fetch.BadAddress):
        safe_fetch.fetch(address)


def test_an_answer_that_leads_to_no_address_is_a_fault_of_its_sender(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(safe_fetch, "_ask", lambda url, *_more: (safe_fetch.Fetched(301, url, b"", ""), "http://["))
    with pytest.raises(safe_fetch.BadAddress):
        safe_fetch.fetch("https://site.example.net/")


@pytest.mark.parametrize("address", NONE_AT_ALL)
def test_nobody_is_led_to_what_is_no_address(address: str):
    from allauth.core import context

    with context.request_context(RequestFactory().get("/")):
        assert not AccountAdapter().is_safe_url(address)
        assert AccountAdapter().is_safe_url("/en/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ["/en/account/login/", "/en/account/login/code/", "/en/account/logout/", "/desk/login/"]
)
@pytest.mark.parametrize("address", NONE_AT_ALL[:3])
def test_a_way_back_that_is_no_address_is_no_fault_of_ours(campaign: Any, page: str, address: str):
    client = Client()
    assert client.get(page, {"next": address}).status_code < 500
    assert (
        client.post(
            page, {"next": address, "email": "a@b.example", "login": "a@b.example", "password": "x"}
        ).status_code
        < 500
    )


@pytest.mark.django_db
@pytest.mark.parametrize("address", NONE_AT_ALL)
def test_a_text_with_what_is_no_address_is_compared(campaign: Any, address: str):
    assert Client().post("/en/check/", {"text": f"See {address} and http://{address}"}).status_code == 200


def test_nobody_else_takes_addresses_apart():
    found = set()
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    for path, tree in modules_that_say(["urllib"], paths):
        if {"migrations", "demo", "management"} & set(path.parts):
            continue
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "urllib.parse"
            for alias in node.names
        }
        if names & {"urlsplit", "urlparse", "urljoin"}:
            found.add(str(path.relative_to(ROOT)))
    assert {name for name in found if name.rpartition("/")[2] not in ONLY_SETTINGS} == OF_OURS.keys()
