"""`./run faults` finds what it is asked for, and never turns green by trying nothing."""

import pytest

from . import fault_run, runs
from .fault_run import Run


@pytest.fixture
def run():
    """One that was asked for two faults."""
    return Run(chosen=["9", "22"])


def ended(number: str, outcome: str = "passed", *, half: str = "sqlite", why: str = "") -> dict:
    """Return what pytest tells about a test."""
    return {
        "faults": [number],
        "name": "test_x",
        "outcome": outcome,
        "seconds": 1.0,
        "seen": [],
        "why": why,
        "half": half,
    }


def test_the_table_has_all_faults():
    *numbers, last = fault_run.faults()

    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert last == fault_run.KILL


def test_numbers_are_ours_and_options_are_pytests():
    run = Run.from_words(["8", "kill", "--times", "100", "-x", "--sqlite"])

    assert (run.chosen, run.times, run.halves, run.words) == (["8", "kill"], 100, ("sqlite",), ["-x"])


@pytest.mark.parametrize("words", [["99"], ["kil"], ["kill", "--times"], ["kill", "--times", "often"]])
def test_what_makes_no_sense_is_refused(words, capsys):
    assert fault_run.main(words) == 2
    assert capsys.readouterr().err


def test_all_held(run, capsys):
    run.codes = [0, 0]
    run.seen |= {"9": [ended("9")], "22": [ended("22"), ended("22", half="postgresql")]}

    assert fault_run.close(run) == 0
    assert "2 of 2 held" in capsys.readouterr().out


def test_one_that_did_not_hold_on_one_database_did_not_hold(run, capsys):
    run.codes = [1, 0]
    run.seen |= {"9": [ended("9", "failed"), ended("9", half="postgresql")], "22": [ended("22")]}

    assert fault_run.close(run) == 1
    out = capsys.readouterr().out
    assert "1 of 2 held" in out and "DID NOT HOLD: 9" in out


@pytest.mark.parametrize("tests", [[], [ended("22", "skipped", why="needs root")]])
def test_one_that_was_asked_for_and_not_tried_is_a_failure(run, tests, capsys):
    run.codes = [0, 0]
    run.seen |= {"9": [ended("9")], "22": tests}

    assert fault_run.close(run) == 1
    out = capsys.readouterr().out
    assert "NOT TRIED" in out and "22: " in out
    assert not tests or "needs root" in out


def test_among_all_it_is_named_and_fails_a_strict_run_only(capsys):
    everything = Run(codes=[0, 0])
    everything.seen |= {number: [ended(number)] for number in fault_run.faults() if number != "14"}

    assert fault_run.close(everything) == 0
    assert "14: " in capsys.readouterr().out
    everything.strict = True
    assert fault_run.close(everything) == 1


def test_a_run_that_broke_down_is_no_success(run):
    run.codes = [3]
    run.seen |= {"9": [ended("9")], "22": [ended("22")]}

    assert fault_run.close(run) == 1


@pytest.mark.parametrize("words", [[], ["--fast"], ["tests/faults"]])
def test_run_test_leaves_the_long_ones_out_and_says_so(words, capsys):
    run = runs.Run.from_words(words)
    line = runs.pytest_words(run)
    assert "not long" in line[line.index("-m", 2) + 1]

    runs.close(run)
    assert "left to ./run faults" in capsys.readouterr().out


def test_one_test_runs_whatever_it_is_marked():
    assert not any("not long" in word for word in runs.pytest_words(runs.Run.from_words(["tests/x.py::test_y"])))


def test_what_mostly_waits_goes_beside_the_others_and_nothing_is_left_out():
    lines = fault_run.lines(Run())

    for half in ("sqlite", "postgresql"):
        numbers = [number for parts, some in lines if parts == half for number in some]
        assert sorted(numbers) == sorted(fault_run.faults())
    assert ("postgresql", ["2", "7"]) in lines
    assert fault_run.lines(Run(chosen=["9"], halves=("sqlite",))) == [("sqlite", ["9"])]
