"""The record of a send for whoever looks into an incident: all that is known, nothing that need not be known."""

import csv
import hashlib
import io
import json
import stat
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.audit import trail
from accounts.models import AuditEntry
from delivery.models import Delivery, ProviderEvent
from operations import incident_report
from operations.startup_errors import Refusal
from tests.support.builders import NOON, build_audience, build_fanned_out_send, build_mailing

State = Delivery.State


@pytest.fixture
def send(campaign):
    """A send of twelve: eight accepted, two unknown, one possibly sent twice, one failed; and one of the same to others."""
    mailing = build_mailing(campaign)
    send = build_fanned_out_send(build_audience(campaign, size=12), mailing=mailing)
    rows = list(Delivery.objects.of(send).order_by("pk"))
    Delivery.objects.of(send).update(state=State.ACCEPTED, code="250", handed_off_at=NOON, finished_at=NOON)
    Delivery.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(
        state=State.UNKNOWN, code="", detail="=HYPERLINK(1) said reader@example.net"
    )
    Delivery.objects.filter(pk=rows[2].pk).update(possible_duplicate=True)
    Delivery.objects.filter(pk=rows[3].pk).update(state=State.FAILED, code="550 5.1.1")
    for number, kind in enumerate(("delivered", "delivered", "bounced")):
        ProviderEvent.objects.create(
            provider="mailgun", event_id=str(number), kind=kind, delivery=rows[number], happened_at=NOON
        )
    build_fanned_out_send(build_audience(campaign, "other", size=0), mailing=mailing)
    return send


def opened(file: Path) -> dict[str, bytes]:
    """Return the parts of a record."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a part in CSV."""
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_it_holds_what_was_said_to_how_many_and_what_became_of_it(send, tmp_path, root, monkeypatch):
    monkeypatch.setattr(incident_report, "AT_A_TIME", 5)  # several pieces
    trail.note("send.held", send, by=root, at=NOON)
    made = incident_report.report(send.pk, tmp_path, at=NOON + timedelta(hours=1), say=lambda line: None, by=root)
    parts = opened(made)

    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    manifest = json.loads(parts["manifest.json"])["files"]
    assert set(manifest) == set(parts) - {"manifest.json"}
    wrong = [name for name, told in manifest.items() if hashlib.sha256(parts[name]).hexdigest() != told["sha256"]]
    assert wrong == []
    messages = [
        json.loads(data) for name, data in parts.items() if name.startswith("messages/") and name.endswith("json")
    ]
    assert {one["language"] for one in messages} == {"fi", "sv", "en"} and all(one["unchanged"] for one in messages)
    assert (
        b'To: "Reader" <reader@reader.invalid>' in parts["sample.eml"] and b"List-Unsubscribe:" in parts["sample.eml"]
    )

    summary = json.loads(parts["summary.json"])
    assert summary["mails_by_state"] == {"accepted": 9, "failed": 1, "unknown": 2} and summary["adds_up"]
    assert sum(int(row["mails"]) for row in table(parts["ledger.csv"])) == 12
    assert sum(int(row["mails"]) for row in table(parts["by_minute.csv"])) == 12
    assert sum(int(row["mails"]) for row in table(parts["domains.csv"])) == 12
    assert {(row["kind"], row["reports"]) for row in table(parts["reports.csv"])} == {
        ("delivered", "2"),
        ("bounced", "1"),
    }
    told = {(row["who"], row["what"]) for row in table(parts["timeline.csv"])}
    assert {(f"user {root.pk}", "send.held"), (f"user {root.pk}", "incident.exported"), ("", "planned for")} <= told
    assert b"bulletins_up 1.0" in parts["metrics.txt"] and b"sha256" not in parts["README.txt"]

    doubt = table(parts["in_doubt.csv"])
    assert [(row["state"], row["possibly_sent_twice"]) for row in doubt] == [
        ("unknown", "no"), ("unknown", "no"), ("accepted", "yes"),
    ]  # fmt: skip
    assert all(len(row["address_hmac"]) == 64 and row["recipient"] for row in doubt)
    assert doubt[0]["server_said"] == "'=HYPERLINK(1) said [address]"


def test_addresses_are_in_it_only_when_asked_for_and_that_is_written_down(send, tmp_path, settings):
    addresses = set(Delivery.objects.of(send).values_list("recipient__email", flat=True))
    without = opened(incident_report.report(send.pk, tmp_path, at=NOON, say=lambda line: None))
    found = [(name, address) for name, data in without.items() for address in addresses if address.encode() in data]
    assert found == []
    secrets = (settings.SECRET_KEY, settings.SUPPRESSION_KEY)
    assert [name for name, data in without.items() if any(secret.encode() in data for secret in secrets)] == []

    kept = opened(incident_report.report(send.pk, tmp_path / "b", at=NOON, say=lambda line: None, with_addresses=True))
    assert {row["address"] for row in table(kept["in_doubt.csv"])} <= addresses
    assert b"HOLDS ADDRESSES" in kept["README.txt"]
    entries = AuditEntry.objects.about(send).filter(verb="incident.exported")
    assert [(entry.actor, entry.detail) for entry in entries] == [
        (None, {"addresses": True}),
        (None, {"addresses": False}),
    ]


def test_the_command_tells_how_far_it_is_and_names_the_file(send, tmp_path, capsys, settings):
    settings.DATA_DIR = tmp_path
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "worker-test.log").write_text(f"Send {send.pk} is held: x@example.net\nSend {send.pk}9 is held\n")
    call_command("incident_report", "--send", str(send.pk), "--out", str(tmp_path))
    said = capsys.readouterr()
    made = Path(said.out.strip())
    assert made.parent == tmp_path and "Done in" in said.err
    assert opened(made)["log_lines.txt"].decode() == f"worker-test.log: Send {send.pk} is held: [address]\n"


@pytest.mark.django_db
def test_a_send_that_is_not_there_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(Refusal, match="no send 12345"):
        incident_report.report(12345, tmp_path / "new", at=NOON, say=lambda line: None)
    assert not (tmp_path / "new").exists()
    assert not AuditEntry.objects.filter(verb="incident.exported").exists()


def test_a_record_that_breaks_off_leaves_no_file(send, tmp_path, monkeypatch):
    monkeypatch.setattr(incident_report, "timeline", lambda send: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        incident_report.report(send.pk, tmp_path, at=NOON, say=lambda line: None)
    assert list(tmp_path.iterdir()) == []
