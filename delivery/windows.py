"""
The window loop: claim a chunk of a send, hand it over in small windows, account for every row.

One transaction per window does three things: record what became of the last window, check that the next one
may still go, and mark it as being handed over. Then, outside any transaction, the transport sends it. So an
unsubscribe, a pause or a correction takes effect within one window, and a crash leaves at most one window per
connection in doubt. Two workers on one send take different rows; a worker whose lease ran out changes nothing.
"""

import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import batched

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_noop

from . import suppressing
from .compiling import Compiled, Envelope, Person, Unaddressable
from .leaving import UnsubscribeLinks
from .models import Delivery, Membership, Message, Recipient, Send, Suppression
from .models.sends import DeliveryQuerySet
from .transports import Outcome, Transport, transport_for

log = logging.getLogger(__name__)

CLAIM_SECONDS = 60  # renewed at every window; a dead worker's untouched rows go on after this
HANDING_OFF_SECONDS = 660  # longer than any wait for a server's reply
RUN_SECONDS = 15  # a task takes no longer than this and then makes room, so that workers can stop at once
RETRY_MINUTES = (1, 5, 15, 30, 60)  # then every hour
GIVE_UP_HOURS = 72

State = Delivery.State


def work(
    send_id: int,
    *,
    clock: Callable[[], datetime] = timezone.now,
    transport: Transport | None = None,
    seconds: float = RUN_SECONDS,
) -> int:
    """
    Hand over what is ready of a send, for at most `seconds` and the window in hand. Return how many rows it took.

    Safe to run any number of times, side by side, at any moment.
    """
    send = Send.objects.select_related("mailing__campaign", "audience").get(pk=send_id)
    way_out = transport or transport_for(send.mailing.campaign)
    worker = Worker(send, way_out, clock=clock, until=time.monotonic() + seconds)
    try:
        return worker.run()
    finally:
        way_out.close()


class Worker:
    """One run of the loop over one send, under one lease token."""

    def __init__(self, send: Send, transport: Transport, *, clock: Callable[[], datetime], until: float) -> None:
        self.send = send
        self.transport = transport
        self.clock = clock
        self.until = until
        self.token = uuid.uuid4().hex
        self.compiled: dict[str, Compiled] = {}
        self.links: dict[str, UnsubscribeLinks] = {}
        self.earlier = send.mailing.earlier_ids()
        self.messages = Message.objects.filter(mailing=send.mailing_id).select_related("mailing__campaign")

    def run(self) -> int:
        """Walk chunk after chunk until nothing is ready, the send stops, or time is up."""
        taken = 0
        while time.monotonic() < self.until:
            chunk = claim(self.send, token=self.token, at=self.clock(), size=settings.SEND_CHUNK)
            if not chunk:
                break
            taken += len(chunk)
            try:
                self._walk(chunk)
            finally:
                release(self.token)
        return taken

    def _walk(self, chunk: list[int]) -> None:
        outcomes: list[Outcome] = []
        for ids in batched(chunk, settings.SEND_WINDOW):
            at = self.clock()
            with transaction.atomic():
                record(outcomes, token=self.token, at=at)
                people = self._next_window(list(ids), at=at) if time.monotonic() < self.until else []
            outcomes = []
            try:
                # One by one, so that what is known is recorded even if the transport breaks in the middle.
                for outcome in self._hand_over(people):
                    outcomes.append(outcome)
            except BaseException:
                with transaction.atomic():
                    record(outcomes, token=self.token, at=self.clock())
                raise
        if outcomes:
            with transaction.atomic():
                record(outcomes, token=self.token, at=self.clock())

    def _next_window(self, ids: list[int], *, at: datetime) -> list["Ready"]:
        """Check that the window may still go, mark what may as being handed over, and return it."""
        send = Send.objects.select_related("mailing").get(pk=self.send.pk)
        if send.state != Send.State.SENDING:
            return []
        held = Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, lease_token=self.token)
        if send.mailing.superseded_by_id:
            held.update(state=State.SUPERSEDED, finished_at=at, lease_token="", lease_until=None)
            return []
        if send.deadline and at > send.deadline:
            held.update(state=State.EXPIRED, finished_at=at, lease_token="", lease_until=None)
            return []
        rows = ready_rows(held, send, self.earlier)
        stays_out = [row.delivery_id for row in rows if not row.deliverable]
        if stays_out:
            held.filter(pk__in=stays_out).update(
                state=State.SUPPRESSED, finished_at=at, lease_token="", lease_until=None
            )
        going = [row for row in rows if row.deliverable]
        held.filter(pk__in=[row.delivery_id for row in going]).update(
            state=State.HANDING_OFF,
            handed_off_at=at,
            attempts=F("attempts") + 1,
            lease_until=at + timedelta(seconds=HANDING_OFF_SECONDS),
        )
        Delivery.objects.filter(send=self.send.pk, state=State.CLAIMED, lease_token=self.token).update(
            lease_until=at + timedelta(seconds=CLAIM_SECONDS)
        )
        return going

    def _hand_over(self, rows: list["Ready"]) -> Iterator[Outcome]:
        """
        Compile and send. An address that cannot be written to fails for that person only; any other fault while
        preparing a mail puts it off, for it was certainly not sent.
        """
        envelopes: list[Envelope] = []
        for row in rows:
            try:
                envelopes.append(self._envelope(row))
            except Unaddressable as fault:
                yield Outcome(row.delivery_id, State.FAILED, "553 5.1.3", str(fault)[:200])
            except Exception:
                log.exception("Delivery %s could not be prepared and is put off.", row.delivery_id)
                yield Outcome(
                    row.delivery_id, State.DEFERRED, "", gettext_noop("It could not be prepared. The log says why.")
                )
        yield from self.transport.send(envelopes)

    def _envelope(self, row: "Ready") -> Envelope:
        if row.language not in self.compiled:
            message = self.messages.get(language=row.language)
            self.compiled[row.language] = Compiled(message, at=self.clock())
            self.links[row.language] = UnsubscribeLinks(self.send.mailing_id, row.language)
        return self.compiled[row.language].envelope(
            Person(
                delivery_id=row.delivery_id,
                email=row.email,
                name=row.name,
                unsubscribe_url=self.links[row.language].of(row.recipient_id),
                earlier_id=row.earlier_id,
            )
        )


class Ready:
    """A row that is about to be handed over, with what the mail needs of its recipient."""

    __slots__ = ("deliverable", "delivery_id", "earlier_id", "email", "language", "name", "recipient_id")

    def __init__(
        self,
        delivery_id: int,
        recipient_id: int,
        language: str,
        email: str,
        name: str,
        deliverable: bool,
        earlier_id: int | None,
    ) -> None:
        self.delivery_id = delivery_id
        self.recipient_id = recipient_id
        self.language = language
        self.email = email
        self.name = name
        self.deliverable = deliverable
        self.earlier_id = earlier_id


def claim(send: Send, *, token: str, at: datetime, size: int) -> list[int]:
    """
    Lease up to `size` rows of a send that is under way, and return their keys.

    PostgreSQL skips rows that another worker is claiming; on SQLite writers take turns.
    """
    with transaction.atomic():
        if not Send.objects.filter(pk=send.pk, state=Send.State.SENDING).exists():
            return []
        ready = Delivery.objects.filter(send=send.pk).claimable(at=at)
        ids = list(ready.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:size])
        if ids:
            Delivery.objects.filter(pk__in=ids, state__in=[State.QUEUED, State.DEFERRED]).update(
                state=State.CLAIMED, lease_token=token, lease_until=at + timedelta(seconds=CLAIM_SECONDS)
            )
        return ids


def release(token: str) -> int:
    """Give back the rows that this run claimed and did not hand over; return how many."""
    return Delivery.objects.filter(state=State.CLAIMED, lease_token=token).update(
        state=State.QUEUED, lease_token="", lease_until=None
    )


def ready_rows(held: DeliveryQuerySet, send: Send, earlier: list[int]) -> list[Ready]:
    """
    Return the held rows with their recipients, whether each may still be written to, and which delivery of an
    earlier mailing of the thread it answers; one query.
    """
    suppressed = Suppression.objects.filter(address_hash=OuterRef("recipient__address_hash"))
    member = Membership.objects.filter(audience=send.audience_id, recipient=OuterRef("recipient"), left_at=None)
    columns = ["pk", "recipient_id", "language", "recipient__email", "recipient__name", "deliverable"]
    rows = held.order_by("pk").annotate(
        deliverable=Q(recipient__state=Recipient.State.ACTIVE) & ~Exists(suppressed) & Exists(member)
    )
    if not earlier:
        return [Ready(*row, earlier_id=None) for row in rows.values_list(*columns)]
    reached = Delivery.objects.filter(mailing__in=earlier, recipient=OuterRef("recipient")).order_by("-mailing")
    rows = rows.annotate(earlier=Subquery(reached.values("pk")[:1]))
    return [Ready(*row) for row in rows.values_list(*columns, "earlier")]


def record(outcomes: list[Outcome], *, token: str, at: datetime) -> None:
    """
    Write what became of a window. Only rows that this token is handing over change: a worker that comes back
    after its lease writes nothing. An address that does not exist is suppressed (550 5.1.1, 5.1.10).
    """
    alike: dict[tuple[State, str, str], list[int]] = defaultdict(list)
    for outcome in outcomes:
        alike[outcome.state, outcome.code, outcome.detail].append(outcome.delivery_id)
    for (state, code, detail), ids in alike.items():
        mine = Delivery.objects.filter(pk__in=ids, state=State.HANDING_OFF, lease_token=token)
        if state == State.DEFERRED:
            defer(mine, code=code, detail=detail, at=at)
            continue
        if state == State.FAILED:
            suppressing.suppress_missing(mine, code=code, at=at)
        mine.update(
            state=state,
            code=code,
            detail=detail,
            lease_token="",
            lease_until=None,
            next_attempt_at=None,
            finished_at=at,
        )


def defer(rows: DeliveryQuerySet, *, code: str, detail: str, at: datetime) -> None:
    """Put rows off: 1, 5, 15, 30, 60 minutes and then hourly; failed after 72 hours from their slot."""
    rows.filter(send__slot_at__lte=at - timedelta(hours=GIVE_UP_HOURS)).update(
        state=State.FAILED, code=code, detail=detail, lease_token="", lease_until=None, finished_at=at
    )
    attempts = set(rows.values_list("attempts", flat=True))
    for attempt in attempts:
        wait = RETRY_MINUTES[min(max(attempt, 1), len(RETRY_MINUTES)) - 1]
        rows.filter(attempts=attempt).update(
            state=State.DEFERRED,
            code=code,
            detail=detail,
            lease_token="",
            lease_until=None,
            next_attempt_at=at + timedelta(minutes=wait),
        )
