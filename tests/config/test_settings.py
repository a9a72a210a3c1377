"""A setting that cannot be used stops the start with one sentence: its name and what it should be."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.support.fresh_settings import read_settings

ROOT = Path(__file__).resolve().parents[2]


def only(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return an environment with these variables and no others of ours."""
    usual = {"ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), "SECRET_KEY": "secret-of-the-test"}
    return {"PATH": os.environ["PATH"], **usual, **environment}


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return a function that reads the settings as a process with these variables does; such a process takes a second."""

    def with_variables(**environment: str) -> dict[str, Any]:
        monkeypatch.setattr(os, "environ", only(tmp_path, environment))
        return read_settings()

    monkeypatch.setattr(env, "DIGESTS", {})
    monkeypatch.setattr(env, "SECRET_FILES", [])
    return with_variables


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a management command with these variables and no others of ours."""
    return subprocess.run(
        [sys.executable, "manage.py", "diffsettings"],
        cwd=ROOT,
        env=only(tmp_path, environment),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value", "should"),
    [
        ("DATABASE_URL", "mysql://somewhere/db", "postgres://user:password@host:5432/name or sqlite:////path/to/file"),
        ("DATABASE_URL", "postgres://user:hunter2@host", "postgres://user:password@host:5432/name"),
        ("DATABASE_URL", "postgres://user:hunter2@host:port/name", "a port that is not a number"),
        ("DATABASE_URL", "sqlite://", "sqlite:////path/to/file"),
        ("DATABASE_URL", "postgres://user@host/name?pooler=session", "pooler=session; it should be transaction"),
        ("REDIS_URL", "memcached://127.0.0.1", "redis://:password@host:6379/0"),
        ("REDIS_URL", "redis://127.0.0.1:99999/0", "a port that is not a number from 0 to 65535"),
        ("MAIL_URL", "http://relay.example.org", "smtp+tls://user:password@host:587"),
        ("EXERCISE_MAIL_URL", "smtp://mail.example.org", "a mail catcher on this machine"),
        ("PUBLIC_URL", "bulletins.example.org", "https://bulletins.example.org"),
        ("NOTIFY_URL", "chat.example.org/hunter2", "https://chat.example.org/hooks/abc"),
        ("TRANSPORT", "pigeon", "one of mailer, smtp"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, ERROR, INFO, WARNING"),
        ("DEBUG", "maybe", "true or false"),
        ("TICK_SECONDS", "abc", "a whole number from 1 to 300"),
        ("TICK_SECONDS", "0", "a whole number from 1 to 300"),
        ("TICK_SECONDS", "٣٠", "a whole number from 1 to 300"),
        ("SEND_CHUNK", "-1", "a whole number from 1 to 5000"),
        ("SEND_CHUNK", "1e3", "a whole number from 1 to 5000"),
        ("SEND_CONNECTIONS", "65", "a whole number from 1 to 64"),
        ("DATA_DIR", "/proc/nowhere", "cannot be created"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(read, name, value, should):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**{name: value})

    said = str(refused.value)
    assert len(said.splitlines()) == 1
    assert name in said
    assert should in said
    assert "hunter2" not in said


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.0.0.5"])
def test_an_exercise_may_mail_to_this_machine(read, host):
    assert read(EXERCISE_MAIL_URL=f"smtp://{host}:2525")["EXERCISE_MAIL"]["port"] == 2525


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "2130706433"]
)
def test_an_exercise_may_mail_nowhere_else(read, host):
    with pytest.raises(ImproperlyConfigured, match="EXERCISE_MAIL_URL"):
        read(EXERCISE_MAIL_URL=f"smtp://{host}:2525")


def test_without_a_variable_the_embedded_parts_are_used(tmp_path):
    shown = start(tmp_path).stdout

    assert "django.db.backends.sqlite3" in shown
    assert "filesystem://" in shown
    assert "127.0.0.1" in shown


def test_real_parts_are_named_by_two_variables(tmp_path):
    shown = start(
        tmp_path,
        DATABASE_URL="postgres://user:p%40ss@db.example.org/bulletins?sslmode=require",
        REDIS_URL="redis://cache.example.org:6380/2",
    ).stdout

    assert "'HOST': 'db.example.org'" in shown
    assert "'PASSWORD': 'p@ss'" in shown
    assert "'sslmode': 'require'" in shown
    assert "CELERY_BROKER_URL = 'redis://cache.example.org:6380/2'" in shown


def test_a_database_with_a_standby_has_two_hosts_and_a_pooler_is_told_nothing(monkeypatch):
    query = "host=10.0.0.1,10.0.0.2&port=5432,5433&target_session_attrs=read-write"
    monkeypatch.setenv("DATABASE_URL", f"postgres://user@/bulletins?{query}")
    seen = env.database("DATABASE_URL", "")
    assert (seen["HOST"], seen["PORT"]) == ("10.0.0.1,10.0.0.2", "5432,5433")
    assert seen["OPTIONS"]["target_session_attrs"] == "read-write" and seen["OPTIONS"]["options"]
    assert not seen["DISABLE_SERVER_SIDE_CURSORS"]

    monkeypatch.setenv("DATABASE_URL", "postgres://user@host/bulletins?pooler=transaction")
    pooled = env.database("DATABASE_URL", "")
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] and not {"options", "pooler"} & pooled["OPTIONS"].keys()


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / "env"
    file.write_text("# a comment\nTICK_SECONDS=15\nMAIL_FROM='file@example.org'\n", encoding="utf-8")

    shown = start(tmp_path, ENV_FILE=str(file), TICK_SECONDS="20").stdout

    assert "TICK_SECONDS = 20" in shown
    assert "DEFAULT_FROM_EMAIL = 'file@example.org'" in shown


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path):
    (tmp_path / "database").write_text("postgres://user:hunter2@db.example.org/bulletins\n", encoding="utf-8")
    (tmp_path / "key").write_text("  key-1\n", encoding="utf-8")

    shown = start(
        tmp_path,
        DATABASE_URL_FILE=str(tmp_path / "database"),
        ANYMAIL_MAILGUN_API_KEY_FILE=str(tmp_path / "key"),
        MAIL_URL="esp://mailgun",
    ).stdout

    assert "'HOST': 'db.example.org'" in shown and "'PASSWORD': 'hunter2'" in shown
    assert "'MAILGUN_API_KEY': 'key-1'" in shown
    assert "API_KEY_FILE" not in shown


def test_an_empty_variable_beside_a_file_counts_as_unset(tmp_path):
    (tmp_path / "from").write_text("file@example.org\n", encoding="utf-8")
    shown = start(tmp_path, MAIL_FROM="", MAIL_FROM_FILE=str(tmp_path / "from")).stdout
    assert "DEFAULT_FROM_EMAIL = 'file@example.org'" in shown


@pytest.mark.parametrize(
    ("file", "beside", "says"),
    [
        ("missing", {}, "REDIS_URL_FILE is {file}, which cannot be read (No such file or directory)."),
        ("binary", {}, "REDIS_URL_FILE is {file}, which cannot be read (it is no text in UTF-8)."),
        ("good", {"REDIS_URL": "redis://other/0"}, "REDIS_URL and REDIS_URL_FILE are both set. Keep one of them."),
        ("wrong", {}, "REDIS_URL should look like redis://:password@host:6379/0."),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_its_words_stay_in_it(tmp_path, file, beside, says):
    (tmp_path / "good").write_text("redis://:hunter2@cache/0", encoding="utf-8")
    (tmp_path / "wrong").write_text("memcached://:hunter2@cache/0", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe hunter2")

    done = start(tmp_path, REDIS_URL_FILE=str(tmp_path / file), **beside)

    assert done.returncode == 2
    assert done.stderr == f"Not started: {says.format(file=tmp_path / file)}\n"
