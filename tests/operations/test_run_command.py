"""The door: it explains itself, finds a Python that will do, and says in one sentence what is missing."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from operations.startup_errors import Refusal

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"demo", "serve", "doctor", "test", "faults", "fuzz", "lint", "bench", "supply", "docs", "manage", "rehearse"}


def run(*words: str, at: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Call ./run with a small environment and return how it ended."""
    usual = {"PATH": os.environ["PATH"], "HOME": str(at)}
    return subprocess.run([str(at / "run"), *words], env=usual | env, capture_output=True, text=True)


@pytest.fixture
def old_python(tmp_path):
    """Make a Python that says it is 3.11: it fails whatever asks for more."""
    path = tmp_path / "python3"
    path.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 11); $2"\n', encoding="utf-8"
    )
    path.chmod(0o755)
    return path


def test_without_words_it_explains_itself():
    ended = run()
    assert ended.returncode == 0
    assert {line.split()[1] for line in ended.stdout.splitlines() if line.startswith("./run ")} == WORDS


def test_an_unknown_word_is_named():
    ended = run("dance")
    assert ended.returncode == 2
    assert ended.stderr.startswith("There is no ./run dance.\n")


def test_an_old_python_alone_will_not_do(old_python):
    ended = run("doctor", RUN_PYTHONS=f"{old_python} /nonexistent/python3")
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "needs Python 3.12 or newer" in ended.stderr
    assert "apt install python3 python3-venv git" in ended.stderr


def test_a_checkout_without_its_lock_is_named(tmp_path):
    shutil.copy(ROOT / "run", tmp_path / "run")
    ended = run("demo", at=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == (
        f"Not started: pyproject.toml or uv.lock is missing in {tmp_path}. Clone the project again.\n"
    )


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ended = run("demo", "--port", str(port), DATA_DIR=str(tmp_path), ENV_FILE=os.devnull)
    assert ended.returncode == 3
    said = [line for line in ended.stderr.splitlines() if not re.fullmatch(r"\w+: \d+ texts", line)]
    assert len(said) == 1, said
    assert said[0].startswith(f"Not started: port {port} on 127.0.0.1 is taken")
    assert "--port" in said[0]
    assert not list(tmp_path.rglob("*.sqlite3"))


HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def locale(tmp_path, settings):
    """Give a Finnish .po file that is not there yet."""
    settings.LOCALE_PATHS = [tmp_path]
    path = tmp_path / "fi" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    return path


def test_a_translation_is_compiled_once(locale, capsys):
    locale.write_text(HEADER + 'msgid "Sent"\nmsgstr "Lähetetty"\n', encoding="utf-8")
    call_command("compile_translations")
    assert capsys.readouterr().out == "fi: 1 texts\n"
    assert locale.with_suffix(".mo").exists()
    call_command("compile_translations")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "body",
    [
        'msgid "Sent\nmsgstr "x"\nnonsense\n',
        '#, python-format\nmsgid "%(count)s sent"\nmsgstr "%(maara)s lähetetty"\n',
    ],
)
def test_a_broken_translation_is_named_and_the_old_one_stays(locale, body):
    locale.with_suffix(".mo").write_bytes(b"old")
    os.utime(locale.with_suffix(".mo"), (1, 1))
    locale.write_text(HEADER + body, encoding="utf-8")
    with pytest.raises(Refusal, match=r"django\.po"):
        call_command("compile_translations")
    assert locale.with_suffix(".mo").read_bytes() == b"old"
