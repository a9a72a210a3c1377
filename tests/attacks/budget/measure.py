"""
Hostile input under a budget: how much processor time and memory a reader of outside bytes takes, case by case.

    ./run fuzz [reader …] [--minutes N] [--seed N] [--slowest N]

Without words every reader of `outside.py` gets its written cases and a few changed at random, as CI does. --minutes goes on
changing them at random for so long, shared among the readers; what is found is named with its seed, and --seed begins
there again. Each case runs in a process of its own kind: the kernel ends it when it takes more processor time than its
reader may, also within a pattern or a decoder that never comes back to Python, and refuses it more memory. The next cases
go on in a new one. Status 1 when a case broke its budget or raised what its reader does not refuse with.
"""

import argparse
import itertools
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024
MUTATED = 12  # of each reader, in the short form
LARGEST_MUTATED = 200_000  # bytes of a case that is changed at random
MOST_WAITING = 120  # seconds that a case may do nothing

Case = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Reader:
    """
    What reads bytes from outside. `cases` gives (name, bytes); `refuses` are the exceptions that it says no with. `seconds` of
    processor time and `megabytes` beyond what the process and the case take already are what one case may cost. `mutations` is how many cases the short form changes at
    random.
    """

    name: str
    read: Callable[[bytes], object]
    cases: Callable[[], Iterable[Case]]
    refuses: tuple[type[BaseException], ...] = ()
    seconds: float = 2
    megabytes: float = 64
    mutations: int = MUTATED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case cost, and what is wrong with that ("" for nothing)."""

    reader: str
    case: str
    seconds: float = 0
    megabytes: float = 0
    wrong: str = ""

    def __str__(self) -> str:
        cost = f"{self.seconds:6.2f} s {self.megabytes:7.1f} MB  {self.reader}: {self.case}"
        return f"{cost}: {self.wrong}" if self.wrong else cost


# --- Cases ---------------------------------------------------------------------------------------------


def mutated(reader: Reader, *, start: int = 0) -> Iterator[Case]:
    """Yield the reader's smaller cases changed at random without end, each with the seed that makes it again."""
    written = [data for _name, data in reader.cases() if 0 < len(data) <= LARGEST_MUTATED]
    for seed in itertools.count(start) if written else ():
        yield f"seed {seed}", changed(random.Random(f"{reader.name} {seed}"), written)


def changed(chance: random.Random, written: list[bytes]) -> bytes:
    """Return one of the cases with some of its bytes lost, swapped, repeated, or taken from another."""
    data = bytearray(chance.choice(written))
    for _turn in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 2, 4, 16, 100, 1_000)))
        match chance.randrange(6):
            case 0:
                del data[at:end]
            case 1:
                data[at:end] = chance.randbytes(end - at)
            case 2:
                data[at:end] = bytes([chance.choice((0, 1, 0x20, 0x2D, 0x7F, 0x80, 0xFF))]) * (end - at)
            case 3:
                data[at:at] = data[at:end] * chance.choice((1, 10, 1_000))
            case 4:
                other = chance.choice(written)
                begin = chance.randrange(len(other))
                data[at:end] = other[begin : begin + 500]
            case 5:
                data[at:end] = chance.randrange(2**32).to_bytes(4, chance.choice(("little", "big")))
        del data[LARGEST_MUTATED:]
    return bytes(data)


# --- One process, many cases -----------------------------------------------------------------------------


def measure(reader: Reader, cases: Iterable[Case]) -> Iterator[Outcome]:
    """Yield what each case costs its reader; a process that is ended by one is followed by another for the rest."""
    left = iter(cases)
    while True:
        says, tells = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(says)
            live(reader, left, tells)
        os.close(tells)
        begun, count, done = None, 0, False
        with os.fdopen(says, "rb") as told:
            while select.select([told], [], [], MOST_WAITING)[0] and (line := told.readline()):
                said = json.loads(line)
                if "done" in said:
                    done = True
                elif "wrong" in said:
                    yield Outcome(**said)
                    begun = None
                else:
                    begun, count = said["case"], count + 1
        if not done:
            os.kill(pid, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if done:
            return
        why = {
            -signal.SIGPROF: f"it took more than {reader.seconds:g} s of processor time and was ended",
            -signal.SIGKILL: f"it did not answer within {MOST_WAITING} s, or was killed",
        }
        if begun is None:
            raise RuntimeError(f"The process of {reader.name} ended between two cases: {ended}")
        yield Outcome(reader.name, begun, wrong=why.get(ended, f"its process ended with {ended}"))
        # The child read its cases from its own copy of the iterator: this one passes over as many.
        left = itertools.islice(left, count, None)


def live(reader: Reader, cases: Iterator[Case], tells: int) -> None:
    """Do the cases in this process, tell what each cost, and end it."""
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)  # what a reader logs
        for name, data in cases:
            tell(tells, {"case": name})
            tell(tells, asdict(tried(reader, name, data)))
        tell(tells, {"done": True})
    finally:
        os._exit(0)


def tell(tells: int, what: dict[str, object]) -> None:
    """Write a line to whoever measures."""
    line = json.dumps(what).encode() + b"\n"
    while line:
        line = line[os.write(tells, line) :]


def tried(reader: Reader, name: str, data: bytes) -> Outcome:
    """Return what one case costs, within limits that the kernel keeps."""
    at_first = peak(forget=True)
    allow(size() + int(reader.megabytes * MEGABYTE * 1.5))  # so that a reader which swallows the refusal is seen, too
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, reader.seconds)
    wrong = ""
    try:
        reader.read(data)
    except MemoryError:
        wrong = "it asked for more memory than it may have"
    except reader.refuses:
        pass
    except BaseException as fault:  # whatever a reader does not expect
        wrong = f"{type(fault).__name__} was not expected: {str(fault)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        seconds = time.process_time() - began
        allow(resource.RLIM_INFINITY)
    megabytes = (peak() - at_first) / MEGABYTE
    if not wrong and megabytes > reader.megabytes:
        wrong = f"more than {reader.megabytes:g} MB"
    return Outcome(reader.name, name, round(seconds, 3), round(megabytes, 1), wrong)


def allow(octets: int) -> None:
    """Let this process have so much address space."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        octets = hard if octets == resource.RLIM_INFINITY else min(octets, hard)
    resource.setrlimit(resource.RLIMIT_AS, (octets, hard))


def size() -> int:
    """Return the octets of address space that this process has."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    except OSError:  # no Linux: only what is measured afterwards counts
        return 1 << 40


def peak(*, forget: bool = False) -> int:
    """Return the most octets of memory that this process has had; since now, when it is to `forget` what was before."""
    try:
        if forget:
            Path("/proc/self/clear_refs").write_text("5")
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


# --- All of them -----------------------------------------------------------------------------------------


def try_all(readers: Iterable[Reader], *, minutes: float = 0, seed: int = 0) -> Iterator[Outcome]:
    """Yield what every case of these readers costs: the written ones, then some changed at random, or as many as time allows."""
    readers = list(readers)
    for reader in readers:
        yield from measure(reader, reader.cases())
        until = time.monotonic() + minutes * 60 / len(readers)
        endless = mutated(reader, start=seed)
        yield from measure(
            reader,
            itertools.takewhile(lambda _case, until=until: time.monotonic() < until, endless)  # type: ignore[misc]
            if minutes
            else itertools.islice(endless, reader.mutations),
        )


def elsewhere(table: str = "tests.attacks.budget.outside_readers") -> list[Outcome]:
    """Return what the cases of a table of READERS cost, measured from a new process with nothing of this one's in it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.budget.measure", "--json", "--table", table],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    outcomes = [Outcome(**json.loads(line)) for line in done.stdout.splitlines()]
    if done.returncode not in {0, 1} or not outcomes:
        raise RuntimeError(f"Nothing was measured: {done.stderr[-2000:]}")
    return outcomes


def main(words: list[str]) -> int:
    """Measure, print, and return 1 when something is wrong."""
    import importlib

    import django

    from tests import conftest  # the environment of every test: nobody's own database or files

    parser = argparse.ArgumentParser(
        prog="./run fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("reader", nargs="*")
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slowest", type=int, default=15, help="how many of the dearest cases are shown")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--table", default="tests.attacks.budget.outside_readers", help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    django.setup()
    from django.utils import translation

    translation.activate("en")
    readers: tuple[Reader, ...] = importlib.import_module(asked.table).READERS
    known = {reader.name: reader for reader in readers}
    if unknown := [name for name in asked.reader if name not in known]:
        print(f"There is no reader {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    chosen = [known[name] for name in asked.reader] or readers
    outcomes = []
    try:
        for outcome in try_all(chosen, minutes=asked.minutes, seed=asked.seed):
            outcomes.append(outcome)
            if asked.json:
                print(json.dumps(asdict(outcome)), flush=True)
            elif outcome.wrong:
                print(outcome, flush=True)
    finally:
        if conftest.OWN_FOLDER:
            conftest.shutil.rmtree(conftest.FOLDER, ignore_errors=True)
    wrong = sum(bool(outcome.wrong) for outcome in outcomes)
    if not asked.json:
        print(f"\n{len(outcomes)} cases of {len(chosen)} readers, {wrong} of them wrong. The dearest:")
        for outcome in sorted(outcomes, key=lambda one: (one.seconds, one.megabytes), reverse=True)[: asked.slowest]:
            print(f"  {outcome}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
