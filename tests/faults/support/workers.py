"""Real Celery workers and beats as processes on a test's database, which a test may kill, stop and let go on."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from config.celery import app
from delivery.models import Delivery, Lease, Send
from delivery.sending import dispatch
from operations import process_supervisor

ROOT = Path(__file__).resolve().parents[3]
ALL_QUEUES = ("urgent-planning", "tick", "urgent", "bulletin", "digest", "background", "films", "upkeep")
READY_SECONDS = 60.0
PROCESSES = 2  # of a worker, unless a test wants more
ALTERED = "tests.faults.support.altered_worker"


class Process:
    """A process with a group of its own, and what it wrote."""

    def __init__(self, words: list[str], env: Mapping[str, str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        with log.open("wb") as stream:
            self.popen = subprocess.Popen(
                words, cwd=ROOT, env=dict(env), start_new_session=True, stdout=stream, stderr=stream
            )

    @property
    def pid(self) -> int:
        """The process id; of a worker, the parent's."""
        return self.popen.pid

    @property
    def children(self) -> list[int]:
        """The process ids of a worker's processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    @property
    def alive(self) -> bool:
        """Return whether it still runs."""
        return self.popen.poll() is None

    def said(self) -> str:
        """Return what it wrote."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL it and its children, and wait for their end: until then a journal is taken for one that is being written."""
        children: list[int] = []
        with suppress(ProcessLookupError, FileNotFoundError):
            children = self.children
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(10)
        wait_until("the end of its processes", lambda: not any(map(lives, children)), 10)

    def freeze(self) -> None:
        """SIGSTOP it and its children."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        os.killpg(self.pid, signal.SIGCONT)

    def terminate(self, seconds: float = 60) -> float:
        """Ask it to end (SIGTERM), wait at most `seconds`, and return how many it took."""
        began = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(seconds)
        return time.monotonic() - began


@contextmanager
def running(words: list[str], env: Mapping[str, str], name: str) -> Iterator[Process]:
    """Run a process; whatever happens, none of its group stays. A test that fails shows what it wrote."""
    process = Process(words, {"LOG_LEVEL": "WARNING", **env}, Path(env["DATA_DIR"]) / "logs" / f"{name}.log")
    try:
        yield process
    except BaseException:
        print(f"--- {name} wrote:\n{process.said()[-4000:]}")
        raise
    finally:
        process.kill()


@contextmanager
def celery_worker(
    env: Mapping[str, str],
    *queues: str,
    processes: int = PROCESSES,
    name: str = "worker",
    program: str = "celery",
    ready: bool = True,
) -> Iterator[Process]:
    """
    Run a worker on `queues` (all of them by default) and wait until it takes tasks, unless not `ready`.

    `program` is the module that is run, with Celery's own words.
    """
    words = process_supervisor.celery_worker(name, queues or ALL_QUEUES, processes)
    words[words.index("celery")] = program
    with running(words, env, name) as process:
        if ready:
            await_ready(process)
        yield process


@contextmanager
def celery_beat(env: Mapping[str, str], *, name: str = "beat") -> Iterator[Process]:
    """Run a beat, with a file of its own for its state."""
    folder = Path(env["DATA_DIR"]) / name
    folder.mkdir(parents=True, exist_ok=True)
    with running(process_supervisor.celery_beat(folder), env, name) as process:
        yield process


def await_ready(process: Process) -> None:
    """Wait until a worker takes tasks."""
    wait_until(
        "a worker that is ready",
        lambda: process_supervisor.WORKER_READY in process.said() or not process.alive,
        READY_SECONDS,
    )
    if not process.alive:
        pytest.fail(f"A worker ended before it was ready:\n{process.said()[-4000:]}")


def wait_until(what: str, happened: Callable[[], Any], seconds: float = 60) -> float:
    """Wait for something and return the seconds it took, or fail and say for what."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > seconds:
            pytest.fail(f"Waited {seconds} s in vain for {what}.")
        time.sleep(0.05)
    return time.monotonic() - began


def finish(*sends: Send, meanwhile: Callable[[], object] = lambda: None, seconds: float = 60) -> float:
    """
    Wake workers now and then until nothing of the sends is left to go; return the seconds it took.

    What was asked before is forgotten. `meanwhile` is called before each waking.
    """
    empty_broker()
    woken = 0.0

    def done() -> bool:
        nonlocal woken
        if time.monotonic() - woken > 1.5:
            meanwhile()
            dispatch.wake_workers(at=timezone.now())
            woken = time.monotonic()
        return not Delivery.objects.of(*sends).to_go().exists()

    return wait_until("the rest", done, seconds)


def empty_broker() -> None:
    """Forget every task that nobody has taken."""
    app.control.purge()


def let_leases_run_out(*, of_the_dead: bool = False) -> None:
    """Do as if a minute had passed since the workers were last heard of; or only since those that are dead were."""
    for lease in Lease.objects.all():
        if not (of_the_dead and lives(int(lease.worker.rpartition(" ")[2]))):
            long_ago = timezone.now() - timedelta(minutes=1)
            Lease.objects.filter(pk=lease.pk).update(until=long_ago, silent_since=long_ago)


def lives(pid: int) -> bool:
    """Return whether a process still runs; one whose threads have all ended, and which waits for its parent, does not."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        return len(threads) > 1 or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def altered(env: Mapping[str, str], *, deadly: str = "", clock_ahead: int = 0, **constants: float) -> dict[str, str]:
    """
    Return the environment of workers whose code is altered; run them with program=ALTERED.

    `constants` have new values (transports__mail__smtp__STEP_SECONDS=2); preparing a mail for the address `deadly` kills;
    their clocks are wrong by `clock_ahead` seconds.
    """
    told = {"ALTERED_CONSTANTS": json.dumps(constants), "DEADLY_ADDRESS": deadly, "CLOCK_AHEAD": str(clock_ahead)}
    return {**env, **told}
