"""CAP 1.2 alerts: read strictly, and taken as message input or refused in words."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bulletins.intake import cap
from bulletins.models import MessageInput
from campaigns import api_tokens
from tests.support import builders

pytestmark = pytest.mark.django_db
NOON = builders.NOON
URL = "/api/v1/inputs/cap"


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: Any, settings: Any, tmp_path: Any) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: NOON)
    settings.MEDIA_ROOT = tmp_path


def info(language: str = "fi-FI", more: str = "", **changes: str) -> str:
    """Return an info block."""
    values = {
        "category": "Health",
        "event": "Vesi",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "expires": "2026-03-26T12:00:00+02:00",
        "senderName": "Ministry",
        "headline": "Keitä vesi",
        "description": "Vesijohtovesi ei ole juotavaa.",
        "instruction": "Keitä vesi ennen juomista.",
        "web": "https://ministry.example.org/water",
        "contact": "Kriisiviestintä, press@ministry.example.org",
    } | changes
    texts = "".join(f"<{name}>{text}</{name}>" for name, text in values.items() if text)
    return f"<info><language>{language}</language>{texts}{more}</info>"


def alert(infos: str | None = None, more: str = "", **changes: str) -> bytes:
    """Return an alert."""
    values = {
        "identifier": "FI-1",
        "sender": "ministry@example.org",
        "sent": "2026-03-25T11:59:00+02:00",
        "status": "Exercise",
        "msgType": "Alert",
        "scope": "Public",
    } | changes
    texts = "".join(f"<{name}>{text}</{name}>" for name, text in values.items() if text)
    inside = info() if infos is None else infos
    return f'<alert xmlns="{cap.NAMESPACE}">{texts}{more}{inside}</alert>'.encode()


AREA = "<area><areaDesc>Uusimaa</areaDesc><geocode><valueName>maakunta</valueName><value>MK01</value></geocode></area>"


@pytest.fixture
def system(authority: Any, root: Any) -> Client:
    """The ministry's own system."""
    secret = api_tokens.issue(authority, name="CAP", by=root, at=NOON)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


def give(client: Client, data: bytes) -> Any:
    """Send an alert."""
    return client.post(URL, data, content_type="application/cap+xml")


def test_an_alert_becomes_an_urgent_input(campaign, system, authority):
    region = builders.build_region()
    answer = give(system, alert(info(more=AREA)))

    assert answer.status_code == 201, answer.content
    row = MessageInput.objects.get()
    assert (row.authority, row.channel, row.language, row.title) == (authority, "cap", "fi", "Keitä vesi")
    assert (row.urgency, row.embargo_until, row.contact) == ("urgent", None, "press@ministry.example.org")
    assert row.valid_until == NOON + timedelta(days=1)
    assert row.external_id == "ministry@example.org,FI-1,2026-03-25T11:59:00+02:00"
    assert "Vesijohtovesi ei ole juotavaa." in row.body and "Uusimaa" in row.body
    assert list(row.regions.all()) == [region]
    assert row.sources.get().url == "https://ministry.example.org/water"
    assert row.facts.get().text == "Keitä vesi ennen juomista."

    assert give(system, alert(info(more=AREA))).status_code == 200
    assert give(system, alert(info(more=AREA, headline="Toinen"))).status_code == 409
    assert MessageInput.objects.count() == 1


def test_the_campaigns_first_language_is_the_original(campaign, system):
    give(system, alert(info("en-US", headline="Boil") + info("sv", headline="Koka") + info("fi", headline="Keitä")))
    row = MessageInput.objects.get()
    assert (row.language, row.title) == ("fi", "Keitä") and "Koka" not in row.body


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_is_read_in_every_encoding_that_xml_has_to_have(campaign, system, encoding):
    text = '<?xml version="1.0"?>' + alert().decode()
    assert give(system, text.encode(encoding)).status_code == 201
    assert MessageInput.objects.get().title == "Keitä vesi"


BOMB = "".join(
    ['<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a0 "ha">']
    + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    + [f']><alert xmlns="{cap.NAMESPACE}"><identifier>&a9;</identifier></alert>']
)
OUTSIDE = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>'


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        BOMB.encode("utf-16"),
        BOMB.encode("utf-16-le"),
        OUTSIDE.encode(),
        b'<!DOCTYPE alert SYSTEM "http://127.0.0.1/x.dtd"><alert/>',
        b"",
        b"no xml",
        b"<alert>",
        b"<alert/>",
        alert().replace(b"cap:1.2", b"cap:1.1"),
        alert().replace(b"<alert ", b"<warning ").replace(b"</alert>", b"</warning>"),
        alert().decode().encode("latin-1"),
        alert(more="\0"),
        alert(more="<x/>" * 6000),
        b"<a>" * 2000,
    ],
    ids=str,
)
def test_what_is_no_alert_is_refused_in_words_and_nothing_is_stored(campaign, system, data):
    answer = give(system, data)
    assert answer.status_code == 422 and answer.json()["detail"], answer.content
    assert "passwd" not in answer.content.decode() and not MessageInput.objects.exists()


def test_a_file_that_is_too_long_is_not_read(campaign, system):
    assert give(system, alert(info(description="x" * (1024 * 1024)))).status_code == 413
    assert not MessageInput.objects.exists()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        *[(alert(**{name: ""}), name) for name in cap.REQUIRED],
        *[(alert(info(**{name: ""})), f"info.{name}") for name in cap.REQUIRED_OF_INFO],
        (alert(""), "info"),
        (alert(status="Real"), "status"),
        (alert(sent="2026-03-25T11:59:00Z"), "sent"),
        (alert(sent="2026-03-25"), "sent"),
        (alert(identifier="a b"), "identifier"),
        (alert(info(expires="tomorrow")), "info.expires"),
        (alert(info(expires="2026-03-25T12:00:00+02:00")), "info.expires"),
        (alert(info(more="<area/>")), "info.area.areaDesc"),
        (alert(status="Test"), "status"),
        (alert(status="Draft"), "status"),
        (alert(status="Actual"), "status"),
        (alert(msgType="Ack"), "msgType"),
        (alert(scope="Private"), "scope"),
        (alert(msgType="Cancel"), "references"),
    ],
)
def test_what_is_missing_or_not_for_us_is_named(campaign, system, data, field):
    answer = give(system, data)
    assert answer.status_code == 422 and list(answer.json()["fields"]) == [field], answer.content
    assert not MessageInput.objects.exists()


def test_an_exercise_does_not_reach_a_live_campaign(system):
    builders.build_campaign("live", mode="live")
    assert give(system, alert()).status_code == 422
    assert give(system, alert(status="Actual")).status_code == 201


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_a_change_is_urgent_and_names_what_it_changes(campaign, system, kind):
    give(system, alert(info(severity="Minor", urgency="Future")))
    first = MessageInput.objects.get()
    assert first.urgency == "routine"
    refers = f"{first.external_id} other@example.org,X,2026-03-25T11:00:00+02:00"

    answer = give(system, alert(identifier="FI-2", msgType=kind, more=f"<references>{refers}</references>"))

    assert answer.status_code == 201, answer.content
    second = MessageInput.objects.get(reference=answer.json()["reference"])
    assert second.urgency == "urgent" and first.reference in second.body.splitlines()[0]
    assert first.reference in second.steps.get().text and second.replaces == first


@pytest.mark.parametrize(
    ("urgency", "severity", "becomes"),
    [
        ("Immediate", "Extreme", "urgent"),
        ("Immediate", "Minor", "elevated"),
        ("Expected", "Moderate", "elevated"),
        ("Expected", "Minor", "routine"),
        ("Future", "Severe", "elevated"),
        ("Unknown", "Unknown", "routine"),
    ],
)
def test_urgency_and_severity_say_how_fast(campaign, system, urgency, severity, becomes):
    give(system, alert(info(urgency=urgency, severity=severity)))
    assert MessageInput.objects.get().urgency == becomes


def test_resources_are_sources_and_files(campaign, system):
    data = base64.b64encode(b"%PDF-1.7 map").decode()
    parts = (
        "<resource><resourceDesc>Map</resourceDesc><mimeType>text/html</mimeType><uri>https://map.example.org/1</uri></resource>"
        f"<resource><resourceDesc>Map</resourceDesc><mimeType>application/pdf</mimeType><derefUri>{data}</derefUri></resource>"
        "<resource><resourceDesc>Trap</resourceDesc><mimeType>text/html</mimeType><uri>javascript:alert(1)</uri></resource>"
    )
    answer = give(system, alert(info(more=parts)))
    assert answer.status_code == 201, answer.content
    row = MessageInput.objects.get()
    assert [source.url for source in row.sources.all()] == [
        "https://ministry.example.org/water",
        "https://map.example.org/1",
    ]
    assert row.attachments.get().name == "Map.pdf"
    assert give(system, alert(info(more=parts.replace(data, "%%")), identifier="FI-9")).status_code == 422
    assert json.loads(answer.content)["state"] == "new"
