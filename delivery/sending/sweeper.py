"""What dead workers left behind. Runs with every tick, has no lower age bound, and may run twice at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from delivery import heartbeat
from delivery.models import Delivery, Lease, Mailing, Send

from . import dispatch, journal
from .journal import Written
from .outcomes import record, requeue, try_once_more

CRASHES = 3  # so many workers may die of a row before it is set aside
NOTICE_SECONDS = 3  # between the first time that a worker is found silent and what follows
GONE_SECONDS = 60  # after its last sign of life a worker that cannot be asked after is gone

State = Delivery.State

DIED = gettext_noop("The worker stopped while this message was being handed over.")
SET_ASIDE = gettext_noop("Set aside: three workers stopped while they prepared this message.")


@dataclass
class Swept:
    """How many rows were given back, set aside, became unknown, are tried once more (urgent), and how many sends ended."""

    given_back: int = 0
    set_aside: int = 0
    unknown: int = 0
    once_more: int = 0
    finished: int = 0


def sweep(*, at: datetime) -> Swept:
    """
    Put right what no living worker holds any more, and close the sends that have nothing left to do.

    Rows that a dead worker had claimed were certainly not sent: they are queued again, and set aside when three workers
    died of them. Of the rows that were being handed over its journal says what became of them, if it is on this machine. Others
    may have been sent: they become unknown and are never sent again unseen. Only urgent mail is tried once more, with the same
    Message-ID, and the row says so.
    """
    swept = Swept()
    end_silent_leases(swept, at=at)
    swept.finished = finish(at=at)
    return swept


def take_over(*, at: datetime) -> int:
    """Take the rows of dead workers from them and ask for others; return how many leases ended. One query mostly."""
    swept = Swept()
    sends = end_silent_leases(swept, at=at)
    for send in sends:
        dispatch.wake_workers_of(send, at=at)
    return len(sends)


def end_silent_leases(swept: Swept, *, at: datetime) -> list[Send]:
    """
    End the leases of workers that are gone, and let others have what silent ones claimed; return the sends of both, the most
    urgent first.

    A process of this host that is no more is gone. One that has not been heard of for some seconds, seen so twice, for when
    the database was away from everyone the living speak up first, may only be slow: nobody counts on it, and what it has not
    handed over goes to others; what it is handing over is in doubt when a minute has passed.
    """
    found: set[Send] = set()
    journals = journal.names()
    named = set()
    noticed = at - timedelta(seconds=NOTICE_SECONDS)
    for lease in Lease.objects.select_related("send__mailing__campaign"):
        named.add(lease.journal)
        is_silent = lease.until < at and lease.silent_since is not None and lease.silent_since <= noticed
        is_lost = is_silent and lease.until < at - timedelta(seconds=GONE_SECONDS - heartbeat.LEASE_SECONDS)
        if is_lost or heartbeat.is_gone(lease.worker):
            if end_lease(lease, swept, at=at):
                found.add(lease.send)
        elif is_silent and lease.released_at is None and release(lease, swept, at=at):
            found.add(lease.send)
    Lease.objects.filter(until__lt=at, silent_since=None).update(silent_since=at)
    journal.remove(journals - named)
    return sorted(found, key=lambda send: Mailing.Queue.values.index(send.mailing.queue))


@transaction.atomic
def release(lease: Lease, swept: Swept, *, at: datetime) -> bool:
    """Queue again what a silent worker claimed and has not handed over; return whether it still was silent."""
    if not Lease.objects.filter(pk=lease.pk, until=lease.until).update(released_at=at):
        return False
    requeue_claimed(lease, journal.read(lease), swept, at=at)
    return True


def requeue_claimed(lease: Lease, written: Written | None, swept: Swept, *, at: datetime) -> None:
    """
    Queue again what a worker had claimed: it was certainly not sent. Only the one that it was preparing, or without a journal
    the first of them, can be what it died of; what three died of is set aside.
    """
    claimed = Delivery.objects.held_by(lease).filter(state=State.CLAIMED)
    if written:
        suspects = claimed.filter(pk=written.prepared_last)
    else:
        suspects = claimed.filter(pk__in=list(claimed.order_by("pk").values_list("pk", flat=True)[: lease.window]))
    swept.set_aside += suspects.filter(crashes__gte=CRASHES - 1).update(
        state=State.FAILED,
        crashes=F("crashes") + 1,
        lease=None,
        code=Delivery.QUARANTINED,
        detail=SET_ASIDE,
        finished_at=at,
    )
    queued = {"state": State.QUEUED, "lease": None, "next_attempt_at": at}
    swept.given_back += suspects.update(crashes=F("crashes") + 1, **queued)
    swept.given_back += claimed.update(**queued)


@transaction.atomic
def end_lease(lease: Lease, swept: Swept, *, at: datetime) -> bool:
    """Take the rows of a worker that is gone away from it; return whether this call did."""
    written = journal.read(lease)
    if not Lease.objects.filter(pk=lease.pk, until=lease.until).delete()[0]:
        return False
    requeue_claimed(lease, written, swept, at=at)
    again = lease.send.mailing.queue == Mailing.Queue.URGENT and lease.send.state == Send.State.SENDING
    if written:
        record(written.outcomes, lease=lease.pk, at=at, once_more=again)
        swept.given_back += requeue(written.not_begun, lease=lease.pk, at=at)
    in_doubt = Delivery.objects.held_by(lease).filter(state=State.HANDING_OFF)
    if again:
        swept.once_more += try_once_more(in_doubt, at=at)
    swept.unknown += in_doubt.update(state=State.UNKNOWN, lease=None, finished_at=at, detail=DIED)
    return True


def finish(*, at: datetime) -> int:
    """Close the sends that have no row to go, and set aside the rows of cancelled, superseded and late ones."""
    ended = {"finished_at": at, "next_attempt_at": None}
    waiting = [State.QUEUED, State.DEFERRED]
    # Both may have a window in the air, which still ends, and rows that come back later.
    cancelled = Send.objects.filter(state=Send.State.CANCELLED, finished_at=None)
    late = Send.objects.open().filter(deadline__lt=at)
    superseded = Send.objects.open().exclude(mailing__superseded_by=None)
    Delivery.objects.of(*cancelled, *late).filter(state__in=waiting).update(state=State.EXPIRED, **ended)
    Delivery.objects.of(*superseded).filter(state__in=waiting).update(state=State.SUPERSEDED, **ended)
    stopped = {*cancelled, *superseded, *late}
    closing = stopped | {send for send in Send.objects.filter(state=Send.State.SENDING) if seems_over(send)}
    return sum(close(send, at=at) for send in closing)


def seems_over(send: Send) -> bool:
    """
    Return whether nothing of a send seems to be left: all of it has been claimed, no row waits for its time, and no worker
    has any in hand. However large the send is, few rows are read; the ledger is, once, before it is closed.
    """
    if send.claimed_up_to < (send.last_delivery or 0):
        return False
    if Delivery.objects.filter(send=send, next_attempt_at__isnull=False).exists():
        return False
    return not any(Delivery.objects.held_by(lease).exists() for lease in send.leases.all())


@transaction.atomic
def close(send: Send, *, at: datetime) -> bool:
    """
    Close a send that seems to be done, unless someone has just put rows of it back; return whether it finished. Rows that
    nobody would claim any more, of which there should be none, are made ready instead.
    """
    now = Send.objects.select_for_update().get(pk=send.pk)
    left = Delivery.objects.of(now).to_go()
    if left.exists():
        if now.state == Send.State.SENDING and not now.leases.exists():
            forgotten = left.filter(pk__lte=now.claimed_up_to, next_attempt_at=None)
            forgotten.update(state=State.QUEUED, lease=None, next_attempt_at=at)
        return False
    Send.objects.filter(pk=now.pk, state=Send.State.CANCELLED, finished_at=None).update(finished_at=at)
    return bool(Send.objects.open().filter(pk=now.pk).update(state=Send.State.FINISHED, finished_at=at))
