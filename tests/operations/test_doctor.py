"""Each part is probed for real, and no fault of one stops the others."""

import json
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.access import permissions
from campaigns.models import Campaign
from delivery.models import Pulse
from lib.images import ffmpeg
from lib.text.linguistics import voikko
from lib.text.statements import inference_model
from operations import doctor, process_supervisor
from operations.doctor import CheckFailed
from operations.startup_errors import database_sentence
from tests.lib.text import tiny_translation_model
from tests.lib.text.statements import tiny_model
from tests.support.system_parts import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_the_database_is_written_and_read_and_left_as_it_was():
    assert doctor.database().endswith("written and read")
    assert not Pulse.objects.exists()
    assert doctor.migrations() == "all applied"


@pytest.mark.both
@pytest.mark.django_db
def test_a_database_of_another_version_is_named_by_what_it_lacks():
    """Its migrations have the same names, so `migrate` finds nothing to do, and each page would fail."""
    assert doctor.tables().endswith("as in the code")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_campaign RENAME COLUMN slug TO label")

    assert doctor.migrations() == "all applied"
    with pytest.raises(
        CheckFailed, match=r"column slug of table campaigns_campaign is missing: .* another version"
    ) as ill:
        doctor.tables()
    assert "./run manage version" in ill.value.do
    with pytest.raises(DatabaseError) as fault, transaction.atomic():
        Campaign.objects.first()
    assert "made by another version" in database_sentence(fault.value) and "./run doctor" in database_sentence(
        fault.value
    )

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_campaign RENAME TO campaigns_other")
    with pytest.raises(CheckFailed, match="table campaigns_campaign is missing"):
        doctor.tables()


@pytest.mark.django_db
def test_roles_that_differ_from_the_table_are_named():
    permissions.sync()
    assert doctor.roles() == f"{len(permissions.PERMISSIONS)} roles as in the code"
    Group.objects.get(name="editor").permissions.clear()
    with pytest.raises(CheckFailed, match="out of date: editor"):
        doctor.roles()


@pytest.mark.django_db
def test_a_beat_that_is_late_or_never_was_is_ill(settings):
    with pytest.raises(CheckFailed, match="never"):
        doctor.beat()
    Pulse.beat("tick", at=timezone.now() - timedelta(seconds=3 * settings.TICK_SECONDS + 5))
    with pytest.raises(CheckFailed, match="last tick was"):
        doctor.beat()
    Pulse.beat("tick", at=timezone.now())
    assert doctor.beat().startswith("last tick")


@pytest.mark.django_db
def test_a_message_goes_over_the_broker_and_back():
    assert doctor.broker().startswith("published and taken again")


@pytest.mark.django_db
def test_without_a_worker_nobody_answers(monkeypatch):
    monkeypatch.setattr(doctor, "WORKER_SECONDS", 0.3)
    with pytest.raises(CheckFailed, match="no worker answered"):
        doctor.worker()


def test_a_mail_server_that_is_not_there_is_named(settings):
    port = process_supervisor.free_port(23000)
    options = {**settings.MAIL, "host": "127.0.0.1", "port": port}
    with pytest.raises(CheckFailed, match=f"127.0.0.1:{port} did not answer"):
        doctor.hello(options, "MAIL_URL")


def test_a_server_that_speaks_no_smtp_is_ill_and_not_a_crash(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        options = {**settings.MAIL, "host": "127.0.0.1", "port": server.getsockname()[1]}
        server.settimeout(5)
        threading.Thread(target=lambda: server.accept()[0].sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")).start()
        with pytest.raises(CheckFailed, match="did not answer"):
            doctor.hello(options, "MAIL_URL")


def test_each_model_of_translation_is_tried(settings, tmp_path):
    settings.TRANSLATION_MODELS = ""
    assert doctor.translation_drafts().startswith("none (TRANSLATION_MODELS)")

    settings.TRANSLATION_MODELS = str(tmp_path)
    with pytest.raises(CheckFailed, match="has no folder like fi-sv"):
        doctor.translation_drafts()
    tiny_translation_model.build(tmp_path / "fi-sv")
    assert doctor.translation_drafts().startswith("fi-sv loaded in ")
    (tmp_path / "fi-sv" / "target.spm").unlink()
    with pytest.raises(CheckFailed, match=r"has no target\.spm"):
        doctor.translation_drafts()


def test_dictionaries_are_named_and_without_them_what_is_lost(settings, tmp_path, monkeypatch):
    settings.DICTIONARIES = ""
    assert "spelling is not checked" in doctor.dictionaries()

    settings.DICTIONARIES = str(tmp_path)
    monkeypatch.setattr(voikko, "dictionary", lambda: None)
    says = doctor.dictionaries()
    assert says.startswith("none installed; spelling is not checked in fi, sv, en (optional; Debian has libvoikko1")
    assert "by their stems alone" in says


def test_dictionaries_that_are_there_are_named(real_dictionaries):
    assert doctor.dictionaries() == "fi by Voikko; sv by sv_FI and sv_SE; en by en_GB"


def test_a_full_disk_is_ill(monkeypatch):
    monkeypatch.setattr(doctor, "FREE_SHARE", 1.1)
    with pytest.raises(CheckFailed, match=r"only .* GB free"):
        doctor.disk()


def test_a_model_is_tried_where_one_is_set_and_what_is_wrong_with_it_is_told(settings, tmp_path, monkeypatch):
    settings.NLI_MODEL = ""
    assert doctor.inference().startswith("none (NLI_MODEL)")

    settings.NLI_MODEL = str(tmp_path / "model")
    with pytest.raises(CheckFailed, match=r"has no model\.onnx"):
        doctor.inference()
    tiny_model.build(tmp_path / "model")
    assert "ms a pair" in doctor.inference()
    monkeypatch.setattr(inference_model, "LIMIT", 0)
    with pytest.raises(CheckFailed, match="too slow"):
        doctor.inference()
    monkeypatch.setattr(inference_model, "KNOWN", inference_model.KNOWN[1:] * 2)
    with pytest.raises(CheckFailed, match="does not tell opposites"):
        doctor.inference()


def test_ffmpeg_is_tried_for_real_and_missed_without_a_fault(monkeypatch, real_ffmpeg):
    assert doctor.video().endswith("ffmpeg makes videos")
    monkeypatch.setattr(ffmpeg, "PACKED", ("-c:v", "no-such-codec"))
    with pytest.raises(CheckFailed, match="FFmpeg cannot make videos"):
        doctor.video()
    monkeypatch.setattr(ffmpeg, "PROGRAM", "no-such-program")
    assert doctor.video().startswith("FFmpeg is not installed")


def test_no_fault_of_a_probe_stops_the_others(monkeypatch):
    def away() -> str:
        raise OperationalError("connection refused")

    def broken() -> str:
        raise RuntimeError("what nobody thought of")

    probes = {"database": away, "beat": lambda: "never asked", "mail": broken, "disk": lambda: "room"}
    monkeypatch.setattr(doctor, "PROBES", probes)
    found = doctor.examine()
    assert [(finding.name, finding.ok) for finding in found] == [
        ("database", False),
        ("beat", False),
        ("mail", False),
        ("disk", True),
    ]
    assert "connection refused" in found[0].says
    assert found[1].says == "not tried"
    assert found[2].says == "RuntimeError: what nobody thought of"


def test_the_command_prints_json_and_ends_with_1_when_something_is_wrong(monkeypatch, capsys):
    probes = {"disk": lambda: "room"}
    monkeypatch.setattr(doctor, "PROBES", probes)
    call_command("doctor", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "probes": [{"name": "disk", "ok": True, "says": "room", "do": ""}],
    }

    def ill() -> str:
        raise CheckFailed("it is full", "Free some space")

    probes["disk"] = ill
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor")
    assert "FAIL  disk           it is full. Free some space." in capsys.readouterr().out


# --- As it is called ----------------------------------------------------------------------------------------------


def call(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Call the doctor in a process of its own."""
    command = [sys.executable, "manage.py", "doctor", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.mark.fault
def test_with_a_database_and_nothing_else_running_the_json_says_which_is_which(process_env, roles):
    ended = call("--json", env=process_env)

    told = json.loads(ended.stdout)
    found = {probe["name"]: probe for probe in told["probes"]}
    assert (ended.returncode, ended.stderr, told["ok"]) == (1, "", False)
    assert list(found) == list(doctor.PROBES)
    assert all(found[name]["ok"] for name in ("database", "migrations", "roles", "clock", "broker", "disk")), found
    assert not found["worker"]["ok"] and "./run serve" in found["worker"]["do"]
    assert all(bool(probe["do"]) != probe["ok"] for probe in told["probes"])


@pytest.mark.fault
@pytest.mark.parametrize("kind", ["not a database", "no such server"])
def test_a_broken_database_is_a_line_and_not_a_crash(kind, process_env, tmp_path):
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database at all " * 1000)
    url = f"sqlite:///{broken}" if kind == "not a database" else f"postgres://me:secret@127.0.0.1:{free_port()}/none"

    ended = call(env=process_env | {"DATABASE_URL": url})

    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    assert next(line.split()[1] for line in lines if line.startswith("FAIL")) == "database"
    assert len(lines) == len(doctor.PROBES)
    assert next(line for line in lines if "broker" in line).startswith("ok")
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "secret" not in ended.stdout + ended.stderr
