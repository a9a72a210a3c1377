"""What the logs say: keys and names of routes; no address, token, code or password in any spelling."""

import json
import logging
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, path

from config import urls as site
from operations.logs import redaction
from operations.logs.error_counter import counted
from operations.logs.formatters import Clean, JsonLines, Lines, doing, note_uncaught
from operations.logs.redaction import clean

from .log_reader import lines_of

ADDRESS = "anna.canary@canary-domain.example"
SPELLINGS = (
    ADDRESS, ADDRESS.upper(), ADDRESS.replace("@", "%40"), ADDRESS.replace("@", "=40"), ADDRESS.replace("@", "&#64;"),
    ADDRESS.replace("@", "\\u0040"), ADDRESS.replace("@", " (at) "), f"Anna Canary <{ADDRESS}>", f'"Canary, A" <{ADDRESS}>',
    "änna.canary@cänary-domain.example", '"anna canary"@canary-domain.example', f"mailto:{ADDRESS}?subject=x",
    "bounces+12.ab12cd34ef56ab78@canary-domain.example", f"to={ADDRESS}&cc={ADDRESS}",
)  # fmt: skip
URLCONF = "tests.operations.logs.test_formatters"


def fails(request, token):
    """A view that breaks with an address and a token in its hands."""
    address = request.POST.get("email", ADDRESS)
    raise ValueError(f"{address} has no place here, nor has {token}")


def fine(request, token):
    """A view that works."""
    logging.getLogger("tests.view").warning("Row %s is odd.", 12)
    return HttpResponse("ok")


urlpatterns = [
    path("fails/<str:token>/", fails, name="fails"),
    path("fine/<str:token>/", fine, name="fine"),
    *site.urlpatterns,
]
handler500 = "config.http.errors.error_views.server_error"


def test_an_address_goes_in_every_spelling_and_the_words_around_it_stay():
    left = [spelling for spelling in SPELLINGS if "canary" in clean(f"Delivery 7 to {spelling} failed").lower()]
    assert left == []
    assert clean(f"Delivery 7 to {ADDRESS} failed") == "Delivery 7 to [address] failed"
    assert clean(f"Delivery 7 to Anna Canary <{ADDRESS}> failed") == "Delivery 7 to <[address]> failed"


def test_tokens_codes_and_passwords_go(settings):
    token = secrets.token_urlsafe(32)
    texts = {
        f"GET /fi/mail/12.7:{token}/": token,
        f"/fi/join/confirm/12:1uXyZa:{token}/ was opened": token,
        "session 0a9s8d7f6g5h4j3k2l1qpwoeirutyzm1 ended": "0a9s8d7f",
        f"Authorization: Bearer {token}": token,
        "{'HTTP_COOKIE': '__Host-session=abc; csrf=def', 'a': 1}": "abc",
        "{'code': 'QWERTY', 'next': '/'}": "QWERTY",
        "code=482913&next=/": "482913",
        "postgres://bulletins:hunter2@db/x": "hunter2",
        "redis://:hunter2@redis:6379/0 and smtp+tls://u:hunter2@relay:587": "hunter2",
        "Key: DETAIL:  Failing row contains (1, Anna Canary).": "Anna",
        "LINE 1: SELECT 1 WHERE name = 'Anna Canary'": "Anna",
        "the reply path 12.ab12cd34ef56ab78 came": "ab12cd34",
        f"{settings.SECRET_KEY[:-1]}y is no key, {settings.SECRET_KEY} is": settings.SECRET_KEY,
        "Subject: =?utf-8?b?QW5uYSBDYW5hcnk=?=": "QW5uYS",
    }
    assert [text for text, secret in texts.items() if secret in clean(text)] == []
    missed = sum(token in clean(f"x/{token}/y") for token in (secrets.token_urlsafe(24) for _number in range(2000)))
    assert missed <= 20  # one in a hundred looks like words


@pytest.mark.parametrize("name", ["NOTIFY_SECRET", "METRICS_TOKEN", "OIDC_CLIENT_SECRET"])
def test_a_secret_of_the_settings_goes_whatever_it_looks_like(name, settings):
    setattr(settings, name, "horse battery staple")
    redaction._secrets.cache_clear()
    try:
        assert "battery" not in clean("the server said horse battery staple is wrong")
    finally:
        redaction._secrets.cache_clear()


def test_the_name_of_every_route_stays_as_it_is():
    """A long one after a colon looks like something signed, but chance did not make it."""

    def names(patterns: Any, within: str = "") -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from names(one.url_patterns, f"{within}{one.namespace}:" if one.namespace else within)
            elif one.name:
                yield f"{within}{one.name}"

    lines = [f"GET {name}: 200 in 3.1 ms" for name in names(get_resolver().url_patterns)]

    assert len(lines) > 300
    assert [line for line in lines if clean(line) != line] == []


def test_what_helps_stays():
    for text in (
        "Task delivery.tasks.deliver[0b1c2d3e-aaaa-4bbb-8ccc-0123456789ab] succeeded in 0.01s",
        "Delivery 123 failed: 550 5.1.1",
        'File "/srv/bulletins/migrations/0002_audit_is_append_only.py", line 3, in SecurityMiddlewareTestCase',
        "The tick's step influencers.inbox.harassment.escalate went wrong; the next tick tries again.",
        'relation "delivery_delivery" does not exist',
    ):
        assert clean(text) == text


def test_a_long_text_is_cut_between_words_before_it_is_cleaned():
    long = "word " * 1_590 + "start " + ADDRESS.replace("canary@", f"{'canary' * 20}@") + " end"
    assert len(long) > redaction.LONGEST
    assert clean(long).endswith("word start […]") and "canary" not in clean(long)
    assert clean("a-" * 100_000) == " […]"


def test_a_long_traceback_keeps_its_end():
    trace = "Traceback:\n" + f"  at {ADDRESS}\n" * 10_000 + f"ValueError: {ADDRESS} is wrong"
    shown = redaction.clean_trace(trace)
    assert len(shown) < redaction.LONGEST_TRACE and ADDRESS not in shown
    assert shown.startswith("Traceback:\n  at [address]\n") and shown.endswith("ValueError: [address] is wrong")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "http://" + "a-" * 3_900}, "bad-origin"),
        ({"Referer": "https://evil.example/" + "a-" * 3_900}, "bad-referer"),
        ({}, "no-referer"),
    ],
)
@pytest.mark.django_db
def test_a_forged_request_is_logged_as_a_code_in_a_moment(headers, code):
    client = Client(enforce_csrf_checks=True)
    client.get("/i18n/setlang/", secure=True)  # what is loaded once is not timed
    with lines_of() as written:
        began = time.process_time()
        answer = client.post("/i18n/setlang/", {"language": "fi"}, secure=True, headers=headers)
        took = time.process_time() - began
    assert answer.status_code == 403
    assert [line["message"] for line in written if line["logger"] == "django.security.csrf"] == [
        f"Refused as forged ({code}): set_language"
    ]
    assert "a-a-" not in json.dumps(written)
    assert took < 1  # it was 3 s


def test_others_see_the_record_as_it_was():
    try:
        raise ValueError(ADDRESS)
    except ValueError as fault:
        record = logging.LogRecord("x", 40, "f", 1, "to %s", (ADDRESS,), (ValueError, fault, fault.__traceback__))
    shown = Clean().filter(record)
    assert record.getMessage() == f"to {ADDRESS}" and record.exc_info
    for formatter in (Lines(), JsonLines()):
        assert ADDRESS not in formatter.format(shown) and "Traceback" in formatter.format(shown)


def test_a_forged_line_stays_in_its_line():
    record = logging.LogRecord("x", 30, "f", 1, "name: %s", ("a\n2026-01-01 ERROR x: forged\u2028b",), None)
    assert len(Lines().format(Clean().filter(record)).splitlines()) == 1
    assert len(JsonLines().format(Clean().filter(record)).splitlines()) == 1


def test_a_task_says_its_name_and_keys():
    record = logging.LogRecord("x", 30, "f", 1, "late", (), None)
    with doing(task="delivery.tasks.deliver", keys=[7]):
        told = json.loads(JsonLines().format(Clean().filter(record)))
    assert (told["task"], told["keys"], told["level"], told["message"]) == (
        "delivery.tasks.deliver",
        [7],
        "WARNING",
        "late",
    )
    assert "task" not in json.loads(JsonLines().format(Clean().filter(record)))


def test_what_nobody_caught_is_logged_and_cleaned():
    with lines_of() as written:
        try:
            raise RuntimeError(f"no mail for {ADDRESS}")
        except RuntimeError as fault:
            note_uncaught(RuntimeError, fault, fault.__traceback__)
    assert "RuntimeError: no mail for [address]" in written[0]["exception"] and ADDRESS not in json.dumps(written)


@pytest.mark.urls(URLCONF)
@pytest.mark.django_db
def test_a_request_is_told_by_its_route_and_never_by_its_path(client):
    token = secrets.token_urlsafe(24)
    client.raise_request_exception = False
    before = counted()
    with lines_of() as written:
        fine_answer = client.get(f"/fine/{token}/?email={ADDRESS}", HTTP_X_REQUEST_ID="0123456789abcdef")
        failed = client.post(f"/fails/{token}/", {"email": ADDRESS}, HTTP_X_REQUEST_ID=f"{ADDRESS}")
        client.get(f"/nowhere/{token}/")
    assert (fine_answer.status_code, failed.status_code) == (200, 500)
    assert fine_answer["X-Request-ID"] == "0123456789abcdef" and len(failed["X-Request-ID"]) == 32

    everything = json.dumps(written)
    assert token not in everything and ADDRESS not in everything
    own = [line for line in written if line["request_id"] == "0123456789abcdef"]
    assert [(line["logger"], line["route"]) for line in own] == [
        ("tests.view", "fine"),
        ("config.http.request_log", "fine"),
    ]
    assert own[1]["status"] == 200 and own[1]["ms"] > 0 and own[1]["method"] == "GET"
    (fault,) = [line for line in written if "exception" in line]
    assert fault["request_id"] == failed["X-Request-ID"] and fault["route"] == "fails"
    assert fault["message"] == "Internal Server Error: fails" and "[address] has no place here" in fault["exception"]
    assert counted() == before + 1
