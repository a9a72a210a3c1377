"""`./run test` never turns green by leaving something out in silence."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import longest_first
from tests.support import system_parts

from . import runs

REDIS = next(part for part in system_parts.PARTS if part.name == "Redis")


@pytest.fixture
def no_redis(monkeypatch):
    """A machine without Redis, where nothing can be installed."""
    monkeypatch.setattr(system_parts, "ensure", lambda *names: [REDIS])
    monkeypatch.setattr(system_parts, "missing_parts", lambda *names: [REDIS])


@pytest.fixture
def pytest_that_passes(monkeypatch):
    """Stand in for the pytest process: it passes, and keeps the half that it was started for."""
    halves = []

    def run(run, half, environment):
        halves.append(half)
        run.outcomes.append((half, 0, 1.0))
        run.counts.update(passed=3)

    monkeypatch.setattr(runs, "run_pytest", run)
    monkeypatch.setattr(runs, "collect", lambda run, environment: ["tests/test_x.py::test_y"])
    return halves


def test_what_is_not_our_word_is_pytests():
    run = runs.Run.from_words(["--strict", "tests/delivery", "-k", "fan", "--sqlite"])

    assert (run.strict, run.fast, run.halves) == (True, False, ("sqlite",))
    assert run.words == ["tests/delivery", "-k", "fan"]


@pytest.mark.parametrize(
    ("words", "halves"),
    [
        ([], ("sqlite", "postgresql")),
        (["--postgresql"], ("postgresql",)),
        (["--fast"], ("sqlite",)),
        (["--fast", "--postgresql"], ("postgresql",)),
        (["--fast", "--sqlite", "--postgresql"], ("sqlite", "postgresql")),
    ],
)
def test_both_halves_run_unless_one_is_named_or_it_is_to_be_fast(words, halves):
    assert runs.Run.from_words(words).halves == halves


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], {"sqlite": "2", "postgresql": "2"}),
        (["--half=sqlite"], {"sqlite": "2"}),
        (["--half=postgresql"], {"postgresql": "2"}),
        (["--sqlite"], {"sqlite": "1"}),
        (["--postgresql"], {"postgresql": "1"}),
    ],
)
def test_two_machines_that_share_a_run_leave_to_each_other_what_one_would_run_once(words, told, monkeypatch):
    asked = {}

    def run_pytest(run, half, environment):
        asked[half] = environment["TEST_HALVES"]
        run.outcomes.append((half, 0, 1.0))

    class Server(contextlib.nullcontext):
        socket_url = url = "postgres://me@127.0.0.1:1/x"

        def __init__(self):
            super().__init__(self)

    for module, name in ((system_parts, "ensure"), (system_parts, "missing_parts")):
        monkeypatch.setattr(module, name, lambda *names: [])
    monkeypatch.setattr(system_parts, "Redis", Server)
    monkeypatch.setattr(runs.migrated_database, "PostgreSQL", Server)
    monkeypatch.setattr(runs.migrated_database, "prepare", lambda *kinds: None)
    monkeypatch.setattr(runs, "run_pytest", run_pytest)

    assert runs.main([*words, "tests/delivery"]) == 0
    assert asked == told


def test_what_was_left_out_is_named_at_the_end(no_redis, pytest_that_passes, capsys):
    code = runs.main(["tests"])

    end = capsys.readouterr().out.split("Summary")[1]
    assert code == 0
    assert pytest_that_passes == ["sqlite"]
    assert "NOT EVERYTHING WAS TESTED" in end
    assert "apt-get install redis-server" in end
    assert "tests/test_x.py::test_y" in end
    assert "3 passed" in end.splitlines()[-1]


def test_a_strict_run_fails_instead_and_says_what_is_missing(no_redis, pytest_that_passes, capsys):
    assert runs.main(["--strict", "tests"]) == 1
    assert "Redis is not installed" in capsys.readouterr().err
    assert pytest_that_passes == []


@pytest.mark.parametrize(
    ("codes", "worst"), [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((2, 1), 2), ((5, 0), 0), ((5, 5), 5)]
)
def test_the_exit_code_is_the_worse_of_the_halves(codes, worst, capsys):
    run = runs.Run()
    run.outcomes = [(half, code, 1.0) for half, code in zip(run.halves, codes, strict=True)]

    assert runs.close(run) == worst


def test_fast_says_what_it_left_out(pytest_that_passes, monkeypatch, capsys):
    monkeypatch.setattr(system_parts, "ensure", lambda *names: [])
    runs.main(["--fast", "--sqlite"])

    assert "--fast left out" in capsys.readouterr().out


Y, Z = "tests/test_x.py::test_y", "tests/test_x.py::test_z[a b]"


@pytest.fixture
def pytest_that_answers(monkeypatch):
    """Return a function that sets what pytest processes answer, one after the other, and gives the words they got."""

    def answers(*outcomes: tuple[int, dict[str, Any]]) -> list[list[str]]:
        waiting, heard = list(outcomes), []

        def one_pytest(words, environment):
            heard.append(words)
            Path(environment["TEST_FOLDER"], "once.json").write_text(json.dumps([Y] * len(waiting)))
            return waiting.pop(0)

        monkeypatch.setattr(runs, "one_pytest", one_pytest)
        return heard

    return answers


def test_what_fails_beside_the_others_runs_again_by_itself_and_is_named(pytest_that_answers, tmp_path, capsys):
    first = {"counts": {"passed": 7, "failed": 1, "error": 1}, "left_out": [], "failed": [Y, Z]}
    heard = pytest_that_answers((1, first), (0, {"counts": {"passed": 2}, "left_out": [], "failed": []}))
    run = runs.Run()
    runs.run_pytest(run, "sqlite", {"TEST_FOLDER": str(tmp_path)})

    assert runs.close(run) == 0
    assert "-n" in heard[0]
    assert "-n" not in heard[1]
    assert heard[1][-2:] == [Y, Z]
    end = capsys.readouterr().out.split("Summary")[1]
    assert "2 UNSTEADY" in end
    assert f"{Y} (sqlite)" in end
    assert "7 passed, 2 unsteady" in end
    assert "2 tests ran on SQLite only" in end  # not what the second look collected


@pytest.mark.parametrize(
    ("strict", "first", "second"),
    [
        pytest.param(False, {"failed": [Y]}, (1, {"failed": [Y]}), id="broken fails again"),
        pytest.param(False, {"failed": [Y, Z]}, (1, {"failed": [Z]}), id="one of two is broken"),
        pytest.param(False, {"failed": [Y]}, (4, {}), id="the second look could not begin"),
        pytest.param(False, {"failed": [f"{Y}[{n}]" for n in range(6)]}, None, id="more than a busy machine explains"),
        pytest.param(True, {"failed": [Y], "left_out": ["test_z: no Chromium"]}, None, id="strict, one was left out"),
        pytest.param(True, {"failed": []}, None, id="nothing to look at again"),
    ],
)
def test_a_second_look_turns_nothing_green_that_is_broken(strict, first, second, pytest_that_answers, tmp_path, capsys):
    heard = pytest_that_answers((1, {"counts": {"failed": 1}, "left_out": [], **first}), *([second] if second else []))
    run = runs.Run(strict=strict)
    runs.run_pytest(run, "sqlite", {"TEST_FOLDER": str(tmp_path)})

    assert runs.close(run) > 0
    assert len(heard) == (2 if second else 1)
    assert "UNSTEADY" not in capsys.readouterr().out


def test_a_run_tells_what_failed_by_the_names_that_pytest_takes(tmp_path: Path):
    tmp_path.joinpath("test_z.py").write_text(
        "import pytest\n"
        "@pytest.fixture\ndef broken(): yield; assert False\n"
        "@pytest.mark.parametrize('word', ['a b', 'c'])\ndef test_one(word): assert word == 'c'\n"
        "def test_two(broken): pass\n"
    )
    words = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(runs.ROOT / "pyproject.toml")]
    words += ["--rootdir", str(tmp_path), "-q", "-p", "no:cacheprovider", str(tmp_path)]
    code, told = runs.one_pytest(words, {**os.environ, "TEST_FOLDER": str(tmp_path)})

    assert code == runs.FAILED
    assert told["failed"] == ["test_z.py::test_one[a b]", "test_z.py::test_two"]


def test_what_ran_once_is_named_at_the_end(tmp_path: Path, capsys):
    (tmp_path / "once.json").write_text(json.dumps(["tests/test_x.py::test_a", "tests/test_x.py::test_b[1]"]))
    run = runs.Run(words=["--version"])
    runs.run_pytest(run, "postgresql", {"TEST_FOLDER": str(tmp_path), "PATH": "/usr/bin:/bin"})
    runs.close(run)

    end = capsys.readouterr().out.split("Summary")[1]
    assert "2 tests ran on PostgreSQL + Redis only" in end
    assert "tests/test_x.py (2)" in end


BOTH = {"side_by_side", "on_a_server", "said_so", "a_fault_without_number"}
FIRST = {"plain", "looks", "looks_on_the_way", "sqlite"}
SECOND = {"with_rows", "by_fixture", "marked", "a_way", "a_fault", "postgresql"}


@pytest.mark.parametrize(
    ("half", "halves", "run", "once"),
    [
        ("sqlite", 2, BOTH | FIRST, FIRST - {"sqlite"}),
        ("postgresql", 2, BOTH | SECOND, SECOND - {"postgresql"}),
        ("sqlite", 1, BOTH | FIRST | SECOND - {"postgresql"}, None),
        ("postgresql", 1, BOTH | SECOND | FIRST - {"sqlite"}, None),
    ],
)
def test_a_test_says_by_what_it_asks_for_and_by_its_marks_in_which_half_it_runs(
    half, halves, run, once, tmp_path: Path
):
    """Pytest collects a file of its own here, as in a half of a run; only the conftest is ours."""
    Path(tmp_path / "test_z.py").write_text(
        "import pytest\n"
        "def test_plain(): pass\n"
        "def test_with_rows(db): pass\n"
        "def test_by_fixture(campaign): pass\n"
        "@pytest.mark.django_db\ndef test_marked(): pass\n"
        "@pytest.mark.django_db(transaction=True)\ndef test_side_by_side(): pass\n"
        "def test_on_a_server(own_redis): pass\n"
        "@pytest.mark.both\ndef test_said_so(): pass\n"
        "@pytest.mark.looks\ndef test_looks(page): pass\n"
        "@pytest.mark.journey\n@pytest.mark.looks\ndef test_looks_on_the_way(page): pass\n"
        "@pytest.mark.journey\ndef test_a_way(page): pass\n"
        "@pytest.mark.fault(8)\ndef test_a_fault(): pass\n"
        "@pytest.mark.fault\ndef test_a_fault_without_number(): pass\n"
        "@pytest.mark.sqlite\ndef test_sqlite(db): pass\n"
        "@pytest.mark.postgresql\n@pytest.mark.fault(8)\ndef test_postgresql(): pass\n"
    )
    environment = {"TEST_FOLDER": str(tmp_path), "TEST_HALVES": str(halves)}
    if half == "postgresql":
        environment["TEST_DATABASE_URL"] = "postgres://me@127.0.0.1:1/x"
    words = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--collect-only", "-q", str(tmp_path)]
    ended = subprocess.run(
        [*words, "-c", str(runs.ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "no:cacheprovider"],
        cwd=runs.ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("TEST_")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert set(re.findall(r"::test_(\w+)", ended.stdout)) == run, ended.stdout + ended.stderr
    told = tmp_path / "once.json"
    assert once == ({name.partition("::test_")[2] for name in json.loads(told.read_text())} if told.exists() else None)


def test_the_long_ones_begin_the_workers_shares():
    """Faults wait for each other, so the first worker has them all; the longest journeys are the last worker's first."""

    class Item:
        def __init__(self, name: str, *marks: str) -> None:
            self.name, self.marks = name, marks

        def get_closest_marker(self, name: str) -> pytest.Mark | None:
            """Return its mark of a name."""
            return getattr(pytest.mark, name).mark if name in self.marks else None

    items: list[Any] = [
        *(Item(f"plain {n}") for n in range(5)),
        Item("page", "journey"),
        Item("way", "journey", "slow"),
    ]
    items += [
        Item("cut", "fault"),
        Item("kill", "fault", "slow"),
        Item("fuzz", "slow"),
        Item("clock", "fault", "django_db"),
    ]

    names = [item.name for item in longest_first(items, 3)]

    faults, slow, journeys = ["cut", "kill"], ["fuzz", "clock"], ["way", "page"]
    assert names == [*faults, "plain 0", *slow, "plain 1", "plain 2", *journeys, "plain 3", "plain 4"]


def test_skipped_tests_are_named_again_at_the_end(tmp_path: Path, pytest_that_answers, capsys):
    pytest_that_answers((0, {"counts": {"skipped": 1}, "left_out": ["test_y: no Chromium"], "failed": []}))
    run = runs.Run()
    runs.run_pytest(run, "sqlite", {"TEST_FOLDER": str(tmp_path)})
    runs.close(run)

    assert "test_y: no Chromium" in capsys.readouterr().out
