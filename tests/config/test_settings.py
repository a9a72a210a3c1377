"""A setting that cannot be used stops the start with one sentence: its name and what it should be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a management command with these variables and no others of ours."""
    return subprocess.run(
        [sys.executable, "manage.py", "diffsettings"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "secret-of-the-test",
            **environment,
        },
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
        ("SEND_WINDOW", "-1", "a whole number from 1 to 500"),
        ("SEND_CHUNK", "1e3", "a whole number from 1 to 5000"),
        ("SEND_CONNECTIONS", "65", "a whole number from 1 to 64"),
        ("DATA_DIR", "/proc/nowhere", "cannot be created"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(tmp_path, name, value, should):
    done = start(tmp_path, **{name: value})

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Not started: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert name in done.stderr
    assert should in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.0.0.5"])
def test_an_exercise_may_mail_to_this_machine(tmp_path, host):
    assert start(tmp_path, EXERCISE_MAIL_URL=f"smtp://{host}:2525").returncode == 0


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "2130706433"]
)
def test_an_exercise_may_mail_nowhere_else(tmp_path, host):
    assert start(tmp_path, EXERCISE_MAIL_URL=f"smtp://{host}:2525").returncode == 2


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


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / "env"
    file.write_text("# a comment\nTICK_SECONDS=15\nMAIL_FROM='file@example.org'\n", encoding="utf-8")

    shown = start(tmp_path, ENV_FILE=str(file), TICK_SECONDS="20").stdout

    assert "TICK_SECONDS = 20" in shown
    assert "DEFAULT_FROM_EMAIL = 'file@example.org'" in shown
