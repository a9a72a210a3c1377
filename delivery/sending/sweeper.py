"""What dead workers left behind. Runs with every tick, has no lower age bound, and may run twice at once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from delivery.models import Delivery, Lease, Mailing, Send

CRASHES = 3  # so many workers may die of a row before it is set aside

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

    Rows that a dead worker had claimed were certainly not sent: they are queued again, each of them alone, and set
    aside when three workers died of it. Rows that were being handed over may have been sent: they become unknown and
    are never sent again unseen. Only urgent mail is tried once more, with the same Message-ID, and the row says so.
    """
    swept = Swept()
    for lease in Lease.objects.filter(until__lt=at).select_related("send"):
        end_lease(lease, swept, at=at)
    urgent = Send.objects.filter(state=Send.State.SENDING, mailing__queue=Mailing.Queue.URGENT)
    swept.once_more = (
        Delivery.objects.of(*urgent)
        .filter(state=State.UNKNOWN, possible_duplicate=False)
        .update(state=State.QUEUED, possible_duplicate=True, finished_at=None, next_attempt_at=at)
    )
    requeue_forgotten(at=at)
    swept.finished = finish(at=at)
    return swept


@transaction.atomic
def end_lease(lease: Lease, swept: Swept, *, at: datetime) -> None:
    """Take the rows of a worker that is gone away from it."""
    if not Lease.objects.filter(pk=lease.pk, until__lt=at).delete()[0]:
        return
    rows = Delivery.objects.of(lease.send).filter(lease=lease.pk)
    claimed = rows.filter(state=State.CLAIMED)
    swept.set_aside += claimed.filter(crashes__gte=CRASHES - 1).update(
        state=State.FAILED,
        crashes=F("crashes") + 1,
        lease=None,
        code=Delivery.QUARANTINED,
        detail=SET_ASIDE,
        finished_at=at,
    )
    swept.given_back += claimed.update(state=State.QUEUED, crashes=F("crashes") + 1, lease=None, next_attempt_at=at)
    swept.unknown += rows.filter(state=State.HANDING_OFF).update(
        state=State.UNKNOWN, lease=None, finished_at=at, detail=DIED
    )


def requeue_forgotten(*, at: datetime) -> int:
    """Make ready what nobody would claim any more: queued, and passed by. There should be none; return how many."""
    return sum(
        Delivery.objects.of(send)
        .filter(pk__lte=send.claimed_up_to, state=State.QUEUED, next_attempt_at=None)
        .update(next_attempt_at=at)
        for send in Send.objects.filter(state=Send.State.SENDING)
    )


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
    closing = {*cancelled, *superseded, *late, *Send.objects.filter(state=Send.State.SENDING)}
    return sum(close(send, at=at) for send in closing if not Delivery.objects.of(send).to_go().exists())


@transaction.atomic
def close(send: Send, *, at: datetime) -> bool:
    """Close a send that seems to be done, unless someone has just put rows of it back; return whether it finished."""
    now = Send.objects.select_for_update().get(pk=send.pk)
    if Delivery.objects.of(now).to_go().exists():
        return False
    Send.objects.filter(pk=now.pk, state=Send.State.CANCELLED, finished_at=None).update(finished_at=at)
    return bool(Send.objects.open().filter(pk=now.pk).update(state=Send.State.FINISHED, finished_at=at))
