"""A real SMTP server that keeps what it gets, and that misbehaves on demand."""

import asyncio
import base64
import contextlib
import email
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any, Literal, Self, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

Phase = Literal["connect", "mail", "rcpt", "data", "dot"]


@dataclass(frozen=True)
class Caught:
    """One message as it arrived: envelope, raw bytes, and when (seconds of time.monotonic())."""

    sender: str
    recipient: str
    raw: bytes
    at: float

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        return cast(EmailMessage, email.message_from_bytes(self.raw, policy=modern))


@dataclass
class Rule:
    """What to do in a phase instead of the usual: reply, drop the connection, or stay silent for a while."""

    phase: Phase
    reply: str = ""
    drop: bool = False
    stall: float = 0.0
    to: str = ""
    times: int | None = None
    keep: bool = True

    def fits(self, phase: Phase, recipients: list[str]) -> bool:
        """Return whether it is about this moment."""
        return self.phase == phase and self.times != 0 and (not self.to or any(self.to in one for one in recipients))


@dataclass
class SmtpSink:
    """
    The sink. Phases are "connect", "mail", "rcpt", "data" (before 354) and "dot" (after the final dot).

    `caught` holds every accepted message; a message that is refused after the dot is not kept, one whose
    connection is dropped after the dot is (unless `keep=False`): nobody can know. `count[address]` counts.
    """

    pipelining: bool = True
    delay: float = 0.0
    caught: list[Caught] = field(default_factory=list)
    connections: int = 0
    most_connections: int = 0
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        self._rules: list[Rule] = []
        self._changed = threading.Condition()
        self._open: set[Any] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="smtp-sink", daemon=True)

    # --- What it is told ------------------------------------------------------------------------------

    def reply(self, phase: Phase, words: str, *, to: str = "", times: int | None = None) -> Rule:
        """Reply `words` ("451 4.7.1 Later") in `phase`, to addresses with `to` in them, `times` times (None: always)."""
        return self._add(Rule(phase, reply=words, to=to, times=times))

    def drop(self, phase: Phase, *, to: str = "", times: int | None = None, keep: bool = True) -> Rule:
        """Cut the connection in `phase` without a word."""
        return self._add(Rule(phase, drop=True, to=to, times=times, keep=keep))

    def stall(self, phase: Phase, seconds: float, *, to: str = "", times: int | None = None) -> Rule:
        """Stay silent for `seconds` in `phase`, then go on."""
        return self._add(Rule(phase, stall=seconds, to=to, times=times))

    def behave(self) -> None:
        """Forget every rule."""
        with self._changed:
            self._rules.clear()

    def cut_all(self) -> None:
        """Cut every open connection now."""

        def cut() -> None:
            for transport in list(self._open):
                transport.abort()

        self._loop.call_soon_threadsafe(cut)

    def empty(self) -> None:
        """Forget what was caught."""
        with self._changed:
            self.caught.clear()

    # --- What it tells --------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address, as MAIL_URL and EXERCISE_MAIL_URL take it."""
        return f"smtp://{self.host}:{self.port}"

    @property
    def options(self) -> dict[str, Any]:
        """The OPTIONS of a mailer that sends here."""
        return {
            "host": self.host,
            "port": self.port,
            "username": None,
            "password": None,
            "use_tls": False,
            "use_ssl": False,
            "timeout": 15,
        }

    @property
    def count(self) -> Counter[str]:
        """How many messages each address got."""
        with self._changed:
            return Counter(caught.recipient for caught in self.caught)

    @property
    def bulk(self) -> list[Caught]:
        """What came for people of an audience: bulk mail names its list, a notice to staff does not."""
        return [mail for mail in self.caught if mail.message["List-Id"]]

    @property
    def duplicates(self) -> dict[str, int]:
        """The addresses that got more than one message, and how many."""
        return {address: times for address, times in self.count.items() if times > 1}

    def to(self, address: str) -> list[EmailMessage]:
        """Return the messages that `address` got, the first first."""
        with self._changed:
            return [caught.message for caught in self.caught if caught.recipient == address]

    def wait_for(self, number: int, seconds: float = 30) -> None:
        """Wait until `number` messages have arrived. Raise AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while len(self.caught) < number:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{len(self.caught)} of {number} messages arrived in {seconds} s.")

    # --- How it works ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        with self._changed:
            if not self._changed.wait_for(lambda: self.port, 10):
                raise RuntimeError("The SMTP sink did not start.")
        return self

    def __exit__(self, *unused: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)

        async def listen() -> None:
            self._server = await self._loop.create_server(
                lambda: _Dialogue(self, self._loop), self.host, 0, backlog=200
            )
            with self._changed:
                self.port = self._server.sockets[0].getsockname()[1]
                self._changed.notify_all()

        self._loop.run_until_complete(listen())
        self._loop.run_forever()
        if self._server is not None:
            self._server.close()
        for transport in list(self._open):
            transport.abort()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _add(self, rule: Rule) -> Rule:
        with self._changed:
            self._rules.append(rule)
        return rule

    def _rule(self, phase: Phase, recipients: list[str]) -> Rule | None:
        with self._changed:
            rule = next((rule for rule in self._rules if rule.fits(phase, recipients)), None)
            if rule is not None and rule.times is not None:
                rule.times -= 1
            return rule

    def _keep(self, envelope: Envelope) -> None:
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        with self._changed:
            for recipient in envelope.rcpt_tos:
                self.caught.append(Caught(envelope.mail_from or "", recipient, raw, time.monotonic()))
            self._changed.notify_all()


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_EHLO(
        self, server: "_Dialogue", session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.sink.pipelining else responses

    async def handle_DATA(self, server: "_Dialogue", session: Session, envelope: Envelope) -> str:
        if self.sink.delay:
            await asyncio.sleep(self.sink.delay)
        rule = self.sink._rule("dot", envelope.rcpt_tos)
        if rule is None:
            self.sink._keep(envelope)
            return "250 2.0.0 Kept"
        if rule.reply:
            return rule.reply
        if rule.keep:
            self.sink._keep(envelope)
        await server.obey(rule)
        return "250 2.0.0 Kept"


class _Dialogue(SMTP):
    """One connection."""

    def __init__(self, sink: SmtpSink, loop: asyncio.AbstractEventLoop) -> None:
        self.sink = sink
        super().__init__(
            _Handler(sink),
            hostname="sink.test",
            enable_SMTPUTF8=True,
            data_size_limit=33_554_432,
            timeout=900,
            loop=loop,
        )

    def connection_made(self, transport: Any) -> None:
        self.sink._open.add(transport)
        self.sink.connections += 1
        self.sink.most_connections = max(self.sink.most_connections, len(self.sink._open))
        self._own_transport = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.sink._open.discard(self._own_transport)
        super().connection_lost(error)

    async def obey(self, rule: Rule) -> bool:
        """Do what the rule says; return whether the phase is over with it."""
        if rule.stall:
            await asyncio.sleep(rule.stall)
            return False
        if rule.drop:
            self._own_transport.abort()
            await asyncio.sleep(3600)  # cancelled when the loss of the connection is noticed
        await self.push(rule.reply)
        if rule.reply.startswith("421"):
            self._own_transport.close()
        return True

    async def _handle_client(self) -> None:
        rule = self.sink._rule("connect", [])
        if rule is not None and await self.obey(rule):
            self._own_transport.close()
            return
        await super()._handle_client()

    async def smtp_MAIL(self, arg: str) -> None:
        rule = self.sink._rule("mail", [])
        if rule is None or not await self.obey(rule):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        rule = self.sink._rule("rcpt", [arg])
        if rule is None or not await self.obey(rule):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        rule = self.sink._rule("data", self.envelope.rcpt_tos if self.envelope else [])
        if rule is None or not await self.obey(rule):
            await super().smtp_DATA(arg)


# --- A server that follows a script -----------------------------------------------------------------


@dataclass
class Act:
    """
    What the scripted server does in a step instead of the usual: it waits `wait` seconds, says `reply` as it is
    (None: the usual reply; b"": nothing), and ends the connection by closing, resetting, or closing its half only.
    With `drip` it says that every `wait` seconds instead, until nobody listens.

    `keep` tells whether the message of a final dot is delivered, unless the reply refuses it (4xx or 5xx).
    """

    reply: bytes | None = None
    wait: float = 0.0
    end: Literal["", "close", "reset", "half"] = ""
    keep: bool = True
    drip: bytes = b""


class _Ended(Exception):
    """The connection is over."""


class ScriptedServer:
    """
    An SMTP server on a bare socket, obedient octet by octet. It shares no code with the sink, and no manners.

    Its steps are "connect", "ehlo", "helo", "starttls", "auth", "mail", "rcpt", "data", "text" (in the midst of it),
    "dot", "rset" and "quit". A mail goes by the number before the @ of its addresses. `delivered` holds (number, raw
    bytes) of each message for each of its recipients, `lines` what was said on each connection.

    `grouped` is how many mails will come: the server then answers only when a whole pipelined group has arrived (the
    text with MAIL, RCPT and DATA of the next), so that whoever waits for less waits for ever; `flushes` counts.
    """

    def __init__(
        self,
        *,
        extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8"),
        context: ssl.SSLContext | None = None,
        encrypted: bool = False,
        login: tuple[str, str] | None = None,
        pieces: bool = False,
        grouped: int = 0,
    ) -> None:
        self.extensions = extensions
        self.context = context
        self.encrypted = encrypted
        self.login = login
        self.pieces = pieces
        self.grouped = grouped
        self.flushes = 0
        self.delivered: list[tuple[int, bytes]] = []
        self.lines: list[list[bytes]] = []
        self._acts: dict[tuple[str, int | None], list[Act]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that a large text gets stuck
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(50)
        self.port = int(self._listener.getsockname()[1])

    def on(self, step: str, *acts: Act, mail: int | None = None) -> None:
        """In this step, of this mail, do these the first times, one after the other."""
        self._acts.setdefault((step, mail), []).extend(acts)

    @property
    def connections(self) -> int:
        """How many there were."""
        return len(self.lines)

    @property
    def counts(self) -> Counter[int]:
        """How often each mail was delivered."""
        with self._lock:
            return Counter(number for number, _raw in self.delivered)

    def close_all(self) -> None:
        """Close every connection, as for being idle too long, and wait until it is."""
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self.wait()

    def wait(self) -> None:
        """Wait until every connection is over."""
        for thread in self._threads[1:]:
            thread.join(10)
            assert not thread.is_alive()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *unused: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):  # it is closed already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(10)
        self.close_all()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True, name="scripted-server")
        thread.start()
        self._threads.append(thread)  # whoever waits for all may come in between, and joins only what runs

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            lines: list[bytes] = []
            self.lines.append(lines)
            self._start(_Talk(self, sock, lines).run)

    def _act(self, step: str, mail: int | None) -> Act | None:
        with self._lock:
            acts = self._acts.get((step, mail))
            return acts.pop(0) if acts else None


class _Talk:
    """One connection to the scripted server."""

    def __init__(self, server: ScriptedServer, sock: socket.socket, lines: list[bytes]) -> None:
        self.server = server
        self.sock = sock
        self.lines = lines
        self.heard = b""
        self.unsaid = b""
        self.clear()

    def clear(self) -> None:
        self.sender: int | None = None
        self.recipients: list[int] = []

    def run(self) -> None:
        try:
            if self.server.encrypted:
                self.encrypt()
            self.dialogue()
        except (_Ended, OSError):
            pass
        finally:
            self.sock.close()

    def encrypt(self) -> None:
        assert self.server.context is not None
        self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
        self.server._open.append(self.sock)

    def dialogue(self) -> None:
        self.step("connect", b"220 scripted.test\r\n")
        while True:
            line = self.line()
            self.lines.append(line)
            word = line.split()[0].upper().decode() if line.split() else ""
            getattr(self, f"hear_{word.lower()}", self.hear_nonsense)(line)

    # --- Octets -----------------------------------------------------------------------------------------

    def line(self) -> bytes:
        while b"\n" not in self.heard:
            if not self.server.grouped:
                self.flush()
            some = self.sock.recv(65_536)
            if not some:
                raise _Ended
            self.heard += some
        line, _newline, self.heard = self.heard.partition(b"\n")
        return line + b"\n"

    def flush(self) -> None:
        words, self.unsaid = self.unsaid, b""
        if not words:
            return
        self.server.flushes += 1
        if not self.server.pieces:
            self.sock.sendall(words)
            return
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in words:
            self.sock.sendall(bytes([octet]))

    def step(self, name: str, usual: bytes, mail: int | None = None) -> Act:
        """Say the usual or what the script says; return it with the words said."""
        act = self.server._act(name, mail) or Act()
        words = usual if act.reply is None else act.reply
        while act.drip and not self.server._stopping.wait(act.wait):
            self.sock.sendall(act.drip)
        if act.wait:
            self.flush()
            self.server._stopping.wait(act.wait)
        self.unsaid += words
        if act.end:
            self.flush()
        if name not in {"mail", "rcpt", "dot", "rset"}:
            self.flush()
        said = Act(words, end=act.end, keep=act.keep)
        if not act.end or name == "dot":
            return said
        raise self.end(act.end)

    def end(self, how: str) -> _Ended:
        if how == "half":
            self.sock.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while self.sock.recv(65_536):
                    pass
        elif how == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return _Ended()

    # --- Words ------------------------------------------------------------------------------------------

    def hear_nonsense(self, line: bytes) -> None:
        self.step("nonsense", b"500 5.5.2 What?\r\n")

    def hear_ehlo(self, line: bytes) -> None:
        words = ["scripted.test", *self.server.extensions]
        if self.server.context and not isinstance(self.sock, ssl.SSLSocket):
            words.append("STARTTLS")
        reply = "".join(f"250{'-' if word is not words[-1] else ' '}{word}\r\n" for word in words)
        self.step("ehlo", reply.encode())

    def hear_helo(self, line: bytes) -> None:
        self.step("helo", b"250 scripted.test\r\n")

    def hear_starttls(self, line: bytes) -> None:
        if (self.step("starttls", b"220 Go ahead\r\n").reply or b"").startswith(b"2"):
            self.heard = b""
            self.encrypt()

    def hear_auth(self, line: bytes) -> None:
        assert self.server.login is not None
        kind, *given = line.split()[1:]
        if kind == b"PLAIN":
            got = tuple(base64.b64decode(given[0]).decode().split("\0")[1:])
        else:
            answers = given
            for prompt in (b"Username:", b"Password:")[len(given) :]:
                self.unsaid += b"334 " + base64.b64encode(prompt) + b"\r\n"
                answers.append(self.line())
            got = tuple(base64.b64decode(answer).decode() for answer in answers)
        self.step("auth", b"235 2.7.0 Yes\r\n" if got == self.server.login else b"535 5.7.8 No\r\n")

    def hear_mail(self, line: bytes) -> None:
        number = number_in(line)
        usual = b"503 5.5.1 One at a time\r\n" if self.sender is not None else b"250 2.1.0 Sender\r\n"
        if (self.step("mail", usual, number).reply or b"").startswith(b"2"):
            self.sender = number

    def hear_rcpt(self, line: bytes) -> None:
        number = number_in(line)
        usual = b"503 5.5.1 From whom?\r\n" if self.sender is None else b"250 2.1.5 Recipient\r\n"
        if (self.step("rcpt", usual, number).reply or b"").startswith(b"2"):
            self.recipients.append(number)

    def hear_data(self, line: bytes) -> None:
        mail = self.recipients[0] if self.recipients else self.sender
        usual = b"354 Go on\r\n" if self.recipients else b"503 5.5.1 To whom?\r\n"
        if not (self.step("data", usual, mail).reply or b"").startswith(b"3"):
            return
        if (act := self.server._act("text", mail)) is not None:
            self.line()
            self.server._stopping.wait(act.wait)
            raise self.end(act.end)
        text: list[bytes] = []
        while (line := self.line()) not in (b".\r\n", b".\n"):  # as servers do that take mail from anyone
            text.append(line[1:] if line.startswith(b".") else line)
        if self.server.grouped and mail != self.server.grouped:
            while b"DATA\r\n" not in self.heard:
                some = self.sock.recv(65_536)
                if not some:
                    raise _Ended
                self.heard += some
        usual = b"250 2.0.0 Kept\r\n" if self.recipients else b"554 5.5.1 Nobody to give it to\r\n"
        said = self.step("dot", usual, mail)
        if said.keep and (said.reply or b"")[:1] not in (b"4", b"5"):
            with self.server._lock:
                self.server.delivered += [(number, b"".join(text)) for number in self.recipients]
        self.clear()
        if said.end:
            raise self.end(said.end)
        if self.server.grouped and mail == self.server.grouped:
            self.flush()

    def hear_rset(self, line: bytes) -> None:
        if (self.step("rset", b"250 2.0.0 Forgotten\r\n").reply or b"").startswith(b"2"):
            self.clear()

    def hear_quit(self, line: bytes) -> None:
        self.step("quit", b"221 2.0.0 Bye\r\n")
        raise _Ended


def number_in(line: bytes) -> int:
    """Return the number before the @."""
    found = re.search(rb"(\d+)@", line)
    assert found is not None, line
    return int(found[1])
