"""What meetings keep of people: for how long, and what of one person."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy import data_subjects, retention
from accounts.privacy.data_subjects import Part, Person, Rows
from accounts.privacy.personal_data import users_of
from accounts.privacy.retention import DAILY, DataSubject, Ground, Rule
from stories.models import ExchangeCalendar, FollowUp, MeetingInvitation


def invitations_over(at: datetime) -> QuerySet[Any]:
    """Return the invitations to meetings that are long over."""
    return MeetingInvitation.objects.filter(meeting__starts_at__lte=retention.rule("meeting_invitations").before(at))


def follow_ups_over(at: datetime) -> QuerySet[Any]:
    """Return the follow-ups done long ago that still say whose they were."""
    old = FollowUp.objects.filter(done_at__lte=retention.rule("follow_ups").before(at))
    return old.filter(Q(user__isnull=False) | Q(done_by__isnull=False))


def forget_whose(at: datetime) -> int:
    """Forget whose old follow-ups were. They stay."""
    keys = list(follow_ups_over(at).order_by("pk").values_list("pk", flat=True)[: retention.MOST_AT_ONCE])
    return FollowUp.objects.filter(pk__in=keys).update(user=None, done_by=None)


RULES = (
    Rule(
        "meeting_invitations",
        DataSubject.STAFF,
        gettext_lazy("To which meetings of municipalities you were invited, and what you answered"),
        gettext_lazy("So that you are told of changes, and the organiser knows who comes."),
        Ground.TASK,
        gettext_lazy("The campaign’s team. Other municipalities don’t see it."),
        gettext_lazy("%(days)s after the meeting. Which municipalities came stays, without names."),
        fixed=180,
        due=invitations_over,
        forget=retention.deleting(invitations_over),
        rests=DAILY,
    ),
    Rule(
        "follow_ups",
        DataSubject.STAFF,
        gettext_lazy("What you wanted to do after a meeting"),
        gettext_lazy("To remind you of it."),
        Ground.TASK,
        gettext_lazy("The campaign’s team and its municipalities."),
        gettext_lazy("%(days)s after it was done. It stays, without your name."),
        fixed=180,
        due=follow_ups_over,
        forget=forget_whose,
        rests=DAILY,
    ),
    Rule(
        "exchange_calendars",
        DataSubject.STAFF,
        gettext_lazy("The secret address of your calendar of meetings"),
        gettext_lazy("So that your calendar program can read them."),
        Ground.TASK,
        gettext_lazy("You."),
        gettext_lazy("Until you are erased. Another address takes its place at once."),
    ),
)


def meetings(person: Person) -> Rows:
    """Return the meetings that someone was invited to, and what they answered."""
    return data_subjects.plain(
        MeetingInvitation.objects.filter(user__in=users_of(person)),
        "meeting__exchange__title",
        "meeting__starts_at",
        "municipality__name",
        "invited_at",
        "answer",
        "answered_at",
        "left_at",
    )


def forget_meetings(person: Person, by: User | None, at: datetime) -> None:
    """Forget to what someone was invited."""
    MeetingInvitation.objects.filter(user__in=users_of(person)).delete()


def follow_ups(person: Person) -> Rows:
    """Return what someone wanted to do."""
    return data_subjects.plain(FollowUp.objects.filter(user__in=users_of(person)), "text", "due_on", "done_at")


def forget_follow_ups(person: Person, by: User | None, at: datetime) -> None:
    """Forget whose follow-ups were; they stay."""
    FollowUp.objects.filter(user__in=users_of(person)).update(user=None)
    FollowUp.objects.filter(done_by__in=users_of(person)).update(done_by=None)


def calendars(person: Person) -> Rows:
    """Return since when someone has a calendar of meetings."""
    return data_subjects.plain(ExchangeCalendar.objects.filter(user__in=users_of(person)), "campaign__slug", "made_at")


def forget_calendars(person: Person, by: User | None, at: datetime) -> None:
    """Close the secret address of someone's calendar."""
    ExchangeCalendar.objects.filter(user__in=users_of(person)).delete()


PARTS = (
    Part("meetings", gettext_lazy("Meetings of municipalities"), meetings, forget_meetings),
    Part("follow_ups", gettext_lazy("Follow-ups of meetings"), follow_ups, forget_follow_ups),
    Part("exchange_calendars", gettext_lazy("Calendar of meetings"), calendars, forget_calendars),
)
