"""Readers of public pages: connections that stay open and read a page again and again, and which process answers them."""

import contextlib
import http.client
import os
import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self


class Reader:
    """A connection to a web server that reads one page. `last_without` is when it last began to get the page without the words."""

    def __init__(
        self, port: int, path: str, host: str, *, tls: bool = False, headers: Mapping[str, str] | None = None
    ) -> None:
        self.last_without = 0.0
        self._path, self._sent = path, {"Host": host, **(headers or {})}
        self._connection = (
            http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=unchecked())
            if tls
            else http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        )
        self._connection.connect()
        if not tls:  # nginx hangs up after a thousand requests, but another connection may be another process's
            self._connection.auto_open = 0
        self.local_port: int = self._connection.sock.getsockname()[1]

    def read(self) -> tuple[int, bytes]:
        """Read the page once; return its status and its body. The headers are in `headers` afterwards."""
        self._connection.request("GET", self._path, headers=self._sent)
        answer = self._connection.getresponse()
        self.headers = answer.headers
        return answer.status, answer.read()

    def read_until(self, words: bytes, *, seconds: float = 30) -> None:
        """Read until the page has the words."""
        until = time.monotonic() + seconds
        while True:
            began = time.monotonic()
            assert began < until, f"never seen: {words!r}"
            if words in self.read()[1]:
                return
            self.last_without = began
            time.sleep(0.002)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def one_for_each(
    pids: list[int], port: int, path: str, host: str, *, at_least: int = 1, headers: Mapping[str, str] | None = None
) -> list[Reader]:
    """Return readers of a page, so many that each of the server's processes has one (Linux)."""
    readers: list[Reader] = []
    while len(readers) < at_least or {owner(pids, one.local_port) for one in readers} != set(pids):
        assert len(readers) < 200, "a process takes no connections"
        readers.append(Reader(port, path, host, headers=headers))
        readers[-1].read()
    return readers


def seconds_until_all_see(readers: list[Reader], words: str, change: Callable[[], object]) -> float:
    """Let all read without a pause, call `change`, and return how long after it the last one began to get the old page."""
    with ThreadPoolExecutor(len(readers)) as pool:
        reading = [pool.submit(one.read_until, words.encode()) for one in readers]
        time.sleep(0.3)
        change()
        committed = time.monotonic()
        for one in reading:
            one.result()
    return max(0.0, max(one.last_without for one in readers) - committed)


class Crowd:
    """Threads that read a page without a pause, and count what they got: status and whether it had the words."""

    def __init__(self, readers: list[Reader], words: bytes) -> None:
        self.seen: Counter[tuple[int, bool]] = Counter()
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(one, words)) for one in readers]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _read(self, reader: Reader, words: bytes) -> None:
        while not self._ending.is_set():
            try:
                status, body = reader.read()
            except (OSError, http.client.HTTPException):
                status, body = 0, b""
            self.seen[status, words in body] += 1


def owner(pids: list[int], client_port: int) -> int | None:
    """Return which of the processes has the connection that comes from a local port (Linux)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if int(row[2].split(":")[1], 16) == client_port}
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if (found := re.match(r"socket:\[(\d+)\]", os.readlink(link))) and found[1] in inodes:
                    return pid
    return None


def unchecked() -> ssl.SSLContext:
    """Return TLS that takes a certificate that nobody signed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
