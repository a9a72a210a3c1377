"""Any backend that MAILERS names, one mail at a time. Slower and less exact than our own SMTP client."""

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any, cast

from django.core import mail

from delivery.message.headers import undecodable
from delivery.message.mime import Envelope
from delivery.models import Delivery
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import Outcome, not_sent

from .transport import OneMailAtATime

State = Delivery.State

CARRIED_BY_DJANGO = {"to", "subject", "reply-to", "mime-version", "content-type", "content-transfer-encoding"}


class MailerTransport(OneMailAtATime):
    """Send through mail.mailers[mailer]. What Django's exceptions don't tell is UNKNOWN, never sent again unseen."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._connection: Any = mail.mailers[mailer]

    def open(self) -> bool:
        """Open the connection before the first mail; return whether the mailer lets us in."""
        try:
            self._connection.open()
        except (OSError, smtplib.SMTPException):
            self._connection.close()
            return False
        return True

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def _send_one(self, envelope: Envelope) -> Outcome:
        message = as_django_message(envelope)
        try:
            self._connection.open()
        except smtplib.SMTPResponseException as fault:
            self._connection.close()
            return not_sent(envelope, str(fault.smtp_code), reply_text(fault.smtp_error))
        except (OSError, smtplib.SMTPException) as fault:
            self._connection.close()
            return not_sent(envelope, "", without_addresses(f"Not sent: {fault}"))
        try:
            sent = self._connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as refusal:
            code, words = next(iter(refusal.recipients.values()))
            return refused(envelope, code, words)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refusal:
            return refused(envelope, refusal.smtp_code, refusal.smtp_error)
        except Exception as fault:  # a backend may raise anything; nobody knows how far it got
            self._connection.close()
            return Outcome(envelope.delivery_id, State.UNKNOWN, "", without_addresses(str(fault)))
        return Outcome(envelope.delivery_id, State.ACCEPTED if sent else State.UNKNOWN)


def refused(envelope: Envelope, code: int, words: bytes | str) -> Outcome:
    """Return the outcome of a refusal: 4xx is tried again, 5xx is not."""
    state = State.FAILED if 500 <= code < 600 else State.DEFERRED
    return Outcome(envelope.delivery_id, state, str(code), reply_text(words))


def reply_text(words: bytes | str) -> str:
    """Return a server's words for the ledger."""
    return without_addresses(words.decode(errors="replace") if isinstance(words, bytes) else words)


def as_django_message(envelope: Envelope) -> mail.EmailMultiAlternatives:
    """Return the compiled bytes as Django's message, with every header; its sender is the return path."""
    parsed = cast(Parsed, message_from_bytes(envelope.data, policy=policy.default))
    text = parsed.get_body(("plain",))
    html = parsed.get_body(("html",))
    message = mail.EmailMultiAlternatives(
        subject=undecodable(str(parsed["Subject"])),
        body=text.get_content() if text else "",
        from_email=envelope.sender,
        to=[undecodable(str(parsed["To"]))],
        reply_to=[undecodable(str(parsed["Reply-To"]))],
        headers={
            name: undecodable(str(value)) for name, value in parsed.items() if name.lower() not in CARRIED_BY_DJANGO
        },
    )
    if html is not None:
        message.attach_alternative(html.get_content(), "text/html")
    return message
