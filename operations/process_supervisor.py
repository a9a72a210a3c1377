"""
Several processes under one: started together, watched, started again when they die, and all gone when
this one goes. `./run demo` and `./run serve` are built on it. It needs no Django settings.

Each child has a session of its own, so Ctrl-C reaches the supervisor alone and it decides the order.
"""

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from .startup_errors import Refusal, os_sentence

BASE_DIR = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"
READY_SECONDS = 300.0
QUICK_DEATH_SECONDS = 10.0  # a child that lives longer than this was all right
QUICK_DEATHS = 5
STOP_SECONDS = 25.0  # for all but the last ones, which get LAST_SECONDS more: 28 s in all
LAST_SECONDS = 3.0
LOG_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1
WORKER_READY = "worker ready"  # config/celery.py writes it, whatever LOG_LEVEL is


class SupervisorError(Refusal):
    """What went wrong, as one sentence (then, where there is one, the end of a log) for the person at the keyboard."""


class PortTaken(SupervisorError):
    """Another program listens on the port that was asked for."""


class AlreadyRunning(SupervisorError):
    """Another supervisor holds this data folder."""


class StopAsked(BaseException):
    """Someone pressed Ctrl-C or sent SIGTERM. `Supervisor` as a context manager takes it and stops everything."""


@dataclass
class Child:
    """One supervised process. `process` is None before the first start and while it waits to be started again."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] | None
    ready_seconds: float
    last: bool
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0  # time.monotonic()
    log_start: int = 0  # bytes in the log before this start
    quick_deaths: int = 0
    start_at: float = 0.0
    was_ready: bool = field(default=False)

    def log_since_start(self) -> str:
        """Return what the child has written since it was last started."""
        try:
            with self.log.open("rb") as stream:
                stream.seek(self.log_start)
                return stream.read().decode(errors="replace")
        except OSError:
            return ""

    def last_lines(self, count: int = 12) -> str:
        """Return the last lines that the child wrote, indented for reading below a sentence."""
        lines = self.log_since_start().strip().splitlines()[-count:] or ["(it wrote nothing)"]
        return "\n".join(f"    {line}" for line in lines)


class Supervisor:
    """
    Start, watch and stop a set of processes that share the data folder `folder`.

    Use it as a context manager, in the main thread: entering takes the folder's lock (AlreadyRunning when
    another supervisor has it) and the signals; leaving stops every child. Ctrl-C, SIGTERM and SIGHUP
    raise StopAsked in the block and are swallowed at its end; `stopped_by` then has the signal's number.
    Logs go to <folder>/logs/<name>.log. On Linux the children also die when this process is killed outright.
    """

    def __init__(self, folder: Path, *, say: Callable[[str], None] | None = None) -> None:
        self.folder = Path(folder)
        self.children: list[Child] = []
        self.stopped_by: int | None = None
        self._say = say or (lambda line: print(line, file=sys.stderr, flush=True))
        self._lock: Any = None
        self._handlers: dict[int, Any] = {}
        self._guarded = False
        self._since = datetime.now().astimezone()

    # --- Life -------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._take_lock()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started with nohup
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._guarded = True
        try:
            self.stop()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            self._release_lock()
            self._guarded = False
        return kind is not None and issubclass(kind, StopAsked)

    def add(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        ready: Callable[[], bool] | None = None,
        ready_seconds: float = READY_SECONDS,
        last: bool = False,
    ) -> Child:
        """
        Add a process; `start()` starts it.

        `env` is added to this process's environment. `ready` is asked every fifth of a second until it
        agrees (an OSError is a no). `last` keeps it running until all others have stopped: a mail
        catcher outlives the worker that sends to it.
        """
        logs = self.folder / "logs"
        child = Child(
            name=name,
            argv=[str(part) for part in argv],
            env={**os.environ, **(env or {})},
            log=logs / f"{name}.log",
            ready=ready,
            ready_seconds=ready_seconds,
            last=last,
        )
        self.children.append(child)
        return child

    def start(self) -> None:
        """
        Start what is not running yet, side by side, and return once each is ready. One that is killed meanwhile is started
        again.

        Raise SupervisorError with the end of its log when one stops by itself or is not ready in its time.
        """
        fresh = [child for child in self.children if child.process is None]
        for child in fresh:
            self._spawn(child)
        for child in fresh:
            self._wait_until_ready(child)

    def check(self) -> None:
        """
        Look at every child once, and start again what has died. Call it often (twice a second) between other work.

        Raise SupervisorError when one has died five times in a row within seconds of its start.
        """
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.start_at:
                    self._spawn(child)
            elif child.process.poll() is not None:
                self._bury(child, now)

    def run(self, seconds: float | None = None) -> None:
        """Watch until someone asks to stop (StopAsked) or `seconds` have passed."""
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            self.check()
            time.sleep(0.25)

    def stop(self) -> None:
        """Ask every child to end, wait 28 s at most in all, and kill what is left with its whole process group."""
        guarded, self._guarded = self._guarded, True
        try:
            self._end([child for child in self.children if not child.last], STOP_SECONDS)
            self._end([child for child in self.children if child.last], LAST_SECONDS)
        finally:
            self._guarded = guarded

    def log_contains(self, name: str, words: str) -> Callable[[], bool]:
        """Return a `ready` that is true once the child `name` has written `words` since its start."""
        return lambda: any(child.name == name and words in child.log_since_start() for child in self.children)

    # --- One child --------------------------------------------------------------------------------

    def _spawn(self, child: Child) -> None:
        self._guarded = True  # a signal between fork and `child.process = …` would leave an orphan
        try:
            try:
                child.log.parent.mkdir(parents=True, exist_ok=True)
                if child.log.exists() and child.log.stat().st_size > LOG_BYTES:
                    child.log.replace(child.log.with_suffix(".log.1"))
                with child.log.open("ab") as log:
                    child.log_start = log.seek(0, os.SEEK_END)
                    child.process = subprocess.Popen(
                        child.argv,
                        env=dict(child.env),
                        cwd=BASE_DIR,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                        preexec_fn=die_with_parent(os.getpid()),
                    )
            except OSError as fault:
                raise SupervisorError(f"{child.name} could not be started: {os_sentence(fault)}") from fault
            child.started = time.monotonic()
        finally:
            self._guarded = False
        if self.stopped_by is not None:
            raise StopAsked

    def _wait_until_ready(self, child: Child) -> None:
        until = time.monotonic() + child.ready_seconds
        while True:
            now = time.monotonic()
            if child.process is None and now >= child.start_at:
                self._spawn(child)
                until = now + child.ready_seconds
            if child.process is not None and (code := child.process.poll()) is not None:
                if code < 0:  # not its own doing: the machine was short of memory, or somebody was wrong about it
                    self._bury(child, now)
                    continue
                raise SupervisorError(
                    f"{child.name} stopped at its start ({ending(code)}). "
                    f"The last lines of {child.log}:\n{child.last_lines()}"
                )
            if child.process is not None and is_ready(child.ready):
                child.was_ready = True
                return
            if time.monotonic() > until:
                raise SupervisorError(
                    f"{child.name} was not ready within {child.ready_seconds:.0f} seconds. "
                    f"The last lines of {child.log}:\n{child.last_lines()}"
                )
            time.sleep(0.2)

    def _bury(self, child: Child, now: float) -> None:
        assert child.process is not None
        code = child.process.returncode
        kill_group(child.process.pid, signal.SIGKILL)
        child.process = None
        child.quick_deaths = child.quick_deaths + 1 if now - child.started < QUICK_DEATH_SECONDS else 0
        if child.quick_deaths >= QUICK_DEATHS:
            raise SupervisorError(
                f"{child.name} stopped {QUICK_DEATHS} times within seconds of its start ({ending(code)}); "
                f"everything has been stopped. The last lines of {child.log}:\n{child.last_lines()}"
            )
        wait = 0.5 * 2**child.quick_deaths if child.quick_deaths else 0.0
        child.start_at = now + wait
        self._say(f"{child.name} stopped ({ending(code)}); starting it again{f' in {wait:.0f} s' if wait else ''}.")

    def _end(self, children: list[Child], seconds: float) -> None:
        running = [child.process for child in children if child.process is not None]
        for process in running:
            if process.poll() is None:
                # The leader alone: it knows how to end its own children in order.
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(process.poll() is None for process in running):
            time.sleep(0.05)
        for process in running:
            kill_group(process.pid, signal.SIGKILL)
            process.wait()
        for child in children:
            child.process = None

    # --- Signals and the lock -----------------------------------------------------------------------

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        first = self.stopped_by is None
        self.stopped_by = number
        if first and not self._guarded:
            raise StopAsked

    def announce(self, where: str) -> None:
        """Write into the lock where this can be reached, for whoever starts a second one."""
        told = {"pid": os.getpid(), "since": self._since.isoformat(timespec="seconds"), "where": where}
        if self._lock is not None:
            with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
                os.ftruncate(self._lock.fileno(), 0)
                os.pwrite(self._lock.fileno(), json.dumps(told).encode(), 0)

    def _take_lock(self) -> None:
        path = self.folder / "supervisor.pid"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = path.open("a+b", buffering=0)
        except OSError as fault:
            raise SupervisorError(f"{self.folder} cannot be used: {os_sentence(fault)}") from fault
        try:
            # The kernel lets go of it with the process, so a file left behind by a crash locks nobody out.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            lock.seek(0)
            told = lock.read().decode(errors="replace")
            lock.close()
            raise AlreadyRunning(already_running_sentence(told, self.folder)) from fault
        self._lock = lock
        self.announce("")

    def _release_lock(self) -> None:
        if self._lock is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._lock.fileno(), 0)
            self._lock.close()
            self._lock = None


# --- Sentences --------------------------------------------------------------------------------------


def already_running_sentence(told: str, folder: Path) -> str:
    """Say what the lock file `told` about the supervisor that holds `folder`, and what to do."""
    try:
        row = json.loads(told)
        since = datetime.fromisoformat(row["since"]).strftime("%Y-%m-%d %H:%M")
        where = f" at {row['where']}" if row["where"] else ""
        detail = f" since {since}{where} (process {row['pid']})"
    except (ValueError, KeyError, TypeError):
        detail = ""
    return (
        f"Not started: it is already running{detail} with the data in {folder}. "
        "Stop that one with Ctrl-C, or set DATA_DIR to another folder."
    )


def ending(code: int) -> str:
    """Return how a process ended, in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


# --- Processes --------------------------------------------------------------------------------------


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """Return what a new child runs so that Linux ends it with its parent (process id `parent`); elsewhere None."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return ask


def kill_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to what is left of the process group of `leader`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def is_ready(ready: Callable[[], bool] | None) -> bool:
    """Ask `ready`; None is always ready, an OSError is a no."""
    try:
        return ready is None or ready()
    except OSError:
        return False


def manage(*words: str) -> list[str]:
    """Return the command line of a management command under this same Python."""
    return [sys.executable, str(BASE_DIR / "manage.py"), *words]


def celery_worker(name: str, queues: Sequence[str], concurrency: int) -> list[str]:
    """Return the command line of a Celery worker for `queues`. It has started once its log says WORKER_READY."""
    return [
        *(sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", ",".join(queues), "-n", f"{name}@%h"),
        *("--without-mingle", "--without-gossip", "-c", str(concurrency), "-l", "INFO"),
    ]


def celery_beat(folder: Path) -> list[str]:
    """Return the command line of Celery's beat; its state is kept in `folder`."""
    return [
        *(sys.executable, "-m", "celery", "-A", "config", "beat", "-l", "INFO"),
        *("--pidfile=", "-s", str(folder / "beat")),
    ]


def web_server(host: str, port: int, processes: int, threads: int) -> list[str]:
    """Return the command line of the web server. Why this one: docs/developing/decisions/platform/0018-web-server.md."""
    return [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port), "--backlog", "2048"),
        *("--workers", str(processes), "--blocking-threads", str(threads)),
        # A process that dies is replaced, and so, in order, is one that takes too much memory (MB).
        *("--respawn-failed-workers", "--workers-max-rss", "1024", "--workers-kill-timeout", "20s"),
        # No access log: addresses on this site hold tokens (unsubscribe, login), and logs hold none.
        *("--log-level", "warning", "--no-access-log"),
    ]


# --- Ports ------------------------------------------------------------------------------------------


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen on `port` of `host` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(1)
        except OSError as fault:
            if fault.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise SupervisorError(f"Not started: {host} is no address of this machine ({fault.strerror}).") from fault
    return True


_held: dict[int, socket.socket] = {}


def hold(port: int) -> bool:
    """
    Take `port` of loopback among all processes that ask here, until this one ends; return whether it is this one's.

    Whoever only looks finds the port of a server that is still starting free, and the web server then shares it with the
    next one (SO_REUSEPORT), unnoticed. So the UDP port of the same number is bound. No server here uses it, one process
    alone gets it, and the kernel lets go of it with the process, however that ends.
    """
    if port in _held:
        return True
    holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        holder.bind((LOOPBACK, port))
    except OSError as fault:
        holder.close()
        if fault.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        raise SupervisorError(f"Not started: port {port} could not be held ({fault.strerror}).") from fault
    _held[port] = holder
    return True


def take(port: int) -> bool:
    """Hold `port` of loopback if a server could listen there now; return whether it is this process's."""
    had = port in _held
    if not hold(port):
        return False
    if is_free(port):
        return True
    if not had:
        _held.pop(port).close()
    return False


def free_port(preferred: int, avoid: Sequence[int] = ()) -> int:
    """
    Return `preferred` when it is free on loopback and not in `avoid`, otherwise the next port that is.

    No other process is given it while this one lives.
    """
    for port in range(preferred, min(preferred + 500, 65536)):
        if port not in avoid and take(port):
            return port
    raise PortTaken(f"No free port from {preferred} on. Stop some servers on this machine and start again.")


def require_port(port: int, host: str = LOOPBACK, *, held: bool = False) -> int:
    """
    Return `port`, or raise PortTaken with what to do when another program listens there or there is no such port.

    With `held`, on loopback, no other process is given it by `free_port` while this one lives.
    """
    if not 0 < port < 65536:
        raise PortTaken(f"Not started: {port} is no port. Choose one from 1 to 65535 with --port.")
    if not (take(port) if held else is_free(port, host)):
        raise PortTaken(
            f"Not started: port {port} on {host} is taken, or this user may not open it. "
            "Stop the program that uses it, or choose another one with --port."
        )
    return port


def port_answers(port: int, host: str = LOOPBACK) -> Callable[[], bool]:
    """Return a `ready` that is true once something accepts connections on the port."""

    def ask() -> bool:
        with socket.create_connection((host, port), timeout=2):
            return True

    return ask


def url_answers(url: str, status: int = 200) -> Callable[[], bool]:
    """Return a `ready` that is true once a GET of `url`, for the host localhost, is answered with `status`."""
    request = urllib.request.Request(url, headers={"Host": "localhost"})  # noqa: S310  (http, to a server of ours)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy

    def ask() -> bool:
        try:
            with opener.open(request, timeout=5) as answer:
                return answer.status == status
        except urllib.error.HTTPError as fault:
            return fault.code == status

    return ask
