"""
Our SMTP client. Python's smtplib opens the connection; the dialogue for each mail is ours, because only who
knows the phase can tell "certainly not sent" from "nobody knows".

MAIL, RCPT and DATA travel together where the server offers PIPELINING (RFC 2920).
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from ..compiling import Envelope
from ..models import Delivery
from . import Outcome, without_addresses

STEP_SECONDS = 15
AFTER_DOT_SECONDS = 600  # RFC 5321 §4.5.3.2.6
DSN = re.compile(rb"\A([245]\.\d{1,3}\.\d{1,3})\b")
LINE_DOT = re.compile(rb"(?m)^\.")

Reply = tuple[int, bytes]


class SMTPTransport:
    """One connection to the relay that MAILERS[mailer] names, kept open across windows."""

    def __init__(self, mailer: str) -> None:
        self._options: dict[str, Any] = dict(settings.MAILERS[mailer]["OPTIONS"])
        self._smtp: smtplib.SMTP | None = None

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each envelope over and yield its outcome; a lost connection is opened again for the next one."""
        for envelope in window:
            yield self._send_one(envelope)

    def close(self) -> None:
        """Say goodbye and let the connection go."""
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._smtp.close()
            self._smtp = None

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is None:
            options = self._options
            connect = smtplib.SMTP_SSL if options["use_ssl"] else smtplib.SMTP
            smtp = connect(options["host"], options["port"], local_hostname=DNS_NAME.get_fqdn(), timeout=STEP_SECONDS)
            try:
                if options["use_tls"]:
                    smtp.starttls(context=ssl.create_default_context())
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

    def _send_one(self, envelope: Envelope) -> Outcome:
        try:
            smtp = self._connection()
            refusal = self._introduce(smtp, envelope)
            if refusal is None:
                smtp.send(LINE_DOT.sub(b"..", envelope.data))
        except smtplib.SMTPResponseException as fault:
            self._drop()
            return not_sent(envelope, (fault.smtp_code, as_bytes(fault.smtp_error)))
        except (OSError, smtplib.SMTPException) as fault:
            self._drop()
            return Outcome(envelope.delivery_id, Delivery.State.DEFERRED, "", without_addresses(f"Not sent: {fault}"))
        if refusal is not None:
            return rejected(envelope, refusal)
        return self._finish(smtp, envelope)

    def _introduce(self, smtp: smtplib.SMTP, envelope: Envelope) -> Reply | None:
        """Get as far as the server's "go ahead" (354); return the reply that stood in the way, or None."""
        lines = [b"MAIL FROM:<%s>" % envelope.sender.encode(), b"RCPT TO:<%s>" % envelope.recipient.encode(), b"DATA"]
        if smtp.has_extn("pipelining"):
            smtp.send(b"\r\n".join(lines) + b"\r\n")
            replies = [smtp.getreply() for _line in lines]
        else:
            replies = []
            for line in lines:
                smtp.send(line + b"\r\n")
                replies.append(smtp.getreply())
                if not (200 <= replies[-1][0] < 400):
                    break
        refusal = next((reply for reply in replies if not 200 <= reply[0] < 400), None)
        if refusal is None and replies[-1][0] != 354:
            refusal = replies[-1]
        if refusal is not None:
            if len(replies) == len(lines) and replies[-1][0] == 354:
                # The server wants a message although nobody is to get it: an empty one ends the matter.
                smtp.send(b".\r\n")
                smtp.getreply()
            if refusal[0] == 421:
                self._drop()
            else:
                smtp.rset()
        return refusal

    def _finish(self, smtp: smtplib.SMTP, envelope: Envelope) -> Outcome:
        """Send the final dot. From here on, no reply means that nobody knows."""
        try:
            assert smtp.sock is not None
            smtp.sock.settimeout(AFTER_DOT_SECONDS)
            smtp.send(b".\r\n" if envelope.data.endswith(b"\r\n") else b"\r\n.\r\n")
            reply = smtp.getreply()
            smtp.sock.settimeout(STEP_SECONDS)
        except (OSError, smtplib.SMTPException, AssertionError) as fault:
            self._drop()
            why = without_addresses(f"No reply after the message was handed over: {fault}")
            return Outcome(envelope.delivery_id, Delivery.State.UNKNOWN, "", why)
        code, words = reply
        if 200 <= code < 300:
            return Outcome(envelope.delivery_id, Delivery.State.ACCEPTED, status(reply))
        if not 400 <= code < 600:
            self._drop()
            return Outcome(envelope.delivery_id, Delivery.State.UNKNOWN, status(reply), spoken(words))
        if code == 421:
            self._drop()
        return rejected(envelope, reply)


def as_bytes(words: bytes | str) -> bytes:
    """Return a server's words as bytes."""
    return words if isinstance(words, bytes) else words.encode(errors="replace")


def spoken(words: bytes) -> str:
    """Return a server's words for the ledger."""
    return without_addresses(words.decode(errors="replace"))


def status(reply: Reply) -> str:
    """Return "550 5.1.1", or "550" where the server gives no enhanced code (RFC 3463)."""
    code, words = reply
    enhanced = DSN.match(words)
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)


def rejected(envelope: Envelope, reply: Reply) -> Outcome:
    """Return the outcome of a refusal: 4xx is tried again, 5xx is not."""
    state = Delivery.State.FAILED if 500 <= reply[0] < 600 else Delivery.State.DEFERRED
    return Outcome(envelope.delivery_id, state, status(reply), spoken(reply[1]))


def not_sent(envelope: Envelope, reply: Reply) -> Outcome:
    """Return the outcome when the relay did not let us in: not this mail's fault, so it is tried again."""
    return Outcome(envelope.delivery_id, Delivery.State.DEFERRED, status(reply), spoken(reply[1]))
