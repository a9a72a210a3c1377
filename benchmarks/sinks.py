"""Where benchmarked mail goes: postfix's smtp-sink, the fastest thing that swallows mail."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from config.supervising import free_port

PROGRAMS = ("smtp-sink", "smtp-source")
WHERE = "/usr/sbin:/usr/bin:/usr/local/sbin"


@dataclass(frozen=True)
class Sink:
    """A running sink."""

    port: int


def program(name: str) -> str:
    """Return the path of one of PROGRAMS. Stop with a sentence when it isn't there."""
    found = shutil.which(name) or shutil.which(name, path=WHERE)
    if found is None:
        raise SystemExit(f"Not measured: {name} is missing. On Debian or Ubuntu: apt install postfix.")
    return found


@contextmanager
def sink() -> Iterator[Sink]:
    """Start smtp-sink on a free loopback port; it offers PIPELINING and keeps nothing."""
    port = free_port(2525)
    # It does not run as root.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    words = [program("smtp-sink"), *user, f"127.0.0.1:{port}", "1024"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise SystemExit("Not measured: smtp-sink did not start.")
        yield Sink(port)
    finally:
        process.terminate()
        process.wait(5)


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
    subprocess.run([program("smtp-source"), *words], check=True, capture_output=True, timeout=600)
    return time.monotonic() - began
