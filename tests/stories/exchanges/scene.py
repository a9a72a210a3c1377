"""Meetings to test with: municipalities, their people, and series that took the real steps."""

from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Event

from accounts.models import User
from campaigns.models import Campaign
from notifications import sending
from stories.exchanges.agendas import agendas
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_series, meeting_steps
from stories.models import Exchange, Meeting, Municipality, MunicipalityMember
from tests.support.builders import build_user, editor, in_all

WEDNESDAY = 2


def build_municipality(campaign: Campaign, code: str = "091", name: str = "Helsinki") -> Municipality:
    """Return a municipality of a campaign."""
    return Municipality.objects.create(campaign=campaign, code=code, name=in_all(en=name))


def build_member(body: Municipality, name: str = "mauri", **fields: Any) -> User:
    """Return somebody of a municipality."""
    user = build_user(name, "municipality", **fields)
    MunicipalityMember.objects.create(municipality=body, user=user, joined_at=body.campaign.begins_at)
    return user


def build_series(campaign: Campaign, *, at: datetime, by: User | None = None, **fields: Any) -> Exchange:
    """Return a series: Wednesdays at 13:00 for an hour, unless given otherwise."""
    told = {
        "title": in_all(en="Weekly exchange"),
        "weekday": WEDNESDAY,
        "every_weeks": 1,
        "at": time(13),
        "minutes": 60,
        "starts_on": campaign.local(at).date(),
        "until": None,
        "url": "https://meet.example.org/weekly",
        "place": {},
        "languages": ["fi", "en"],
        "staff": [],
    }
    return meeting_series.begin(campaign, told | fields, by=by or editor(), at=at)


def rule(series: Exchange, **fields: Any) -> dict[str, Any]:
    """Return what a series says, changed."""
    return {name: getattr(series, name) for name in (*meeting_series.RULE, "title", "languages")} | fields


def days(series: Exchange, *, count: int = 9) -> list[date]:
    """Return the local days of the meetings of a series that take place."""
    rows = series.meetings.filter(cancelled_at=None).order_by("starts_at")
    return [series.campaign.local(one.starts_at).date() for one in rows][:count]


def first(series: Exchange) -> Meeting:
    """Return the first meeting of a series."""
    return Meeting.objects.select_related("exchange__campaign").filter(exchange=series).earliest("starts_at")


def invite(sink: Any, *, at: datetime) -> list[Any]:
    """Invite whom the tick would, send it, and return the new mails."""
    before = len(sink.caught)
    meeting_invitations.invite_due(at=at)
    sending.deliver_notices(at=at)
    return [caught.message for caught in sink.caught[before:]]


def calendar_of(mail: Any) -> Calendar:
    """Return the calendar that a mail's reader gets, as an independent parser reads it."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1
    found = Calendar.from_ical(parts[0].get_payload(decode=True))
    assert parts[0].get_param("method") == found["METHOD"]
    return found


def event_of(mail: Any) -> Event:
    """Return the one event of a mail's calendar."""
    events = list(calendar_of(mail).walk("VEVENT"))
    assert len(events) == 1
    return events[0]


def build_led_meeting(campaign: Campaign, body: Municipality, *, at: datetime) -> Meeting:
    """Return a meeting at `at` to which people are invited, with all that is kept of one: agenda, who came, notes, follow-ups."""
    by, earlier = editor(), at - timedelta(days=1)
    meeting = first(build_series(campaign, at=earlier, starts_on=at.date(), weekday=at.weekday()))
    agendas.add(meeting, in_all(en="Welcome"), minutes=5, by=by, at=earlier)
    agendas.fill(meeting, at=earlier)
    meeting_invitations.bring_up_to_date(meeting.pk, at=earlier)
    meeting_steps.tick(meeting, [body.pk], shown=[], by=by, at=at)
    meeting_steps.write_notes(meeting, in_all(en="What was said"), {}, read=0, by=by, at=at)
    follows = {"text": in_all(en="Ask the shops"), "municipality": body, "due_on": at.date() + timedelta(days=3)}
    meeting_steps.add_follow_up(meeting, follows, by=by, at=at)
    return meeting
