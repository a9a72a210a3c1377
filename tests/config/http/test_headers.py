"""Every answer protects itself in the browser, and what is someone's own is in no cache and no Referer."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from config.http.caches.private_pages import PrivatePagesMiddleware
from config.http.security_headers import SecurityHeadersMiddleware
from tests.architecture.page_permissions import ROUTES
from tests.architecture.test_routes import media, scene  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FRAMED = {
    "website:embed",
    "website:embed_bulletin",
    "website:embed_help",
    "website:embed_story",
    "website:embed_offer",
}  # the boxes for other sites
OTHERS_MAY_READ = {
    *(*FRAMED, "website:rss", "website:atom", "website:json_feed", "website:help_atom", "website:help_json"),
    *("website:stories_rss", "website:stories_atom", "website:stories_json", "website:contributions_atom"),
    "commissions:picture",
    *("website:calendar", "alerts", "alert", "oembed", "media", "factcheck:feed", "factcheck:claims_data"),
    *("factcheck:claimreview_data", "factcheck:card", "website:answer_card", "website:status_data"),
}
NOBODYS_OWN = {"website:app", "website:app_icon"}  # the same for everyone: caches may keep them
LIKE_A_KEY = ("no-referrer", "strict-origin")


def wrong_with(answer: Any, *, framed: bool, open_to_others: bool) -> list[str]:
    """Return what an answer lacks."""
    wrong = [f"{name} is {answer.get(name)}" for name, value in ALWAYS.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe-eval" in policy:
        wrong.append(f"policy {policy}")
    scripts = [part for part in policy.split("; ") if part.startswith("script-src")]
    if any("unsafe" in part or "*" in part for part in scripts):
        wrong.append(f"scripts {scripts}")
    if framed != ("X-Frame-Options" not in answer) or framed != ("frame-ancestors 'none'" not in policy):
        wrong.append("may be framed, or not")
    if "camera=()" not in answer.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    if answer.get("Referrer-Policy") not in {"same-origin", *LIKE_A_KEY}:
        wrong.append(f"Referrer-Policy {answer.get('Referrer-Policy')}")
    allowed = {"cross-origin", "same-origin"} if open_to_others else {"same-origin"}
    if answer.get("Cross-Origin-Resource-Policy") not in allowed:
        wrong.append(f"Cross-Origin-Resource-Policy {answer.get('Cross-Origin-Resource-Policy')}")
    return wrong


@pytest.mark.slow
@pytest.mark.looks
def test_every_address_answers_with_all_headers_and_what_is_somebodys_own_is_in_no_cache(
    scene,  # noqa: F811
    settings,
    signed_in,
    root,
    ines,
    minna,
):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    wrong = []
    for who, client in (("nobody", Client()), *((user.name, signed_in(user)) for user in (root, ines, minna))):
        client.raise_request_exception = False
        for name, route in ROUTES.items():
            try:
                with translation.override("en"):
                    path = reverse(name, args=route.arguments(scene))
            except NoReverseMatch:
                continue  # tests/architecture says so
            answer: Any = client.get(path, secure=True)
            may = name in OTHERS_MAY_READ or name.startswith("api:")
            faults = wrong_with(answer, framed=name in FRAMED, open_to_others=may)
            if "max-age=31536000" not in answer.get("Strict-Transport-Security", ""):
                faults.append("no HSTS")
            cached = answer.get("Cache-Control", "")
            if (
                who != "nobody"
                and "no-store" not in cached
                and not ((may or name in NOBODYS_OWN) and "public" in cached)
            ):
                faults.append(f"may be cached: {cached}")
            match = answer.wsgi_request.resolver_match
            if "token" in match.kwargs and not (
                answer.get("Referrer-Policy") in LIKE_A_KEY
                and "no-store" in cached
                and answer.get("X-Robots-Tag") == "noindex"
            ):
                faults.append("its address is a key, and it does not behave so")
            wrong += [f"{who}: {name}: {fault}" for fault in faults]
    assert wrong == []


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
