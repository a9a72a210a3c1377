"""
What staff decide about rows whose outcome nobody knows, and about those that were set aside (quarantined).

Nothing here sends: a row that is to go again is queued, and the window loop takes it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.audit import trail
from accounts.models import User
from delivery.models import Delivery, NotPossible, Send
from delivery.models.sends import DeliveryQuerySet

State = Delivery.State


class Resolution(models.TextChoices):
    """What a person says about a row: the first three about an unknown one, the last about a quarantined one."""

    SENT = "sent", gettext_lazy("They arrived")
    AGAIN = "again", gettext_lazy("Send again")
    NOT_SENT = "not_sent", gettext_lazy("Give up")
    RETRY = "retry", gettext_lazy("Try once more")


def open_to(send: Send, how: Resolution, *, seen: datetime | None = None) -> DeliveryQuerySet:
    """Return the rows of a send that `how` can be said of; with `seen`, only those that were so at that moment."""
    rows = Delivery.objects.of(send)
    if how == Resolution.RETRY:
        rows = rows.filter(state=State.FAILED, code=Delivery.QUARANTINED)
    else:
        rows = rows.filter(state=State.UNKNOWN)
    return rows if seen is None else rows.filter(models.Q(finished_at=None) | models.Q(finished_at__lte=seen))


def resolve(
    send: Send,
    how: Resolution | str,
    *,
    by: User,
    at: datetime,
    rows: Iterable[int] | None = None,
    seen: datetime | None = None,
) -> int:
    """
    Settle rows of a send as `by` says, and return how many changed.

    SENT counts them as accepted, NOT_SENT as failed. AGAIN queues them once more with the same Message-ID and marks
    them as possibly sent twice; RETRY queues quarantined rows, which certainly never left. A finished send is opened
    again for them. `rows` are keys, None for all; `seen` leaves alone what became unknown after `by` looked. A row
    that a receipt has settled in the meantime stays as it is.

    Raise ValueError for another `how`, PermissionDenied without the right to control sends, and NotPossible when
    rows should go again although the send is over for good. The audit log keeps who settled how many.
    """
    how = Resolution(how)
    if not by.has_perm("delivery.control_send"):
        raise PermissionDenied
    with transaction.atomic():
        held = Send.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=send.pk)
        if how in {Resolution.AGAIN, Resolution.RETRY}:
            refuse_what_cannot_go(held, at=at)
        chosen = open_to(held, how, seen=seen)
        if rows is not None:
            chosen = chosen.filter(pk__in=list(rows))
        changed = chosen.update(**changes(how, at=at))
        if changed and how in {Resolution.AGAIN, Resolution.RETRY}:
            Send.objects.filter(pk=held.pk, state=Send.State.FINISHED).update(
                state=Send.State.SENDING, finished_at=None
            )
        if changed:
            Send.objects.filter(pk=held.pk).update(counted_at=None)  # what was counted is so no more
            LogEntry.objects.log_actions(by.pk, [held], CHANGE, change_message=f"{how}:{changed}")
            trail.note("send.resolved", held, by=by, at=at, how=how.value, rows=changed)
    send.refresh_from_db()
    return changed


def refuse_what_cannot_go(send: Send, *, at: datetime) -> None:
    """Raise NotPossible when nothing more of a send may leave."""
    if send.state == Send.State.CANCELLED:
        raise NotPossible(_("Not sent again: this send is cancelled. Nothing changed."))
    if send.mailing.superseded_by_id:
        raise NotPossible(_("Not sent again: a newer version has taken its place. Nothing changed."))
    if send.deadline and at > send.deadline:
        raise NotPossible(
            _("Not sent again: its “send by” has passed. Choose a later one, then try again. Nothing changed.")
        )


def changes(how: Resolution, *, at: datetime) -> dict[str, Any]:
    """Return what is written to a row."""
    queued: dict[str, Any] = {
        "state": State.QUEUED,
        "lease": None,
        "finished_at": None,
        "next_attempt_at": at,
        "code": "",
    }
    ended: dict[str, Any] = {"lease": None, "finished_at": at, "next_attempt_at": None, "code": Delivery.BY_STAFF}
    match how:
        case Resolution.SENT:
            return ended | {"state": State.ACCEPTED, "detail": gettext_noop("Staff confirmed that it arrived.")}
        case Resolution.NOT_SENT:
            said = gettext_noop("It is not known whether it arrived. Staff gave it up.")
            return ended | {"state": State.FAILED, "detail": said}
        case Resolution.AGAIN:
            return queued | {"possible_duplicate": True, "detail": gettext_noop("Sent again by staff.")}
        case Resolution.RETRY:
            return queued | {"crashes": 0, "detail": gettext_noop("Tried once more by staff.")}
