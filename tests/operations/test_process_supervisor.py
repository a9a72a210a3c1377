"""Processes under one: ready, started again, given up, gone."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operations import process_supervisor
from operations.process_supervisor import AlreadyRunning, PortTaken, Supervisor, SupervisorError

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]


def gone(pid: int, seconds: float = 10) -> bool:
    """Wait until there is no such process (a zombie is none)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def quiet(line: str) -> None:
    """Say nothing."""


def test_a_child_is_ready_when_its_log_says_so_and_stops_with_its_supervisor(tmp_path):
    with Supervisor(tmp_path, say=quiet) as supervisor:
        child = supervisor.add("sleeper", SLEEPER, ready=supervisor.log_contains("sleeper", "here"))
        supervisor.start()
        assert child.process is not None
        pid = child.process.pid
        assert not gone(pid, 0)
    assert gone(pid)


def test_a_child_that_was_killed_is_started_again(tmp_path):
    said: list[str] = []
    with Supervisor(tmp_path, say=said.append) as supervisor:
        child = supervisor.add("sleeper", SLEEPER, ready=supervisor.log_contains("sleeper", "here"))
        supervisor.start()
        assert child.process is not None
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 10
        while (child.process is None or child.process.pid == first) and time.monotonic() < until:
            supervisor.check()
            time.sleep(0.05)
        assert child.process is not None
        assert child.process.pid != first
    assert said == ["sleeper stopped (killed by SIGKILL); starting it again in 1 s."]


def test_a_child_that_keeps_dying_is_given_up_with_the_end_of_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(process_supervisor, "QUICK_DEATHS", 2)
    words = [sys.executable, "-c", "import time; time.sleep(0.2); raise SystemExit('no such luck')"]
    with Supervisor(tmp_path, say=quiet) as supervisor:
        supervisor.add("unlucky", words)
        supervisor.start()
        with pytest.raises(SupervisorError, match=r"unlucky stopped 2 times(?s:.)*no such luck"):
            supervisor.run(30)


def test_a_child_that_is_killed_while_it_starts_is_started_again(tmp_path):
    """The first one is killed before it is ready; the second one is let be."""
    marker = tmp_path / "second"
    words = [sys.executable, "-c", "import time; time.sleep(0.5); print('here', flush=True); time.sleep(600)"]
    said: list[str] = []
    with Supervisor(tmp_path, say=said.append) as supervisor:
        child = supervisor.add("starter", words)
        other = supervisor.add("sleeper", SLEEPER, ready=supervisor.log_contains("sleeper", "here"))

        def ready() -> bool:
            assert child.process is not None
            if not marker.exists():
                marker.touch()
                os.kill(child.process.pid, signal.SIGKILL)
                return False
            return "here" in child.log_since_start()

        child.ready = ready
        supervisor.start()

        assert child.process is not None and child.process.poll() is None
        assert other.process is not None and other.process.poll() is None
    assert said == ["starter stopped (killed by SIGKILL); starting it again in 1 s."]


def test_a_child_that_is_killed_at_each_start_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(process_supervisor, "QUICK_DEATHS", 2)
    words = [sys.executable, "-c", "import os; print('as far as here', flush=True); os.kill(os.getpid(), 9)"]
    with Supervisor(tmp_path, say=quiet) as supervisor:
        supervisor.add("doomed", words, ready=lambda: False)
        with pytest.raises(
            SupervisorError, match=r"doomed stopped 2 times(?s:.)*killed by SIGKILL(?s:.)*as far as here"
        ):
            supervisor.start()


def test_a_child_that_is_not_ready_in_time_is_shown_with_its_log(tmp_path):
    with Supervisor(tmp_path, say=quiet) as supervisor:
        supervisor.add("slow", SLEEPER, ready=lambda: False, ready_seconds=1)
        with pytest.raises(SupervisorError, match=r"slow was not ready within 1 seconds(?s:.)*here"):
            supervisor.start()


def test_what_a_child_left_running_is_ended_too(tmp_path):
    shell = ["sh", "-c", "trap 'exit 0' TERM; sleep 600 & echo $!; wait"]
    with Supervisor(tmp_path, say=quiet) as supervisor:
        child = supervisor.add("shell", shell, ready=supervisor.log_contains("shell", "\n"))
        supervisor.start()
        grandchild = int(child.log_since_start())
        assert not gone(grandchild, 0)
    assert gone(grandchild)


def test_two_supervisors_do_not_share_a_folder(tmp_path):
    with Supervisor(tmp_path, say=quiet) as first:
        first.announce("http://127.0.0.1:8000")
        with pytest.raises(AlreadyRunning, match=rf"since .* at http://127.0.0.1:8000 \(process {os.getpid()}\)"):
            Supervisor(tmp_path, say=quiet).__enter__()
    with Supervisor(tmp_path, say=quiet):
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent is gone")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_process_stays_whatever_ends_the_supervisor(tmp_path, number):
    script = (
        "import sys; from pathlib import Path; from operations.process_supervisor import Supervisor\n"
        "with Supervisor(Path(sys.argv[1])) as supervisor:\n"
        f"    child = supervisor.add('sleeper', {SLEEPER!r})\n"
        "    supervisor.start(); print(child.process.pid, flush=True); supervisor.run()\n"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    child = int(supervisor.stdout.readline())
    supervisor.send_signal(number)
    assert supervisor.wait(20) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    supervisor.stdout.close()
    assert gone(child)


def test_a_taken_port_is_refused_and_stepped_over():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken.*--port"):
            process_supervisor.require_port(port)
        assert process_supervisor.free_port(port) > port


def chooser(words: str) -> subprocess.Popen[str]:
    """Start a process that prints the port it chooses, once it is told to, and then lives until its stdin is closed."""
    script = f"import sys; from operations.process_supervisor import *; print('here', flush=True); input(); {words}; sys.stdin.read()"
    started = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None and started.stdout.readline() == "here\n"
    return started


def choose(choosers: list[subprocess.Popen[str]]) -> list[int]:
    """Let them all choose at once, and return what they chose."""
    for one in choosers:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    return [int(one.stdout.readline()) for one in choosers if one.stdout is not None]


def test_two_that_choose_at_once_never_share_a_port_though_neither_listens_yet():
    first = process_supervisor.free_port(24000) + 1
    two = [chooser(f"print(free_port({first}), flush=True)") for _ in range(2)]
    with contextlib.ExitStack() as stack:
        for one in two:
            stack.enter_context(one)
            stack.callback(one.kill)
        ports = choose(two)
        assert len(set(ports)) == 2
        for port in ports:
            assert process_supervisor.is_free(port)  # a server can be started there
            with pytest.raises(PortTaken):
                process_supervisor.require_port(port, held=True)
        two[0].kill()
        two[0].wait()
        # However it ended, its port is not lost.
        assert process_supervisor.require_port(ports[0], held=True) == ports[0]


def test_a_port_that_a_process_was_given_stays_its_own_when_it_asks_again():
    port = process_supervisor.free_port(24500)
    assert process_supervisor.free_port(port) == port
    assert process_supervisor.free_port(port, avoid=[port]) > port


def test_a_demo_chooses_no_port_of_one_that_is_still_starting(tmp_path):
    words = (
        "import django; django.setup(); from demo.processes import Place; from pathlib import Path; "
        "p = Place.choose(Path(input()), port=None, tick_seconds=5); print(p.web_port, p.smtp_port, p.mail_port, flush=True)"
    )
    with contextlib.ExitStack() as stack:
        two = [chooser(words) for _ in range(2)]
        chosen: list[str] = []
        for number, one in enumerate(two):
            stack.enter_context(one)
            stack.callback(one.kill)
            folder = tmp_path / str(number)
            folder.mkdir()
            assert one.stdin is not None
            one.stdin.write(f"\n{folder}\n")
            one.stdin.flush()
        for one in two:
            assert one.stdout is not None
            chosen += one.stdout.readline().split()
    assert len(set(chosen)) == len(chosen) == 6
