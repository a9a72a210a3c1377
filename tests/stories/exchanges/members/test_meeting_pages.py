"""A meeting at the desk and on the pages of members: who came, notes that somebody confirms, follow-ups that remind."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.privacy import data_subjects, erasure, retention
from accounts.privacy.data_subjects import Person
from campaigns import pending_work
from notifications import sending
from stories.exchanges import follow_up_reminders
from stories.exchanges.answers import answer_links
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_steps
from stories.exchanges.meetings.admin import attendance_of
from stories.exchanges.refusals import NotDone
from stories.models import Attendance, Exchange, ExchangeCalendar, FollowUp, Meeting, MeetingInvitation
from tests.stories.exchanges.scene import build_member, build_municipality, build_series, first
from tests.support.builders import build_campaign, in_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
HOUR = timedelta(hours=1)


@pytest.fixture
def body(campaign):
    return build_municipality(campaign)


@pytest.fixture
def mauri(body):
    return build_member(body, language="en")


@pytest.fixture
def meeting(campaign, mauri, noon):
    """The meeting at 13:00 today, to which Mauri is invited."""
    series = build_series(campaign, at=noon)
    meeting_invitations.invite_due(at=noon)
    return first(series)


@pytest.fixture
def page(meeting):
    """The desk's page of it."""
    return reverse("admin:stories_meeting_change", args=[meeting.pk])


def noted(meeting, words="We share masks.", *, by, at, read=0):
    """Store notes in English."""
    meeting_steps.write_notes(meeting, {"en": words}, {"en": "Masks on Monday"}, read=read, by=by, at=at)


# --- Rules --------------------------------------------------------------------------------------------------


def test_members_read_exactly_what_somebody_confirmed(client, meeting, alma, oskar, mauri, noon):
    later = meeting.starts_at + HOUR
    noted(meeting, by=alma, at=later)
    with pytest.raises(NotDone):
        noted(meeting, "Another", by=oskar, at=later)  # from what was there before
    meeting_steps.confirm_notes(meeting, read=1, by=oskar, at=later)
    noted(meeting, "Changed since", by=alma, at=later, read=1)
    with pytest.raises(NotDone):
        meeting_steps.confirm_notes(meeting, read=1, by=oskar, at=later)
    client.force_login(mauri)
    shown = client.get(reverse("exchange:meeting", args=[meeting.pk])).text
    assert "We share masks." in shown and "Changed since" not in shown


def test_two_people_tick_at_once_and_lose_nothing(meeting, body, campaign, alma, oskar, noon):
    other = build_municipality(campaign, "049", "Espoo")
    elsewhere = build_municipality(build_campaign("other"), "1", "Far")
    meeting_steps.tick(meeting, [body.pk, elsewhere.pk], shown=[], by=alma, at=noon)
    meeting_steps.tick(meeting, [other.pk], shown=[], by=oskar, at=noon)
    assert set(Attendance.objects.values_list("municipality", flat=True)) == {body.pk, other.pk}
    meeting_steps.tick(meeting, [body.pk], shown=[body.pk, other.pk], by=alma, at=noon)
    assert Attendance.objects.get().municipality == body


def test_a_follow_up_reminds_once_before_and_once_on_the_day(client, meeting, body, mauri, alma, smtp_sink, noon):
    due = noon.date() + timedelta(days=5)
    row = meeting_steps.add_follow_up(
        meeting, {"text": in_all(en="Ask the shops"), "municipality": body, "due_on": due}, by=alma, at=noon
    )
    counts = []
    for days in range(7):
        for hours in (-8, 0, 1):  # nobody is woken at night
            counts.append(follow_up_reminders.remind_due(at=noon + timedelta(days=days, hours=hours)))
    assert [number for number, one in enumerate(counts) if one] == [3 * 3 + 1, 5 * 3 + 1]
    sending.deliver_notices(at=noon + timedelta(days=6))
    subjects = [mail["Subject"] for mail in smtp_sink.to(mauri.email) if "Ask the shops" in mail["Subject"]]
    assert len(subjects) == 2 and "Due today" in subjects[1]
    link = reverse("exchange:done", args=[answer_links.token_of_follow_up(row)])
    client.get(link)
    assert not FollowUp.objects.filter(done_at__isnull=False)
    client.post(link)
    assert FollowUp.objects.get().done_at


def test_erasing_somebody_forgets_what_they_answered_and_whose_a_follow_up_was(meeting, mauri, alma, root, noon):
    ExchangeCalendar.objects.create(user=mauri, campaign=meeting.exchange.campaign, key="k", made_at=noon)
    meeting_steps.add_follow_up(
        meeting, {"text": in_all(en="Ask"), "user": mauri, "due_on": noon.date()}, by=alma, at=noon
    )
    held = data_subjects.export(Person.of(mauri.email), at=noon)["held"]
    assert {"meetings", "follow_ups", "exchange_calendars"} <= held.keys()
    erasure.erase(Person.of(mauri.email), reason="asked", by=root, at=noon)
    assert not MeetingInvitation.objects.exists() and not ExchangeCalendar.objects.exists()
    assert FollowUp.objects.get().user is None


def test_answers_are_let_go_half_a_year_after_the_meeting(meeting, body, alma, noon):
    meeting_steps.tick(meeting, [body.pk], shown=[], by=alma, at=noon)
    forget = retention.rule("meeting_invitations").forget
    assert forget is not None and forget(noon + timedelta(days=170)) == 0
    assert forget(noon + timedelta(days=181)) == 1
    assert Attendance.objects.exists()


# --- At the desk --------------------------------------------------------------------------------------------


def test_a_series_begins_changes_and_ends_at_the_desk(client, campaign, alma, desk_at_noon):
    client.force_login(alma)
    typed = {
        "title_en": "Exchange",
        "weekday": 1,
        "at": "09:30",
        "minutes": 45,
        "every_weeks": 1,
        "starts_on": "2026-03-26",
    }
    refused = client.post(reverse("admin:stories_exchange_add"), typed)
    assert refused.status_code == 422 and "a link or a place" in refused.text and not Exchange.objects.exists()
    client.post(
        reverse("admin:stories_exchange_add"), typed | {"url": "https://meet.example.org/x", "languages": "fi en"}
    )
    series = Exchange.objects.get()
    address = reverse("admin:stories_exchange_change", args=[series.pk])
    assert "Tuesday at 09:30, every week" in client.get(address).text
    changed = typed | {"place_en": "Town hall", "from_day": "2026-04-01", "weekday": 2}
    assert client.post(address, changed | {"from_day": "2026-03-01"}).status_code == 409
    assert client.post(address, changed).status_code == 302
    assert client.post(address, {"end": "yes"}).status_code == 302
    assert not Meeting.objects.filter(cancelled_at=None).exists()


def test_municipalities_with_people_come_first_on_the_list_of_who_came(campaign, meeting, body):
    build_municipality(campaign, "999", "Aavasaksa")
    assert [str(one) for one, _there, _answer in attendance_of(meeting)] == [str(body), "Aavasaksa"]


def test_a_meeting_is_led_on_one_page(client, campaign, meeting, page, body, liisa, desk_at_noon, noon):
    client.force_login(liisa)
    assert client.get(page).status_code == 200
    client.post(page, {"add_point": "yes", "point-point_en": "Welcome", "point-minutes": "5"})
    client.post(page, {"notes": "yes", "notes-read": "0", "notes-notes_en": "Words", "notes-decisions_fi": "Päätös"})
    client.post(page, {"tick": "yes", "came": [str(body.pk)]})
    client.post(page, {"follow_up": "yes", "follow-text_en": "Call", "follow-due_on": "2026-03-30"})
    client.post(page, {"finish": str(FollowUp.objects.get().pk)})
    stale = client.post(page, {"notes": "yes", "notes-read": "0", "notes-notes_en": "My own words"})
    assert stale.status_code == 409 and "My own words" in stale.text
    early = client.post(page, {"confirm": "yes", "read": "1"})
    assert early.status_code == 409
    assert (
        client.post(page, {"follow_up": "yes", "follow-text_en": "Old", "follow-due_on": "2020-01-01"}).status_code
        == 422
    )
    moved = {
        "move": "yes",
        "move-day": "2026-03-26",
        "move-hour": "10:00",
        "move-minutes": "30",
        "move-url": "https://x.example.org/",
    }
    assert client.post(page, moved).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.is_moved, meeting.minutes, meeting.notes, meeting.decisions) == (
        True,
        30,
        {"en": "Words"},
        {"fi": "Päätös"},
    )
    assert FollowUp.objects.get().done_by == liisa and Attendance.objects.count() == 1
    assert client.post(page, {"cancel": "yes", "why": "Storm"}).status_code == 302
    assert client.post(page, {"cancel": "yes"}).status_code == 409
    assert "Storm" in client.get(page).text


def test_its_page_costs_the_same_however_many_come(
    client, campaign, meeting, page, alma, desk_at_noon, noon, django_assert_max_num_queries
):
    client.force_login(alma)
    client.get(page)
    with django_assert_max_num_queries(60) as few:
        client.get(page)
    for number in range(20):
        build_member(build_municipality(campaign, f"m{number}", f"Town {number}"), f"member{number}")
    meeting_invitations.invite_due(at=noon)
    with django_assert_max_num_queries(len(few)):
        client.get(page)


def test_others_look_and_change_nothing(client, meeting, page, fiona, minna, desk_at_noon):
    client.force_login(fiona)
    assert client.get(page).status_code == 200
    assert client.post(page, {"cancel": "yes"}).status_code == 403
    client.force_login(minna)
    assert client.get(reverse("exchange:home")).status_code == 403
    meeting.refresh_from_db()
    assert meeting.cancelled_at is None


def test_today_names_the_meeting_then_its_notes_then_what_is_late(campaign, meeting, alma, fiona, noon):
    def says(at, by=alma):
        return [one.words for one in pending_work.waiting_for(campaign, by, at=at)]

    assert says(noon)[0].startswith("Today at 13:00") or "Today at" in says(noon)[0]
    assert says(noon, fiona) == []
    tomorrow = noon + timedelta(days=1)
    assert "not confirmed yet" in says(tomorrow)[0]
    noted(meeting, by=alma, at=tomorrow)
    meeting_steps.confirm_notes(meeting, read=1, by=alma, at=tomorrow)
    meeting_steps.add_follow_up(meeting, {"text": in_all(en="Ask"), "due_on": noon.date()}, by=alma, at=noon)
    assert says(tomorrow) == ["1 follow-up of a meeting is late."]


# --- On the pages of members --------------------------------------------------------------------------------


def test_a_member_answers_does_what_is_theirs_and_subscribes(client, meeting, body, mauri, alma, desk_at_noon, noon):
    row = meeting_steps.add_follow_up(
        meeting, {"text": in_all(en="Ask the shops"), "municipality": body, "due_on": noon.date()}, by=alma, at=noon
    )
    client.force_login(mauri)
    shown = client.get(reverse("exchange:home")).text
    assert "Will you be there?" in shown and "Ask the shops" in shown and "https://meet.example.org/weekly" in shown
    client.post(reverse("exchange:answer", args=[meeting.pk]), {"answer": "yes"})
    assert MeetingInvitation.objects.get(meeting=meeting).answer == "yes"
    client.post(reverse("exchange:follow_up_done", args=[meeting.pk, row.pk]))
    assert FollowUp.objects.get().done_by == mauri
    client.post(reverse("exchange:new_calendar"))
    key = ExchangeCalendar.objects.get().key
    client.post(reverse("exchange:new_calendar"))
    assert client.get(reverse("exchange:calendar", args=[key])).status_code == 404
    assert ExchangeCalendar.objects.get().key in client.get(reverse("exchange:home")).text


def test_meetings_of_another_campaign_are_not_there(client, meeting, mauri, noon):
    other = build_campaign("other", published_at=meeting.exchange.campaign.published_at - timedelta(days=9))
    far = first(build_series(other, at=noon))
    client.force_login(mauri)
    assert client.get(reverse("exchange:meeting", args=[far.pk])).status_code in {403, 404}
    assert client.post(reverse("exchange:answer", args=[far.pk]), {"answer": "yes"}).status_code in {403, 404}
