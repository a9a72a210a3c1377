"""Reminders of what people wanted to do after a meeting: once before the day, once on it."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from notifications import outbox
from stories.models import FollowUp

from . import notices

MOST_AT_ONCE = 50
BEFORE = timedelta(days=2)  # it reminds for the first time
MORNING = time(7)  # of the campaign's zone: nobody is woken
EASTERNMOST = timedelta(hours=14)  # where a day begins first


def remind_due(*, at: datetime) -> int:
    """Remind of follow-ups whose day is near, or today; return of how many. One query where none is due."""
    soon = Q(reminded_at=None, due_on__lte=(at + EASTERNMOST + BEFORE).date())
    now = Q(due_told_at=None, due_on__lte=(at + EASTERNMOST).date())
    waiting = FollowUp.objects.filter(soon | now, done_at=None, meeting__exchange__campaign__closed_at=None)
    rows = waiting.select_related("meeting__exchange__campaign", "user").order_by("due_on", "pk")
    return sum(remind(row, at=at) for row in list(rows[:MOST_AT_ONCE]))


@transaction.atomic
def remind(row: FollowUp, *, at: datetime) -> int:
    """Remind of one if it is time; return 1, or 0. Two at once remind once."""
    local = row.meeting.exchange.campaign.local(at)
    if local.time() < MORNING:
        return 0
    mine = FollowUp.objects.filter(pk=row.pk, done_at=None)
    if row.due_on <= local.date():
        kind = notices.FOLLOW_UP_DUE
        won = mine.filter(due_told_at=None).update(due_told_at=at, reminded_at=row.reminded_at or at)
    elif row.due_on <= local.date() + BEFORE:
        kind = notices.FOLLOW_UP_SOON
        won = mine.filter(reminded_at=None).update(reminded_at=at)
    else:
        return 0
    if won:
        outbox.write(kind, people_of(row), about=row, campaign=row.meeting.exchange.campaign, at=at)
    return won


def people_of(row: FollowUp) -> list[User]:
    """Return whose it is: somebody's, else all people's of a municipality, else those of the team who are asked to the meetings."""
    if row.user is not None:
        return [row.user] if row.user.is_active else []
    if row.municipality_id is not None:
        return list(User.objects.filter(municipalities__municipality=row.municipality_id, is_active=True).distinct())
    return list(row.meeting.exchange.staff.filter(is_active=True))
