"""
`./run test`: everything, in parallel, on SQLite with the embedded parts and beside it on PostgreSQL and Redis.

    ./run test [--strict] [--fast] [--sqlite | --postgresql] [pytest's own words …]

--strict        fail instead of leaving anything out (used by .ci/run)
--fast          on SQLite only, without pages, journeys, faults and slow tests: the rules; says so at the end
--sqlite        only the half on SQLite
--postgresql    only the half on PostgreSQL and Redis
tests/x.py -k…  only those tests, in both halves

When both halves run, some tests run in one of them only: on SQLite what asks for neither database, broker nor browser, and
what only looks at pages; on PostgreSQL and Redis, as in production, the ways through the whole in a browser, what the desk,
the public pages and attackers' requests answer, and the faults. `./run faults` breaks parts on both, the longest of them
only there. The two halves run side by side, as each waits at times; what the second says is shown when both have ended.

A few tests that failed beside the others are then run again by themselves: machines are shared, and a browser or a clock may
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

from tests.support import migrated_database, services

ROOT = Path(__file__).resolve().parents[2]
FAILED, NO_TESTS = 1, 5  # pytest's exit codes
LEFT_OUT = "not long"
LEFT_OUT_BY_FAST = "not pages and not journey and not fault and not slow and not long"
AGAIN_AT_MOST = 5  # more than a busy machine explains
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL + Redis"}
ONLY_THERE = {
    "sqlite": "use neither database, broker nor browser, or only look at pages",
    "postgresql": "go a way through the whole, ask pages, or break a part as ./run faults does on both",
}
OWN_WORDS = {"--strict", "--fast", "--sqlite", "--postgresql"}


@dataclass
class Run:
    """What was asked for, and what came of it."""

    strict: bool = False
    fast: bool = False
    halves: tuple[str, ...] = ("sqlite", "postgresql")
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
        only = [half for half in run.halves if f"--{half}" in words]
        run.halves = tuple(only) or (run.halves[:1] if run.fast else run.halves)
        run.words = [word for word in words if word not in OWN_WORDS]
        return run


class Stopped(Exception):
    """Someone asked the run to end (SIGTERM, SIGHUP)."""


class Pytest:
    """A pytest process. What it says goes to the file `said`, if one is named. An exception ends it in good order."""

    def __init__(self, words: list[str], environment: dict[str, str], said: Path | None = None) -> None:
        self.words, self.said, self.seconds = words, said, 0.0
        self.told = Path(environment["TEST_FOLDER"]) / "told.json"
        self.told.unlink(missing_ok=True)
        self.began = time.monotonic()
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(said.open("wb")) if said else None
            asked = subprocess.DEVNULL if said else None
            self.process = subprocess.Popen(words, env=environment, cwd=ROOT, stdin=asked, stdout=output, stderr=output)

    def __enter__(self) -> "Pytest":
        return self

    def __exit__(self, kind: type[BaseException] | None, *unused: object) -> None:
        if self.poll() is not None:
            return
        if kind is not KeyboardInterrupt:  # Ctrl-C has reached pytest already
            self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.process.kill()
        self.process.wait()

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        code = self.process.poll()
        if code is not None and not self.seconds:
            self.seconds = time.monotonic() - self.began
        return code

    def outcome(self) -> tuple[int, dict[str, Any]]:
        """Wait for its end; return its exit code and what tests/conftest.py told of it, if anything."""
        code = self.process.wait()
        return code, json.loads(self.told.read_text()) if self.told.exists() else {}


@dataclass
class Half:
    """One set of parts, and the tests that run on it."""

    name: str
    environment: dict[str, str]
    process: Pytest


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
        missing = services.ensure()
        if missing and run.strict:
            for part in missing:
                print(f"Not run: {services.how_to_get(part)}", file=sys.stderr)
            return 1
        run.left_out += [services.how_to_get(part) for part in missing]
        with contextlib.ExitStack() as servers:
            halves = [begin(run, half, folder / half, servers) for half in run.halves]
            finish(run, [half for half in halves if half is not None])
        return close(run)
    except (KeyboardInterrupt, Stopped):
        print("\nStopped before the end. The servers of this run are stopped too.", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stop(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an exception, so that the servers are stopped on the mailer."""
    raise Stopped


def begin(run: Run, name: str, folder: Path, servers: contextlib.ExitStack) -> Half | None:
    """Start the tests on one set of parts, whose `servers` are stopped later; None where parts are missing."""
    environment = {**os.environ, "TEST_FOLDER": str(folder), "TEST_STRICT": "1" if run.strict else "0"}
    environment["TEST_FAULT_LOCK"] = str(folder.parent / "one-fault-at-a-time")
    alone = services.missing_parts("PostgreSQL", "Redis")  # then no test can be left to the other half
    environment["TEST_HALVES"] = "1" if alone else str(len(run.halves))
    environment.pop("TEST_DATABASE_URL", None)
    environment.pop("TEST_REDIS_URL", None)
    folder.mkdir(parents=True)
    heading(NAMES[name])
    if name == "sqlite":
        migrated_database.prepare(name)
        return Half(name, environment, servers.enter_context(Pytest(pytest_words(run), environment)))
    if alone:
        names = collect(run, environment)
        run.left_out.append(f"All {len(names)} tests that were to run on PostgreSQL and Redis:")
        run.left_out += [f"  {name}" for name in names]
        return None
    database = servers.enter_context(migrated_database.PostgreSQL())
    redis = servers.enter_context(services.Redis())
    environment |= {"TEST_DATABASE_URL": database.url, "TEST_REDIS_URL": redis.url}
    said = folder / "said" if len(run.halves) > 1 else None
    return Half(name, environment, servers.enter_context(Pytest(pytest_words(run), environment, said)))


def pytest_words(run: Run) -> list[str]:
    """Return pytest's command line."""
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    one_test = any("::" in word for word in run.words)
    if not one_test and not any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in run.words):
        # More than there are cores: journeys and faults mostly wait. An idle worker takes from a busy one's list.
        workers = max(2, os.cpu_count() or 2) + (len(run.halves) == 1)
        words += ["-n", str(workers), "--dist", "worksteal"]
    if not one_test:
        words += ["-m", LEFT_OUT_BY_FAST if run.fast else LEFT_OUT]
    if not any(word.startswith("--durations") for word in run.words):
        words += ["--durations=10", "--durations-min=2"]
    return [*words, *run.words]


def finish(run: Run, halves: list[Half]) -> None:
    """Wait for the halves, and run once more what failed in them; note exit codes, seconds and what came of them."""
    while any(half.process.poll() is None for half in halves):
        time.sleep(0.1)
    for half in halves:
        if half.process.said is not None:
            heading(f"{NAMES[half.name]}, beside it")
            sys.stdout.write(half.process.said.read_text(errors="replace"))
    for half in halves:
        judge(run, half)


def judge(run: Run, half: Half) -> None:
    """Note what came of a half that has ended, after a second look at the few that failed in it."""
    code, told = half.process.outcome()
    counts = Counter(told.get("counts", {}))
    failed = told.get("failed", [])
    left_out_is_why = run.strict and told.get("left_out")
    words = half.process.words
    if code == FAILED and not left_out_is_why and "-n" in words and 0 < len(failed) <= AGAIN_AT_MOST:
        heading(f"By themselves: {len(failed)} that failed beside the others ({NAMES[half.name]})")
        with Pytest([*words[: words.index("-n")], *failed], half.environment) as again:
            code, _told = again.outcome()
        if code == 0:
            run.unsteady += [f"  {name} ({half.name})" for name in failed]
            counts["unsteady"] = counts.pop("failed", 0) + counts.pop("error", 0)
    run.outcomes.append((half.name, code, half.process.seconds))
    run.counts.update(counts)
    run.left_out += [f"  {line}" for line in told.get("left_out", [])]
    with contextlib.suppress(FileNotFoundError):
        run.once[half.name] = json.loads((Path(half.environment["TEST_FOLDER"]) / "once.json").read_text())


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
