"""What a measurement runs on: servers of its own, an environment, real Celery workers. All of it is gone afterwards."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import programs
from operations import process_supervisor
from tests.support import system_parts

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60


@dataclass(frozen=True)
class Workers:
    """Running Celery workers, by the process ids of their parents."""

    pids: list[int]

    def rss_mb(self) -> float:
        """Return the largest resident memory (peak, MB) of any of the worker processes."""
        peaks = [peak_mb(child) for pid in self.pids for child in children(pid)]
        return max(peaks, default=0.0)


@contextlib.contextmanager
def parts(
    *, embedded: bool, host: str = "127.0.0.1", with_standby: bool = False
) -> Iterator[system_parts.Standby | None]:
    """
    Start PostgreSQL (as durable as in production) and Redis unless `embedded`, to be reached at `host`, and set the
    environment; yield PostgreSQL's standby, if there is to be one.
    """
    standby = None
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        environment = {
            "DATA_DIR": folder,
            "ENV_FILE": os.devnull,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        if not embedded:
            programs.ensure("PostgreSQL", "Redis")
            database = stack.enter_context(system_parts.PostgreSQL(durable=True, host=host))
            redis = stack.enter_context(system_parts.Redis(host=host))
            environment |= {"DATABASE_URL": database.url, "REDIS_URL": redis.url}
            if with_standby:
                standby = stack.enter_context(system_parts.Standby(database))
                environment["DATABASE_URL"] = standby.url_of_both
        os.environ |= environment
        yield standby


@contextlib.contextmanager
def workers(*on: str, **processes: int) -> Iterator[Workers]:
    """
    Start a Celery worker for each queue with so many processes, wait until all are ready, stop them afterwards. `on` are the
    words that run a command on another host.
    """
    started: list[subprocess.Popen[str]] = []
    try:
        for queue, number in processes.items():
            words = ["-Q", queue, "-c", str(number), "-n", f"{queue}@%h", "--without-mingle", "--without-gossip"]
            started.append(
                subprocess.Popen(
                    [*on, sys.executable, "-m", "celery", "-A", "config", "worker", *words, "--loglevel", "ERROR"],
                    cwd=ROOT,
                    start_new_session=True,
                    text=True,
                    stdout=subprocess.PIPE,
                )
            )
        for process in started:
            await_ready(process)
        yield Workers([process.pid for process in started])
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def await_ready(process: subprocess.Popen[str]) -> None:
    """Wait until a worker says that it takes tasks."""
    assert process.stdout is not None
    deadline = time.monotonic() + READY_SECONDS
    for line in process.stdout:
        if "worker ready" in line:
            return
        if time.monotonic() > deadline:
            break
    raise SystemExit("Not measured: a Celery worker did not start.")


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def peak_mb(pid: int) -> float:
    """Return the largest resident memory of a process so far, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextlib.contextmanager
def web_server(port: int, processes: int, target: str = "", **environment: str) -> Iterator[int]:
    """Start the web server as `./run serve` does, with another application if `target`; yield its process id."""
    from django.conf import settings

    words = process_supervisor.web_server("127.0.0.1", port, processes, settings.WEB_THREADS)
    if target:
        words[words.index("config.wsgi:application")] = target
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not process_supervisor.is_ready(process_supervisor.url_answers(f"http://127.0.0.1:{port}/health/live")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("Not measured: the web server did not start.")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
