"""
Series of meetings: on which days they are, the meetings made of them ahead, and changes from a day on.

A meeting takes place in its week: where a series has another weekday from some day on, the meeting of each week moves to it, and
calendars move it along instead of losing one and gaining another.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.models import Campaign
from stories.exchanges.refusals import NotDone
from stories.models import Exchange, Meeting

AHEAD = timedelta(weeks=8)  # for how long meetings are made ahead
RULE = ("weekday", "every_weeks", "at", "minutes", "until", "url", "place")  # what meetings have from their series
LONGEST_AHEAD = timedelta(weeks=26)  # a series has at least its next meeting


def days_of(series: Exchange, first: date, last: date) -> Iterator[date]:
    """Yield the days of a series from `first` to `last`, both included."""
    day = series.starts_on + timedelta(days=(series.weekday - series.starts_on.weekday()) % 7)
    step = timedelta(weeks=series.every_weeks)
    if day < first:
        day += step * -((day - first) // step)
    end = min(last, series.until) if series.until else last
    while day <= end:
        yield day
        day += step


def starts(series: Exchange, day: date) -> datetime:
    """
    Return when the meeting of a day begins, in universal time. The hour is that of the campaign's zone on that day; one that the clocks
    leave out on it is an hour later.
    """
    return datetime.combine(day, series.at, tzinfo=series.campaign.zone).astimezone(UTC)


def coming_days(series: Exchange, *, at: datetime) -> list[date]:
    """Return the days on which a series has meetings to come: those within AHEAD, and one at least."""
    today = series.campaign.local(at).date()
    days = [day for day in days_of(series, today, today + LONGEST_AHEAD) if starts(series, day) > at]
    return [day for day in days if day <= today + AHEAD] or days[:1]


def new_uid() -> str:
    """Return a name that no other event has in any calendar."""
    return f"{uuid.uuid4().hex}@{urlsplit(settings.PUBLIC_URL).hostname}"


def meeting_of(series: Exchange, day: date, *, at: datetime) -> Meeting:
    """Return a meeting of a series on a day, not stored."""
    return Meeting(
        exchange=series,
        uid=new_uid(),
        slot=day,
        starts_at=starts(series, day),
        minutes=series.minutes,
        url=series.url,
        place=series.place,
        changed_at=at,
    )


@transaction.atomic
def begin(campaign: Campaign, fields: Mapping[str, Any], *, by: User, at: datetime) -> Exchange:
    """Begin a series and make its first meetings. `fields` are those of Exchange, with `staff` as people."""
    told = dict(fields)
    staff = told.pop("staff", [])
    series = Exchange.objects.create(campaign=campaign, made_at=at, **told)
    series.staff.set(staff)
    make_meetings(series, at=at)
    trail.note("exchange.begun", series, by=by, at=at)
    return series


def make_due(*, at: datetime) -> int:
    """
    Make the meetings to come that are not there yet, and return how many; a series whose campaign is closed ends. Two queries where nothing
    is due.
    """
    running = list(Exchange.objects.filter(ended_at=None).select_related("campaign"))
    for one in running:
        if one.campaign.closed_at is not None:
            end_with_campaign(one, at=at)
    rows = [one for one in running if one.campaign.closed_at is None]
    if not rows:
        return 0
    there = set(Meeting.objects.filter(exchange__in=rows, starts_at__gt=at).values_list("exchange", "slot"))
    lacking = [one for one in rows if any((one.pk, day) not in there for day in coming_days(one, at=at))]
    return sum(make_meetings(one, at=at) for one in lacking)


@transaction.atomic
def make_meetings(series: Exchange, *, at: datetime) -> int:
    """Make the meetings of a series that are not there yet; two at once make each once. Return how many."""
    held = locked(series)
    if held.ended_at is not None:
        return 0
    days = coming_days(held, at=at)
    there = set(held.meetings.filter(slot__in=days).values_list("slot", flat=True))
    rows = [meeting_of(held, day, at=at) for day in days if day not in there]
    Meeting.objects.bulk_create(rows)
    return len(rows)


def locked(series: Exchange) -> Exchange:
    """Return a series as it is now, which nobody else changes until the transaction ends."""
    return Exchange.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=series.pk)


@transaction.atomic
def change(series: Exchange, fields: Mapping[str, Any], *, from_day: date, by: User, at: datetime) -> Exchange:
    """
    Change a series for its meetings from a day on that have not begun. One that was given a time of its own keeps it; one in a week that
    the series leaves out now is cancelled. Raise NotDone for a series that has ended, and for a day that is over.
    """
    held = locked(series)
    if held.ended_at is not None:
        raise NotDone(_("Not changed: this series has ended. Begin another one."))
    today = held.campaign.local(at).date()
    if from_day < today:
        raise NotDone(_("Not changed: that day is over. Choose today or a later day."))
    if from_day > today + AHEAD:
        raise NotDone(_("Not changed: choose a day within the next eight weeks."))
    told = dict(fields)
    staff = told.pop("staff", None)
    has_new_rule = any(getattr(held, name) != told[name] for name in ("weekday", "every_weeks") if name in told)
    for name, value in told.items():
        setattr(held, name, value)
    if has_new_rule:
        monday = from_day - timedelta(days=from_day.weekday())
        has_met = held.meetings.filter(slot__gte=monday, slot__lt=from_day, cancelled_at=None).exists()
        held.starts_on = max(monday + timedelta(weeks=1) if has_met else from_day, held.starts_on)
    if held.until and held.until < held.starts_on:
        raise NotDone(_("Not changed: the last day is before the first one."))
    held.save()
    if staff is not None:
        held.staff.set(staff)
    bring_along(held, from_day, at=at)
    trail.note("exchange.changed", held, by=by, at=at, since=from_day.isoformat())
    return held


def bring_along(series: Exchange, from_day: date, *, at: datetime) -> None:
    """Move the meetings of a series from a day on that have not begun to where it has them now, week by week."""
    wanted: dict[tuple[int, int], date] = {}
    for day in coming_days(series, at=at):
        if day >= from_day:
            wanted[day.isocalendar()[:2]] = day
    rows = series.meetings.filter(slot__gte=from_day, starts_at__gt=at).order_by("slot")
    for meeting in rows:
        assert meeting.slot is not None
        week = meeting.slot.isocalendar()[:2]
        if week not in wanted:
            leave_out(meeting, at=at)
            continue
        day = wanted.pop(week)
        if not meeting.is_moved and meeting.cancelled_at is None:
            take_from(series, meeting, day, at=at)
    Meeting.objects.bulk_create([meeting_of(series, day, at=at) for day in wanted.values()])


def leave_out(meeting: Meeting, *, at: datetime) -> None:
    """Cancel a meeting that its series no longer has, unless it was given a time of its own. Its week is free again."""
    meeting.slot = None
    if not meeting.is_moved and meeting.cancelled_at is None:
        meeting.cancelled_at = meeting.changed_at = at
        meeting.sequence += 1
    meeting.save()


def take_from(series: Exchange, meeting: Meeting, day: date, *, at: datetime) -> None:
    """Give a meeting what its series says for a day; calendars hear of it if anything is different."""
    store(
        meeting,
        starts_at=starts(series, day),
        minutes=series.minutes,
        url=series.url,
        place=series.place,
        at=at,
        slot=day,
    )


def store(
    meeting: Meeting, *, starts_at: datetime, minutes: int, url: str, place: Any, at: datetime, slot: Any
) -> bool:
    """Store when and where a meeting is, and return whether that was news."""
    then = (meeting.starts_at, meeting.minutes), (meeting.url, meeting.place)
    now = (starts_at, minutes), (url, place)
    meeting.starts_at, meeting.minutes, meeting.url, meeting.place, meeting.slot = starts_at, minutes, url, place, slot
    if then != now:
        meeting.sequence += 1
        meeting.changed_at = at
        if then[0] != now[0]:
            keep_earlier_time(meeting, *then[0])
            meeting.time_sequence = meeting.sequence
    meeting.save()
    return then != now


def keep_earlier_time(meeting: Meeting, starts_at: datetime, minutes: int) -> None:
    """Keep the time that a meeting had before a change: the last one that anybody was told of; one query after the first change."""
    is_told = meeting.invitations.filter(told__gte=meeting.time_sequence).exists()
    if meeting.was_at is None or is_told:
        meeting.was_at, meeting.was_minutes = starts_at, minutes


@transaction.atomic
def end(series: Exchange, *, by: User, at: datetime) -> None:
    """End a series and cancel its meetings to come. Raise NotDone for one that has ended."""
    held = locked(series)
    if held.ended_at is not None:
        raise NotDone(_("Not ended: this series has ended already."))
    _end(held, by=by, at=at)


@transaction.atomic
def end_with_campaign(series: Exchange, *, at: datetime) -> None:
    """End a series whose campaign is closed, once: whoever was invited to its meetings hears that they are off."""
    held = locked(series)
    if held.ended_at is None and held.campaign.closed_at is not None:
        _end(held, by=None, at=at)


def _end(held: Exchange, *, by: User | None, at: datetime) -> None:
    held.ended_at = at
    held.save(update_fields=["ended_at"])
    for meeting in held.meetings.filter(starts_at__gt=at, cancelled_at=None):
        meeting.cancelled_at = meeting.changed_at = at
        meeting.sequence += 1
        meeting.save()
    trail.note("exchange.ended", held, by=by, at=at)
