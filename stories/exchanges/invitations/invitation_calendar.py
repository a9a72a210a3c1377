"""
Meetings as calendars have them (iCalendar, RFC 5545; iTIP, RFC 5546).

Each meeting is an event of its own with a name of its own, not one of a rule: each can be moved, cancelled and answered alone, people who
come later get the meetings ahead of them and no past ones, and no calendar program has to work out exceptions of a rule, which is
where they differ. Times are in universal time: an event that is one moment needs no rules of a time zone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import Campaign
from campaigns.translated_fields import in_language
from delivery.message.headers import sender_name
from lib.text.dates.calendar_lines import as_file, escaped, moment, parameter
from lib.text.languages.languages import languages_listed, site_language
from notifications.notice_kinds import CalendarPart
from stories.exchanges.answers import reply_addresses
from stories.models import Meeting, MeetingInvitation

PARTSTAT = {"": "NEEDS-ACTION", "yes": "ACCEPTED", "maybe": "TENTATIVE", "no": "DECLINED"}


def file_of(method: str, events: Iterable[str], *, language: str, head: Iterable[str] = ()) -> str:
    """Return events as a calendar file that says what is to be done with it."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    return as_file(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:-//{host}//crisis-bulletins//{language.upper()}",
            "CALSCALE:GREGORIAN",
            f"METHOD:{method}",
            *head,
            *events,
            "END:VCALENDAR",
        ]
    )


def event(meeting: Meeting, *, sequence: int, is_off: bool, at: datetime, people: Iterable[str] = ()) -> Iterator[str]:
    """Yield the lines of a meeting in the active language, written at a moment; `people` are those of organizer and attendees."""
    series = meeting.exchange
    page = settings.PUBLIC_URL + reverse("exchange:meeting", args=[meeting.pk])
    place = in_language(meeting.place)
    yield from (
        "BEGIN:VEVENT",
        f"UID:{meeting.uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{moment(at)}",
        f"LAST-MODIFIED:{moment(meeting.changed_at)}",
        f"DTSTART:{moment(meeting.starts_at)}",
        f"DTEND:{moment(meeting.ends_at)}",
        f"SUMMARY:{escaped(series.campaign.marked(str(series)))}",
    )
    if place or meeting.url:
        yield f"LOCATION:{escaped(place or meeting.url)}"
    yield f"DESCRIPTION:{escaped(about(meeting, page))}"
    yield f"URL:{meeting.url or page}"
    yield from people
    yield f"STATUS:{'CANCELLED' if is_off else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if is_off else 'OPAQUE'}"
    yield "END:VEVENT"


def about(meeting: Meeting, page: str) -> str:
    """Return what an event says below its title, in the active language."""
    spoken = languages_listed(meeting.exchange.languages)
    return "\n".join(
        filter(
            None,
            [
                _("Video meeting: %(url)s") % {"url": meeting.url} if meeting.url else "",
                _("Languages: %(languages)s") % {"languages": spoken} if spoken else "",
                _("Agenda and notes: %(url)s") % {"url": page},
            ],
        )
    )


def invitation_part(invitation: MeetingInvitation, *, at: datetime, is_off: bool) -> CalendarPart:
    """
    Return what puts a meeting into the calendar of whoever is invited, changes it there, or takes it off. It names nobody else: people
    of other municipalities do not learn each other's addresses from it.
    """
    meeting, person = invitation.meeting, invitation.user
    campaign = meeting.exchange.campaign
    language = campaign.language_for(person)
    organizer = parameter(sender_name(campaign, language) or str(meeting.exchange))
    status = PARTSTAT[invitation.answer]
    asks = f"PARTSTAT={status};RSVP={'FALSE' if is_off else 'TRUE'}"
    people = [
        f"ORGANIZER;CN={organizer}:mailto:{reply_addresses.address_of(invitation, replies=campaign.reply_to)}",
        f"ATTENDEE;CN={parameter(str(person))};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;{asks}:mailto:{person.email}",
    ]
    with override(language):
        lines = event(meeting, sequence=invitation.sequence, is_off=is_off, at=at, people=people)
        method = "CANCEL" if is_off else "REQUEST"
        return CalendarPart(method, file_of(method, lines, language=language))


def subscribed(campaign: Campaign, meetings: Iterable[Meeting], *, language: str, at: datetime) -> str:
    """Return the meetings of a campaign as the calendar that members subscribe to."""
    spoken = site_language(language)
    with override(spoken):
        name = escaped(campaign.marked(_("Meetings of municipalities")))
        head = [f"NAME:{name}", f"X-WR-CALNAME:{name}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"]
        lines = [
            line
            for one in meetings
            for line in event(one, sequence=one.sequence, is_off=one.cancelled_at is not None, at=one.changed_at)
        ]
        return file_of("PUBLISH", lines, language=spoken, head=head)
