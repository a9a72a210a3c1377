"""`check --deploy`, run as an administrator runs it: the settings of docs/production.md pass, those of a demo do not."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FIT = {
    "SECRET_KEY": "kZ2-vW9_qL5xT7cB1nM4aS8dF6gH3jP0yR-uE2iO9tY5wQ7eX1cV4bN8mK6",
    "SUPPRESSION_KEY": "pT5_wQ8-eR2yU7iO1aS4dF9gH6jK3lZ0xC-vB5nM2qW8eL1kJ4hG7fD3sA9",
    "PUBLIC_URL": "https://bulletins.test",
    "DATABASE_URL": "postgres://bulletins:secret@database.bulletins.test/bulletins",
    "REDIS_URL": "redis://:secret@redis.bulletins.test:6379/0",
    "MAIL_URL": "smtp+tls://bulletins:secret@relay.bulletins.test:587",
    "MAIL_FROM": "bulletins@bulletins.test",
}
WEAK = {
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "SECRET_KEY": "short",
    "DEBUG": "true",
}


def check(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Check settings that come from nothing but `env`."""
    usual = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder)}
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(words, cwd=ROOT, env=usual | env, capture_output=True, text=True, timeout=60)


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
        (WEAK, {"E003", "E005", "E006", "E009"}),
        ({"SUPPRESSION_KEY": "", "MAIL_URL": "", "DATABASE_URL": ""}, {"E001", "E004", "E007"}),
        ({"REDIS_URL": "", "MAIL_FROM": "", "SECRET_KEY": ""}, {"E002", "E003", "E008"}),
        ({"NOTIFY_URL": "http://chat.bulletins.test/hooks/a"}, {"E014", "E015"}),
        ({"NOTIFY_URL": "https://chat.bulletins.test/hooks/a", "NOTIFY_SECRET": "too short"}, {"E015"}),
    ],
    ids=["as on a laptop", "half set up", "the other half", "a hook in the clear", "a hook that anybody can forge"],
)
def test_what_is_weak_is_found_and_nothing_else(weak, wanted, tmp_path):
    ended = check(tmp_path, **FIT | weak)
    assert ended.returncode == 1
    assert codes(ended) == wanted
    assert "secret@" not in ended.stderr
