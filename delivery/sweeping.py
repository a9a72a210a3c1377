"""What dead workers left behind. Runs with every tick, has no lower age bound, and may run twice at once."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from .models import Delivery, Mailing, Send

State = Delivery.State


@dataclass(frozen=True)
class Swept:
    """How many rows were given back, became unknown, are tried once more (urgent), and how many sends ended."""

    given_back: int
    unknown: int
    once_more: int
    finished: int


def sweep(*, at: datetime) -> Swept:
    """
    Put right what no living worker holds any more, and close the sends that have nothing left to do.

    Claimed rows whose lease ran out were certainly not sent: they are queued again. Rows that were being handed
    over may have been sent: they become unknown and are never sent again unseen. Only urgent mail is tried once
    more, with the same Message-ID, and the row says so.
    """
    given_back = Delivery.objects.filter(state=State.CLAIMED, lease_until__lt=at).update(
        state=State.QUEUED, lease_token="", lease_until=None
    )
    unknown = Delivery.objects.filter(state=State.HANDING_OFF, lease_until__lt=at).update(
        state=State.UNKNOWN,
        lease_token="",
        lease_until=None,
        finished_at=at,
        detail=gettext_noop("The worker stopped while this message was being handed over."),
    )
    once_more = Delivery.objects.filter(
        send__in=Send.objects.filter(state=Send.State.SENDING, mailing__queue=Mailing.Queue.URGENT),
        state=State.UNKNOWN,
        possible_duplicate=False,
    ).update(state=State.QUEUED, possible_duplicate=True, finished_at=None)
    return Swept(given_back, unknown, once_more, finish(at=at))


def finish(*, at: datetime) -> int:
    """Close the sends that have no row to go, and set aside the rows of cancelled and superseded ones."""
    stopped = Delivery.objects.filter(state__in=[State.QUEUED, State.DEFERRED])
    stopped.filter(send__in=Send.objects.filter(state=Send.State.CANCELLED)).update(state=State.EXPIRED, finished_at=at)
    superseded = Send.objects.open().exclude(mailing__superseded_by=None)
    stopped.filter(send__in=superseded).update(state=State.SUPERSEDED, finished_at=at)
    open_sends = list(Send.objects.filter(state=Send.State.SENDING).values_list("pk", flat=True))
    busy = set(Delivery.objects.filter(send__in=open_sends).to_go().values_list("send", flat=True).distinct())
    done = [pk for pk in open_sends if pk not in busy]
    return Send.objects.filter(pk__in=done, state=Send.State.SENDING).update(state=Send.State.FINISHED, finished_at=at)
