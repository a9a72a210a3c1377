"""
`./run faults`: inject the faults of docs/developing/reliability.md for real, and see that every recipient is accounted for.

    ./run faults [number …] [kill] [--list] [--times N] [--strict] [--sqlite | --postgresql] [pytest's own options …]

number         only these faults (without any: all of them, some half an hour)
kill           workers killed at random moments, round after round
--times N      so many rounds of that (10)
--list         say which faults there are, and which have tests
--strict       fail for a fault that nothing tested
--sqlite       only on SQLite with the embedded parts
--postgresql   only on PostgreSQL and Redis

SQLite, PostgreSQL, and the faults on PostgreSQL that mostly wait go side by side, each line one after the other on servers
of its own. Each fault says how long it took and what was seen. Exit code 0: all held.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import migrated_database, system_parts

from .runs import NO_TESTS, ROOT, Stopped, heading, stop

TABLE = ROOT / "docs/developing/reliability.md"
KILL = "kill"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
WAITING = {"2", "7"}  # minutes of leases and silence, and hardly any work: these go beside the others
OWN_WORDS = {"--strict", "--sqlite", "--postgresql", "--list", "--times"}

Test = dict[str, Any]


@dataclass
class Run:
    """What was asked for, and what came of it."""

    chosen: list[str] = field(default_factory=list)
    halves: tuple[str, ...] = ("sqlite", "postgresql")
    times: int = 10
    strict: bool = False
    listed: bool = False
    words: list[str] = field(default_factory=list)
    seen: dict[str, list[Test]] = field(default_factory=lambda: defaultdict(list))
    codes: list[int] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def from_words(cls, words: list[str]) -> "Run":
        """Read the command line; options that are not ours are pytest's. Raise ValueError for what is neither."""
        run = cls(strict="--strict" in words, listed="--list" in words)
        if "--times" in words:
            place = words.index("--times")
            run.times = int("".join(words[place + 1 : place + 2]))
            words = words[:place] + words[place + 2 :]
        run.halves = tuple(half for half in run.halves if f"--{half}" in words) or run.halves
        for word in words:
            if word in faults():
                run.chosen.append(word)
            elif word not in OWN_WORDS:
                if not word.startswith("-"):
                    raise ValueError(f"There is no fault {word}. They are numbers, and {KILL}: ./run faults --list")
                run.words.append(word)
        return run


def faults() -> dict[str, str]:
    """Return {number: what is injected} from the table in docs/developing/reliability.md."""
    rows = re.findall(r"^\| (\d+|kill) \| ([^|]+) \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {number: words.strip() for number, words in rows}


def main(words: list[str]) -> int:
    """Inject the faults; return 0 when everything held."""
    if {"-h", "--help"} & set(words):
        print(__doc__)
        return 0
    try:
        run = Run.from_words(words)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        if run.listed:
            return print_list(folder)
        missing = system_parts.ensure("PostgreSQL", "Redis")
        for part in missing:
            print(system_parts.how_to_get(part), file=sys.stderr)
        inject_all(run, [one for one in lines(run) if not (one[0] == "postgresql" and missing)], folder)
        return close(run)
    except (KeyboardInterrupt, Stopped):
        print("\nStopped before the end. The servers of this run are stopped too.", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lines(run: Run) -> list[tuple[str, list[str]]]:
    """Return what goes side by side: the parts, and which faults on them."""
    chosen = run.chosen or list(faults())
    found = []
    for half in run.halves:
        apart = [number for number in chosen if half == "postgresql" and number in WAITING]
        found += [(half, some) for some in ([number for number in chosen if number not in apart], apart) if some]
    return found


def inject_all(run: Run, chosen: list[tuple[str, list[str]]], folder: Path) -> None:
    """Run the lines side by side, and wait for them. When someone stops the run, they clean up first."""
    with ThreadPoolExecutor(max_workers=max(1, len(chosen))) as pool:
        waiting = [
            pool.submit(inject, run, half, numbers, folder / f"{half}-{n}") for n, (half, numbers) in enumerate(chosen)
        ]
        try:
            for one in waiting:
                one.result()
        except BaseException as fault:
            for process in run.processes:
                if not isinstance(fault, KeyboardInterrupt):  # Ctrl-C has reached pytest already
                    process.send_signal(signal.SIGINT)
            raise


def inject(run: Run, half: str, numbers: list[str], folder: Path) -> None:
    """Run the tests of some faults on one set of parts, and print a line for each as it ends."""
    folder.mkdir(parents=True)
    environment = environment_of(run, folder)
    with contextlib.ExitStack() as stack:
        if half == "postgresql":
            environment["TEST_DATABASE_URL"] = stack.enter_context(migrated_database.PostgreSQL()).url
            environment["TEST_REDIS_URL"] = stack.enter_context(system_parts.Redis()).url
        else:
            migrated_database.prepare(half)
        log = folder / "pytest.log"
        with told_by_pytest(run, pytest_words(run, numbers), environment, log) as (process, tests):
            for test in tests:
                for number in test["faults"]:
                    run.seen[number].append(test | {"half": half})
                print_line(test, half)
            code = process.wait()
        run.codes.append(code)
        if code not in {0, NO_TESTS}:
            run.logs.append(log.read_text(errors="replace"))


def environment_of(run: Run, folder: Path) -> dict[str, str]:
    """Return the environment of pytest, without a database or broker."""
    environment = {**os.environ, "TEST_FOLDER": str(folder), "TEST_STRICT": "0", "FAULT_TIMES": str(run.times)}
    environment.pop("TEST_DATABASE_URL", None)
    environment.pop("TEST_REDIS_URL", None)
    return environment


def pytest_words(run: Run, numbers: list[str]) -> list[str]:
    """Return pytest's command line for some faults, or for all."""
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.faults.support.fault_plugin",
        "-p",
        "no:cacheprovider",
        "-n0",
    ]
    words += [
        "-q",
        "--no-header",
        "--tb=short",
        "--show-capture=stdout",
        "--ignore=tests/journeys",
        f"--faults={','.join(numbers)}",
    ]
    return [*words, *run.words, "tests"]


@contextlib.contextmanager
def told_by_pytest(
    run: Run, words: list[str], environment: dict[str, str], log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Iterator[Test]]]:
    """Run pytest and yield it with the tests as they end; what it writes is in `log`."""
    reading, writing = os.pipe()
    with log.open("wb") as output, open(reading, encoding="utf-8") as told:
        process = subprocess.Popen(
            [*words, f"--tell={writing}"],
            env=environment,
            cwd=ROOT,
            pass_fds=[writing],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        os.close(writing)
        run.processes.append(process)
        try:
            yield process, map(json.loads, told)
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
            process.wait()
            run.processes.remove(process)


def print_line(test: Test, half: str) -> None:
    """Say how a test ended, how long it took and what was seen."""
    verdict = {"passed": "held  ", "skipped": "SKIP  "}.get(test["outcome"], "FAILED")
    number = ", ".join(test["faults"])
    print(f"{number:>6}  {verdict} {test['seconds']:6.1f} s  {NAMES[half]:<10}  {test['name']}", flush=True)
    for words in [*test["seen"], *([test["why"]] if test["why"] else [])]:
        print(f"{'':>28}{words}", flush=True)


def print_list(folder: Path) -> int:
    """Print each fault with its tests, and where they run. No server is needed for that."""
    nowhere = {"TEST_DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "TEST_REDIS_URL": "redis://127.0.0.1:1/0"}
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for half, parts in (("sqlite", {}), ("postgresql", nowhere)):
        run = Run()
        (folder / half).mkdir(parents=True)
        environment = environment_of(run, folder / half) | parts
        words = [*pytest_words(run, []), "--collect-only"]
        with told_by_pytest(run, words, environment, folder / half / "pytest.log") as (_process, tests):
            for test in tests:
                for number in test["faults"]:
                    found[number][test["name"]].append(NAMES[half])
    for number, injected in faults().items():
        print(f"{number:>4}  {injected}")
        for name, halves in found[number].items():
            print(f"        {name} ({', '.join(halves)})")
        if number not in found:
            print("        no test yet")
    return 0


def print_untried(run: Run, numbers: list[str]) -> None:
    """Print which faults were not tried, and why."""
    if numbers:
        print("NOT TRIED:")
    for number in numbers:
        why = next(
            (test["why"] for test in run.seen[number]), "no test on these parts; see docs/developing/reliability.md"
        )
        print(f"  {number}: {faults()[number]} ({why})")


def close(run: Run) -> int:
    """Print the failures and a summary; return the exit code."""
    for log in run.logs:
        heading("What pytest said")
        print(log)
    heading("Summary")
    chosen = run.chosen or list(faults())
    ends = {number: {test["outcome"] for test in run.seen[number]} for number in chosen}
    untried = [number for number in chosen if ends[number] <= {"skipped"}]
    broken = [number for number in chosen if "failed" in ends[number]]
    held = len(chosen) - len(untried) - len(broken)
    print(f"{held} of {len(chosen)} held, in {time.monotonic() - run.began:.0f} s.")
    if broken:
        print(f"DID NOT HOLD: {', '.join(broken)}")
    print_untried(run, untried)
    if any(code not in {0, NO_TESTS} for code in run.codes) or (untried and (run.strict or run.chosen)):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
