"""`./run test` never turns green by leaving something out in silence."""

import json
from pathlib import Path

import pytest

from tests import running, services

REDIS = next(part for part in services.PARTS if part.name == "Redis")


@pytest.fixture
def no_redis(monkeypatch):
    """A machine without Redis, where nothing can be installed."""
    monkeypatch.setattr(services, "ensure", lambda *names: [REDIS])
    monkeypatch.setattr(services, "missing_parts", lambda *names: [REDIS])


@pytest.fixture
def pytest_that_passes(monkeypatch):
    """Stand in for the pytest process: it passes, and keeps the half that it was started for."""
    halves = []

    def run(run, half, environment):
        halves.append(half)
        run.outcomes.append((half, 0, 1.0))
        run.counts.update(passed=3)

    monkeypatch.setattr(running, "run_pytest", run)
    monkeypatch.setattr(running, "collect", lambda run, environment: ["tests/test_x.py::test_y"])
    return halves


def test_what_is_not_our_word_is_pytests():
    run = running.Run.from_words(["--strict", "tests/delivery", "-k", "fan", "--sqlite"])

    assert (run.strict, run.fast, run.halves) == (True, False, ("sqlite",))
    assert run.words == ["tests/delivery", "-k", "fan"]


def test_both_halves_run_unless_one_is_named():
    assert running.Run.from_words([]).halves == ("sqlite", "postgresql")


def test_what_was_left_out_is_named_at_the_end(no_redis, pytest_that_passes, capsys):
    code = running.main(["tests"])

    end = capsys.readouterr().out.split("Summary")[1]
    assert code == 0
    assert pytest_that_passes == ["sqlite"]
    assert "NOT EVERYTHING WAS TESTED" in end
    assert "apt-get install redis-server" in end
    assert "tests/test_x.py::test_y" in end
    assert "3 passed" in end.splitlines()[-1]


def test_a_strict_run_fails_instead_and_says_what_is_missing(no_redis, pytest_that_passes, capsys):
    assert running.main(["--strict", "tests"]) == 1
    assert "Redis is not installed" in capsys.readouterr().err
    assert pytest_that_passes == []


@pytest.mark.parametrize(
    ("codes", "worst"), [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((2, 1), 2), ((5, 0), 0), ((5, 5), 5)]
)
def test_the_exit_code_is_the_worse_of_the_halves(codes, worst, capsys):
    run = running.Run()
    run.outcomes = [(half, code, 1.0) for half, code in zip(run.halves, codes, strict=True)]

    assert running.close(run) == worst


def test_fast_says_what_it_left_out(pytest_that_passes, monkeypatch, capsys):
    monkeypatch.setattr(services, "ensure", lambda *names: [])
    running.main(["--fast", "--sqlite"])

    assert "--fast left out" in capsys.readouterr().out


def test_skipped_tests_are_named_again_at_the_end(tmp_path: Path, monkeypatch, capsys):
    """The pytest process leaves them in a file; a stand-in writes it here."""
    (tmp_path / "told.json").write_text(json.dumps({"counts": {"skipped": 1}, "left_out": ["test_y: no Chromium"]}))
    run = running.Run(words=["--version"])
    running.run_pytest(run, "sqlite", {"TEST_FOLDER": str(tmp_path), "PATH": "/usr/bin:/bin"})
    running.close(run)

    assert "test_y: no Chromium" in capsys.readouterr().out
