"""Whatever is asked of a public page or of the API: an answer, never a fault of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import api_tokens
from tests.support import builders

from . import payloads, scene

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(600)]

# Every parameter that a public address reads, and some that nobody does.
GETS = {
    "/en/": ["page"], "/en/bulletins/": ["q", "topic", "page", "month"],
    "/en/bulletins/1/": ["level"], "/en/answers/": ["q", "topic", "page"], "/en/facts/": ["q", "verdict", "page", "topic"],
    "/en/facts/reported/": ["see"], "/en/facts/report/": ["claim", "text", "url"], "/en/check/": ["text", "q"], "/en/feeds/rss.xml": ["topic"],
    "/en/feeds/atom.xml": ["topic"], "/en/feeds/feed.json": ["topic"], "/en/feeds/calendar.ics": ["topic"],
    "/en/facts/feed/": ["page"], "/en/facts/data/claims.json": ["page", "after"], "/oembed": ["url", "format", "maxwidth", "maxheight"],
    "/en/subscribe/": ["topic", "cadence", "email"], "/en/certificates/": ["code"], "/en/c/": ["code"], "/en/account/login/": ["next"],
    "/en/account/login/code/": ["next"], "/en/account/logout/": ["next"], "/desk/login/": ["next"], "/en/join/": ["again"], "/": ["next"], "/sitemap.xml": ["p"],
    "/api/v1/bulletins": ["page", "page_size", "limit", "offset", "language", "topic", "since", "after", "state", "q"],
    "/api/v1/questions": ["page", "limit", "offset", "language", "topic", "since", "after"],
    "/api/v1/claims": ["page", "limit", "offset", "language", "verdict", "since", "after"],
    "/api/v1/campaign": ["language"], "/api/v1/inputs": ["page", "state"],
}  # fmt: skip
PATHS = [
    "/en/bulletins/{}/", "/en/bulletins/1/versions/{}/", "/en/answers/{}/", "/en/answers/x/versions/1/{}.vtt", "/en/facts/{}/",
    "/en/facts/x/versions/{}/", "/en/facts/cards/{}/1-fi-1x1.png", "/en/facts/sources/{}/", "/en/f/{}/", "/cap/{}.xml",
    "/media/{}", "/en/mail/{}/", "/en/mail/leave/{}/", "/en/seen/{}/", "/en/subscribe/confirm/{}/", "/en/subscription/{}/", "/en/subscription/{}/data/",
    "/en/join/invited/{}/", "/en/join/invited/{}/no/", "/en/certificates/{}/", "/en/c/{}/", "/C/{}", "/en/embed/{}/", "/sitemap-{}.xml", "/webhooks/{}/",
    "/api/v1/bulletins/{}", "/api/v1/bulletins/1/versions/{}", "/api/v1/questions/{}", "/api/v1/claims/{}", "/api/v1/inputs/{}", "/{}/", "/{}",
]  # fmt: skip
ODD = [
    "", "0", "-1", "1e9", "9" * 19, "9" * 400, "1.5", "NaN", "null", "[]", "[1]", "{}", "true", "٣", "²", "½", "\x00", "a\x00b", "\ud800", "%",
    "%00", "%ff", "%ED%A0%80", "..", "../../etc/passwd", "%2e%2e%2f", ".", "~", "*", "?", "'", "\"", "\\", ";", "--", "' OR 1=1 --", "a" * 3_000,
    "\U0001f600" * 200, "\u202e", "İ", "ß" * 100, "e\u0301" * 200, "(" * 500, "\"" * 200, "a AND OR NOT", "a*" * 100, "NEAR(a b)", ":*", "<->",
    "2026-13-45", "2026-03-25T12:00:00+99:99", "0001-01-01", "9999-12-31T23:59:59Z", "10000-01-01", "fi-FI-x-lvariant-" + "a" * 200,
    "//[", "https://[::1", "http://℀.fi", "http://a:x/", "http://a..fi/",
]  # fmt: skip
PARTS = 3  # that workers share
anything = st.one_of(
    st.sampled_from([*ODD, *payloads.MARKDOWN, *payloads.ELSEWHERE]),
    st.text(max_size=60),
    st.integers().map(str),
    st.lists(st.text(max_size=5), max_size=4).map(json.dumps),
)
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def site(campaign: Any, roles: None) -> Any:
    """Something of everything."""
    scene.fill(campaign, at=timezone.now())
    return campaign


def quoted(text: str) -> str:
    """Return a text as a browser writes it into an address; lone surrogates as a program would."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def asked(client: Client, path: str, method: str = "get", **more: Any) -> list[str]:
    """Ask, and return what is wrong with the answer: a fault of ours, or an exception that nobody caught."""
    answer = getattr(client, method)(path, **more)
    if answer.streaming:
        list(answer.streaming_content)
    return [f"{method} {path[:200]}: {answer.status_code}"] if answer.status_code >= 500 else []


@pytest.mark.parametrize("part", range(PARTS))
def test_no_odd_value_of_a_parameter_is_a_fault_of_ours(part, site):
    client, wrong = Client(raise_request_exception=False), []
    for path, names in list(GETS.items())[part::PARTS]:
        for value in ODD:
            wrong += asked(client, f"{path}?{'&'.join(f'{name}={quoted(value)}' for name in names)}")
    assert wrong == []


@pytest.mark.parametrize("turn", [0, 1])
def test_no_odd_value_in_a_path_is_a_fault_of_ours(turn, site):
    """Half of the values in half of the paths, and the other half in the others: the last test here tries them all."""
    client, wrong = Client(raise_request_exception=False), []
    for value in ODD[turn::2]:
        for path in PATHS[turn::2]:
            wrong += asked(client, path.replace("{}", quoted(value)))
    assert wrong == []


def test_no_odd_set_of_parameters_is_a_fault_of_ours(site):
    client, wrong = Client(raise_request_exception=False), []
    for path, names in GETS.items():
        for name in names:
            wrong += asked(client, f"{path}?{name}={quoted(ODD[13])}&{name}[]=1&{name}=2&{name}%5Ba%5D=b")
    wrong += [
        line
        for path in ("/en/bulletins/", "/api/v1/bulletins")
        for line in asked(client, f"{path}?" + "&".join(f"a{n}=1" for n in range(5_000)))
    ]
    assert wrong == []


@FEW
@given(data=st.data())
def test_no_value_at_all_is_a_fault_of_ours(site, data):
    client = Client(raise_request_exception=False)
    value = data.draw(anything)
    wrong = []
    for path, names in GETS.items():
        wrong += asked(client, f"{path}?{names[0]}={quoted(value)}&{quoted(value)}={quoted(value)}")
    for path in PATHS:
        wrong += asked(client, path.replace("{}", quoted(value)))
    assert wrong == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(ODD).filter(lambda text: "\ud800" not in text)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "title", "body", "language", "urgency", "sources", "facts", "key_messages", "embargo_until", "valid_until", "topics", "regions", "contact",
    "attachments", "external_id", "answer", "text",
]  # fmt: skip


@FEW
@given(data=st.data())
def test_no_body_that_is_posted_to_the_api_is_a_fault_of_ours(site, data):
    authority = builders.Authority.objects.earliest("pk")
    _row, token = api_tokens.issue(authority, name="fuzz", by=builders.editor(), at=timezone.now())
    client, wrong = Client(raise_request_exception=False), []
    head = {"Authorization": f"Bearer {token}"}
    good = {
        "title": "Title",
        "body": "Words.",
        "language": "fi",
        "sources": [{"publisher": "M", "title": "D", "url": "https://m.example.org/"}],
    }
    values = data.draw(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5))
    for body in (good | values, values, data.draw(json_values)):
        for path in ("/api/v1/inputs", "/api/v1/inputs/in-001/answer", "/api/v1/cap"):
            wrong += asked(client, path, "post", data=json.dumps(body), content_type="application/json", headers=head)
    assert wrong == []


def test_no_body_that_cannot_be_read_is_a_fault_of_ours(site):
    _row, token = api_tokens.issue(
        builders.Authority.objects.earliest("pk"), name="fuzz", by=builders.editor(), at=timezone.now()
    )
    client, wrong = Client(raise_request_exception=False), []
    head = {"Authorization": f"Bearer {token}"}
    for raw in (
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"title": "\\ud800"}',
        b'{"title": "\\u0000", "body": "\\u0000"}',
        b"<alert>" * 50,
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><alert>&b;</alert>",
    ):
        for kind in ("application/json", "application/xml", "text/plain", "multipart/form-data; boundary=x"):
            for path in ("/api/v1/inputs", "/api/v1/cap"):
                wrong += asked(client, path, "post", data=raw, content_type=kind, headers=head)
    assert wrong == []


FORMS = {
    "/en/join/": ["email", "name", "language", "platform", "handle", "pace", "website"],
    "/en/subscribe/": ["email", "language", "cadence", "topics", "consent"],
    "/en/facts/report/": ["text", "language", "platform", "seen_on", "url", "channel", "note", "reach", "token", "screenshot"],
    "/en/account/login/": ["login", "password", "next"],
    "/en/account/login/code/": ["email", "next"],
    "/en/join/code/": ["code", "text", "point_all", "bulletins"],
    "/en/certificates/": ["code"],
    "/en/check/": ["text"],
    "/en/account/logout/": ["next"],
    "/desk/login/": ["username", "password", "next"],
    "/i18n/setlang/": ["language", "next"],
}  # fmt: skip


def test_no_odd_value_of_a_public_form_is_a_fault_of_ours(site):
    client, wrong = Client(raise_request_exception=False), []
    for turn, value in enumerate(value for value in ODD if "\ud800" not in value):  # no form can send that
        for path, names in FORMS.items():
            data: dict[str, Any] = dict.fromkeys(names, value) if turn % 3 else {name: [value, value] for name in names}
            wrong += asked(client, path, "post", data=data)
    for path in FORMS:
        for body, kind in (
            (b"\xff" * 50, "application/x-www-form-urlencoded"),
            (b"email=%ED%A0%80&name=%ff&text=%00", "application/x-www-form-urlencoded"),
            (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
            (b"{}", "application/json"),
        ):
            wrong += asked(client, path, "post", data=body, content_type=kind)
    assert wrong == []
