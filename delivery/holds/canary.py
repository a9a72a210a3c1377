"""Canary first: a small part of an audience gets a send, and the others when nothing went wrong with it."""

import logging
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext_noop

from delivery.models import Delivery, Mailing, Send

from . import holds

log = logging.getLogger(__name__)

MOST_TROUBLE = 0.05  # failed, unknown or bounced, of all that have an outcome
MOST_COMPLAINTS = 0.001  # of what was accepted; the large mailbox providers' own bound
MISHAP = 1  # one mail that went wrong says little about a small part, unless it is all there was

UNHEALTHY = gettext_noop(
    "Too many of the first recipients did not get it, or complained. The others are waiting. Check the "
    "rows of the first part, then release it to everyone or cancel it."
)

State = Delivery.State


def begin(send: Send, *, at: datetime) -> bool:
    """
    Let only the first `canary_size` people of a send that has just been fanned out get it until it has been
    reviewed; return whether it did. Urgent mail, and an audience that is no larger, goes to everyone at once.
    """
    size = send.audience.canary_size
    if not size or send.mailing.queue == Mailing.Queue.URGENT:
        return False
    rows = Delivery.objects.of(send).order_by("pk").values_list("pk", flat=True)
    keys = list(rows[size - 1 : size + 1])
    if len(keys) < 2:
        return False
    send.canary_up_to = keys[0]
    send.canary_until = at + timedelta(minutes=send.audience.canary_minutes)
    send.save(update_fields=["canary_up_to", "canary_until"])
    return True


def review(*, at: datetime) -> list[Send]:
    """
    Let the others follow where the first part is well after its time, and hold the send where it is not; return
    the sends that go on. One whose first part is still on its way, or mostly deferred, is looked at again later.
    """
    waiting = Send.objects.filter(state=Send.State.SENDING, canary_until__lte=at).exclude(canary_up_to=None)
    gone_on = []
    for send in waiting.select_related("mailing__campaign", "audience"):
        match verdict(send):
            case True:
                if release_all(send):
                    gone_on.append(send)
            case False:
                hold(send, at=at)
    return gone_on


def verdict(send: Send) -> bool | None:
    """Return whether the first part of a send is well; None when it is too early to tell. One query."""
    failed = Q(state__in=[State.FAILED, State.UNKNOWN])
    bounced = Q(state=State.ACCEPTED, receipt=Delivery.Receipt.BOUNCED)
    first = Delivery.objects.of(send).filter(pk__lte=send.canary_up_to)
    found = first.aggregate(
        on_its_way=Count("pk", Q(state__in=[State.QUEUED, State.CLAIMED, State.HANDING_OFF], next_attempt_at=None)),
        put_off=Count("pk", Q(state__in=[State.QUEUED, State.DEFERRED], next_attempt_at__isnull=False)),
        accepted=Count("pk", Q(state=State.ACCEPTED)),
        trouble=Count("pk", failed | bounced),
        failed=Count("pk", failed),
        complaints=Count("pk", Q(receipt=Delivery.Receipt.COMPLAINED)),
    )
    known = found["accepted"] + found["failed"]
    if too_many(found["trouble"], known, MOST_TROUBLE) or too_many(
        found["complaints"], found["accepted"], MOST_COMPLAINTS
    ):
        return False
    if found["on_its_way"] or found["put_off"] > known:
        return None
    return True


def too_many(number: int, of: int, share: float) -> bool:
    """Return whether `number` is more than a mishap and more than `share` of `of`."""
    return number > share * of and (number > MISHAP or number == of)


def release_all(send: Send) -> bool:
    """End the first part of a send that is under way; return whether this call did."""
    mine = Send.objects.filter(pk=send.pk, state=Send.State.SENDING, canary_up_to=send.canary_up_to)
    return bool(mine.update(canary_up_to=None, canary_until=None))


def hold(send: Send, *, at: datetime) -> None:
    """Hold a send for its first part's sake, unless someone else has just stopped it."""
    if holds.hold(send, UNHEALTHY, at=at):
        log.warning("Send %s is held: its first part is not well.", send.pk)
