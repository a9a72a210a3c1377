"""
One notification after the other, each to the push service of its browser (RFC 8030).

What one service says holds for its own subscribers only: whoever runs one may answer anything. Only the large ones are
believed that our own key is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_noop

from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person
from delivery.models import Delivery, Message
from delivery.transports import http_errors
from delivery.transports.resting_hosts import RestingHosts
from delivery.transports.server_replies import without_addresses
from delivery.transports.transport import OneAtATime, Outcome
from lib.http import url_parts
from lib.http.kept_connections import Answer, KeptConnections, ReplyLost
from lib.http.safe_fetch import BadAddress, FetchFault, PrivateAddress

from . import notification, subscriptions, vapid
from .encryption import encrypted
from .subscriptions import BadSubscription, Subscription

State = Delivery.State

GONE = {404, 410}
NOT_NOW = {429, 503}
IN_DOUBT = {408, 500, 502, 504}
REFUSED_KEY = {401, 403}
OF_LARGE_ONES = (".googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com")

# An address that is none any more (RFC 3463): it is suppressed, and says nothing against the message.
NO_MORE = "5.1.1"
# For how long a service that cannot be reached, or wants a pause and does not say how long, is not asked again by this process.
REST_SECONDS = 30.0

OVER = gettext_noop("This device gets no notifications any more.")
ANOTHER_KEY = gettext_noop("This device allowed notifications from another key of this site.")
LEADS_INSIDE = gettext_noop("Not sent: this device's push service is not on the internet.")
NOT_REACHED = gettext_noop("Not sent: the device's push service could not be reached.")
NO_REPLY = gettext_noop("The push service's reply did not come, so nobody knows whether it was sent.")
TOO_LARGE = gettext_noop("The push service does not take a notification of this size.")

_resting = RestingHosts()  # push services, by scheme, host and port


@dataclass(frozen=True, slots=True)
class Ready:
    """What all notifications of a message have in common."""

    payload: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PushEnvelope(Envelope):
    """A notification on its way. `subscription` is None where the device took notifications of another key of ours."""

    subscription: Subscription | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class PushTransport(OneAtATime):
    """Speak to push services over connections that stay open for as long as a worker's run."""

    def __init__(self, mailer: str) -> None:
        super().__init__()
        self._identity = vapid.identity()
        self._connections = KeptConnections()

    def compiled(self, message: Message, *, at: datetime) -> Ready:
        """Return the notification that everybody gets."""
        return Ready(notification.payload_of(message), notification.headers_of(message))

    def prepare(self, compiled: Ready, person: Person) -> PushEnvelope:
        """Return the notification, encrypted for one device. Raise Unaddressable for what is no subscription."""
        try:
            to = subscriptions.read(person.email)
        except BadSubscription as fault:
            raise Unaddressable(gettext_noop("This is no address of a device.")) from fault
        host = url_parts.host_of(to.endpoint)
        if not self._identity.public.startswith(to.ours):
            return PushEnvelope(person.delivery_id, "", host, b"")
        data = encrypted(compiled.payload, key=to.key, secret=to.secret)
        return PushEnvelope(person.delivery_id, "", host, data, subscription=to, headers=compiled.headers)

    def send(self, window: Iterable[Envelope]) -> Iterator[Outcome]:
        """Hand each notification over and yield its outcome. A service that cannot be reached keeps no other waiting."""
        for envelope in window:
            assert isinstance(envelope, PushEnvelope)
            self.waiting()
            yield self._push(envelope)

    def close(self) -> None:
        """Let the connections go."""
        self._connections.close()

    def _push(self, envelope: PushEnvelope) -> Outcome:
        to = envelope.subscription
        if to is None:
            return Outcome(envelope.delivery_id, State.FAILED, NO_MORE, ANOTHER_KEY)
        if not subscriptions.may_be_opened(to.endpoint):
            return Outcome(envelope.delivery_id, State.FAILED, NO_MORE, LEADS_INSIDE)
        rest, status = _resting.left(to.origin)
        if rest:
            return Outcome(
                envelope.delivery_id, State.DEFERRED, status, NOT_REACHED if not status else "", retry_after=rest
            )
        headers = {
            **envelope.headers,
            "Authorization": self._identity.authorization(to.origin),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        try:
            answer = self._connections.post(to.endpoint, envelope.data, headers)
        except ReplyLost:
            return Outcome(envelope.delivery_id, State.UNKNOWN, "", NO_REPLY)
        except (PrivateAddress, BadAddress):  # by what its name says now
            return Outcome(envelope.delivery_id, State.FAILED, NO_MORE, LEADS_INSIDE)
        except FetchFault as fault:
            _resting.rest(to.origin, REST_SECONDS)
            says = f"{NOT_REACHED[:-1]} ({fault.code})."
            return Outcome(envelope.delivery_id, State.DEFERRED, "", says)
        return self._answered(envelope, answer, to.origin)

    def _answered(self, envelope: PushEnvelope, answer: Answer, origin: str) -> Outcome:
        """Return what an answer says of a notification."""
        pk, status = envelope.delivery_id, answer.status
        words = without_addresses(answer.content[:2000].decode(errors="replace"))
        if 200 <= status < 300:
            return Outcome(pk, State.ACCEPTED, str(status), provider_id=answer.headers.get("Location", "")[-200:])
        if status in GONE:
            return Outcome(pk, State.FAILED, f"{status} {NO_MORE}", OVER)
        if status in NOT_NOW:
            wait = seconds_to_wait(answer)
            _resting.rest(origin, wait, str(status))
            return Outcome(pk, State.DEFERRED, str(status), words, retry_after=wait)
        if status in REFUSED_KEY and f".{envelope.recipient}".endswith(OF_LARGE_ONES):
            return Outcome(pk, State.DEFERRED, str(status), words, about_mailer=True)
        if status in IN_DOUBT or status >= 500:
            return Outcome(pk, State.UNKNOWN, str(status), words or NO_REPLY)
        return Outcome(pk, State.FAILED, str(status), TOO_LARGE if status == 413 else words)


def seconds_to_wait(answer: Answer) -> float:
    """Return for how long a service wants a pause, at least a second."""
    asked = http_errors.seconds_to_wait(answer)
    return REST_SECONDS if asked is None else min(max(asked, 1.0), http_errors.LONGEST_WAIT_SECONDS)


def forget() -> None:
    """Forget what this process knows of push services."""
    _resting.forget()
