"""`check --deploy`, run as an administrator runs it: the settings of docs/operating/install/README.md pass, those of a demo do not."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from operations import deploy_checks

ROOT = Path(__file__).resolve().parents[2]
FIT = {
    "SECRET_KEY": "kZ2-vW9_qL5xT7cB1nM4aS8dF6gH3jP0yR-uE2iO9tY5wQ7eX1cV4bN8mK6",
    "SUPPRESSION_KEY": "pT5_wQ8-eR2yU7iO1aS4dF9gH6jK3lZ0xC-vB5nM2qW8eL1kJ4hG7fD3sA9",
    "PUBLIC_URL": "https://bulletins.test",
    "PROXIES": "1",
    "DATABASE_URL": "postgres://bulletins:secret@database.bulletins.test/bulletins?sslmode=verify-full",
    "REDIS_URL": "redis://:secret@redis.bulletins.test:6379/0",
    "MAIL_URL": "smtp+tls://bulletins:secret@relay.bulletins.test:587",
    "MAIL_FROM": "bulletins@bulletins.test",
}
ON_A_LAPTOP = {"PUBLIC_URL": "http://127.0.0.1:8000", "SECRET_KEY": "short", "DEBUG": "true"}
LONG = "a-password-of-a-machine-that-is-long"
# Each setting alone made weak, and the one finding that names it.
WEAKENED: list[tuple[dict[str, str], str]] = [
    ({"DATABASE_URL": ""}, "bulletins.E001"),
    ({"DATABASE_URL": "postgres://u:secret@database.bulletins.test/b"}, "bulletins.E020"),
    ({"DATABASE_URL": "postgres://u:secret@9.9.9.9/b?sslmode=disable"}, "bulletins.E020"),
    ({"REDIS_URL": ""}, "bulletins.E002"),
    ({"DATABASE_URL": "postgres://u:secret@10.0.0.5/b"}, "bulletins.E020"),
    ({"DATABASE_URL": "postgres://u:secret@postgres/b?sslmode=prefer"}, "bulletins.E020"),
    ({"REDIS_URL": "redis://redis.bulletins.test:6379/0"}, "bulletins.E019"),
    ({"REDIS_URL": "redis://redis:6379/0"}, "bulletins.E019"),
    ({"REDIS_URL": "rediss://10.0.0.6:6379/0"}, "bulletins.E019"),
    ({"SECRET_KEY": ""}, "bulletins.E003"),
    ({"SECRET_KEY": "short"}, "bulletins.E003"),
    ({"SECRET_KEY_FALLBACKS": "short"}, "bulletins.E016"),
    ({"VAPID_PRIVATE_KEY": "A" * 42 + "E"}, "bulletins.E027"),  # without VAPID_CONTACT
    ({"SMS_URL": "twilio://AC1:token@api.twilio.com"}, "bulletins.E028"),  # without SMS_SENDER
    ({"BACKUP_SMS_URL": "twilio://AC1:token@api.twilio.com", "SMS_SENDER": "Kriisi"}, "bulletins.E028"),  # of nothing
    ({"TELEGRAM_TOKEN": "1:x", "TELEGRAM_BOT": "a_bot", "TELEGRAM_SECRET": "short"}, "bulletins.E029"),
    (
        {f"WHATSAPP_{name}": LONG for name in ("TOKEN", "SECRET", "NAME")}
        | {"WHATSAPP_PHONE": "1", "WHATSAPP_ACCOUNT": "2", "WHATSAPP_VERIFY": "short"},
        "bulletins.E030",
    ),
    ({"SUPPRESSION_KEY": ""}, "bulletins.E004"),
    ({"SUPPRESSION_KEY": "short"}, "bulletins.E004"),
    ({"SUPPRESSION_KEY": FIT["SECRET_KEY"]}, "bulletins.E004"),
    ({"PUBLIC_URL": "http://bulletins.test"}, "bulletins.E005"),
    ({"PUBLIC_URL": "https://localhost"}, "bulletins.E006"),
    ({"PUBLIC_URL": "https://bulletins.example.org"}, "bulletins.E006"),
    ({"PROXIES": "0"}, "bulletins.E017"),
    ({"MAIL_URL": ""}, "bulletins.E007"),
    ({"MAIL_URL": "smtp+tls://relay.example.org"}, "bulletins.E007"),
    ({"MAIL_URL": "smtp://relay.bulletins.test:25"}, "bulletins.E018"),
    ({"BACKUP_MAIL_URL": "smtp://9.9.9.9"}, "bulletins.E018"),
    ({"MAIL_FROM": ""}, "bulletins.E008"),
    ({"DEBUG": "true"}, "bulletins.E009"),
    ({"ALLOWED_HOSTS": "*"}, "bulletins.E010"),
    ({"MAIL_URL": "esp://postmark", "ANYMAIL_POSTMARK_SERVER_TOKEN": "x"}, "bulletins.E011"),
    (
        {"MAIL_URL": "esp://mailgun", "ANYMAIL_MAILGUN_API_KEY": "x", "WEBHOOK_SECRETS": f"a:{LONG}"},
        "bulletins.E011",
    ),
    ({"WEBHOOK_SECRETS": "provider:short"}, "bulletins.E012"),
    ({"MAIL_URL": "esp://postmark", "WEBHOOK_SECRETS": f"a:{LONG}"}, "bulletins.E013"),
    ({"NOTIFY_URL": "http://chat.bulletins.test/hooks/a", "NOTIFY_SECRET": LONG}, "bulletins.E014"),
    ({"NOTIFY_URL": "https://chat.bulletins.test/hooks/a", "NOTIFY_SECRET": "too short"}, "bulletins.E015"),
    ({"MEDIA_STORAGE_URL": "s3+http://key:secret@objects.bulletins.test/media"}, "bulletins.E026"),
    ({"LOG_LEVEL": "DEBUG"}, "bulletins.E022"),
    ({"SECOND_FACTOR": "false"}, "bulletins.E023"),
    ({"METRICS_TOKEN": "short"}, "bulletins.E024"),
    (
        {"OIDC_ISSUER": "http://id.bulletins.test", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": LONG},
        "bulletins.E025",
    ),
]
# What is fit although it looks like one of those above.
FIT_TOO: list[dict[str, str]] = [
    {"DATABASE_URL": "postgres://u:secret@/b?host=/run/postgresql"},
    {"DATABASE_URL": "postgres://u:secret@127.0.0.1/b", "REDIS_URL": "redis://localhost:6379/0"},
    {"DATABASE_URL": "postgres://u:secret@9.9.9.9/b?sslmode=require"},
    {"REDIS_URL": "redis://[::1]:6379/0"},
    {"MAIL_URL": "smtp://127.0.0.1:25"},
    {"MAIL_URL": "smtp://relay:25", "BACKUP_MAIL_URL": "smtps://backup.bulletins.test"},
    {"SECRET_KEY_FALLBACKS": f"{FIT['SECRET_KEY'][::-1]}"},
    {"ALLOWED_HOSTS": "www.bulletins.test"},
]
# Reads the settings anew for each environment and asks all checks of security, ours and Django's, in one process.
ASK = """
import json, os, sys, warnings
import django
from django.core import checks
from django.test import override_settings
from tests.support.fresh_settings import read_settings
warnings.simplefilter("ignore")
django.setup()
usual = dict(os.environ)
for env in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(usual | env)
    read = read_settings()
    with override_settings(**{name: value for name, value in read.items() if name.isupper()}):
        found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
        print(json.dumps([[one.id, one.msg, one.is_silenced()] for one in found]))
"""


def check(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Check settings that come from nothing but `env`."""
    usual = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder)}
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(words, cwd=ROOT, env=usual | env, capture_output=True, text=True)


def codes(ended: subprocess.CompletedProcess[str]) -> set[str]:
    """Return our findings."""
    return set(re.findall(r"\(bulletins\.(E\d+)\)", ended.stderr))


def test_settings_for_production_pass(tmp_path):
    ended = check(tmp_path, **FIT)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "no issues" in ended.stdout


def test_without_any_setting_all_that_is_missing_is_named_with_its_remedy(tmp_path):
    ended = check(tmp_path)
    assert ended.returncode == 1
    assert codes(ended) == {"E001", "E002", "E003", "E004", "E005", "E006", "E007", "E008"}
    for name in set(FIT):
        assert re.search(rf"HINT: Set {name}\b|HINT: Set it", ended.stderr), name
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("weak", "wanted"),
    [
        (ON_A_LAPTOP, {"E003", "E005", "E006", "E009"}),
        ({"SUPPRESSION_KEY": "", "MAIL_URL": "", "DATABASE_URL": ""}, {"E001", "E004", "E007"}),
    ],
    ids=["as on a laptop", "half set up"],
)
def test_what_is_weak_is_found_and_nothing_else(weak, wanted, tmp_path):
    ended = check(tmp_path, **FIT | weak)
    assert ended.returncode == 1
    assert codes(ended) == wanted
    assert "secret@" not in ended.stderr


def findings_of(folder: Path, environments: list[dict[str, str]]) -> list[list[tuple[str, str, bool]]]:
    """Return what all checks of security find under each environment: code, sentence, and whether it is kept silent."""
    usual = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder)}
    env = usual | FIT | {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", ASK]
    ended = subprocess.run(words, cwd=ROOT, env=env, input=json.dumps(environments), capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_each_weakened_setting_alone_gives_one_sentence_of_its_own(tmp_path):
    found = findings_of(tmp_path, [weak for weak, _code in WEAKENED])
    wrong = []
    for (weak, code), told in zip(WEAKENED, found, strict=True):
        said = [(one, sentence) for one, sentence, is_silenced in told if not is_silenced]
        if [one for one, _sentence in said] != [code] or any("secret@" in sentence for _one, sentence in said):
            wrong.append((weak, said))
    assert wrong == []
    ours = set(re.findall(r'"(E\d{3})"', (ROOT / "operations" / "deploy_checks.py").read_text(encoding="utf-8")))
    assert ours - {code.removeprefix("bulletins.") for _weak, code in WEAKENED} == {"E021"}, "is not in WEAKENED"


def test_what_is_fit_passes_and_django_too_has_nothing_to_say_that_is_kept_silent(tmp_path):
    assert findings_of(tmp_path, [{}, *FIT_TOO]) == [[]] * (len(FIT_TOO) + 1)


def test_a_file_with_a_secret_that_everybody_on_the_machine_may_read_is_found(tmp_path, monkeypatch):
    secret = tmp_path / "secret_key"
    secret.write_text("x")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == Path(tmp_path).owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    secret.chmod(0o644)
    assert deploy_checks.is_readable_by_all(secret)
    secret.chmod(0o640)
    assert not deploy_checks.is_readable_by_all(secret)
    secret.chmod(0o644)
    tmp_path.chmod(0o700)
    assert not deploy_checks.is_readable_by_all(secret)
    assert not deploy_checks.is_readable_by_all(Path("/run/secrets/secret_key"))


def test_the_files_of_secrets_are_looked_at(monkeypatch, settings):
    monkeypatch.setattr(deploy_checks, "is_readable_by_all", lambda path: path.name == "open")
    settings.SECRET_FILES = [Path("/x/closed"), Path("/x/open")]
    assert [(code, says.split()[0]) for code, says, _hint in deploy_checks.readers() if code == "E021"] == [
        ("E021", "/x/open")
    ]
