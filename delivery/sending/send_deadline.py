"""The moment after which nothing of a send may leave."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from delivery.models import NotPossible, Send

State = Send.State


def set_deadline(send: Send, deadline: datetime | None, *, by: User, at: datetime) -> None:
    """
    Let nothing of a send leave after `deadline`; None for no such limit. It holds from the next window on.

    Raise PermissionDenied without the right to control sends, and NotPossible for a moment that has passed or a send
    that is over. The audit log keeps who set it.
    """
    if not by.has_perm("delivery.control_send"):
        raise PermissionDenied
    if deadline is not None and deadline <= at:
        raise NotPossible(_("Not changed: that time has passed. Choose a later one."))
    with transaction.atomic():
        going_on = Send.objects.filter(pk=send.pk).exclude(state__in=[State.CANCELLED, State.FINISHED])
        if not going_on.update(deadline=deadline):
            raise NotPossible(_("Not changed: this send has ended."))
        said = deadline.isoformat(timespec="minutes") if deadline else ""
        LogEntry.objects.log_actions(by.pk, [send], CHANGE, change_message=f"deadline:{said}")
        trail.note("send.deadline_set", send, by=by, at=at, deadline=said)
    send.refresh_from_db()
