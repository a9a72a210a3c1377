"""A calendar tells when bulletins and digests come, by their cadences alone, right across the change of clocks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from bulletins.models import Cadence
from tests.support import builders
from website.feeds import ical

from .published_examples import NOON, SITE, live, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(settings: Any, time_machine: Any) -> None:
    """It is Wednesday 25 March 2026, four days before the clocks change, and the site has a public name."""
    settings.PUBLIC_URL = SITE
    time_machine.move_to(NOON, tick=False)


def get(language: str = "en", **headers: str) -> Any:
    """Fetch the calendar."""
    return Client().get(f"/{language}/feeds/calendar.ics", headers=headers)


def read(language: str = "en") -> Any:
    """Fetch the calendar and have an independent parser read it."""
    response = get(language)
    assert response.status_code == 200
    calendar = Calendar.from_ical(response.content)
    assert calendar.errors == []
    assert [error for event in calendar.events for error in event.errors] == []
    assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
    return calendar


def digest(campaign: Any, every: str = "day", **fields: Any) -> Any:
    """Return a digest audience with a cadence at 15:00."""
    return builders.build_audience(campaign, f"digest-{every}", kind="digest", cadence=every, **fields)


def moments(calendar: Any) -> list[datetime]:
    """Return when the events begin, in UTC."""
    return [event.start.astimezone(UTC) for event in calendar.events]


def test_each_slot_of_a_digest_in_the_next_thirty_days_is_an_event():
    digest(live())

    calendar = read()

    assert len(calendar.events) == 30
    assert {str(event["SUMMARY"]) for event in calendar.events} == {"Digest-day"}
    assert calendar.events[0].start.isoformat() == "2026-03-25T15:00:00+02:00"
    assert str(calendar["X-WR-CALNAME"]) == "Upcoming bulletins. Exercise"


def test_slots_keep_their_local_time_when_the_clocks_change():
    digest(live())

    found = moments(read())

    assert found[3:5] == [datetime(2026, 3, 28, 13, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)]


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York", "UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("now", [datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 10, 20, 12, tzinfo=UTC)])
def test_the_calendars_own_time_zone_says_the_same_as_the_campaigns(time_machine, zone, now):
    time_machine.move_to(now, tick=False)
    campaign = live(time_zone=zone)
    digest(campaign)
    name = f"Nowhere/{zone}-{now:%m}"  # which a parser can only know from the calendar itself
    body = get().content.replace(f"TZID={zone}".encode(), f"TZID={name}".encode())
    body = body.replace(f"TZID:{zone}".encode(), f"TZID:{name}".encode())

    found = moments(Calendar.from_ical(body))

    assert found == [slot.at.astimezone(UTC) for slot in ical.coming(campaign, language="en", at=now)]


def test_a_time_that_the_clocks_skip_or_repeat_is_one_event(time_machine):
    campaign = live()
    audience = builders.build_audience(campaign, "digest", kind="digest")
    builders.build_cadence(audience, "day", local_time=time(3, 30))

    spring = moments(read())
    time_machine.move_to(datetime(2026, 10, 24, 12, tzinfo=UTC), tick=False)
    autumn = moments(read())

    assert spring[4] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert autumn[1:3] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_audiences_that_meet_in_a_slot_have_one_event_and_are_not_named():
    campaign = live()
    for slug in ("chosen", "network"):
        builders.build_audience(campaign, slug, cadence="week")

    calendar = read()

    assert len(calendar.events) == 4
    assert {str(event["SUMMARY"]) for event in calendar.events} == {"Regular bulletin time"}
    assert b"hosen" not in get().content


def test_what_goes_at_once_or_for_urgent_words_only_has_no_slot():
    campaign = live()
    audience = builders.build_audience(campaign)
    builders.build_cadence(audience, "immediate")
    builders.build_cadence(audience, "day", only_urgency="urgent")

    assert list(read().events) == []


def test_whether_there_is_a_bulletin_for_a_slot_changes_nothing():
    campaign = live()
    audience = builders.build_audience(campaign, cadence="day")
    had = get().content
    builders.build_approved_bulletin(campaign, audiences=[audience], timing="next_slot")
    builders.build_approved_bulletin(campaign, audiences=[audience], embargo_until=NOON + timedelta(days=2))
    builders.build_bulletin(campaign, audiences=[audience])

    assert get().content == had


def test_another_cadence_takes_over_on_its_day():
    audience = digest(live(), "day")
    Cadence.objects.filter(audience=audience).update(until=date(2026, 3, 26))
    builders.build_cadence(audience, "week", starts_on=date(2026, 3, 27))

    assert [one.date().isoformat() for one in moments(read())[:4]] == [
        "2026-03-25", "2026-03-26", "2026-03-30", "2026-04-06",
    ]  # fmt: skip


def test_an_event_keeps_its_name_from_day_to_day(time_machine):
    digest(live())
    before = {event["UID"]: event.start for event in read().events}
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    after = {event["UID"]: event.start for event in read().events}

    assert len(before.keys() & after.keys()) == 29
    assert all(before[name] == after[name] for name in before.keys() & after.keys())


@pytest.mark.parametrize(("language", "word"), [("fi", "Harjoitus: "), ("sv", "Övning: "), ("en", "Exercise: ")])
def test_an_exercise_is_marked_in_every_event(campaign, language, word):
    digest(campaign)

    response = get(language)

    assert response["X-Robots-Tag"] == "noindex"
    assert all(str(event["SUMMARY"]).startswith(word) for event in read(language).events)


def test_a_calendar_can_be_read_whatever_an_audience_is_called():
    words = "Kooste; à, “ä”\nBEGIN:VEVENT\r\n\x07\\n 🦠" + "å" * 80
    digest(live(), name=builders.in_all(fi=words, sv=words, en=words))

    calendar = read()

    assert len(calendar.events) == 30
    assert str(calendar.events[0]["SUMMARY"]) == words.replace("\r\n", "\n").replace("\x07", "")


def test_whoever_has_it_already_is_not_sent_it_again_until_the_day_or_a_cadence_changes(time_machine, alma):
    campaign = live()
    audience = digest(campaign)
    had = get()

    for headers in ({"if_none_match": had["ETag"]}, {"if_modified_since": had["Last-Modified"]}):
        assert get(**headers).status_code == 304
    assert had["Content-Type"] == "text/calendar; charset=utf-8"

    from bulletins.scheduling import cadences

    new = Cadence(audience=audience, every="week", weekday=0, local_time=time(9), starts_on=date(2026, 4, 1))
    cadences.change(audience.cadences.get(), new, by=alma, at=NOON + timedelta(minutes=5))
    time_machine.move_to(NOON + timedelta(minutes=6), tick=False)
    assert get(if_modified_since=had["Last-Modified"]).status_code == 200
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    assert get(if_none_match=had["ETag"]).status_code == 200


def test_a_calendar_costs_the_same_however_many_audiences_there_are(django_assert_num_queries):
    campaign = live()
    for number in range(4):
        builders.build_audience(campaign, f"digest-{number}", kind="digest", cadence="week")
        with django_assert_num_queries(4):
            get()


def test_no_slots_is_an_empty_calendar():
    told(live())

    assert list(read().events) == []
