"""
How a window of envelopes leaves, by whatever channel: envelopes in, one outcome per envelope out, as they come.

A transport never raises for a message: whatever happens to it is an outcome. *Not sent* (anything before the final
dot, a refused connection, HTTP 429) is DEFERRED; what may be taken later is DEFERRED, what never will be FAILED; when nobody
can know, UNKNOWN.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from delivery.message.mime import Envelope, Person
from delivery.models import Delivery, Message

CLASSES = {
    "smtp": "delivery.transports.mail.smtp.SMTPTransport",
    "esp": "delivery.transports.mail.esp.ESPTransport",
    "mailer": "delivery.transports.mail.django_backend.MailerTransport",
    "push": "delivery.transports.push.transport.PushTransport",
    "sms": "delivery.transports.sms.transport.SMSTransport",
    "telegram": "delivery.transports.telegram.transport.TelegramTransport",
    "whatsapp": "delivery.transports.whatsapp.transport.WhatsAppTransport",
    "room": "delivery.transports.rooms.transport.RoomTransport",
}


State = Delivery.State


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one envelope. `state` is ACCEPTED, DEFERRED, FAILED or UNKNOWN; `code` the server's status
    ("250", "550 5.1.1", "" when there was none); `detail` its words, without addresses, 200 characters at most;
    `provider_id` a provider's own name for the message; `retry_after` the seconds that it asked us to wait.
    `about_mailer` says that the mailer as a whole refused or was away, not this one mail.
    """

    delivery_id: int
    state: Delivery.State
    code: str = ""
    detail: str = ""
    provider_id: str = ""
    retry_after: float | None = None
    about_mailer: bool = False


class Transport(Protocol):
    """A mailer. Used by one worker at a time."""

    # Called at least every 15 seconds while the transport waits for an answer.
    waiting: Callable[[], None]

    def open(self) -> bool:
        """Connect before the first mail, where there is a connection; return whether the mailer lets us in."""

    def batch(self, *, urgent: bool) -> int:
        """Return how many envelopes go in one call, and are in doubt together; 1 where each goes by itself."""

    def compiled(self, message: Message, *, at: datetime) -> Any:
        """Return what all that is sent of a message has in common, for `prepare`. Raise ValueError where it cannot be sent."""

    def prepare(self, compiled: Any, person: Person) -> Envelope:
        """Return what `send` needs of one message. Raise Unaddressable."""

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """
        Hand each envelope over and yield its outcome. An envelope that was taken from `window` counts as one that may have
        left, so that none is taken long before its turn.
        """

    def close(self) -> None:
        """Let the connection go."""


class OneAtATime:
    """What those share that take whole messages, one after the other."""

    def __init__(self) -> None:
        self.waiting: Callable[[], None] = lambda: None

    def open(self) -> bool:
        """Connect before the first message, where there is a connection; return whether the other side lets us in."""
        return True

    def batch(self, *, urgent: bool) -> int:
        """Return 1."""
        return 1

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each message over and yield its outcome. When the other side is away or wants a pause, the rest of the window waits."""
        away: Outcome | None = None
        for envelope in window:
            if away is not None:
                yield replace(away, delivery_id=envelope.delivery_id)
                continue
            self.waiting()
            outcome = self._send_one(envelope)
            away = outcome if outcome.about_mailer else None
            yield outcome

    def _send_one(self, envelope: Envelope) -> Outcome:
        """Hand one message over, where each goes by itself."""
        raise NotImplementedError  # whoever sends otherwise has a `send` of its own

    def close(self) -> None:
        """Let the connection go, where there is one."""


def not_sent(envelope: Envelope, code: str, detail: str, *, retry_after: float | None = None) -> Outcome:
    """Return the outcome where the other side was away or refused us: not this message's fault, so it is tried again."""
    return Outcome(envelope.delivery_id, State.DEFERRED, code, detail, retry_after=retry_after, about_mailer=True)


def transport_for(mailer: str) -> Transport:
    """Return what sends by a way, of the kind that TRANSPORTS names for it; one of mail goes through MAILERS[mailer]."""
    transport: Transport = import_string(CLASSES[settings.TRANSPORTS[mailer]])(mailer)
    return transport
