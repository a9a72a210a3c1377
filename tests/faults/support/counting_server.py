"""
A fast SMTP server in a process of its own that only counts, for sends of a hundred thousand.

`python -m tests.faults.support.counting_server` prints two ports: one takes mail, and whoever connects to the other is told which
delivery's mail came how often, and when first.
"""

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.system_parts import free_port

ROOT = Path(__file__).resolve().parents[3]
DELIVERY = re.compile(rb"MAIL FROM:<[^>]*\+(\d+)\.", re.I)
END = b"\r\n.\r\n"


@dataclass(frozen=True)
class Counted:
    """
    What came: {delivery key: number of mails}, {delivery key: seconds of time.time()} of the first of them, and to whom
    mail went that is no delivery's, such as a notice to staff.
    """

    came: dict[int, int]
    first_at: dict[int, float]
    others: list[str]


@dataclass(frozen=True)
class Counter:
    """The running server. Mail goes to `port`, which may be far away."""

    port: int
    asked_at: int

    def counted(self) -> Counted:
        """Return what has come."""
        with socket.create_connection(("127.0.0.1", self.asked_at), 20) as connection:
            told, others = json.loads(b"".join(iter(lambda: connection.recv(1 << 20), b"")))
        return Counted(
            {int(pk): number for pk, (number, _at) in told.items()},
            {int(pk): at for pk, (_number, at) in told.items()},
            others,
        )


@contextmanager
def counter(*, delay_ms: int = 0) -> Iterator[Counter]:
    """Start it on free ports; with `delay_ms` every reply comes so much later."""
    with ExitStack() as stack:

        def start(*words: str) -> "subprocess.Popen[str]":
            process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
            return process

        told = start("tests.faults.support.counting_server").stdout
        assert told is not None
        port, asked_at = map(int, told.readline().split())
        if delay_ms:
            near, port = port, free_port()
            start("benchmarks.mail.distant_relay", str(port), str(near), str(delay_ms))
            gives_up_at = time.monotonic() + 10
            while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < gives_up_at:
                time.sleep(0.05)
        yield Counter(port, asked_at)


# --- In the process of its own ------------------------------------------------------------------------

counted: dict[int, list[float]] = {}
others: list[str] = []


class Dialogue(asyncio.Protocol):
    """One connection; it takes everything."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.held = bytearray()
        self.text = False
        self.delivery: int | None = None
        self.recipient = ""
        transport.write(b"220 here\r\n")

    def data_received(self, data: bytes) -> None:
        self.held += data
        replies = b""
        while True:
            if self.text:
                end = self.held.find(END)
                if end < 0:
                    break
                del self.held[: end + len(END)]
                self.text = False
                replies += b"250 2.0.0 Counted\r\n"
                self.count()
                continue
            end = self.held.find(b"\r\n")
            if end < 0:
                break
            line = bytes(self.held[:end])
            # The line's end stays where a text begins: it may be no more than a dot.
            self.text = line.upper() == b"DATA"
            del self.held[: end if self.text else end + 2]
            replies += self.reply(line)
        self.transport.write(replies)

    def count(self) -> None:
        """Note a mail that was taken."""
        if self.delivery is None:
            others.append(self.recipient)
        else:
            row = counted.setdefault(self.delivery, [0, time.time()])
            row[0] += 1

    def reply(self, line: bytes) -> bytes:
        """Answer a command."""
        word = line[:4].upper()
        if word == b"EHLO":
            return b"250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        if word == b"DATA":
            return b"354 Go on\r\n"
        if word == b"MAIL":
            found = DELIVERY.match(line)
            self.delivery = int(found[1]) if found else None
        if word == b"RCPT":
            self.recipient = line.decode("ascii", "replace").partition("<")[2].partition(">")[0]
        return b"221 Bye\r\n" if word == b"QUIT" else b"250 2.0.0 OK\r\n"


class Teller(asyncio.Protocol):
    """Tells whoever connects what came, and hangs up."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(json.dumps([counted, others]).encode())
        transport.close()


async def main() -> None:
    """Count until stopped."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(kind, "127.0.0.1", 0, backlog=500) for kind in (Dialogue, Teller)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
