"""
One message after the other into the rooms of newsrooms and partner organisations, each where its organisation said.

What one room's service says holds for that room only. A place that cannot be reached keeps no other waiting.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person
from delivery.models import Delivery, Message, Room
from delivery.transports import http_errors
from delivery.transports.resting_hosts import RestingHosts
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import OneAtATime, Outcome
from lib.http.kept_connections import KeptConnections, ReplyLost
from lib.http.safe_fetch import BadAddress, FetchFault, PrivateAddress

from . import markup, places, providers
from .providers import Call, Means

State = Delivery.State

LONGEST = 4000  # characters: what the narrowest of them takes
MOST_SECONDS = 10.0
REST_SECONDS = 30.0  # for a host that cannot be reached
NO_MORE = "5.1.1"  # an address that is none any more (RFC 3463): it is suppressed

NO_ROOM = gettext_noop("This room was removed.")
OVER = gettext_noop("The service says that this room or its webhook is gone.")
LEADS_INSIDE = gettext_noop("Not sent: the room's address is not on the internet.")
NOT_REACHED = gettext_noop("Not sent: the room's service could not be reached.")
LEADS_ON = gettext_noop("Not sent: the room's address leads on to another one, which is not followed.")
NO_REPLY = gettext_noop("The service's reply did not come, so nobody knows whether it was sent.")

_resting = RestingHosts()  # by host


@dataclass(frozen=True, slots=True)
class RoomEnvelope(Envelope):
    """A message on its way into a room."""

    service: str = ""
    host: str = ""
    call: Call | None = None


class RoomTransport(OneAtATime):
    """Speak to many services over connections that stay open for as long as a worker's run."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._connections = KeptConnections()

    def compiled(self, message: Message, *, at: datetime) -> str:
        """Return the text. Raise ValueError for one that is too long."""
        if len(message.text) > LONGEST:
            raise ValueError(f"The text is longer than {LONGEST} characters.")
        return message.text

    def prepare(self, compiled: str, person: Person) -> RoomEnvelope:
        """Return the text as the service of one room wants it. Raise Unaddressable for a room that was removed."""
        room = room_at(person.email)
        if room is None:
            raise Unaddressable(NO_ROOM)
        place = places.place_in(room)
        reference = f"bulletin-{person.delivery_id or secrets.token_hex(8)}"
        call = providers.call_of(room.service, place, compiled, reference)
        return RoomEnvelope(person.delivery_id, "", person.email, b"", service=room.service, host=place.host, call=call)

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each message over and yield its outcome."""
        for envelope in window:
            assert isinstance(envelope, RoomEnvelope)
            self.waiting()
            yield self._say(envelope)

    def close(self) -> None:
        """Let the connections go."""
        self._connections.close()

    def _say(self, envelope: RoomEnvelope) -> Outcome:
        pk, call = envelope.delivery_id, envelope.call
        assert call is not None
        rest, _status = _resting.left(envelope.host)
        if rest:
            return Outcome(pk, State.DEFERRED, "", NOT_REACHED, retry_after=rest)
        try:
            answer = self._connections.ask(call.method, call.url, call.body, call.headers, most_seconds=MOST_SECONDS)
        except ReplyLost:
            return Outcome(pk, State.UNKNOWN, "", NO_REPLY)
        except (PrivateAddress, BadAddress):  # by what its name says now
            return Outcome(pk, State.FAILED, "", LEADS_INSIDE)
        except FetchFault as fault:
            _resting.rest(envelope.host, REST_SECONDS)
            return Outcome(pk, State.DEFERRED, "", f"{NOT_REACHED[:-1]} ({fault.code}).")
        return outcome_of(pk, answer.status, providers.read(envelope.service, answer))


def outcome_of(pk: int, status: int, said: providers.Said) -> Outcome:
    """Return what became of a message, by what its service said."""
    code, words = str(status), in_ledger(said.words)
    match said.means:
        case Means.TAKEN:
            return Outcome(pk, State.ACCEPTED, code, provider_id=said.name)
        case Means.GONE:
            return Outcome(pk, State.FAILED, f"{code} {NO_MORE}", OVER)
        case Means.NOT_NOW:
            return Outcome(pk, State.DEFERRED, code, LEADS_ON if 300 <= status < 400 else words, retry_after=said.wait)
        case Means.REFUSED:
            return Outcome(pk, State.FAILED, code, words)
    return Outcome(pk, State.UNKNOWN, code, words or http_errors.NOT_UNDERSTOOD)


def in_ledger(words: str) -> str:
    """Return what a service said, without addresses in it: one of its own would open the room to whoever reads it."""
    return without_addresses(markup.WEB_ADDRESS.sub("…", words))


def room_at(address: str) -> Room | None:
    """Return the room that an address of this channel is, None where it was left; one query."""
    return Room.objects.filter(address=address, ended_at=None).first()


def forget() -> None:
    """Forget what this process knows of services."""
    _resting.forget()
