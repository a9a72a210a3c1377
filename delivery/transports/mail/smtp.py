"""
Our SMTP client. Python's smtplib opens the connection; the dialogue for the mails is ours, because only who
knows the phase can tell "certainly not sent" from "nobody knows".

Where the server offers PIPELINING (RFC 2920) one round trip is enough for a mail: its text leaves together with
MAIL, RCPT and DATA of the next one.
"""

import re
import smtplib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from delivery.message.mime import Envelope
from delivery.models import Delivery
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import Outcome
from lib.http.url_parts import is_loopback

from .transport import OneMailAtATime

STEP_SECONDS = 15
AFTER_DOT_SECONDS = 600  # RFC 5321 §4.5.3.2.6
CONNECT_TRIES = 2  # in a row; then the rest of the window waits
# When a connection breaks after so long, too: one more wait after a dot would reach the time limit of tasks, and then
# nobody would know of the whole window.
WINDOW_SECONDS = 300
READ_OCTETS = 65_536
LONGEST_REPLY = 65_536
DSN = re.compile(rb"\A([245]\.\d{1,3}\.\d{1,3})\b")
NOT_LET_IN = (OSError, smtplib.SMTPException, ValueError)  # the last for logins and names that smtplib cannot write

RELAY_IN_TROUBLE = {"4.3.1", "4.3.2"}  # its disk is full, it takes nothing now (RFC 3463): not this mail's fault

State = Delivery.State
Reply = tuple[int, bytes]


class Lost(Exception):
    """
    The connection broke, or the server fell silent or spoke nonsense. `sent` says how many octets of the last words
    left.
    """

    def __init__(self, why: object, sent: int = 0) -> None:
        super().__init__(str(why) or type(why).__name__)
        self.sent = sent


class Connection(smtplib.SMTP):
    """
    smtplib's connection, which calls `waiting` before every step of at most STEP_SECONDS. With `context` it is
    encrypted from the first octet.
    """

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext | None, waiting: Callable[[], None]) -> None:
        self.waiting = waiting
        self.context = context
        super().__init__(host, port, local_hostname=DNS_NAME.get_fqdn(), timeout=STEP_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = self._reach(host, port, timeout)
        self.waiting()
        return self.context.wrap_socket(sock, server_hostname=host) if self.context else sock

    def _reach(self, host: str, port: int, timeout: float) -> socket.socket:
        """Return a socket to the first address of `host` that answers; each has `timeout` seconds."""
        fault: OSError | None = None
        for *_kind, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            self.waiting()
            try:
                return socket.create_connection((str(address[0]), port), timeout)
            except OSError as one:
                fault = one
        raise fault or OSError("The mail server's name has no address.")

    def getreply(self) -> Reply:
        """Return the server's next reply."""
        self.waiting()
        return super().getreply()

    def ehlo(self, name: str = "") -> Reply:
        """Say EHLO. A server that wants to be left alone (421) is not asked for HELO."""
        reply = super().ehlo(name)
        if reply[0] == 421:
            raise smtplib.SMTPConnectError(*reply)
        return reply


class Todo:
    """The envelopes of a window that have no outcome yet. None is taken from the window before it is asked for."""

    def __init__(self, window: Iterable[Envelope]) -> None:
        self._rest = iter(window)
        self._taken: deque[Envelope] = deque()

    def __bool__(self) -> bool:
        return self._holds(1)

    @property
    def first(self) -> Envelope:
        """The envelope whose turn it is, where there is one."""
        assert self._holds(1)
        return self._taken[0]

    @property
    def second(self) -> Envelope | None:
        """The one after it."""
        return self._taken[1] if self._holds(2) else None

    def pop(self) -> Envelope:
        """Return the envelope whose turn it was, which has an outcome now."""
        assert self._holds(1)
        return self._taken.popleft()

    def _holds(self, number: int) -> bool:
        self._taken.extend(islice(self._rest, max(0, number - len(self._taken))))
        return len(self._taken) >= number


class SMTPTransport(OneMailAtATime):
    """One connection to the relay that MAILERS[mailer] names, kept open across windows."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._options: dict[str, Any] = dict(settings.MAILERS[mailer]["OPTIONS"])
        self._smtp: Connection | None = None
        self._read = b""
        self._proven = False  # the connection has seen a mail through

    def open(self) -> bool:
        """Open the connection before the first mail; return whether the server lets us in."""
        try:
            self._connection()
        except NOT_LET_IN:
            return False
        return True

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each envelope over and yield its outcome; a lost connection is opened again for the next one."""
        try:
            yield from self._hand_over(Todo(window))
        except BaseException:
            self._drop()  # in mid-dialogue: the next window would take the replies for its own
            raise

    def close(self) -> None:
        """Say goodbye and let the connection go."""
        if self._smtp is not None:
            try:
                self._send_bytes(b"QUIT\r\n")
                self._reply(STEP_SECONDS)
            except Lost:
                pass
        self._drop()

    # --- The connection -------------------------------------------------------------------------------

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None
        self._read = b""
        self._proven = False

    def _connection(self) -> Connection:
        if self._smtp is None:
            options = self._options
            asked = ssl.create_default_context() if options["use_ssl"] or options["use_tls"] else None
            at_once = asked if options["use_ssl"] else None
            smtp = Connection(options["host"], options["port"], context=at_once, waiting=lambda: self.waiting())
            try:
                if options["use_tls"]:
                    smtp.starttls(context=asked)
                smtp.ehlo_or_helo_if_needed()
                if asked is None and smtp.has_extn("starttls") and not is_loopback(options["host"]):
                    # Nobody asked for a valid certificate, and encrypted for whoever answers beats readable by all.
                    smtp.starttls(context=ssl._create_unverified_context())  # noqa: S323
                    smtp.ehlo_or_helo_if_needed()
                if options["username"]:
                    smtp.login(options["username"], options["password"] or "")
                assert smtp.sock is not None
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except BaseException:
                smtp.close()
                raise
            self._smtp = smtp
        return self._smtp

    def _send_bytes(self, words: bytes) -> None:
        """Send all of `words`. Raise Lost with how much left."""
        assert self._smtp is not None and self._smtp.sock is not None
        sock = self._smtp.sock
        sent = 0
        try:
            sock.settimeout(STEP_SECONDS)
            while (sent := sent + sock.send(memoryview(words)[sent:] if sent else words)) < len(words):
                self.waiting()
        except OSError as fault:
            raise Lost(fault, sent) from fault

    def _reply(self, seconds: float) -> Reply:
        """Return the next reply. Raise Lost when none comes within `seconds`, or it is none."""
        gives_up_at = 0.0
        words: list[bytes] = []
        code, octets = b"", 0
        while True:
            while (end := self._read.find(b"\n")) < 0:
                if len(self._read) > LONGEST_REPLY:
                    raise Lost("The server's reply had no end.")
                gives_up_at = gives_up_at or time.monotonic() + seconds
                self._read += self._more(gives_up_at)
            line, self._read = self._read[:end].rstrip(b"\r"), self._read[end + 1 :]
            octets += end
            code = code or line[:3]
            if line[:3] != code or not code.isdigit() or line[3:4] not in (b" ", b"-", b""):
                raise Lost("The server's reply was not understood.")
            words.append(line[4:])
            if line[3:4] != b"-":
                return int(code), b"\n".join(words)
            if octets > LONGEST_REPLY:
                raise Lost("The server's reply had no end.")

    def _more(self, gives_up_at: float) -> bytes:
        """Read what is there, waiting until `gives_up_at` (time.monotonic()), and saying that the wait goes on."""
        assert self._smtp is not None and self._smtp.sock is not None
        sock = self._smtp.sock
        while time.monotonic() < gives_up_at:
            try:
                some = sock.recv(READ_OCTETS)
            except TimeoutError:
                self.waiting()
                continue
            except OSError as fault:
                raise Lost(fault) from fault
            if not some:
                raise Lost("The server closed the connection.")
            self.waiting()
            return some
        raise Lost("The server did not answer in time.")

    # --- The dialogue ---------------------------------------------------------------------------------

    def _hand_over(self, todo: Todo) -> Iterator[Outcome]:
        """Hand over connection after connection. An envelope leaves `todo` with its outcome."""
        tries = 0
        gives_up_at = time.monotonic() + WINDOW_SECONDS
        while todo:
            try:
                smtp = self._connection()
            except NOT_LET_IN as fault:
                tries += 1
                outcome = refused_by_relay(todo.pop(), fault)
                yield outcome
                if tries >= CONNECT_TRIES:
                    yield from postponed(todo, outcome)
                continue
            tries = 0
            if smtp.has_extn("pipelining"):
                yield from self._in_a_row(todo)
            else:
                yield from self._step_by_step(todo)
            if time.monotonic() >= gives_up_at:
                says = "Not sent: the server kept the mails before it waiting too long."
                yield from postponed(todo, Outcome(0, State.DEFERRED, "", says))

    def _in_a_row(self, todo: Todo) -> Iterator[Outcome]:
        """
        Hand over until all are done or the connection is gone. A mail whose introduction was lost together with the
        mail before it stays in `todo`, for it was certainly not sent.
        """
        words = self._introduction(todo.first)
        if words is None:
            yield needs_smtputf8(todo.pop())
            return
        try:
            self._send_bytes(words)
        except Lost as fault:
            yield from self._drop_connection(todo, [], fault)
            return
        while todo:
            replies: list[Reply] = []
            try:
                while len(replies) < 3 and not (replies and replies[-1][0] == 421):
                    replies.append(self._reply(STEP_SECONDS))
                if self._read:
                    raise Lost("The server said more than it was asked.")
            except Lost as fault:
                yield from self._drop_connection(todo, replies, fault)
                return
            following = self._introduction(todo.second) if todo.second else b""
            refusal = refused(replies)
            if refusal is None:
                yield self._finish(todo.pop(), following or b"")
            elif self._is_routine_close(replies):
                self._drop()
            else:
                yield rejected(todo.pop(), refusal)
                self._begin_anew(replies, following or b"")
            if self._smtp is None or following is None:
                return

    def _step_by_step(self, todo: Todo) -> Iterator[Outcome]:
        """Hand one mail over to a server that wants to be asked line by line."""
        words = self._introduction(todo.first)
        if words is None:
            yield needs_smtputf8(todo.pop())
            return
        replies: list[Reply] = []
        try:
            for line in words.splitlines(keepends=True):
                self._send_bytes(line)
                replies.append(self._reply(STEP_SECONDS))
                if refused(replies) is not None:
                    break
        except Lost as fault:
            yield from self._drop_connection(todo, replies, fault)
            return
        refusal = refused(replies)
        if refusal is None:
            yield self._finish(todo.pop(), b"")
        elif self._is_routine_close(replies):
            self._drop()
        else:
            yield rejected(todo.pop(), refusal)
            self._begin_anew(replies, b"")

    def _is_routine_close(self, replies: list[Reply]) -> bool:
        """
        Return whether the server ends a connection that has seen mails through, by idle time or their number, and not
        because of the next mail, of which it knows nothing.
        """
        return self._proven and (not replies or replies[0][0] == 421)

    def _drop_connection(self, todo: Todo, replies: list[Reply], fault: Lost) -> Iterator[Outcome]:
        """Let go of a connection that broke before a mail's text; the mail stays in `todo` if it isn't to blame."""
        blameless, refusal = self._is_routine_close(replies), refused(replies)
        self._drop()
        if not blameless:
            envelope = todo.pop()
            yield rejected(envelope, refusal) if refusal else lost_before(envelope, fault)

    def _begin_anew(self, replies: list[Reply], following: bytes) -> None:
        """Clear a refused mail away and introduce the next one, or drop the connection where that cannot be."""
        try:
            codes = [code for code, _words in replies]
            if 421 in codes:
                raise Lost("The server goes away.")
            if len(codes) == 3 and codes[2] // 100 == 3:
                # The server wants a message. An empty one ends the matter, if there is nobody who would get it.
                if codes[1] // 100 not in (4, 5):
                    raise Lost("Somebody would get an empty message.")
                self._send_bytes(b".\r\n")
                self._reply(STEP_SECONDS)
            self._send_bytes(b"RSET\r\n" + following)
            if self._reply(STEP_SECONDS)[0] // 100 != 2:
                raise Lost("The refused mail was not cleared away.")
        except Lost:
            self._drop()
        else:
            self._proven = True

    def _finish(self, envelope: Envelope, following: bytes) -> Outcome:
        """Send a mail that the server waits for, its dot and the introduction of the next one."""
        text = with_dot(envelope.data)
        try:
            self._send_bytes(text + following)
        except Lost as fault:
            self._drop()
            return lost_before(envelope, fault) if fault.sent < len(text) else lost_after(envelope, fault)
        # From here on, no reply means that nobody knows.
        try:
            reply = self._reply(AFTER_DOT_SECONDS)
        except Lost as fault:
            self._drop()
            return lost_after(envelope, fault)
        if reply[0] == 421 or reply[0] // 100 not in (2, 4, 5):
            self._drop()
        else:
            self._proven = True
        return finished(envelope, reply)

    def _introduction(self, envelope: Envelope) -> bytes | None:
        """Return MAIL, RCPT and DATA of a mail, or None when this server cannot be told its address."""
        assert self._smtp is not None
        if not envelope.smtputf8:
            plain = envelope.data.isascii() or not self._smtp.has_extn("8bitmime")
            body = b"" if plain else b" BODY=8BITMIME"
            return b"MAIL FROM:<%b>%b\r\nRCPT TO:<%b>\r\nDATA\r\n" % (
                envelope.sender.encode("ascii"),
                body,
                envelope.recipient.encode("ascii"),
            )
        if not (self._smtp.has_extn("smtputf8") and self._smtp.has_extn("8bitmime")):
            return None
        return b"MAIL FROM:<%b> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<%b>\r\nDATA\r\n" % (
            envelope.sender.encode(),
            envelope.recipient.encode(),
        )


def with_dot(data: bytes) -> bytes:
    """Return a mail with its final dot. Compiled mails have no line that begins with one; others get theirs doubled."""
    if b"\n." in data or data.startswith(b"."):
        data = re.sub(rb"(?m)^\.", b"..", data)
    return data + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")


def refused(replies: list[Reply]) -> Reply | None:
    """Return the first reply that stands in the way of a mail's text, or None: MAIL and RCPT want 2xx, DATA 3xx."""
    for reply, wanted in zip(replies, (2, 2, 3), strict=False):
        if reply[0] // 100 != wanted:
            return reply
    return None


def reply_text(words: bytes) -> str:
    """Return a server's words for the ledger."""
    return without_addresses(words.decode(errors="replace"))


def status(reply: Reply) -> str:
    """Return "550 5.1.1", or "550" where the server gives no enhanced code (RFC 3463)."""
    code, words = reply
    enhanced = DSN.match(words)
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)


def finished(envelope: Envelope, reply: Reply) -> Outcome:
    """Return the outcome that the reply to the final dot tells."""
    if 200 <= reply[0] < 300:
        return Outcome(envelope.delivery_id, State.ACCEPTED, status(reply))
    if not 400 <= reply[0] < 600:
        return Outcome(envelope.delivery_id, State.UNKNOWN, status(reply), reply_text(reply[1]))
    return rejected(envelope, reply)


def rejected(envelope: Envelope, reply: Reply) -> Outcome:
    """Return the outcome of a refusal: 4xx is tried again, 5xx is not."""
    state = State.FAILED if 500 <= reply[0] < 600 else State.DEFERRED
    said = status(reply)
    about_mailer = state == State.DEFERRED and said[4:] in RELAY_IN_TROUBLE
    return Outcome(envelope.delivery_id, state, said, reply_text(reply[1]), about_mailer=about_mailer)


def needs_smtputf8(envelope: Envelope) -> Outcome:
    """Return the outcome of an address that needs SMTPUTF8 where the server has none (RFC 6531)."""
    says = "The mail server takes only addresses in ASCII."
    return Outcome(envelope.delivery_id, State.FAILED, "553 5.6.7", says)


def lost_before(envelope: Envelope, fault: Lost) -> Outcome:
    """Return the outcome of a mail whose connection broke before its dot had left: certainly not sent."""
    return Outcome(envelope.delivery_id, State.DEFERRED, "", without_addresses(f"Not sent: {fault}"))


def postponed(todo: Todo, like: Outcome) -> Iterator[Outcome]:
    """Yield the outcomes of mails that were not tried, like that of one before them."""
    while todo:
        yield replace(like, delivery_id=todo.pop().delivery_id)


def lost_after(envelope: Envelope, fault: Lost) -> Outcome:
    """Return the outcome of a mail whose reply never came."""
    why = without_addresses(f"No reply after the message was handed over: {fault}")
    return Outcome(envelope.delivery_id, State.UNKNOWN, "", why)


def refused_by_relay(envelope: Envelope, fault: Exception) -> Outcome:
    """Return the outcome when the relay was away or refused us: not this mail's fault, so it is tried again."""
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        reply = fault.smtp_code, error if isinstance(error, bytes) else str(error).encode(errors="replace")
        return Outcome(envelope.delivery_id, State.DEFERRED, status(reply), reply_text(reply[1]), about_mailer=True)
    # What a UnicodeError says of a password shows a part of it.
    says = "the server's name and the login have to be in ASCII." if isinstance(fault, UnicodeError) else fault
    return Outcome(
        envelope.delivery_id, State.DEFERRED, "", reply_text(f"Not sent: {says}".encode()), about_mailer=True
    )
