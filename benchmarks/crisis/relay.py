"""
A relay that answers as real ones do: python -m benchmarks.crisis.relay PORT FILE writes down what it takes, a line for each
mail: seconds of time.time(), return path, recipient.

What becomes of a mail depends on its address alone, so whoever runs it knows beforehand what must arrive.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.mail import sinks
from operations.process_supervisor import free_port

SEED = 2020
MISSING_PERCENT = 5  # addresses that nobody has, in every domain
GREY_SECONDS = 20  # a sender that nobody knows is taken when it comes back so much later
RATED_PER_SECOND = 100
SLOW_SECONDS = 0.1
# Of a thousand addresses; all others are at a provider that takes everything.
SHARES = {"grey.example.net": 20, "full.example.net": 10, "rated.example.net": 15, "slow.example.net": 5}
USUAL = "plain.example.net"
CLOSING, CLOSING_ADDRESSES = "closing.example.net", 20  # in all: who says 421 gets thirty a minute from then on

TAKEN, LATER, FULL, FAST, CLOSED, NOBODY = (
    b"250 2.1.5 Ok\r\n",
    b"451 4.7.1 Greylisted, come back later\r\n",
    b"452 4.2.2 Mailbox full\r\n",
    b"451 4.7.1 Too many messages, slow down\r\n",
    b"421 4.7.0 Too many connections, closing\r\n",
    b"550 5.1.1 No such user here\r\n",
)
REPLIES = {
    b"EHLO": b"250-relay.example.net\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
    b"HELO": b"250 relay.example.net\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"NOOP": b"250 2.0.0 Ok\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
END = b"\r\n.\r\n"


def is_missing(address: str) -> bool:
    """Return whether nobody has this address."""
    return zlib.crc32(address.encode(), SEED) % 100 < MISSING_PERCENT


@dataclass
class Memory:
    """What the relay knows of senders and addresses."""

    first_tries: dict[str, float] = field(default_factory=dict)
    taken: Counter[tuple[str, int]] = field(default_factory=Counter)
    has_closed: bool = False

    def answer(self, address: str) -> bytes:
        """Return what an address's server says to a mail for it."""
        domain, now = address.rpartition("@")[2], time.monotonic()
        if is_missing(address):
            return NOBODY
        if domain == CLOSING and not self.has_closed:
            self.has_closed = True
            return CLOSED
        if domain in {"grey.example.net", "full.example.net"}:
            waited = now - self.first_tries.setdefault(address, now)
            if waited < GREY_SECONDS:
                return LATER if domain.startswith("grey") else FULL
        if domain == "rated.example.net":
            self.taken[domain, int(now)] += 1
            if self.taken[domain, int(now)] > RATED_PER_SECOND:
                return FAST
        return TAKEN


class Dialogue(asyncio.Protocol):
    """One connection."""

    def __init__(self, memory: Memory, written: Path) -> None:
        self.memory = memory
        self.out = written.open("a", buffering=1 << 16)
        self.heard = bytearray()
        self.sender = self.recipient = ""
        self.in_text = self.waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.write(b"220 relay.example.net ESMTP\r\n")

    def connection_lost(self, fault: Exception | None) -> None:
        self.out.close()

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self.go_on()

    def go_on(self) -> None:
        """Answer all that has been heard so far, in one packet."""
        said = []
        while not self.waits and (reply := self.next_reply()) is not None:
            said.append(reply)
        self.transport.write(b"".join(said))
        if said and said[-1] in {CLOSED, REPLIES[b"QUIT"]}:
            self.transport.close()
        self.out.flush()

    def next_reply(self) -> bytes | None:
        """Return what to say to the next line or text; None when it is not there yet."""
        end = self.heard.find(END if self.in_text else b"\r\n")
        if end < 0 or self.transport.is_closing():
            return None
        if self.in_text:
            del self.heard[: end + len(END)]
            return self.take()
        line = bytes(self.heard[:end])
        del self.heard[: end + 2]
        return self.reply_to(line)

    def reply_to(self, line: bytes) -> bytes:
        """Return what to say to a line."""
        word = line[:4].upper()
        if word == b"MAIL":
            self.sender, self.recipient = address_in(line), ""
            return b"250 2.1.0 Ok\r\n"
        if word == b"RCPT":
            answer = self.memory.answer(address := address_in(line))
            self.recipient = address if answer == TAKEN else ""
            if answer == CLOSED:
                self.heard.clear()
            return answer
        if word == b"DATA":
            self.in_text = bool(self.recipient)
            return b"354 Go on\r\n" if self.in_text else b"503 5.5.1 To whom?\r\n"
        return REPLIES.get(word, b"502 5.5.1 What?\r\n")

    def take(self) -> bytes:
        """Write a mail down, then say so; a slow server thinks about it first."""
        self.in_text = False
        if self.recipient.endswith("@slow.example.net"):
            self.waits = True
            asyncio.get_running_loop().call_later(SLOW_SECONDS, self.wake)
        self.out.write(f"{time.time():.3f} {self.sender} {self.recipient}\n")
        return b"250 2.0.0 Kept\r\n"

    def wake(self) -> None:
        """Go on after a slow server's thought."""
        self.waits = False
        if not self.transport.is_closing():
            self.go_on()


def address_in(line: bytes) -> str:
    """Return the address between the brackets."""
    return line.partition(b"<")[2].partition(b">")[0].decode()


@dataclass
class Inbox:
    """The running relay: where mail is sent to, its process, and the file of what it has taken."""

    port: int
    pid: int
    written: Path
    counted: int = 0
    read_to: int = 0

    def messages(self) -> int:
        """Return how many mails have arrived."""
        with self.written.open("rb") as lines:
            lines.seek(self.read_to)
            new = lines.read()
        self.counted += new.count(b"\n")
        self.read_to += len(new)
        return self.counted

    def arrived(self) -> Iterator[tuple[float, str, str]]:
        """Yield when each mail arrived (seconds of time.time()), its return path and its recipient."""
        with self.written.open() as lines:
            for line in lines:
                at, sender, recipient = line.split()
                yield float(at), sender, recipient


@contextlib.contextmanager
def relay() -> Iterator[Inbox]:
    """Start the relay on a free loopback port."""
    port = free_port(2525)
    with contextlib.ExitStack() as stack:
        written = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relay-"))) / "arrived"
        written.touch()
        words = [sys.executable, "-m", "benchmarks.crisis.relay", str(port), str(written)]
        process = subprocess.Popen(words)
        stack.callback(sinks.stop, process)
        sinks.wait_for(port)
        yield Inbox(port, process.pid, written)


async def serve(port: int, written: Path) -> None:
    """Take mail until the process ends."""
    memory = Memory()
    server = await asyncio.get_running_loop().create_server(
        lambda: Dialogue(memory, written), "127.0.0.1", port, backlog=200
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
