"""Nobody outside says which host this is, where a visitor is, or whether there was TLS."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client, RequestFactory

from accounts import rate_limit
from config.http.caches.cache_watcher import Watch
from config.http.caches.page_cache import PageCache
from tests.support.fresh_settings import read_settings

pytestmark = pytest.mark.django_db

FORGED = [
    "evil.example",
    "bulletins.test.evil.example",
    "bulletins.test@evil.example",
    "bulletins.test:80@evil.example",
]


@pytest.fixture
def there(settings: Any) -> None:
    """The site as it is in production, behind one web server."""
    settings.PUBLIC_URL = "https://bulletins.test"
    settings.ALLOWED_HOSTS = ["bulletins.test", "127.0.0.1", "localhost"]
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "bulletins.test"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def test_a_forged_host_is_refused_and_gets_nothing(there, alma, campaign):
    for host in FORGED:
        client = Client()
        answers = [
            client.get("/en/", headers={"host": host, "x-forwarded-proto": "https"}),
            client.post(
                "/en/account/login/code/",
                {"email": alma.email},
                headers={"host": host, "x-forwarded-proto": "https"},
            ),
        ]
        assert [(host, answer.status_code) for answer in answers] == [(host, 400)] * 2
        assert not any("evil" in answer.content.decode() for answer in answers)
    assert mail.outbox == []


def test_neither_another_port_nor_a_forwarded_host_is_in_any_link_or_mail(there, alma, campaign):
    for forged in (
        {"host": "bulletins.test:8443"},
        {"host": "bulletins.test", "x-forwarded-host": "evil.example"},
        {"host": "bulletins.test", "x-host": "evil.example", "forwarded": "host=evil.example"},
        {"host": "localhost:81"},
    ):
        mail.outbox.clear()
        client = Client(headers=forged | {"x-forwarded-proto": "https"})
        pages = [
            client.get(path) for path in ("/", "/en/", "/en/feeds/rss.xml", "/sitemap.xml", "/en/nothing", "/desk/")
        ]
        pages.append(client.post("/en/account/login/code/", {"email": alma.email}))
        for page in pages:
            said = page.content.decode() + page.get("Location", "")
            assert not any(bad in said for bad in ("evil", ":8443", "localhost")), (forged, page.request["PATH_INFO"])
        letters = "".join(letter.body + str(letter.message()) for letter in mail.outbox)
        assert not any(bad in letters for bad in ("evil", ":8443", "localhost:81"))


def test_the_way_to_https_leads_to_our_host_whatever_was_asked_for(there):
    for host in ("bulletins.test", "bulletins.test:8080", "localhost"):
        answer = Client(headers={"host": host}).get("/en/about/?x=1")
        assert (answer.status_code, answer["Location"]) == (301, "https://bulletins.test/en/about/?x=1")


def test_kept_pages_are_for_the_one_host_only(there, campaign):
    asked: list[str] = []

    def django(environ: dict[str, Any], start: Any) -> list[bytes]:
        asked.append(environ.get("HTTP_HOST", ""))
        start("200 OK", [("Content-Length", "1")])
        return [b"x"]

    watch = Watch(lambda: None)  # type: ignore[arg-type, return-value]
    watch.begin = lambda: None  # type: ignore[method-assign]
    pages = PageCache(django, watch)
    ours = {"HTTP_HOST": "bulletins.test", "HTTP_X_FORWARDED_PROTO": "https"}
    of = RequestFactory().get("/en/").environ
    assert pages._is_anonymous(of | ours)
    for other in ({"HTTP_HOST": "localhost"}, {"HTTP_HOST": "bulletins.test:81"}, {"HTTP_X_FORWARDED_PROTO": "http"}):
        assert not pages._is_anonymous(of | ours | other), other


def test_what_a_visitor_says_of_their_address_and_tls_counts_only_behind_a_proxy(monkeypatch, settings, rf):
    monkeypatch.setenv("PUBLIC_URL", "https://bulletins.test")
    said = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "192.0.2.1"}
    for proxies, place, is_secure in (("0", "192.0.2.1", False), ("1", "203.0.113.9", True)):
        monkeypatch.setenv("PROXIES", proxies)
        read = read_settings()
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = read["ALLAUTH_TRUSTED_PROXY_COUNT"]
        settings.SECURE_PROXY_SSL_HEADER = read["SECURE_PROXY_SSL_HEADER"]
        request = rf.get("/", **said)
        assert (rate_limit.client_address(request), request.is_secure()) == (place, is_secure)


def test_every_cookie_is_of_this_host_only_out_of_reach_of_scripts_and_small(monkeypatch, settings, campaign, alma):
    monkeypatch.setenv("PUBLIC_URL", "https://bulletins.test")
    read = read_settings()
    for name in [name for name in read if "_COOKIE_" in name]:
        setattr(settings, name, read[name])
    client = Client(HTTP_HOST="testserver")
    client.force_login(alma)
    client.get("/en/check/", secure=True)
    client.post("/i18n/setlang/", {"language": "fi"}, secure=True)
    client.post("/en/account/logout/", secure=True)
    Client().get("/en/check/", secure=True)
    known = {name: one for name, one in client.cookies.items() if one.value}
    assert {"__Host-csrf", "__Host-language"} <= known.keys()
    wrong = [
        name
        for name, one in known.items()
        if not (one["secure"] and one["httponly"] and one["samesite"] == "Lax" and one["path"] == "/")
        or one["domain"]
        or len(one.OutputString()) > 2_000
        or not (
            name.startswith("__Host-") or name == "messages"
        )  # its name is chosen at the start: config/http/message_storage.py
    ]
    assert wrong == []
    assert read["SESSION_COOKIE_NAME"].startswith("__Host-")


@pytest.mark.parametrize(
    ("address", "mark"),
    [
        ("http://127.0.0.1:8001", "-8001"),
        ("http://localhost:9000", "-9000"),
        ("http://127.0.0.1:8000", ""),
        ("http://bulletins.test:8001", ""),
    ],
)
def test_two_demos_on_one_machine_have_cookies_of_their_own(monkeypatch, address, mark):
    monkeypatch.setenv("PUBLIC_URL", address)
    read = read_settings()
    for name in ("session", "csrf", "device", "card", "language"):
        assert read[f"{name.upper()}_COOKIE_NAME"] == f"{name}{mark}"
