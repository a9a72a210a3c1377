"""
One text message after the other, to a provider's interface. What an answer means that is no JSON, or none at all, nobody knows:
whoever sends again then may say the same twice.
"""

import json
import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person, personal_values
from delivery.message.personal_fields import filled
from delivery.models import Delivery, Message
from delivery.transports import http_errors
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import OneAtATime, Outcome, not_sent
from lib.http.kept_connections import Answer, KeptConnections, ReplyLost
from lib.http.safe_fetch import FetchFault

from . import numbers, providers
from .parts import parts_of

MOST_SECONDS = 14.0  # for one message
MOST_PARTS = 10  # providers take no more

NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{5,20}[0-9]")
MOVED = {307, 308}  # it was not done here
MISSING = {401, 402, 403, 404, 405, 407, 410}  # our account or address, not this message

NO_NUMBER = gettext_noop("This address cannot be used: it is no telephone number.")
NOT_SENT = gettext_noop("It was not sent: the provider could not be reached.")
NO_REPLY = gettext_noop("The provider's reply did not come, so nobody knows whether it was sent.")
MOVED_AWAY = gettext_noop("It was not sent: the provider has moved to another address. Correct SMS_URL.")

State = Delivery.State


class TooManyParts(ValueError):
    """A text of more parts than providers take."""


class SMSTransport(OneAtATime):
    """Speak to a provider over a connection that stays open for as long as a worker's run."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._provider = providers.provider_of(mailer)
        self._connections = KeptConnections()

    def compiled(self, message: Message, *, at: datetime) -> str:
        """Return the text. Raise TooManyParts."""
        if parts_of(message.text) > MOST_PARTS:
            raise TooManyParts(f"The text has more than {MOST_PARTS} parts.")
        return message.text

    def prepare(self, compiled: str, person: Person) -> Envelope:
        """Return the text for one person. Raise Unaddressable for what is no number."""
        if not numbers.E164.match(person.email):
            raise Unaddressable(NO_NUMBER)
        text = filled(compiled, personal_values(person), in_html=False)
        return Envelope(person.delivery_id, "", person.email, text.encode())

    def close(self) -> None:
        """Let the connection go."""
        self._connections.close()

    def _send_one(self, envelope: Envelope) -> Outcome:
        call = self._provider.call(envelope.recipient, envelope.data.decode(), envelope.delivery_id)
        try:
            answer = self._connections.post(call.url, call.body, call.headers, most_seconds=MOST_SECONDS)
        except ReplyLost:
            return Outcome(envelope.delivery_id, State.UNKNOWN, "", NO_REPLY)
        except FetchFault as fault:
            return not_sent(envelope, "", f"{NOT_SENT[:-1]} ({fault.code}).")
        return self._answered(envelope, answer)

    def _answered(self, envelope: Envelope, answer: Answer) -> Outcome:
        """Return what an answer says about a message."""
        pk, status = envelope.delivery_id, answer.status
        read = json_of(answer.content)
        said = self._provider.said(read or {})
        words = without_numbers(said.words)
        if status == http_errors.TOO_FAST or said.means == providers.TOO_FAST:
            wait = http_errors.seconds_to_wait(answer)
            return not_sent(envelope, str(http_errors.TOO_FAST), words, retry_after=wait)
        if status in MOVED:
            return not_sent(envelope, str(status), MOVED_AWAY)
        if status in MISSING or (400 <= status < 500 and said.means == providers.SENDER):
            return not_sent(envelope, str(status), f"{said.code} {words}".strip()[:200])
        if said.code and (status in http_errors.CONTENT or 200 <= status < 300):
            code = f"{said.code} {said.means}".strip()
            return Outcome(pk, State.FAILED, code, words, provider_id=said.name)
        if 200 <= status < 300 and said.name:
            return Outcome(pk, State.ACCEPTED, str(status), provider_id=said.name)
        return Outcome(pk, State.UNKNOWN, str(status), words or http_errors.NOT_UNDERSTOOD)


def json_of(content: bytes) -> dict[str, Any] | None:
    """Return an answer's object, None for anything else: a page of HTML, a list, half an answer."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def without_numbers(words: str) -> str:
    """Return what a provider said, without telephone numbers and addresses in it: the ledger keeps none."""
    return NUMBER.sub("…", without_addresses(words))
