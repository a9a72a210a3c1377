"""Where benchmarked mail goes: postfix's smtp-sink, the fastest thing that swallows mail, near by or far away."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.programs import program
from operations.process_supervisor import free_port


@dataclass
class Sink:
    """A running sink: where mail is sent to, and what it has counted."""

    port: int
    told: Path

    def messages(self) -> int:
        """Return how many messages have arrived."""
        counted = re.findall(r"mesg=(\d+)", self.told.read_text())
        return int(counted[-1]) if counted else 0


@contextmanager
def sink(*, delay_ms: int = 0, host: str = "127.0.0.1") -> Iterator[Sink]:
    """
    Start smtp-sink on a free loopback port; it offers PIPELINING, counts and keeps nothing. With `delay_ms` every
    reply arrives so much later, and it is reached at `host`.
    """
    port = free_port(2525)
    # It does not run as root.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with contextlib.ExitStack() as stack:
        told = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sink-"))) / "told"
        with told.open("w") as out:
            words = [program("smtp-sink"), "-c", *user, f"127.0.0.1:{port}", "1024"]
            process = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL)
        stack.callback(stop, process)
        wait_for(port)
        if delay_ms:
            near, port = port, free_port(2725)
            words = [sys.executable, "-m", "benchmarks.mail.distant_relay", str(port), str(near), str(delay_ms), host]
            stack.callback(stop, subprocess.Popen(words))
            wait_for(port, host)
        yield Sink(port, told)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours."""
    process.send_signal(signal.SIGTERM)
    process.wait(5)


def wait_for(port: int, host: str = "127.0.0.1") -> None:
    """Wait until something listens on a port."""
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("Not measured: the mail sink did not start.")


def source_seconds(port: int, *, messages: int, sessions: int, octets: int) -> float:
    """Return how long smtp-source takes for as many messages of that size over as many sessions that stay open."""
    began = time.monotonic()
    words = [
        "-d",
        "-s",
        str(sessions),
        "-m",
        str(messages),
        "-l",
        str(octets),
        "-f",
        "a@example.org",
        "-t",
        "b@example.net",
        f"127.0.0.1:{port}",
    ]
    subprocess.run([program("smtp-source"), *words], check=True, capture_output=True, timeout=900)
    return time.monotonic() - began
