"""Benches find the programs that they run, install them where they may, and start no daemon by that."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks import programs
from tests.support import system_parts


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any of the programs; return the folder where an installed one appears."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "WHERE", str(tmp_path))
    monkeypatch.setattr(programs, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(programs.subprocess, "run", lambda *words, **options: None)
    return tmp_path


def test_a_program_that_is_there_is_taken(bare_machine, monkeypatch):
    monkeypatch.setattr(system_parts, "install", lambda parts: pytest.fail("nothing is missing"))
    (bare_machine / "wrk").write_text("")
    (bare_machine / "wrk").chmod(0o755)

    assert programs.program("wrk") == str(bare_machine / "wrk")


def test_a_missing_one_is_installed_and_its_daemon_is_not_started(bare_machine, monkeypatch):
    asked: list[Any] = []

    def install(parts: list[system_parts.Part]) -> None:
        asked.extend(package for part in parts for package in part.packages)
        asked.append(subprocess.os.stat(programs.POLICY).st_mode & 0o111)
        asked.append(programs.POLICY.read_text())
        (bare_machine / "smtp-sink").write_text("")
        (bare_machine / "smtp-sink").chmod(0o755)

    monkeypatch.setattr(system_parts, "can_install", lambda: True)
    monkeypatch.setattr(system_parts, "install", install)

    assert programs.program("smtp-sink") == str(bare_machine / "smtp-sink")
    assert asked == ["postfix", 0o111, "#!/bin/sh\nexit 101\n"]
    assert not programs.POLICY.exists()


def test_a_policy_that_somebody_has_is_left_alone(bare_machine, monkeypatch):
    programs.POLICY.write_text("theirs")
    monkeypatch.setattr(system_parts, "can_install", lambda: True)
    monkeypatch.setattr(system_parts, "install", lambda parts: None)

    with pytest.raises(SystemExit, match=r"apt-get install postfix"):
        programs.program("smtp-source")

    assert programs.POLICY.read_text() == "theirs"


def test_where_nothing_can_be_installed_the_command_is_named(bare_machine, monkeypatch):
    monkeypatch.setattr(system_parts, "can_install", lambda: False)
    monkeypatch.setattr(system_parts, "install", lambda parts: pytest.fail("it may not be"))

    with pytest.raises(SystemExit, match=r"wrk is missing.*apt-get install wrk"):
        programs.program("wrk")


def test_every_program_of_a_bench_has_a_package():
    asked = set()
    for file in Path(programs.__file__).parent.rglob("*.py"):
        asked |= {words.split('"')[0] for words in file.read_text().split('program("')[1:]}

    assert asked and asked <= set(programs.PACKAGES)
