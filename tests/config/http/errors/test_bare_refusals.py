"""A refusal without a page gets ours, with its next step, in the reader's language; what is no page stays as it was."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from config.http.errors.bare_refusals import BareRefusalsMiddleware
from tests.architecture.page_permissions import ROUTES
from tests.architecture.test_routes import media, scene  # noqa: F401  (fixtures)

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STATUSES = (400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503)
MACHINES = ("api:", "webhooks:")
WORDS = {"fi": "Etusivu", "sv": "Startsida", "en": "Front page"}


def faults_of(answer, language="en"):
    """Return what a refusal's page lacks."""
    html = answer.content.decode()
    main = html.partition("<main")[2] or html
    wrong = [] if re.search(rf'<html [^>]*lang="{language}"', html) else ["its language"]
    wrong += [] if re.search(r"<h1[^>]*>\s*\S", main) else ["a heading"]
    return wrong + ([] if re.search(r"<a [^>]*href|<button|<form", main) else ["a next step"])


def refuse(rf, status, *, method="get", path="/en/x/", **headers):
    bare = HttpResponse(status=status, headers={"Allow": "POST", "Retry-After": "9", "Cache-Control": "no-store"})
    bare.set_cookie("kept", "1")
    return BareRefusalsMiddleware(lambda _request: bare)(getattr(rf, method)(path, headers=headers))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("language", WORDS)
def test_every_status_has_a_page_in_the_readers_language_and_keeps_its_headers(rf, status, language):
    answer = refuse(rf, status, path="/somewhere/", **BROWSER | {"Accept-Language": language})

    assert answer.status_code == status and faults_of(answer, language) == []
    assert WORDS[language] in answer.content.decode()
    assert (answer["Allow"], answer["Retry-After"], answer["Cache-Control"]) == ("POST", "9", "no-store")
    assert answer.cookies["kept"].value == "1" and int(answer["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize(
    "headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}, BROWSER | {"HX-Request": "true"}]
)
def test_programs_scripts_and_htmx_get_no_page(rf, headers):
    answer = refuse(rf, 405, **headers)
    assert answer.status_code == 405 and answer.content == b"" and "Accept" in answer["Vary"]


@pytest.mark.django_db
def test_a_head_request_has_the_headers_of_the_page_and_no_body(campaign):
    path = reverse("identity")
    head, page = Client().head(path, headers=BROWSER), Client().get(path, headers=BROWSER)
    assert (head.status_code, head.content) == (405, b"") and page.status_code == 405 and faults_of(page) == []
    assert head["Allow"] == page["Allow"] == "POST" and "text/html" in head["Content-Type"]


@pytest.mark.django_db
def test_the_desk_refuses_in_its_own_frame(campaign, alma, signed_in):
    answer = signed_in(alma).get(reverse("admin:logout"), headers=BROWSER)
    assert answer.status_code == 405 and faults_of(answer) == [] and reverse("admin:index") in answer.content.decode()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [False, True], ids=["stranger", "logged in"])
@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_every_refusal_of_every_route_is_a_page_with_a_next_step(scene, ines, client, is_known, method):  # noqa: F811
    wrong, refused = [], 0
    client.raise_request_exception = False
    for name, route in ROUTES.items():
        if name.startswith(MACHINES) or name == "account_logout":
            continue
        if is_known:
            client.force_login(ines)
        try:
            path = reverse(name, args=route.arguments(scene))
        except NoReverseMatch:
            continue
        answer = getattr(client, method)(path, headers=BROWSER)
        if answer.status_code < 400:
            continue
        refused += 1
        if "html" in answer.get("Content-Type", ""):
            wrong += [f"{name}: {answer.status_code} lacks {fault}" for fault in faults_of(answer)]
        elif not b"".join(answer):
            wrong.append(f"{name}: {answer.status_code} is empty")
    assert refused > 3 and wrong == [], "\n".join(wrong)
