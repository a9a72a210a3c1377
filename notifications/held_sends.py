"""What staff who steer sends are told: that one is held, and why. Once for each time that it is held."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from delivery.models import Bucket, Send
from delivery.throttle import token_bucket

from . import outbox
from .notice_kinds import Kind, Matter

PERMISSION = "delivery.control_send"


class HeldSendNoticeKind(Kind):
    """A kind about sends. Nobody may have read its words yet, so a notice has none of them: they stand on its page."""

    model = Send
    related = ("mailing", "audience")

    def values(self, subject: Send, version: int | None = None) -> dict[str, Any]:
        """Return what it is and to whom."""
        return {"queue": subject.mailing.get_queue_display(), "whom": subject.whom}

    def details(self, subject: Send) -> str:
        """Return why it is held."""
        return _(subject.reason)

    def still_waits(self, subject: Send) -> bool:
        """Return whether nobody has decided yet."""
        return subject.state == Send.State.HELD

    def page(self, subject: Send, person: User | None) -> str:
        """Return its page at the desk, where it is released or cancelled."""
        return reverse("admin:delivery_send_change", args=[subject.pk])


SEND_HELD = HeldSendNoticeKind(
    "send_held", gettext_noop("Held until somebody releases it (%(queue)s): %(whom)s"), matter=Matter.BROKEN
)


def write_due(*, at: datetime) -> int:
    """Write to staff of every held send that they have not been notified of; return how many sends."""
    held = Send.objects.filter(state=Send.State.HELD).exclude(reason="")
    sends = {mark(send): send for send in held.select_related("mailing__campaign")}
    told = set(Bucket.objects.filter(name__in=sends).values_list("name", flat=True)) if sends else set()
    return sum(notify_staff(sends[name], at=at) for name in sends.keys() - told)


def notify_staff(send: Send, *, at: datetime) -> bool:
    """Write to everyone who can stop and release a send that it is held, unless that was done; return whether this call did."""
    campaign = send.mailing.campaign
    with transaction.atomic():
        if not token_bucket.claim_once(mark(send), at=at):
            return False
        outbox.write(SEND_HELD, User.objects.staff_with(PERMISSION, campaign.pk), about=send, campaign=campaign, at=at)
    return True


def mark(send: Send) -> str:
    """Return the name of the bucket that remembers that staff were notified."""
    return f"told:{send.pk}:{send.holds}:{hashlib.sha256(send.reason.encode()).hexdigest()[:16]}"
