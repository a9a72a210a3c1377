"""A real SMTP server that keeps what it gets, and that misbehaves on demand."""

import asyncio
import email
import threading
import time
from collections import Counter
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
        """Tell whether it is about this moment."""
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
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def options(self) -> dict[str, Any]:
        """The OPTIONS of a mailer that sends here."""
        return {
            "host": "127.0.0.1",
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
                lambda: _Dialogue(self, self._loop), "127.0.0.1", 0, backlog=200
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
