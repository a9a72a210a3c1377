"""Slots in local time, right when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from bulletins.models import Cadence
from bulletins.scheduling import send_slots
from tests.support.builders import NOON, build_audience, build_cadence

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture
def audience(campaign):
    return build_audience(campaign)


def local(*parts):
    return datetime(*parts, tzinfo=HELSINKI)


def test_a_daily_slot_is_today_when_it_is_still_to_come(audience):
    cadence = build_cadence(audience, "day")

    assert cadence.next_slot(after=local(2026, 3, 25, 12)) == local(2026, 3, 25, 15)
    assert cadence.next_slot(after=local(2026, 3, 25, 15, 0, 1)) == local(2026, 3, 26, 15)


def test_weekly_and_monthly_slots(audience):
    week, month = build_cadence(audience, "week"), build_cadence(audience, "month", day_of_month=31)

    assert week.next_slot(after=local(2026, 3, 25, 12)) == local(2026, 3, 30, 15)
    assert [slot.date() for slot in month.next_slots(after=local(2028, 1, 31, 16), count=3)] == [
        date(2028, 2, 29),
        date(2028, 3, 31),
        date(2028, 4, 30),
    ]


@pytest.mark.parametrize(
    ("at", "first_day", "days", "moved"),
    [
        (time(3, 30), date(2027, 3, 27), 3, {date(2027, 3, 28): time(4, 30)}),  # 03:00–03:59 does not exist
        (time(3, 30), date(2027, 10, 30), 3, {}),  # 03:00–03:59 comes twice
        (time(16), date(2027, 3, 27), 3, {}),
    ],
)
def test_one_slot_per_local_date_when_the_clocks_change(audience, at, first_day, days, moved):
    cadence = build_cadence(audience, "day", local_time=at)
    after = datetime.combine(first_day, time(0), tzinfo=HELSINKI)

    slots = [slot.astimezone(HELSINKI) for slot in cadence.next_slots(after=after, count=days)]

    assert [slot.date() for slot in slots] == [first_day + timedelta(days=n) for n in range(days)]
    assert [slot.time() for slot in slots] == [moved.get(slot.date(), at) for slot in slots]
    assert len({slot.astimezone(UTC) for slot in slots}) == days


def test_one_cadence_ends_where_the_next_begins(audience):
    build_cadence(audience, "day", until=date(2026, 4, 30))
    build_cadence(audience, "week", slug="later", weekday=1, local_time=time(10), starts_on=date(2026, 5, 1))

    after, slots = local(2026, 4, 29, 12), []
    for _n in range(4):
        slot, _grace = send_slots.next_slot(audience, urgency="routine", after=after)
        slots.append(slot)
        after = slot + timedelta(seconds=1)

    assert slots == [local(2026, 4, 29, 15), local(2026, 4, 30, 15), local(2026, 5, 5, 10), local(2026, 5, 12, 10)]


def test_immediate_mail_waits_for_the_morning(audience):
    cadence = build_cadence(audience, "immediate", not_before=time(7), not_after=time(21))

    assert cadence.next_slot(after=local(2026, 3, 25, 12)) == local(2026, 3, 25, 12)
    assert cadence.next_slot(after=local(2026, 3, 25, 22)) == local(2026, 3, 26, 7)
    assert cadence.next_slot(after=local(2026, 3, 25, 5)) == local(2026, 3, 25, 7)


def test_a_cadence_for_urgent_mail_serves_no_other(audience):
    build_cadence(audience, "day")
    build_cadence(audience, "immediate", only_urgency="urgent", grace_minutes=60)

    assert send_slots.next_slot(audience, urgency="urgent", after=NOON) == (NOON, 60)
    assert send_slots.next_slot(audience, urgency="routine", after=NOON)[0] == local(2026, 3, 25, 15)


def test_an_ended_cadence_has_no_slot(audience):
    build_cadence(audience, "day", until=date(2026, 3, 20))

    assert send_slots.next_slot(audience, urgency="routine", after=NOON) is None


def test_an_incomplete_cadence_cannot_be_stored(audience):
    with pytest.raises(IntegrityError):
        Cadence.objects.create(audience=audience, slug="x", every="week", starts_on=date(2026, 3, 1))
