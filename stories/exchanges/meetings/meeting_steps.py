"""What is done with one meeting: moved, cancelled, noted, confirmed, and who came."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from stories.exchanges.refusals import NotDone
from stories.models import Attendance, FollowUp, Meeting, Municipality

from . import meeting_series


def held(meeting: Meeting) -> Meeting:
    """Return a meeting as it is now, which nobody else changes until the transaction ends."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("exchange__campaign")
    return rows.get(pk=meeting.pk)


# --- When and where -----------------------------------------------------------------------------------------


@transaction.atomic
def move(
    meeting: Meeting, *, starts_at: datetime, minutes: int, url: str, place: Mapping[str, str], by: User, at: datetime
) -> None:
    """
    Give a meeting a time, link or place of its own; whoever is invited hears of it. Raise NotDone for one that has begun or is
    cancelled, and for a time that is over.
    """
    one = held(meeting)
    if one.cancelled_at is not None:
        raise NotDone(_("Not changed: this meeting is cancelled."))
    if one.starts_at <= at:
        raise NotDone(_("Not changed: this meeting has begun."))
    if starts_at <= at:
        raise NotDone(_("Not changed: that time is over. Choose a later one."))
    one.is_moved = True
    if meeting_series.store(
        one, starts_at=starts_at, minutes=minutes, url=url, place=dict(place), at=at, slot=one.slot
    ):
        trail.note("meeting.moved", one, by=by, at=at, to=starts_at.isoformat())


@transaction.atomic
def cancel(meeting: Meeting, *, why: str, by: User, at: datetime) -> None:
    """Cancel a meeting; whoever was invited hears of it. Raise NotDone for one that has begun or is cancelled."""
    one = held(meeting)
    if one.cancelled_at is not None:
        raise NotDone(_("Not cancelled: it is cancelled already."))
    if one.starts_at <= at:
        raise NotDone(_("Not cancelled: this meeting has begun."))
    one.cancelled_at = one.changed_at = at
    one.cancelled_why = why.strip()[:300]
    one.sequence += 1
    one.save()
    trail.note("meeting.cancelled", one, by=by, at=at)


# --- Who came -----------------------------------------------------------------------------------------------


@transaction.atomic
def tick(
    meeting: Meeting, ticked: Collection[int], *, shown: Collection[int], by: User, at: datetime
) -> tuple[int, int]:
    """
    Store which municipalities took part: `ticked` are their keys as sent, `shown` those that were ticked when the list was opened. What
    somebody else has ticked meanwhile stays. Return how many were added and taken off. Raise NotDone for a meeting that is cancelled.
    """
    one = held(meeting)
    if one.cancelled_at is not None:
        raise NotDone(_("Not saved: this meeting is cancelled."))
    added, off = set(ticked) - set(shown), set(shown) - set(ticked)
    there = set(one.attendance.values_list("municipality", flat=True))
    keys = Municipality.objects.filter(campaign=one.exchange.campaign_id, pk__in=added - there)
    rows = [Attendance(meeting=one, municipality_id=key, by=by, at=at) for key in keys.values_list("pk", flat=True)]
    Attendance.objects.bulk_create(rows)
    gone, _of = one.attendance.filter(municipality__in=off).delete()
    if rows or gone:
        trail.note("meeting.attended", one, by=by, at=at, added=len(rows), taken_off=gone)
    return len(rows), gone


# --- Notes --------------------------------------------------------------------------------------------------


@transaction.atomic
def write_notes(
    meeting: Meeting, notes: Mapping[str, str], decisions: Mapping[str, str], *, read: int, by: User, at: datetime
) -> None:
    """
    Store notes and decisions in each language. `read` is the revision that `by` started from. Raise NotDone when somebody else has
    stored them since.
    """
    one = held(meeting)
    if one.notes_revision != read:
        raise NotDone(
            _(
                "Not saved: somebody else has changed the notes since you opened them. Copy what you wrote, and reload the page."
            )
        )
    if one.cancelled_at is not None:
        raise NotDone(_("Not saved: this meeting is cancelled."))
    if (one.notes, one.decisions) == (dict(notes), dict(decisions)):
        return
    one.notes, one.decisions = dict(notes), dict(decisions)
    one.notes_revision += 1
    one.noted_by, one.noted_at = by, at
    one.save()
    trail.note("meeting.noted", one, by=by, at=at, revision=one.notes_revision)


@transaction.atomic
def confirm_notes(meeting: Meeting, *, read: int, by: User, at: datetime) -> None:
    """Let members read exactly the notes that `by` has read. Raise NotDone for others, and for none."""
    one = held(meeting)
    if one.notes_revision != read:
        raise NotDone(_("Not confirmed: the notes have changed since you read them. Read them again."))
    if not any([*one.notes.values(), *one.decisions.values()]):
        raise NotDone(_("Not confirmed: there are no notes yet."))
    if one.starts_at > at:
        raise NotDone(_("Not confirmed: this meeting has not begun."))
    one.shown_notes, one.shown_decisions = one.notes, one.decisions
    one.confirmed_revision, one.confirmed_by, one.confirmed_at = one.notes_revision, by, at
    one.save()
    trail.note("meeting.confirmed", one, by=by, at=at, revision=one.confirmed_revision)


# --- Follow-ups ---------------------------------------------------------------------------------------------


@transaction.atomic
def add_follow_up(meeting: Meeting, fields: Mapping[str, Any], *, by: User, at: datetime) -> FollowUp:
    """Write down what follows from a meeting. Raise NotDone for a cancelled one, and for whom it cannot be given."""
    one = held(meeting)
    if one.cancelled_at is not None:
        raise NotDone(_("Not saved: this meeting is cancelled."))
    body = fields.get("municipality")
    if body is not None and body.campaign_id != one.exchange.campaign_id:
        raise NotDone(_("Not saved: this municipality belongs to another campaign."))
    row = FollowUp.objects.create(meeting=one, made_by=by, made_at=at, **fields)
    trail.note("followup.added", row, by=by, at=at)
    return row


@transaction.atomic
def finish(follow_up: FollowUp, *, by: User | None, at: datetime) -> bool:
    """Note that a follow-up is done, and return whether it was not before: two presses count once."""
    won = FollowUp.objects.filter(pk=follow_up.pk, done_at=None).update(done_at=at, done_by=by)
    if won:
        trail.note("followup.done", follow_up, by=by, at=at)
    return bool(won)
