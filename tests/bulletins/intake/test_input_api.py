"""The API: an authority's systems give message input, see what became of it, and answer."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from bulletins.intake import api_requests, api_schemas, input_api, submissions
from bulletins.models import MessageInput
from campaigns import api_tokens
from campaigns.models import AuthorityToken
from delivery.models import Bucket
from tests.support import builders
from website.api.base import PROBLEM

pytestmark = pytest.mark.django_db
URL = "/api/v1/inputs"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def secret_of(authority: Any, root: Any) -> str:
    """Return the secret of a new token of an authority."""
    return api_tokens.issue(authority, name="CMS", by=root, at=builders.NOON)[1]


@pytest.fixture
def system(authority: Any, root: Any) -> Client:
    """The ministry's own system."""
    return Client(headers={"Authorization": f"Bearer {secret_of(authority, root)}"}, raise_request_exception=False)


def content(**changes: Any) -> dict[str, Any]:
    """Return a complete message input as JSON."""
    until = (timezone.now() + timedelta(days=9)).isoformat()
    return {
        "external_id": "press-1",
        "title": "Kirjastot avataan",
        "body": "Kirjastot avataan maanantaina.\n\nTervetuloa.",
        "language": "fi",
        "urgency": "elevated",
        "valid_until": until,
        "contact": "press@ministry.example.org",
        "regions": ["MK01"],
        "topics": ["libraries"],
        "sources": [{"publisher": "Ministry", "title": "Decision", "url": "https://ministry.example.org/decision"}],
        "facts": [{"text": "Avataan maanantaina.", "source": 1, "valid_until": until}],
        "attachments": [{"name": "hours.txt", "data": base64.b64encode(b"Nine to eight.").decode()}],
    } | changes


def give(client: Client, sent: Any, **headers: str) -> Any:
    """Send it."""
    return client.post(URL, json.dumps(sent), content_type="application/json", headers=headers)


@pytest.fixture
def places(campaign: Any) -> None:
    builders.build_region()
    builders.build_topic(campaign)


def test_everything_that_is_given_is_kept_and_given_again_adds_nothing(campaign, places, system, authority):
    sent = content()
    answer = give(system, sent)

    assert answer.status_code == 201, answer.content
    row = MessageInput.objects.get()
    assert (row.authority, row.channel, row.submitted_by) == (authority, "api", None)
    assert (row.urgency, row.contact, row.language) == ("elevated", "press@ministry.example.org", "fi")
    assert [region.code for region in row.regions.all()] == ["MK01"]
    assert [topic.slug for topic in row.topics.all()] == ["libraries"]
    fact = row.facts.get()
    assert (fact.text, fact.source.publisher, fact.valid_until) == ("Avataan maanantaina.", "Ministry", row.valid_until)
    assert row.attachments.get().file.read() == b"Nine to eight."
    assert AuditEntry.objects.about(row).get().detail == {"channel": "api", "token": "CMS"}

    again = give(system, sent)
    assert (again.status_code, again.json()) == (200, answer.json())
    assert MessageInput.objects.count() == 1

    other = give(system, sent | {"title": "Another"})
    assert other.status_code == 409 and row.reference in other.json()["detail"]
    row.refresh_from_db()
    assert MessageInput.objects.count() == 1 and row.title == sent["title"]


def test_files_can_come_as_parts(campaign, places, system):
    sent = content(attachments=[])
    file = SimpleUploadedFile("plan.pdf", b"%PDF-1.7 plan")
    answer = system.post(URL, {"input": json.dumps(sent), "attachments": [file]})
    assert answer.status_code == 201, answer.content
    assert MessageInput.objects.get().attachments.get().content_type == "application/pdf"


def test_what_became_of_it(campaign, places, system, alma, authority):
    reference = give(system, content(facts=[])).json()["reference"]
    row = MessageInput.objects.get()
    submissions.return_with_question(row, by=alma, at=timezone.now(), question="Which hour?")

    seen = system.get(f"{URL}/{reference}").json()
    assert (seen["state"], seen["question"]) == ("returned", "Which hour?")
    assert [step["verb"] for step in seen["steps"]] == ["submitted", "returned"]
    assert alma.email not in json.dumps(seen) and "Alma" not in json.dumps(seen)

    answered = system.post(f"{URL}/{reference}/answer", {"answer": "Nine."}, content_type="application/json")
    assert answered.status_code == 200 and answered.json()["state"] == "new" and answered.json()["answer"] == "Nine."
    refused = system.post(f"{URL}/{reference}/answer", {"answer": "Ten."}, content_type="application/json")
    assert refused.status_code == 422
    row.refresh_from_db()
    assert row.answer == "Nine."

    version = builders.published(
        builders.build_bulletin(campaign, by=alma, inputs=[row], at=timezone.now()), at=timezone.now()
    )
    [made] = system.get(f"{URL}/{reference}").json()["bulletins"]
    assert made["number"] == version.bulletin.number and made["published"]
    assert made["url"].endswith(f"/fi/bulletins/{made['number']}/")


def test_another_authoritys_inputs_do_not_exist(campaign, places, system, root, authority):
    other = builders.build_authority("agency")
    theirs = builders.build_input(campaign, authority=other)

    assert system.get(URL).json() == {"count": 0, "page": 1, "pages": 1, "inputs": []}
    assert system.get(f"{URL}/{theirs.reference}").status_code == 404
    MessageInput.objects.filter(pk=theirs.pk).update(state="returned")
    answered = system.post(f"{URL}/{theirs.reference}/answer", {"answer": "Us."}, content_type="application/json")
    theirs.refresh_from_db()
    assert answered.status_code == 404 and (theirs.state, theirs.answer) == ("returned", "")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer cb_" + "x" * 43])
def test_without_a_token_nothing_opens(campaign, authority, header):
    client = Client(headers={"Authorization": header} if header else {})
    for answer in (client.get(URL), give(client, content()), client.get(f"{URL}/in-001")):
        assert answer.status_code == 401 and set(answer.json()) == {"detail", "fields"}
        assert answer["WWW-Authenticate"] == "Bearer"
    assert not MessageInput.objects.exists()


def test_a_revoked_token_opens_nothing_any_more(campaign, places, authority, root):
    token, secret = api_tokens.issue(authority, name="CMS", by=root, at=builders.NOON)
    assert secret not in str(AuthorityToken.objects.values().get()) and secret.startswith(token.start)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(URL).status_code == 200

    assert api_tokens.revoke(token, by=root, at=builders.NOON)
    assert not api_tokens.revoke(token, by=root, at=builders.NOON)

    assert client.get(URL).status_code == 401
    assert [entry.verb for entry in AuditEntry.objects.about(token)] == ["token.revoked", "token.issued"]


def test_that_a_token_was_used_is_noted_once_a_minute(authority, root):
    secret = secret_of(authority, root)
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        api_tokens.recognise(secret, at=builders.NOON + timedelta(seconds=seconds))
        assert AuthorityToken.objects.get().last_used_at == builders.NOON + timedelta(seconds=noted)


def test_more_requests_than_a_minute_has_are_refused(campaign, system, monkeypatch, settings):
    monkeypatch.setattr(input_api, "A_MINUTE", 2)
    assert [system.get(URL).status_code for _try in range(3)] == [200, 200, 429]
    if not settings.REDIS_URL:
        assert Bucket.objects.filter(name__startswith="api:").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 251}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"body": None}, "body"),
        ({"language": "de"}, "language"),
        ({"urgency": "now"}, "urgency"),
        ({"embargo_until": "2026-03-26T09:00:00"}, "embargo_until"),
        ({"valid_until": "2020-03-26T09:00:00+02:00"}, "valid_until"),
        ({"contact": "nobody"}, "contact"),
        ({"regions": ["XX"]}, "regions"),
        ({"topics": ["nothing"]}, "topics"),
        ({"sources": [{"publisher": "P", "title": "T", "url": "javascript:alert(1)"}]}, "sources.0.url"),
        ({"facts": [{"text": "F", "source": 2}]}, "facts.0.source"),
        ({"attachments": [{"name": "a.txt", "data": "%%"}]}, "attachments.0.data"),
        ({"attachments": [{"name": "a.exe", "data": "TVo="}]}, "attachments.0"),
        ({"campaign": "other"}, "campaign"),
        ({"urgencyy": "urgent"}, "urgencyy"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_stored(campaign, places, system, changes, field):
    answer = give(system, content() | changes)
    assert answer.status_code == 422 and list(answer.json()["fields"]) == [field], answer.content
    assert answer["Content-Type"] == PROBLEM
    assert not MessageInput.objects.exists()


@pytest.mark.parametrize("data", [b"", b"no json", b"[]", b'"x"', b"\xff", b"{" * 100_000])
def test_what_is_no_json_is_told_so(campaign, system, data):
    answer = system.post(URL, data, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["fields"]


def test_an_error_is_in_the_language_that_is_asked_for(campaign, system):
    for language, word in (
        ("fi", "Kampanjassa"),
        ("sv", "Kampanjen"),
        ("en", "The campaign does not have this language"),
    ):
        says = give(system, content(language="de", regions=[], topics=[]), **{"Accept-Language": language})
        if language == "en":
            assert word in says.json()["fields"]["language"][0]
        assert says["Content-Language"] == language


def test_what_is_too_long_is_refused(campaign, system, monkeypatch):
    assert give(system, content(body="x", title="y" * (1024 * 1024))).status_code in {413, 422}
    monkeypatch.setattr(api_requests, "LARGEST", 1000)
    assert give(system, content(body="x" * 2000)).status_code == 413
    assert not MessageInput.objects.exists()


def test_more_names_or_words_than_an_input_has_are_refused_before_they_are_parsed(campaign, system, monkeypatch):
    monkeypatch.setattr(api_requests, "parse", lambda *_words: pytest.fail("it was parsed"))
    for sent in (
        {f"name{n}": 0 for n in range(api_requests.MOST_FIELDS + 1)},
        content(body="Words, words. " * 100_000),
    ):
        assert give(system, sent).status_code == 413
    assert not MessageInput.objects.exists()


def test_with_no_campaign_open_nothing_is_taken(system):
    assert give(system, content(regions=[], topics=[])).status_code == 409


@pytest.mark.pages
def test_a_list_costs_the_same_however_long_it_is(campaign, authority, minna, system, django_assert_num_queries):
    builders.build_input(campaign, authority=authority, by=minna)
    system.get(URL)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as once:
        system.get(URL)
    for n in range(5):
        builders.build_input(campaign, authority=authority, by=minna, title=f"No {n}")
    with CaptureQueriesContext(connection) as again:
        system.get(URL)
    assert len(again) == len(once)


def test_it_describes_itself_with_examples_and_without_anothers_scripts(client):
    described = client.get("/api/v1/openapi.json").json()
    assert {path for path in described["paths"] if path.startswith("/api/v1/inputs")} == {
        "/api/v1/inputs",
        "/api/v1/inputs/cap",
        "/api/v1/inputs/{reference}",
        "/api/v1/inputs/{reference}/answer",
    }
    body = described["paths"]["/api/v1/inputs"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
    schemas = described["components"]["schemas"]
    assert schemas["InputIn"]["example"]["facts"] and schemas["SourceIn"] and "$defs" not in json.dumps(described)
    assert client.get("/api/v1/docs").status_code == 404


def test_the_example_is_one_that_works(campaign, places, system):
    example = api_schemas.InputIn.model_json_schema()["example"]
    del example["embargo_until"]
    example["valid_until"] = example["facts"][0]["valid_until"] = (timezone.now() + timedelta(days=1)).isoformat()
    assert give(system, example).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_it_works_over_the_wire_without_cookies_or_csrf(live_server, campaign, authority, root):
    import urllib.request

    def call(method: str, body: bytes | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Accept-Language": "en"}
        request = urllib.request.Request(live_server.url + URL, data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)

    secret = secret_of(authority, root)
    sent = json.dumps(content(regions=[], topics=[])).encode()
    assert [call("POST", sent)[0], call("POST", sent)[0]] == [201, 200]
    assert call("GET")[1]["count"] == 1
