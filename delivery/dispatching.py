"""Waking workers: as many tasks as a send can use, on the queue of its urgency. A lost wake-up costs one tick."""

from contextlib import suppress
from datetime import datetime
from math import ceil

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext_noop

from . import fanout
from .models import Delivery, NotPossible, Send

State = Delivery.State


TOO_LATE = gettext_noop("Its slot has passed by more than the time of grace. Read it again, then release or cancel it.")
NO_WORDS = gettext_noop("It has no message in any language. Cancel it.")


def start_due_sends(*, at: datetime) -> list[Send]:
    """
    Fan out every planned send whose slot has come; return those that this call started.

    One that is later than it may be is held for a person instead: what was news then may be wrong now. So is one
    that has nothing to say, which does not stand in the way of the others.
    """
    started = []
    for send in Send.objects.due(at=at).select_related("audience", "mailing"):
        if send.hold_after and at > send.hold_after:
            set_aside(send, TOO_LATE)
            continue
        try:
            if fanout.fan_out(send, at=at) or send.state == Send.State.SENDING:
                started.append(send)
        except fanout.NothingToSay:
            set_aside(send, NO_WORDS)
    return started


def set_aside(send: Send, reason: str) -> None:
    """Hold a send for a person, unless another tick has just done so. `reason` is translated where it is shown."""
    with suppress(NotPossible):
        send.hold(reason)


def wake_workers(*, at: datetime) -> int:
    """
    Ask for workers on every send that has rows ready, up to SEND_CONNECTIONS each; return how many were asked.

    Workers that are at it already are counted by their leases, so a long send does not pile up tasks.
    """
    from .tasks import deliver

    asked = 0
    waiting = (
        Send.objects.filter(state=Send.State.SENDING)
        .annotate(
            ready=Count(
                "deliveries",
                filter=Q(deliveries__state=State.QUEUED)
                | Q(deliveries__state=State.DEFERRED, deliveries__next_attempt_at__lte=at),
            ),
            working=Count(
                "deliveries__lease_token",
                distinct=True,
                filter=Q(deliveries__state__in=[State.CLAIMED, State.HANDING_OFF]),
            ),
        )
        .filter(ready__gt=0)
        .select_related("mailing")
    )
    for send in waiting:
        wanted = min(settings.SEND_CONNECTIONS, ceil(send.ready / settings.SEND_CHUNK)) - send.working
        for _worker in range(wanted):
            deliver.apply_async((send.pk,), queue=send.mailing.queue)
            asked += 1
    return asked
