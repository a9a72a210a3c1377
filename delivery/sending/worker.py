"""
The window loop: claim a chunk of a send, hand it over in small windows, account for every row.

One transaction per window does three things: record what is known since the last one, check that the next mails
may still go, and mark them as being handed over (delivery.sending.handoff). Outside any transaction the transport asks for
one after the other, and never waits between two windows: what it still has in the air is recorded with a later one.
A window is as many mails as leave in half a second, so an unsubscribe, a pause or a correction takes effect within a second.
What a killed process was handing over is known from its journal, but for two mails; without one the window is in doubt.
Two workers on one send take different rows; a worker whose lease was swept changes nothing.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_noop

from campaigns.models import ReadingLevel
from delivery import heartbeat
from delivery.heartbeat import Heartbeat
from delivery.holds import circuit_breaker, holds
from delivery.links.portal_marks import PortalMarks
from delivery.links.preference_links import PreferenceLinks
from delivery.links.seen_links import SeenLinks, ShortSeenLinks
from delivery.links.unsubscribe import UnsubscribeLinks
from delivery.message.addresses import Unaddressable
from delivery.message.mime import Envelope, Person
from delivery.message.personal_fields import uses
from delivery.message.web_version import ReadLinks
from delivery.models import Channel, Delivery, Lease, Mailing, Message, Send
from delivery.models.limits import Mailer
from delivery.models.recipients import address_form
from delivery.models.sends import DeliveryQuerySet
from delivery.throttle import connection_shares
from delivery.throttle.mail_rate import Flow
from delivery.transports import exercise_mail, failover
from delivery.transports.pool import Pool, pool_for
from delivery.transports.transport import Outcome, Transport
from lib import clock as shared_clock

from . import disk_space, handoff, journal, person_pauses, quiet_hours
from .journal import Journal
from .outcomes import forgive, postpone, record, requeue

log = logging.getLogger(__name__)

ENOUGH = 5  # answers of a mailer to judge it by
FIRST_WINDOW = ENOUGH + 1  # one is in the air when the next window is taken; those are as large as fits the time
WINDOW_SECONDS = 0.5
CHUNK_WINDOWS, LARGEST_CHUNK = 20, 5000  # what is claimed at a time; a claim costs as much as thousands of its rows
SHARES = 16  # no more than such a part of what is left, above a chunk of SEND_CHUNK rows
LONGEST_WINDOW_SECONDS = 1  # what has not begun to leave by then waits for the next look at the database
RENEW_SECONDS = 15
ALONE = 2  # a row that so many workers died of is taken alone
RUN_SECONDS = 10  # a task takes no longer than this and then makes room, for other sends and for a stop
PATIENCE_SECONDS = 2  # for room to send in; a longer wait is not a worker's
ASK_AGAIN_SECONDS = 1  # for a connection, when others have all that the mailer takes
BEHIND_SECONDS = 5  # a correction looks again so often whether the original has left
RECOVERY_SECONDS = 50  # for a database that went away

CANNOT_BE_SENT = gettext_noop(
    "It cannot be turned into emails. The log says why. Cancel it, and publish it again when that is fixed."
)

State = Delivery.State
type Edition = tuple[str, bool]  # a language, and whether in easy language
# What makes the links of a mail; None for those that stand in no mail of its edition.
type PersonalLinks = tuple[
    UnsubscribeLinks, ReadLinks, PreferenceLinks | None, PortalMarks | None, SeenLinks | ShortSeenLinks | None
]
Away = (OperationalError, InterfaceError)


class NoMail(Exception):
    """A message cannot be made into mails. Every worker would stumble over it, again and again."""


@dataclass
class Run:
    """How many rows a run took, and whether it stopped with more at hand."""

    taken: int = 0
    more: bool = False


def work(
    send_id: int,
    *,
    clock: Callable[[], datetime] = shared_clock.now,
    transport: Transport | None = None,
    seconds: float = RUN_SECONDS,
) -> Run:
    """
    Hand over what is ready of a send, for at most `seconds` and the window in hand.

    Safe to run any number of times, side by side, at any moment.
    """
    send = Send.objects.select_related("mailing__campaign", "audience").get(pk=send_id)
    mailer = failover.mailer_in_use(send, at=clock())
    pool = Pool(mailer, transport) if transport else pool_for(mailer)
    worker = Worker(send, mailer, pool, clock=clock, until=time.monotonic() + seconds)
    try:
        return worker.run()
    finally:
        pool.close()


class Worker:
    """One run of the loop over one send, under one lease."""

    def __init__(
        self, send: Send, mailer: str, transport: Pool, *, clock: Callable[[], datetime], until: float
    ) -> None:
        self.send = send
        self.mailer = mailer
        self.transport = transport
        self.flow = Flow(send, mailer, clock=clock)
        self.clock = clock
        self.until = until
        self.lease = 0
        self.renewed = 0.0
        self.compiled: dict[Edition, Any] = {}
        self.links: dict[Edition, PersonalLinks] = {}
        same = Message.objects.filter(mailing=send.mailing_id, channel=send.channel)
        self.messages = same.select_related("mailing__campaign")
        self.is_urgent = send.mailing.queue == Mailing.Queue.URGENT
        self.batch = transport.batch(urgent=self.is_urgent)
        self.window = self.batch if self.batch > 1 else FIRST_WINDOW
        self.progress = Run()
        self.chunk: list[int] = []  # the keys of what was claimed last
        self.todo: deque[Ready] = deque()  # what of it was not looked at yet
        self.in_flight: dict[int, str] = {}  # {delivery key: address} of what may have left and is not recorded
        self.outcomes: list[Outcome] = []  # not recorded
        self.fault: Exception | None = None
        self.room = True  # in the mailer's limits
        self.stopped = False  # by the send's state, or for want of room
        # What the mailer's answers teach: how many came since the last look, which were not heeded yet, and whose domains.
        self.looked, self.answered, self.takes = 0.0, 0, False
        self.unheeded: list[Outcome] = []
        self.domains: dict[int, str] = {}

    def run(self) -> Run:
        """Hand over chunk after chunk until nothing is ready, the send stops, or time is up."""
        if not self._take_lease():
            self.progress.more = True
            return self.progress
        try:
            while not self.stopped:
                if time.monotonic() >= self.until:
                    self.progress.more = True
                    break
                self._fit()
                if not (self.todo or self._claim()):
                    break
                self._hand_over()
            self._record()
        except Away as fault:
            self._recover(fault)
        except BaseException:
            self._record()  # what is known survives a fault in the middle
            raise
        finally:
            self._release()
        return self.progress

    # --- The lease ------------------------------------------------------------------------------------

    def _take_lease(self) -> bool:
        """Begin the lease; return whether the mailer has a connection free for it before the time of this run is up."""
        self.share = Lease(
            send=self.send,
            mailer=self.mailer,
            worker=heartbeat.name_of_this_process(),
            window=max(self.batch, journal.MOST),
            # Mails that go in one call are in doubt together, so that there would be nothing to note of one.
            journal=journal.name_of_new() if self.batch == 1 else "",
        )
        while True:
            self.share.since = at = self.clock()
            self.share.until = heartbeat.end_of(at)
            if connection_shares.take(self.share, at=at):
                break
            if time.monotonic() + ASK_AGAIN_SECONDS > self.until:
                return False
            time.sleep(ASK_AGAIN_SECONDS)
        self.lease = self.share.pk
        self.journal = Journal(self.share)
        self.renewed = time.monotonic()
        self.heartbeat = Heartbeat(self.lease, clock=self.clock)
        self.heartbeat.start()
        self.transport.waiting = self._renew
        return True

    def _fit(self) -> None:
        """Fit the connections to how long the mailer takes for a mail, within its limit. None may be in use."""
        self.wanted = self.transport.wanted()
        self.fitted = time.monotonic()
        if self.wanted != self.share.connections:
            width = self.transport.resize(connection_shares.change(self.share, self.wanted, at=self.clock()))
            connection_shares.change(self.share, width, at=self.clock())

    def _fits(self) -> bool:
        """Return whether about as many connections as would help are open, or there were no more to have a moment ago."""
        if abs(self.transport.wanted() - self.wanted) * 3 > self.wanted:
            return False
        return self.share.connections >= self.wanted or time.monotonic() < self.fitted + PATIENCE_SECONDS

    def _renew(self) -> None:
        """Show that this run moves on, and look now and then whether it has been taken for dead."""
        self.heartbeat.note_movement()
        if time.monotonic() - self.renewed < RENEW_SECONDS:
            return
        try:
            self.stopped = self.stopped or not heartbeat.extend(self.lease, at=self.clock())
            self.renewed = time.monotonic()
        except Away:
            connection.close()

    def _release(self) -> None:
        """Give back the rows that were claimed and not handed over, and the lease if nothing is in the air."""
        self.heartbeat.stop()
        self.journal.close()
        try:
            requeue(self.chunk, lease=self.lease, at=self.clock(), but=self.in_flight)
            if Lease.objects.filter(pk=self.lease, released_at__isnull=False).exists():
                forgive(self.chunk)
            if not self.in_flight:
                Lease.objects.filter(pk=self.lease).delete()
        except Away:
            log.exception("Lease %s of send %s was not given back; the sweeper will.", self.lease, self.send.pk)
            connection.close()

    # --- The walk -------------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        """
        Hand over as long as rows, time, room and the send's state allow, and the connections fit. Outcomes are kept one by
        one, as they come.
        """
        self.looked, self.room = time.monotonic(), True
        for outcome in self.transport.send(self._leaving()):
            self.outcomes.append(outcome)
            self.journal.end(outcome)
            self._note(outcome)
        fault, self.fault = self.fault, None
        if isinstance(fault, NoMail):
            log.error("Send %s cannot be made into mails and is held.", self.send.pk, exc_info=fault)
            self._record()
            holds.hold(self.send, CANNOT_BE_SENT, at=self.clock())
            self.stopped = True
        elif fault is not None:
            raise fault
        self._learn(ended=True)
        if not self.room:
            self._wait_for_capacity()

    def _note(self, outcome: Outcome) -> None:
        """Keep what is learnt from an outcome."""
        self.answered += 1
        self.takes = not outcome.about_mailer
        self.unheeded.append(outcome)
        if outcome.state != State.ACCEPTED and self.send.channel == Channel.MAIL:
            self.domains[outcome.delivery_id] = self.in_flight[outcome.delivery_id].rpartition("@")[2]

    def _leaving(self) -> Iterator[Envelope]:
        """
        Yield each envelope when the transport asks for it, for it may leave from then on: window after window, so that no
        connection waits for the slowest of another. What has not begun to leave in time goes back, once the mailer has taken
        some.

        A fault is kept until what is in the air has its outcome.
        """
        try:
            while window := self._window():
                until = time.monotonic() + LONGEST_WINDOW_SECONDS
                for envelope in window:
                    if time.monotonic() >= until and self.takes:
                        keys = [one.delivery_id for one in window]
                        requeue(keys, lease=self.lease, at=self.clock(), but=self.in_flight)
                        break
                    self.in_flight[envelope.delivery_id] = envelope.recipient
                    self.journal.begin(envelope.delivery_id)
                    yield envelope
                if self.batch > 1:
                    return
        except Exception as fault:
            self.fault = fault

    def _window(self) -> list[Envelope]:
        """Return what may leave next, marked as being handed over; nothing where that must wait, or something is to be seen to."""
        is_troubled = bool(self.unheeded) and not self.takes
        self._learn()
        while not (is_troubled or self.stopped) and time.monotonic() < self.until:
            self._renew()
            if disk_space.is_full():
                log.error("The disk is full: send %s waits until there is room.", self.send.pk)
                self.stopped = True
                break
            if not (self.todo or (self._fits() and self._claim())):
                break
            if self._is_in_the_air() and any(row.crashes for row in islice(self.todo, self.window)):
                break  # a worker died of it, and if this one does, nothing shall be in doubt
            number = self.flow.capacity(min(self.window, len(self.todo)))
            self.room = bool(number)
            if not number:
                break
            if envelopes := self._take([self.todo.popleft() for _row in range(number)]):
                self.looked = time.monotonic()  # what the database takes says nothing about the mailer
                return envelopes
        return []

    def _is_in_the_air(self) -> bool:
        """Return whether a mail may be leaving just now."""
        return bool(self.in_flight.keys() - {outcome.delivery_id for outcome in self.outcomes})

    def _claim(self) -> bool:
        """Claim what leaves next; return whether there was anything."""
        self._record()
        most = max(settings.SEND_CHUNK, min(CHUNK_WINDOWS * self.window, LARGEST_CHUNK))
        size = self.transport.chunk(most, self.window)
        chunk = claim(
            self.send, lease=self.lease, at=self.clock(), size=size, mailer=self.mailer, in_hand=self.in_flight
        )
        self.chunk = [row.delivery_id for row in chunk]
        self.todo = deque(chunk)
        self.progress.taken += len(chunk)
        return bool(chunk)

    def _wait_for_capacity(self) -> None:
        """Wait a little, or put the chunk off until there is room and end this run."""
        self._record()
        wait = self.flow.wait()
        if wait <= PATIENCE_SECONDS and time.monotonic() + wait < self.until:
            time.sleep(wait)
            return
        postpone({row.delivery_id: wait for row in self.todo}, lease=self.lease, at=self.clock())
        self.stopped = True

    def _take(self, rows: list["Ready"]) -> list[Envelope]:
        """
        Prepare a window, record what became of the last, and mark as being handed over what may go; return that. Rows whose
        domain must wait, or whose person wants quiet or has just got another, are put off.
        """
        by_mail = self.send.channel == Channel.MAIL
        waits = self.flow.delayed({row.delivery_id: row.email for row in rows}) if by_mail else self._not_yet(rows)
        if waits:
            postpone(waits, lease=self.lease, at=self.clock())
        prepared = {row.delivery_id: self._prepare(row) for row in rows if row.delivery_id not in waits}
        going = handoff.take(self.send, list(prepared), self.outcomes, lease=self.lease, at=self.clock())
        self._recorded()
        stays = prepared.keys() - going
        if stays:
            self.stopped = not handoff.close_ineligible(self.send, list(stays), lease=self.lease, at=self.clock())
            self.journal.forget(stays)
        self.outcomes = [one for pk, one in prepared.items() if pk in going and isinstance(one, Outcome)]
        self.unheeded += self.outcomes
        return [one for pk, one in prepared.items() if pk in going and isinstance(one, Envelope)]

    def _not_yet(self, rows: list["Ready"]) -> dict[int, float]:
        """
        Return {delivery key: seconds to wait} of those who want quiet just now, which is not asked for what is urgent, or who got
        another message too short a time ago; three queries at most.
        """
        at, people = self.clock(), {row.recipient_id for row in rows}
        pause = self.flow.limit.seconds_per_person if self.flow.limit else None
        waits = person_pauses.waits(self.send, people, seconds=pause, at=at) if pause else {}
        if not self.is_urgent:
            waits |= quiet_hours.waits(people, zone=self.send.mailing.campaign.zone, at=at)
        self.flow.spare += sum(row.recipient_id in waits for row in rows) if self.flow.limit else 0
        return {row.delivery_id: waits[row.recipient_id] for row in rows if row.recipient_id in waits}

    def _record(self) -> None:
        if self.outcomes:
            with transaction.atomic():
                record(self.outcomes, lease=self.lease, at=self.clock(), once_more=self.is_urgent)
            self._recorded()

    def _recorded(self) -> None:
        done = [outcome.delivery_id for outcome in self.outcomes]
        self.journal.forget(done)
        for pk in done:
            self.in_flight.pop(pk, None)
        self.outcomes = []

    def _learn(self, *, ended: bool = False) -> None:
        """Fit the windows to how fast the mailer answers, and heed what it has said, once it has said enough."""
        is_enough = ended or len(self.unheeded) >= ENOUGH
        if self.batch == 1 and self.answered:
            now = time.monotonic()
            fits = mails_within(WINDOW_SECONDS, self.answered, now - self.looked)
            self.window = fits if is_enough else min(fits, self.window)
            self.answered = 0
        if not is_enough:
            return
        said, self.unheeded = self.unheeded, []
        domains, self.domains = self.domains, {}
        self.flow.note(said, domains)
        if any(outcome.state != State.ACCEPTED for outcome in said):
            circuit_breaker.count_refusals(self.send, said, at=self.clock())

    # --- One mail -------------------------------------------------------------------------------------

    def _compile(self, edition: "Edition") -> None:
        """Make ready what all mails of a language and level share. Raise ValueError or Message.DoesNotExist."""
        language, is_easy = edition
        level = ReadingLevel.EASY if is_easy else ReadingLevel.STANDARD
        message = self.messages.get(language=language, reading_level=level)
        if self.send.channel != Channel.MAIL and self.mailer == Mailer.EXERCISE:
            message = exercise_mail.with_button(message)
        self.compiled[edition] = self.transport.compiled(message, at=self.clock())
        self.links[edition] = (
            UnsubscribeLinks(self.send.mailing_id, language),
            ReadLinks(message.pk, language),
            PreferenceLinks(message.mailing.campaign_id, language) if uses(message, "preferences_url") else None,
            PortalMarks() if uses(message, "portal_mark") else None,
            self._seen_links(language) if uses(message, "seen_url") else None,
        )

    def _seen_links(self, language: str) -> SeenLinks | ShortSeenLinks:
        """Return the links by which its readers say that they have seen it; short where each sign costs."""
        key = self.send.mailing_id
        return ShortSeenLinks(key) if self.send.channel == Channel.SMS else SeenLinks(key, language)

    def _person(self, row: "Ready") -> Person:
        if row.edition not in self.links:
            try:
                self._compile(row.edition)
            except (ValueError, Message.DoesNotExist) as fault:
                raise NoMail from fault
        leave, read, prefer, portal, seen = self.links[row.edition]
        bound = address_form(self.send.channel, row.email)
        email, name = row.email, row.name
        if self.send.channel != Channel.MAIL and self.mailer == Mailer.EXERCISE:
            name = name or exercise_mail.shown(self.send.channel, row.email)
            email = exercise_mail.address_of(self.send.channel, row.recipient_id)
        return Person(
            delivery_id=row.delivery_id,
            recipient_id=row.recipient_id,
            email=email,
            name=name,
            unsubscribe_url=leave.of(row.recipient_id, bound),
            read_url=read.of(row.recipient_id),
            earlier_id=row.earlier_id,
            preferences_url=prefer.of(row.recipient_id, bound) if prefer else "",
            portal_mark=portal.of(row.recipient_id, bound) if portal else "",
            seen_url=seen.of(row.recipient_id, bound) if seen else "",
        )

    def _prepare(self, row: "Ready") -> Envelope | Outcome:
        """
        Return what the transport sends. An address that cannot be written to fails for that person only; any other
        fault while preparing a mail puts it off, for it was certainly not sent.
        """
        self.journal.prepare(row.delivery_id)
        person = self._person(row)
        try:
            return self.transport.prepare(self.compiled[row.edition], person)
        except Unaddressable as fault:
            return Outcome(row.delivery_id, State.FAILED, "553 5.1.3", str(fault)[:200])
        except Exception:
            log.exception("Delivery %s could not be prepared and is put off.", row.delivery_id)
            says = gettext_noop("It could not be prepared. The log says why.")
            return Outcome(row.delivery_id, State.DEFERRED, "", says)

    # --- When the database goes away --------------------------------------------------------------------

    def _recover(self, fault: Exception) -> None:
        """
        Write down what is known as soon as the database is back, while the lease lasts. Rows that were marked and
        never given to the transport go back; what cannot be recorded becomes unknown when the lease is swept.
        """
        log.warning("Send %s: the database went away (%s). Waiting for it.", self.send.pk, fault)
        self.transport.close()  # nobody there knows of our connections any more, and others may open as many
        gives_up_at = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < gives_up_at:
            connection.close()
            try:
                with transaction.atomic():
                    if not Lease.objects.select_for_update().filter(pk=self.lease).exists():
                        return
                    record(self.outcomes, lease=self.lease, at=self.clock(), once_more=self.is_urgent)
                    requeue(self.chunk, lease=self.lease, at=self.clock(), but=self.in_flight)
            except Away:
                time.sleep(0.5)
            else:
                self._recorded()
                return


def mails_within(seconds: float, number: int, took: float) -> int:
    """Return how many mails leave in some seconds, when `number` took `took`: one to journal.MOST."""
    return min(journal.MOST, max(1, int(number * seconds / max(took, 1e-6))))


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed row with what the mail needs of its recipient."""

    delivery_id: int
    recipient_id: int
    language: str
    email: str
    name: str
    crashes: int = 0
    is_easy: bool = False
    earlier_id: int | None = None

    @property
    def edition(self) -> Edition:
        """What it shares with others of the send."""
        return self.language, self.is_easy


def claim(
    send: Send, *, lease: int, at: datetime, size: int, mailer: str, in_hand: Collection[int] = ()
) -> list["Ready"]:
    """
    Take up to `size` rows of a send that is under way and may leave by `mailer` for `lease`, and return them: those
    whose time has come again first, then the next ones that nobody has claimed yet. Towards the end it is fewer, so that all
    workers come to it together.

    The send is locked meanwhile, so that no two workers take the same rows.
    """
    with transaction.atomic():
        now = Send.objects.select_for_update(no_key=True).filter(pk=send.pk, state=Send.State.SENDING).first()
        # The sweeper waits for this lock, and sees what is claimed here.
        alive = Lease.objects.select_for_update().filter(pk=lease, released_at=None).exists()
        if now is None or not alive or now.last_delivery is None:
            return []
        rows = failover.sendable_by(mailer, Delivery.objects.of(now))
        last = now.last_delivery if now.canary_up_to is None else min(now.last_delivery, now.canary_up_to)
        size = min(size, max(settings.SEND_CHUNK, (last - now.claimed_up_to) // SHARES))
        again = rows.filter(pk__lte=last, next_attempt_at__lte=at, state__in=[State.QUEUED, State.DEFERRED])
        # Half and half, so that rows that come back again and again do not keep the others waiting.
        share = size if now.claimed_up_to >= last else max(1, size // 2)
        claimed = lease_rows(earliest(again.filter(crashes__lt=ALONE), share), send, lease=lease, at=at)
        upto, found = now.claimed_up_to, False
        while upto < last and not found:
            first, upto = upto + 1, min(upto + max(1, size - len(claimed)), last)
            fresh = lease_rows(rows.filter(pk__range=(first, upto), next_attempt_at=None), send, lease=lease, at=at)
            claimed, found = claimed + fresh, bool(fresh)
        if upto != now.claimed_up_to:
            Send.objects.filter(pk=send.pk).update(claimed_up_to=upto)
        # One that two workers died of is taken last and alone, so that only it can do harm.
        claimed = claimed or lease_rows(earliest(again.filter(crashes__gte=ALONE), 1), send, lease=lease, at=at)
        if claimed:
            keys = [*in_hand, *(row.delivery_id for row in claimed)]
            Lease.objects.filter(pk=lease).update(first_row=min(keys), last_row=max(keys))
        return claimed


def earliest(rows: DeliveryQuerySet, size: int) -> DeliveryQuerySet:
    """Return the rows whose time came first, `size` at most."""
    ids = list(rows.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:size])
    return Delivery.objects.filter(pk__in=ids)


def lease_rows(rows: DeliveryQuerySet, send: Send, *, lease: int, at: datetime) -> list["Ready"]:
    """Give those rows that are queued or deferred to a lease, and return them with what their mails need."""
    ready = rows.filter(state__in=[State.QUEUED, State.DEFERRED])
    earlier = send.mailing.earlier_ids()
    if earlier:
        ready = exclude_in_flight(ready, earlier, at=at)
    if not ready.update(state=State.CLAIMED, lease=lease, next_attempt_at=None):
        return []
    address = "recipient__email" if send.channel == Channel.MAIL else "recipient__address"
    return with_recipients(rows.filter(state=State.CLAIMED, lease=lease), earlier, address=address)


def exclude_in_flight(rows: DeliveryQuerySet, earlier: list[int], *, at: datetime) -> DeliveryQuerySet:
    """Leave out whoever is just being handed an earlier version, for some seconds: the newer must not overtake it."""
    versions = Delivery.objects.filter(mailing__in=earlier, recipient=OuterRef("recipient"))
    in_flight = Exists(versions.filter(state=State.HANDING_OFF))
    rows.filter(in_flight).update(next_attempt_at=at + timedelta(seconds=BEHIND_SECONDS))
    return rows.exclude(in_flight)


def with_recipients(rows: DeliveryQuerySet, earlier: list[int], *, address: str) -> list[Ready]:
    """
    Return claimed rows with their recipients, whose `address` is in this field, and which delivery of an earlier mailing of the thread each answers: the
    latest that its person got, or may have got, on its own or in a roundup; one query.
    """
    columns = ["pk", "recipient_id", "language", address, "recipient__name", "crashes", "is_easy"]
    if earlier:
        may_have = Q(state__in=[State.ACCEPTED, State.UNKNOWN, State.HANDING_OFF]) | Q(possible_duplicate=True)
        reached = Delivery.objects.filter(may_have, mailing__in=earlier, recipient=OuterRef("recipient"))
        rows = rows.annotate(earlier=Subquery(reached.order_by("-mailing").values("pk")[:1]))
        columns.append("earlier")
    return [Ready(*row) for row in rows.order_by("pk").values_list(*columns)]
