"""Invitations, as an independent parser of calendars reads them: once per change, nobody twice, and off again."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.urls import reverse
from icalendar import Calendar

from influencers.inbox.mail import inbound
from stories.exchanges.answers import answer_links
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_series, meeting_steps
from stories.exchanges.notices import when
from stories.models import ExchangeCalendar, MeetingInvitation, MunicipalityMember
from tests.stories.exchanges.scene import (
    build_member,
    build_municipality,
    build_series,
    calendar_of,
    event_of,
    first,
    invite,
    rule,
)
from tests.support.builders import in_all

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def body(campaign):
    return build_municipality(campaign)


@pytest.fixture
def mauri(body):
    return build_member(body, language="en")


@pytest.fixture
def series(campaign, mauri, noon):
    return build_series(
        campaign, at=noon, starts_on=noon.date() + timedelta(days=7), title=in_all(en="Exchange; all, of us")
    )


def test_an_invitation_goes_into_a_calendar(campaign, series, mauri, smtp_sink, noon):
    (mail,) = invite(smtp_sink, at=noon)
    assert mail.get_content_type() == "multipart/mixed"
    alternative, attached = mail.iter_parts()
    assert [one.get_content_type() for one in alternative.iter_parts()] == ["text/plain", "text/calendar"]
    assert alternative.get_payload(1)["Content-Type"] == 'text/calendar; method="REQUEST"; charset="utf-8"'
    assert (attached.get_filename(), attached.get_content_type()) == ("invite.ics", "application/ics")
    assert attached.get_content().replace(b"\r\n", b"\n") == alternative.get_payload(1).get_payload(
        decode=True
    ).replace(b"\r\n", b"\n")
    event, meeting = event_of(mail), first(series)
    assert calendar_of(mail)["METHOD"] == "REQUEST"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (meeting.uid, 0, "CONFIRMED")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (meeting.starts_at, meeting.ends_at)
    assert event["DTSTAMP"].dt == noon and "Exchange; all, of us" in event["SUMMARY"]
    assert event["ATTENDEE"] == "mailto:mauri@example.org"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE" and event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert str(event["ORGANIZER"]).startswith("mailto:liaison+rsvp-")
    assert event["ORGANIZER"].params["CN"] == "Team (en)"
    assert (
        "Exchange; all, of us" in mail["Subject"]
        and "/en/municipality/exchange/invitation/" in alternative.get_payload(0).get_content()
    )


def test_nobody_is_asked_twice_and_what_did_not_leave_is_tried_again(
    series, smtp_sink, noon, django_assert_num_queries
):
    smtp_sink.reply("mail", "451 4.3.0 Later", times=1)
    assert invite(smtp_sink, at=noon) == []
    with django_assert_num_queries(1):
        assert meeting_invitations.invite_due(at=noon) == 0
    assert len(invite(smtp_sink, at=noon + MINUTE)) == 1
    assert invite(smtp_sink, at=noon + 2 * MINUTE) == []


def test_whoever_is_of_two_municipalities_or_of_the_team_gets_one(campaign, series, body, mauri, alma, smtp_sink, noon):
    other = build_municipality(campaign, "049", "Espoo")
    MunicipalityMember.objects.create(municipality=other, user=mauri, joined_at=noon)
    series.staff.set([alma, mauri])
    assert sorted(mail["To"] for mail in invite(smtp_sink, at=noon)) == ["alma@example.org", "mauri@example.org"]
    assert {one.user: one.municipality for one in MeetingInvitation.objects.all()} == {alma: None, mauri: other}


def test_a_new_time_asks_again_and_a_new_place_does_not(series, alma, smtp_sink, noon):
    invite(smtp_sink, at=noon)
    MeetingInvitation.objects.update(answer="yes", answered_at=noon)
    meeting = first(series)
    where = {"minutes": 60, "url": "https://meet.example.org/b", "place": {}, "by": alma, "at": noon}
    meeting_steps.move(meeting, starts_at=meeting.starts_at, **where)
    (mail,) = invite(smtp_sink, at=noon + MINUTE)
    assert (event_of(mail)["SEQUENCE"], event_of(mail)["ATTENDEE"].params["PARTSTAT"]) == (1, "ACCEPTED")
    assert "https://meet.example.org/b" in event_of(mail)["URL"]
    assert "Before the change" not in mail.get_body(("plain",)).get_content()
    meeting_steps.move(meeting, starts_at=meeting.starts_at + timedelta(hours=1), **where)
    (mail,) = invite(smtp_sink, at=noon + 2 * MINUTE)
    event = event_of(mail)
    assert (event["SEQUENCE"], event["UID"]) == (2, meeting.uid)
    assert event["DTSTART"].dt == meeting.starts_at + timedelta(hours=1)
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert f"Before the change: {when(meeting)}" in mail.get_body(("plain",)).get_content()
    assert MeetingInvitation.objects.get().answer == ""
    assert invite(smtp_sink, at=noon + 3 * MINUTE) == []


def test_a_mail_about_a_time_says_the_one_that_people_knew(series, alma, smtp_sink, noon):
    invite(smtp_sink, at=noon)
    meeting = first(series)
    where = {"minutes": 60, "url": "https://meet.example.org/a", "place": {}, "by": alma, "at": noon}
    for hours in (1, 2):  # nobody hears of the first
        meeting_steps.move(meeting, starts_at=meeting.starts_at + timedelta(hours=hours), **where)
    (mail,) = invite(smtp_sink, at=noon + MINUTE)
    assert f"Before the change: {when(meeting)}" in mail.get_body(("plain",)).get_content()


def test_a_cancelled_meeting_comes_off_the_calendar(series, alma, smtp_sink, noon):
    (asked,) = invite(smtp_sink, at=noon)
    meeting_steps.cancel(first(series), why="Nobody can come.", by=alma, at=noon)
    (mail,) = invite(smtp_sink, at=noon + MINUTE)
    event = event_of(mail)
    assert calendar_of(mail)["METHOD"] == "CANCEL"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (event_of(asked)["UID"], 1, "CANCELLED")
    assert (
        event["ORGANIZER"] == event_of(asked)["ORGANIZER"]
        and "Nobody can come." in mail.get_body(("plain",)).get_content()
    )
    assert invite(smtp_sink, at=noon + 2 * MINUTE) == []


def test_whoever_leaves_and_comes_back_is_told_each_time(series, body, mauri, smtp_sink, noon):
    invite(smtp_sink, at=noon)
    MunicipalityMember.objects.all().delete()
    (off,) = invite(smtp_sink, at=noon + MINUTE)
    assert (calendar_of(off)["METHOD"], event_of(off)["SEQUENCE"]) == ("CANCEL", 1)
    assert invite(smtp_sink, at=noon + 2 * MINUTE) == []
    MunicipalityMember.objects.create(municipality=body, user=mauri, joined_at=noon)
    later = build_member(body, "later")
    again, new = sorted(invite(smtp_sink, at=noon + 3 * MINUTE), key=lambda mail: mail["To"] == later.email)
    assert (calendar_of(again)["METHOD"], event_of(again)["SEQUENCE"]) == ("REQUEST", 2)
    assert (new["To"], event_of(new)["SEQUENCE"]) == (later.email, 0)


def test_a_change_of_the_series_reaches_those_who_were_asked(series, alma, smtp_sink, noon):
    (asked,) = invite(smtp_sink, at=noon)
    meeting_series.change(series, rule(series, weekday=3), from_day=noon.date(), by=alma, at=noon)
    (mail,) = invite(smtp_sink, at=noon + MINUTE)
    assert event_of(mail)["UID"] == event_of(asked)["UID"]
    assert event_of(mail)["DTSTART"].dt == event_of(asked)["DTSTART"].dt + timedelta(days=1)


def test_a_meeting_that_is_off_before_its_invitation_left_is_told_to_nobody(series, alma, smtp_sink, noon):
    meeting_invitations.invite_due(at=noon)
    meeting_steps.cancel(first(series), why="", by=alma, at=noon)
    assert invite(smtp_sink, at=noon) == []


# --- Answers ------------------------------------------------------------------------------------------------


def link(invitation):
    """Return the path that a mail's link leads to."""
    return reverse("exchange:rsvp", args=[answer_links.token_of(invitation)])


@pytest.fixture
def asked(series, desk_at_noon, noon):
    """An invitation of the meeting in a week."""
    meeting_invitations.invite_due(at=noon)
    return MeetingInvitation.objects.select_related("meeting").get()


def test_only_a_press_answers(client, asked):
    assert client.get(link(asked)).status_code == 200 and client.head(link(asked)).status_code == 200
    asked.refresh_from_db()
    assert asked.answer == ""
    page = client.post(link(asked), {"answer": "maybe"})
    asked.refresh_from_db()
    assert asked.answer == "maybe" and "You answered:" in page.text
    assert client.post(link(asked), {"answer": "surely"}).status_code == 409
    assert client.get(link(asked)[:-2] + "x/").status_code == 404


def test_nobody_answers_what_is_off_or_is_no_longer_theirs(client, asked, alma, noon):
    MeetingInvitation.objects.update(left_at=noon)
    assert client.post(link(asked), {"answer": "yes"}).status_code == 409
    MeetingInvitation.objects.update(left_at=None)
    meeting_steps.cancel(asked.meeting, why="", by=alma, at=noon)
    assert client.post(link(asked), {"answer": "yes"}).status_code == 409
    asked.refresh_from_db()
    assert asked.answer == ""


def reply(event, status, *, sequence=None, uid=None):
    """Return the mail by which a calendar program answers an invitation."""
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "METHOD:REPLY",
            "BEGIN:VEVENT",
            f"UID:{uid or event['UID']}",
            f"SEQUENCE:{event['SEQUENCE'] if sequence is None else sequence}",
            f'ATTENDEE;CN="Mauri: of Helsinki";PARTSTAT={status}:mailto:mauri',
            " @example.org",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "mauri@example.org", str(event["ORGANIZER"])[7:], "<a@example.org>"
    mail["Subject"] = "Accepted: Weekly exchange"
    mail.set_content("Mauri has accepted.")
    mail.add_alternative(text, subtype="calendar; method=REPLY")
    return mail.as_bytes()


def test_a_calendar_program_answers_by_mail(series, smtp_sink, noon, alma):
    (mail,) = invite(smtp_sink, at=noon)
    assert inbound.take_bytes(reply(event_of(mail), "DECLINED"), at=noon) == inbound.Fate.ANSWER
    assert MeetingInvitation.objects.get().answer == "no"
    inbound.take_bytes(reply(event_of(mail), "ACCEPTED", uid="another"), at=noon)
    assert MeetingInvitation.objects.get().answer == "no"
    meeting = first(series)
    meeting_steps.move(
        meeting, starts_at=meeting.starts_at + timedelta(hours=1), minutes=60, url="", place={}, by=alma, at=noon
    )
    invite(smtp_sink, at=noon + MINUTE)
    inbound.take_bytes(reply(event_of(mail), "ACCEPTED"), at=noon)  # to the time that it had before
    assert MeetingInvitation.objects.get().answer == ""
    inbound.take_bytes(reply(event_of(mail), "ACCEPTED", sequence=1), at=noon)
    assert MeetingInvitation.objects.get().answer == "yes"


# --- The calendar to subscribe to ---------------------------------------------------------------------------


def test_a_secret_address_has_the_meetings_of_whoever_belongs(client, series, mauri, noon, desk_at_noon):
    held = ExchangeCalendar.objects.create(user=mauri, campaign=series.campaign, key="secret", made_at=noon)
    answer = client.get(reverse("exchange:calendar", args=[held.key]))
    calendar = Calendar.from_ical(answer.content)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8" and calendar["METHOD"] == "PUBLISH"
    assert [one["UID"] for one in calendar.walk("VEVENT")] == list(
        series.meetings.order_by("starts_at").values_list("uid", flat=True)
    )
    assert b"ATTENDEE" not in answer.content
    MunicipalityMember.objects.all().delete()
    assert b"VEVENT" not in client.get(reverse("exchange:calendar", args=[held.key])).content
    assert client.get(reverse("exchange:calendar", args=["guess"])).status_code == 404
