"""
How a window of envelopes leaves: envelopes in, one outcome per envelope out, as they come.

A transport never raises for a mail: whatever happens to it is an outcome. *Not sent* (anything before the final
dot, a refused connection) is DEFERRED; a reply of 4xx is DEFERRED, of 5xx FAILED; when nobody can know, UNKNOWN.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from campaigns.models import Campaign

from ..compiling import Envelope
from ..models import Delivery

ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
CLASSES = {
    "smtp": "delivery.transports.smtp.SMTPTransport",
    "mailer": "delivery.transports.mailer.MailerTransport",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one envelope. `state` is ACCEPTED, DEFERRED, FAILED or UNKNOWN; `code` the server's status
    ("250", "550 5.1.1", "" when there was none); `detail` its words, without addresses, 200 characters at most.
    """

    delivery_id: int
    state: Delivery.State
    code: str = ""
    detail: str = ""


class Transport(Protocol):
    """A way out for mail. Used by one worker at a time."""

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each envelope over and yield its outcome."""

    def close(self) -> None:
        """Let the connection go."""


def without_addresses(words: str) -> str:
    """Return what a server said without the addresses in it, 200 characters at most."""
    return ADDRESS.sub("…", " ".join(words.split()))[:200]


def transport_for(campaign: Campaign) -> Transport:
    """
    Return the transport of a campaign's mode.

    An exercise leaves through the mailer "exercise" and no other; settings refuse one that is not a catcher on
    this machine.
    """
    mailer = "exercise" if campaign.is_exercise else "default"
    transport: Transport = import_string(CLASSES[settings.TRANSPORT])(mailer)
    return transport
