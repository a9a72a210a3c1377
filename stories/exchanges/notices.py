"""What people are told of meetings (notifications.notice_kinds): in their mail and in their calendar."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from campaigns.translated_fields import in_language
from notifications.notice_kinds import CalendarPart, Kind
from stories.models import FollowUp, Meeting, MeetingInvitation

from .agendas import agendas
from .answers import answer_links
from .invitations import invitation_calendar

SHOWN = 12  # points of an agenda in a mail


def when(meeting: Meeting) -> str:
    """Return when a meeting is, in the active language and the campaign's zone: "Tue 1 December 2026, 09:00–10:00"."""
    return span(meeting, meeting.starts_at, meeting.minutes)


def span(meeting: Meeting, starts_at: datetime, minutes: int) -> str:
    """Return a time of a meeting as `when` does."""
    local = meeting.exchange.campaign.local
    begins, ends = local(starts_at), local(starts_at + timedelta(minutes=minutes))
    return (
        f"{date_format(begins, 'DATE_FORMAT')}, {date_format(begins, 'TIME_FORMAT')}–{date_format(ends, 'TIME_FORMAT')}"
    )


class MeetingKind(Kind):
    """A kind about somebody's invitation to a meeting. Each of its mails brings the event along."""

    model = MeetingInvitation
    related = ("meeting__exchange__campaign", "user")

    def values(self, subject: MeetingInvitation, version: int | None = None) -> dict[str, Any]:
        """Return the name of the series and when the meeting is."""
        return {"title": str(subject.meeting.exchange), "when": when(subject.meeting)}

    def version_of(self, subject: MeetingInvitation) -> int:
        """Return the sequence that the mail is of."""
        return subject.sequence

    def details(self, subject: MeetingInvitation) -> str:
        """Return when and where it is, and what is on its agenda."""
        meeting = subject.meeting
        lines = [
            _("When: %(when)s (%(zone)s)") % {"when": when(meeting), "zone": meeting.exchange.campaign.time_zone},
            _("Where: %(place)s") % {"place": in_language(meeting.place)} if in_language(meeting.place) else "",
            _("Video meeting: %(url)s") % {"url": meeting.url} if meeting.url else "",
        ]
        points = [in_language(one.item.title) for one in agendas.read(meeting)][:SHOWN]
        if points:
            lines += ["", _("On the agenda so far:"), *(f"– {title}" for title in points)]
        return "\n".join(line for number, line in enumerate(lines) if line or number > 2)

    def lead_in(self) -> str:
        """Return what stands above the link."""
        return _("Say whether you will be there, without logging in:")

    def page(self, subject: MeetingInvitation, person: User | None) -> str:
        """Return the page on which somebody answers."""
        return reverse("exchange:rsvp", args=[answer_links.token_of(subject)])

    def calendar(self, subject: MeetingInvitation, *, at: datetime) -> CalendarPart:
        """Return the event."""
        return invitation_calendar.invitation_part(subject, at=at, is_off=False)


class MeetingChangedKind(MeetingKind):
    """A meeting that has another time, link or place than somebody was told."""

    def details(self, subject: MeetingInvitation) -> str:
        """Return what its invitation says, below the time that holds no more."""
        meeting, said = subject.meeting, super().details(subject)
        is_new_time = subject.asked_sequence == subject.sequence
        if not is_new_time or meeting.was_at is None or meeting.was_minutes is None:
            return said
        before = span(meeting, meeting.was_at, meeting.was_minutes)
        return "\n".join([_("Before the change: %(when)s") % {"when": before}, said])


class MeetingOffKind(MeetingKind):
    """A meeting that does not take place, or to which somebody is not invited any more."""

    def details(self, subject: MeetingInvitation) -> str:
        """Return why, where somebody wrote it, or that the campaign has ended."""
        if subject.left_at is not None:
            return ""
        meeting = subject.meeting
        ended = _("The campaign has ended.") if meeting.exchange.campaign.closed_at is not None else ""
        return meeting.cancelled_why or ended

    def lead_in(self) -> str:
        """Return what stands above the link."""
        return _("The meetings to come:")

    def page(self, subject: MeetingInvitation, person: User | None) -> str:
        """Return the list of meetings."""
        return reverse("exchange:home")

    def calendar(self, subject: MeetingInvitation, *, at: datetime) -> CalendarPart:
        """Return what takes the event off a calendar."""
        return invitation_calendar.invitation_part(subject, at=at, is_off=True)


class FollowUpKind(Kind):
    """A kind about what somebody wanted to do."""

    model = FollowUp
    related = ("meeting__exchange__campaign",)

    def values(self, subject: FollowUp, version: int | None = None) -> dict[str, Any]:
        """Return what is to be done, and by when."""
        return {"what": in_language(subject.text), "day": date_format(subject.due_on, "DATE_FORMAT")}

    def lead_in(self) -> str:
        """Return what stands above the link."""
        return _("Done already? Say so with one press:")

    def page(self, subject: FollowUp, person: User | None) -> str:
        """Return the page on which one press says that it is done."""
        return reverse("exchange:done", args=[answer_links.token_of_follow_up(subject)])


MEETING_INVITED = MeetingKind("meeting_invited", gettext_noop("Invitation: %(title)s, %(when)s"))
MEETING_CHANGED = MeetingChangedKind("meeting_changed", gettext_noop("Changed: %(title)s, %(when)s"))
MEETING_OFF = MeetingOffKind("meeting_off", gettext_noop("Cancelled: %(title)s, %(when)s"))
MEETING_LEFT = MeetingOffKind("meeting_left", gettext_noop("You are no longer invited: %(title)s, %(when)s"))
FOLLOW_UP_SOON = FollowUpKind("follow_up_soon", gettext_noop("Due on %(day)s: %(what)s"))
FOLLOW_UP_DUE = FollowUpKind("follow_up_due", gettext_noop("Due today: %(what)s"))

KINDS = (MEETING_INVITED, MEETING_CHANGED, MEETING_OFF, MEETING_LEFT, FOLLOW_UP_SOON, FOLLOW_UP_DUE)
