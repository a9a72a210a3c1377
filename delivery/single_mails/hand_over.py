"""What became of one hand-over, and how a fault of a mail backend is read."""

import smtplib
import socket
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from anymail.exceptions import AnymailError, AnymailRecipientsRefused

from delivery.models import Delivery, SingleMail
from delivery.transports.mail import esp_faults
from delivery.transports.server_replies import ENHANCED

Fault = SingleMail.Fault

NOT_BEGUN = (
    ConnectionRefusedError,
    socket.gaierror,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
)


class End(Enum):
    """How a hand-over ended."""

    LEFT = "left"
    NOTHING_TO_SAY = "nothing to say"  # no mail is wanted any more; no trace stays
    NOT_NOW = "not now"  # nothing was tried: it waits, and no try counts against it
    AGAIN = "again"  # it certainly did not leave, and is tried again
    REFUSED = "refused"  # it certainly did not leave, and never will
    IN_DOUBT = "in doubt"  # nobody knows whether it left


@dataclass(frozen=True, slots=True)
class HandOver:
    """
    What became of one row's mail. `is_about_way`: the way it goes by is away, so its other mails wait. `again_at` says when it is
    tried again, where that is not the ladder's to say.
    """

    end: End
    fault: str = ""
    code: str = ""
    is_about_way: bool = False
    again_at: datetime | None = None

    @property
    def certainly_stayed(self) -> bool:
        """Whether the mail certainly did not leave."""
        return self.end in {End.NOT_NOW, End.AGAIN, End.REFUSED}


LEFT, NOTHING_TO_SAY = HandOver(End.LEFT), HandOver(End.NOTHING_TO_SAY)
BARRED = HandOver(End.REFUSED, Fault.BARRED)
UNWRITABLE = HandOver(End.AGAIN, Fault.UNWRITABLE)


def away(fault: Exception) -> HandOver:
    """Return what a fault comes to before anything was handed over: the way is away."""
    return HandOver(End.AGAIN, Fault.AWAY, status_of(getattr(fault, "smtp_code", ""), b""), is_about_way=True)


def outcome_of(fault: Exception) -> HandOver:
    """Return what a fault comes to that a mail backend raised while it was handed a mail."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return refusal_of(fault)
    if isinstance(fault, AnymailRecipientsRefused):
        return HandOver(End.REFUSED, Fault.REFUSED)
    if isinstance(fault, AnymailError):
        return of_provider(fault)
    if isinstance(fault, NOT_BEGUN):
        return away(fault)
    if isinstance(fault, smtplib.SMTPResponseException):
        # A permanent no to what one mail says is not one to its address, and keeps no other mail waiting.
        about_mail = isinstance(fault, smtplib.SMTPDataError) and fault.smtp_code >= 500
        return HandOver(
            End.AGAIN, Fault.DEFERRED, status_of(fault.smtp_code, fault.smtp_error), is_about_way=not about_mail
        )
    if isinstance(fault, ValueError):  # a header that cannot be written, before anything was said
        return UNWRITABLE
    return HandOver(End.IN_DOUBT, Fault.UNKNOWN, is_about_way=True)


def refusal_of(fault: smtplib.SMTPRecipientsRefused) -> HandOver:
    """Return what refused recipients come to: for good when all were refused so (5xx)."""
    replies = list(fault.recipients.values())
    code = status_of(*replies[0]) if replies else ""
    if replies and all(500 <= reply[0] < 600 for reply in replies):
        return HandOver(End.REFUSED, Fault.REFUSED, code)
    return HandOver(End.AGAIN, Fault.DEFERRED, code)


def of_provider(fault: AnymailError) -> HandOver:
    """Return what a fault of a provider's call comes to."""
    verdict = esp_faults.not_answered(fault)
    if verdict.state == Delivery.State.UNKNOWN:
        return HandOver(End.IN_DOUBT, Fault.UNKNOWN, verdict.code, is_about_way=True)
    return HandOver(End.AGAIN, Fault.DEFERRED, verdict.code, is_about_way=verdict.about_mailer)


def status_of(code: int | str, words: bytes | str) -> str:
    """Return a reply's code and enhanced status, "550 5.1.1"; nothing of its words, which may hold an address."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    enhanced = ENHANCED.match(text)
    return f"{code} {enhanced[0] if enhanced else ''}".strip()
