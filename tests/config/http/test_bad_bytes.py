"""What no page can mean is refused with a 4xx everywhere, and never a fault of ours: PostgreSQL takes no NUL."""

import json
from typing import Any

import pytest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import translation

from campaigns import api_tokens
from config.http.errors.bad_requests import LONGEST_TARGET, BadRequestMiddleware
from tests.architecture.page_permissions import ROUTES
from tests.architecture.test_routes import media, scene  # noqa: F401  (fixtures)
from tests.support.builders import NOON

pytestmark = pytest.mark.django_db

READ_BY_PAGES = "page q topic region url format maxwidth language since after day next".split()
ODD = ("99999999999999999999999", "-1", "%ED%A0%80%FF%E2%80%AE'\"%3E")


def addresses(scene: Any) -> dict[str, str]:  # noqa: F811
    """Return the address of every route that can be walked."""
    found = {}
    with translation.override("en"):
        for name, route in ROUTES.items():
            try:
                found[name] = reverse(name, args=route.arguments(scene))
            except NoReverseMatch:
                continue  # tests/architecture says so
    return found


@pytest.mark.slow
@pytest.mark.pages
def test_no_address_takes_a_nul_and_none_stumbles_over_odd_values(scene, ines, signed_in):  # noqa: F811
    wrong = []
    nobody, somebody = Client(raise_request_exception=False), signed_in(ines)
    somebody.raise_request_exception = False

    def ask(what: str, answer: Any, *statuses: int) -> None:
        if answer.status_code not in statuses:
            wrong.append(f"{what}: {answer.status_code}")

    for name, path in addresses(scene).items():
        ask(f"{name} query", nobody.get(f"{path}?topic=%00"), 400)
        ask(f"{name} name", somebody.get(f"{path}?%00=x"), 400)
        if not path.startswith(("/webhooks/", "/api/")):
            fields = dict.fromkeys(
                ("text", "email", "code", "login", "language", "next", "action", "q", "a\0b"), "a\0b"
            )
            ask(f"{name} form", nobody.post(path, fields), *range(200, 500), *ROUTES[name].answers)
            ask(f"{name} form of somebody", somebody.post(path, fields), *range(200, 500), *ROUTES[name].answers)
        for value in ODD:
            query = "&".join(f"{parameter}={value}" for parameter in READ_BY_PAGES)
            client = somebody if "/portal/" in path else nobody
            ask(f"{name} {value}", client.get(f"{path}?{query}"), *range(200, 500), *ROUTES[name].answers)
    assert wrong == []


def test_a_field_that_no_form_looks_at_is_refused_when_the_database_refuses_it(rf):
    def view(request: HttpRequest) -> HttpResponse:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")

    def answer_to(fields: dict[str, str]) -> HttpResponse | None:
        request = rf.post("/en/check/", fields)
        request.resolver_match = resolve("/en/check/")
        return BadRequestMiddleware(view).process_exception(request, DataError())

    refused = answer_to({"text": "a\0b"})
    assert refused is not None and refused.status_code == 400
    assert answer_to({"text": "ab"}) is None, "a fault of ours stays one"


def test_a_nul_in_the_path_or_a_cookie_is_refused(client, campaign, settings):
    for path in ("/en/%00/", "/%00", "/media/a%00.png", "/en/facts/a%00b/", "/desk/%00/"):
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 400)
        assert "did not make sense" in answer.content.decode() or b"<h1" in answer.content
    for name in (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "anything"):
        answer = client.get("/en/", headers={"cookie": f'{name}="\\000aaaaaaaaaaaa"'})
        assert (name, answer.status_code) == (name, 400)


def test_systems_are_told_in_their_own_form(client, campaign):
    answer = client.get("/api/v1/bulletins?topic=%00")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert "cannot be read" in answer.json()["detail"]


def test_an_address_that_is_too_long_is_refused_and_a_long_one_is_not(client, campaign):
    assert client.get("/en/", {"q": "x" * (LONGEST_TARGET - 100)}).status_code == 200
    assert client.get("/en/", {"q": "x" * LONGEST_TARGET}).status_code == 400
    assert client.get(f"/en/{'x' * LONGEST_TARGET}/").status_code == 400


def test_too_many_fields_and_too_many_bytes_are_refused(client, campaign, settings):
    raising = Client(raise_request_exception=False)
    many = {f"f{n}": "x" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert raising.post("/en/check/", many).status_code == 400
    assert raising.get("/en/", dict.fromkeys(list(many)[:1001], "")).status_code == 400
    large = {"text": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    assert raising.post("/en/check/", large).status_code in {400, 413}


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b"])
def test_json_with_a_nul_or_half_a_letter_is_refused_with_a_sentence(client, campaign, authority, alma, text):
    issued = api_tokens.issue(authority, name="alerts", by=alma, at=NOON)
    token = issued if isinstance(issued, str) else issued[-1]
    body = json.dumps({"reference": "x", "title": "TEXT", "text": "TEXT"}).replace("TEXT", text)
    answer = Client(raise_request_exception=False).post(
        "/api/v1/inputs", body, content_type="application/json", headers={"authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 422 and answer.json()
