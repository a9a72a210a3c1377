"""Every answer protects itself in the browser. Those of all routes are looked at where all are asked: tests/architecture/test_routes.py."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from config.http.caches.private_pages import PrivatePagesMiddleware
from config.http.security_headers import SecurityHeadersMiddleware

from .header_rules import wrong_with

pytestmark = pytest.mark.django_db


def test_redirects_refusals_and_kept_copies_have_them_too(client, campaign, settings):
    pages: dict[str, tuple[int, Any]] = {
        "another host": (400, client.get("/en/", headers={"host": "evil.example"})),
        "nothing there": (404, client.get("/en/nothing/")),
        "a NUL": (400, client.get("/en/%00/")),
        "no token": (403, Client(enforce_csrf_checks=True).post("/en/check/", {"text": "x"})),
        "not this method": (405, client.delete("/en/")),
        "a file": (404, client.get("/static/nothing.css")),
        "the same": (304, client.get("/en/", headers={"If-None-Match": client.get("/en/")["ETag"]})),
    }
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "bulletins.test"
    pages["to https"] = (301, Client().get("/en/"))
    assert pages["to https"][1]["Location"] == "https://bulletins.test/en/"
    wrong = {name: answer.status_code for name, (status, answer) in pages.items() if answer.status_code != status}
    assert wrong == {}
    for name, (_status, answer) in pages.items():
        assert (name, wrong_with(answer, framed=False, open_to_others=False)) == (name, [])


def test_what_a_view_says_itself_stays(rf):
    said = {"Content-Security-Policy": "default-src 'none'; sandbox", "Referrer-Policy": "no-referrer"}
    answer = SecurityHeadersMiddleware(lambda _request: HttpResponse("x", headers=said))(rf.get("/"))
    assert {name: answer[name] for name in said} == said


def test_what_is_public_stays_so_for_somebody_who_is_logged_in(rf, settings):
    request = rf.get("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    public = HttpResponse("x", headers={"Cache-Control": "public, max-age=0"})
    assert PrivatePagesMiddleware(lambda _request: public)(request)["Cache-Control"] == "public, max-age=0"
    assert PrivatePagesMiddleware(lambda _request: HttpResponse("x"))(request)["Cache-Control"] == "private, no-store"


def test_somebody_who_logs_in_or_out_leaves_nothing_in_a_cache(client, root):
    client.force_login(root)
    out = client.post("/en/account/logout/")
    assert out.status_code == 302 and "no-store" in out["Cache-Control"]
