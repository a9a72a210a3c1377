"""
`./run test`: everything, in parallel, first on SQLite with the embedded parts, then on PostgreSQL and Redis.

    ./run test [--strict] [--fast] [--sqlite | --postgresql | --half=sqlite | --half=postgresql] [pytest's own words …]

--strict        fail instead of leaving anything out (used by .ci/run)
--fast          on SQLite only, without pages, journeys, faults and slow tests: the rules; says so at the end
--sqlite        all tests on SQLite
--postgresql    all tests on PostgreSQL and Redis
--half=sqlite, --half=postgresql
                one half of the run of both, for machines that share it
tests/x.py -k…  only those tests, in both halves

When both halves run, some tests run in one of them only: in the first what asks for neither database, broker nor
browser, and what only looks at pages; in the second, as in production, the ways through the whole in a browser, rules that
leave all SQL to the ORM, what the desk, the public pages and attackers' requests answer, and the faults. tests/support/halves.py
says what runs in both: where SQL is written by hand, where Redis counts, and what goes on side by side. `./run faults` breaks parts on
both, the longest of them only there.

A few tests that failed beside the others are run again by themselves: machines are shared, and a browser or a clock may
have waited too long. What passes then does not fail the run, but is named at its end as unsteady, to be fixed. What is
broken fails again.

The servers are this run's own, on free loopback ports, and are stopped at its end, also after Ctrl-C. Missing
system parts are installed on Debian and Ubuntu as root; elsewhere they are named, with every test that was left
out because of them. The exit code is the worse of the two halves'.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tests.support import migrated_database, system_parts

ROOT = Path(__file__).resolve().parents[2]
FAILED, NO_TESTS = 1, 5  # pytest's exit codes
LEFT_OUT = "not long"
LEFT_OUT_BY_FAST = "not pages and not journey and not fault and not slow and not long"
AGAIN_AT_MOST = 5  # more than a busy machine explains
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL + Redis"}
ONLY_THERE = {
    "sqlite": "use neither database, broker nor browser, or only look at pages",
    "postgresql": "leave all SQL to the ORM, ask pages, go a way through the whole, or break a part as ./run faults does on both",
}
OWN_WORDS = {"--strict", "--fast", "--sqlite", "--postgresql", "--half=sqlite", "--half=postgresql"}


@dataclass
class Run:
    """What was asked for, and what came of it."""

    strict: bool = False
    fast: bool = False
    halves: tuple[str, ...] = ("sqlite", "postgresql")
    is_shared: bool = False  # another machine runs the other half
    words: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, int, float]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    once: dict[str, list[str]] = field(default_factory=dict)  # by the half that they ran in
    unsteady: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def from_words(cls, words: list[str]) -> "Run":
        """Read the command line; what is not ours is pytest's."""
        run = cls(strict="--strict" in words, fast="--fast" in words)
        run.is_shared = any(word.startswith("--half=") for word in words)
        only = [half for half in run.halves if {f"--{half}", f"--half={half}"} & set(words)]
        run.halves = tuple(only) or (run.halves[:1] if run.fast else run.halves)
        run.words = [word for word in words if word not in OWN_WORDS]
        return run


class Stopped(Exception):
    """Someone asked the run to end (SIGTERM, SIGHUP)."""


def main(words: list[str]) -> int:
    """Run the tests; return pytest's exit code, the worse of the two halves'."""
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return 0
    run = Run.from_words(words)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    folder = Path(tempfile.mkdtemp(prefix="tests-"))
    try:
        missing = system_parts.ensure()
        if missing and run.strict:
            for part in missing:
                print(f"Not run: {system_parts.how_to_get(part)}", file=sys.stderr)
            return 1
        run.left_out += [system_parts.how_to_get(part) for part in missing]
        alone = system_parts.missing_parts("PostgreSQL", "Redis")
        migrated_database.prepare(*(half for half in run.halves if half == "sqlite" or not alone))
        for half in run.halves:
            run_half(run, half, folder / half)
        return close(run)
    except (KeyboardInterrupt, Stopped):
        print("\nStopped before the end. The servers of this run are stopped too.", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an exception, so that the servers are stopped on the mailer."""
    raise Stopped


def run_half(run: Run, half: str, folder: Path) -> None:
    """Run the tests on one set of parts and note the outcome."""
    environment = {**os.environ, "TEST_FOLDER": str(folder), "TEST_STRICT": "1" if run.strict else "0"}
    alone = system_parts.missing_parts("PostgreSQL", "Redis")  # then no test can be left to the second half
    environment["TEST_HALVES"] = "2" if not alone and (run.is_shared or len(run.halves) == 2) else "1"
    environment.pop("TEST_DATABASE_URL", None)
    environment.pop("TEST_REDIS_URL", None)
    folder.mkdir(parents=True)
    if half == "sqlite":
        heading("SQLite and the embedded parts")
        run_pytest(run, half, environment)
        return
    heading("PostgreSQL and Redis")
    if alone:
        names = collect(run, environment)
        run.left_out.append(f"All {len(names)} tests that were to run on PostgreSQL and Redis:")
        run.left_out += [f"  {name}" for name in names]
        return
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(migrated_database.PostgreSQL())
        redis = stack.enter_context(system_parts.Redis())
        environment |= {"TEST_DATABASE_URL": database.socket_url, "TEST_REDIS_URL": redis.url}
        run_pytest(run, half, environment)


def pytest_words(run: Run) -> list[str]:
    """Return pytest's command line."""
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    one_test = any("::" in word for word in run.words)
    if not one_test and not any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in run.words):
        # One more than there are cores: journeys and faults mostly wait. An idle worker takes from a busy one's list.
        words += ["-n", str(max(2, os.cpu_count() or 2) + 1), "--dist", "worksteal"]
    if not one_test:
        words += ["-m", LEFT_OUT_BY_FAST if run.fast else LEFT_OUT]
    if not any(word.startswith("--durations") for word in run.words):
        words += ["--durations=10", "--durations-min=2"]
    return [*words, *run.words]


def run_pytest(run: Run, half: str, environment: dict[str, str]) -> None:
    """Run pytest, and what failed in it once more; note exit code, seconds and what came of it."""
    began = time.monotonic()
    words = pytest_words(run)
    code, told = one_pytest(words, environment)
    with contextlib.suppress(FileNotFoundError):  # a second look collects anew
        run.once[half] = json.loads((Path(environment["TEST_FOLDER"]) / "once.json").read_text())
    counts = Counter(told.get("counts", {}))
    failed = told.get("failed", [])
    left_out_is_why = run.strict and told.get("left_out")
    if code == FAILED and not left_out_is_why and "-n" in words and 0 < len(failed) <= AGAIN_AT_MOST:
        heading(f"By themselves: {len(failed)} that failed beside the others")
        code, _told = one_pytest([*words[: words.index("-n")], *failed], environment)
        if code == 0:
            run.unsteady += [f"  {name} ({half})" for name in failed]
            counts["unsteady"] = counts.pop("failed", 0) + counts.pop("error", 0)
    run.outcomes.append((half, code, time.monotonic() - began))
    run.counts.update(counts)
    run.left_out += [f"  {line}" for line in told.get("left_out", [])]


def one_pytest(words: list[str], environment: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Run one pytest process to its end; return its exit code and what tests/conftest.py told of it, if anything."""
    told = Path(environment["TEST_FOLDER"]) / "told.json"
    told.unlink(missing_ok=True)
    process = subprocess.Popen(words, env=environment, cwd=ROOT)
    try:
        code = process.wait()
    except BaseException as fault:  # wait for it to clean up
        if not isinstance(fault, KeyboardInterrupt):  # Ctrl-C has reached pytest already
            process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()
        raise
    return code, json.loads(told.read_text()) if told.exists() else {}


def collect(run: Run, environment: dict[str, str]) -> list[str]:
    """Return the names of the tests that would have run on PostgreSQL and Redis; no server is needed for that."""
    environment = {
        **environment,
        "TEST_DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "TEST_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    words = [word for word in pytest_words(run) if not word.startswith("--durations")]
    found = subprocess.run(
        [*words, "--collect-only", "-q", "-n0"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [line for line in found.stdout.splitlines() if "::" in line]


def close(run: Run) -> int:
    """Print what ran, how it went and what was left out; return the exit code."""
    heading("Summary")
    code = 0
    if run.outcomes and all(outcome == NO_TESTS for _half, outcome, _seconds in run.outcomes):
        code = NO_TESTS
    for half, outcome, seconds in run.outcomes:
        if outcome not in {0, NO_TESTS}:
            code = max(code, outcome)
        said = {0: "passed", NO_TESTS: "had no test to run"}.get(outcome, f"FAILED (exit code {outcome})")
        print(f"{NAMES[half]}: {said}, {seconds:.0f} s")
    for half, names in run.once.items():
        print(f"{len(names)} tests ran on {NAMES[half]} only, as they {ONLY_THERE[half]}:")
        files = Counter(name.partition("::")[0] for name in names)
        print(textwrap.fill(", ".join(f"{file} ({number})" for file, number in sorted(files.items())), 110))
    if run.fast:
        others = "" if "postgresql" in run.halves else ", and all others on PostgreSQL and Redis"
        print(f"--fast left out the tests of pages, and those marked journey, fault and slow{others}.")
    print("The long faults were left to ./run faults.")
    if run.unsteady:
        print(f"\n{len(run.unsteady)} UNSTEADY: failed beside the others, passed by themselves. To be mended:")
        print("\n".join(run.unsteady))
    if run.left_out:
        print("\n" + "!" * 20 + " NOT EVERYTHING WAS TESTED " + "!" * 20)
        print("\n".join(run.left_out))
        print("`./run test --strict` fails instead.")
    counted = ", ".join(f"{number} {outcome}" for outcome, number in run.counts.items()) or "no tests ran"
    print(f"\n{'=' * 20} {counted} in {time.monotonic() - run.began:.2f}s {'=' * 20}")
    return code


def heading(words: str) -> None:
    """Print a line that stands out."""
    print(f"\n{'=' * 6} {words} {'=' * max(6, 70 - len(words))}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
