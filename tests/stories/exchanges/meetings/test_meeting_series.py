"""Series of meetings: made ahead once each, at the same hour of the day through the year, and changed from a day on."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from stories.exchanges.meetings import meeting_series, meeting_steps
from stories.exchanges.refusals import NotDone
from stories.models import Meeting
from tests.stories.exchanges.scene import build_series, days, first, rule
from tests.support.builders import in_all

pytestmark = pytest.mark.django_db


def test_the_hour_stays_when_the_clocks_change(campaign, noon):
    series = build_series(campaign, at=noon)
    before, after = series.meetings.order_by("starts_at")[:2]  # the clocks change on 29 March
    assert before.starts_at == datetime(2026, 3, 25, 11, tzinfo=UTC)
    assert after.starts_at == datetime(2026, 4, 1, 10, tzinfo=UTC)


def test_an_hour_that_the_clocks_leave_out_is_an_hour_later(campaign, noon, alma):
    series = build_series(campaign, at=noon, weekday=6)
    meeting_series.change(series, rule(series, at=time(3, 30)), from_day=date(2026, 3, 25), by=alma, at=noon)
    assert first(series).starts_at == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )  # 04:30 in the summer time that has begun


def test_every_second_week_until_a_day(campaign, noon):
    series = build_series(campaign, at=noon, every_weeks=2, until=date(2026, 4, 22))
    assert days(series) == [date(2026, 3, 25), date(2026, 4, 8), date(2026, 4, 22)]


def test_the_tick_makes_each_meeting_once(campaign, noon, django_assert_num_queries):
    series = build_series(campaign, at=noon)
    assert len(days(series)) == 9
    with django_assert_num_queries(2):
        assert meeting_series.make_due(at=noon) == 0
    later = noon + timedelta(weeks=1)
    assert (meeting_series.make_due(at=later), meeting_series.make_due(at=later)) == (1, 0)
    assert series.meetings.count() == 10


def test_a_change_moves_the_meeting_of_each_week_from_a_day_on(campaign, noon, alma):
    series = build_series(campaign, at=noon)
    uids = list(series.meetings.order_by("starts_at").values_list("uid", flat=True))
    changed = rule(series, weekday=3, at=time(9))
    meeting_series.change(series, changed, from_day=date(2026, 3, 30), by=alma, at=noon)
    rows = list(series.meetings.order_by("starts_at"))
    assert days(series, count=3) == [date(2026, 3, 25), date(2026, 4, 2), date(2026, 4, 9)]
    assert [one.uid for one in rows[:9]] == uids  # calendars move them along
    assert [(one.sequence, one.time_sequence) for one in rows[:3]] == [(0, 0), (1, 1), (1, 1)]
    assert meeting_series.make_due(at=noon) == 0


def test_a_change_in_the_middle_of_a_week_that_has_met_begins_with_the_next(campaign, noon, alma):
    series = build_series(campaign, at=noon)
    meeting_series.change(series, rule(series, weekday=4), from_day=date(2026, 3, 26), by=alma, at=noon)
    meeting_series.make_due(at=noon)
    assert days(series, count=2) == [date(2026, 3, 25), date(2026, 4, 3)]


def test_fewer_meetings_cancel_those_between(campaign, noon, alma):
    series = build_series(campaign, at=noon)
    meeting_series.change(series, rule(series, every_weeks=2), from_day=date(2026, 4, 1), by=alma, at=noon)
    assert days(series, count=3) == [date(2026, 3, 25), date(2026, 4, 1), date(2026, 4, 15)]
    assert series.meetings.get(cancelled_at=noon, starts_at__date=date(2026, 4, 8)).sequence == 1


def test_what_was_moved_by_hand_keeps_its_time(campaign, noon, alma):
    series = build_series(campaign, at=noon)
    second = series.meetings.order_by("starts_at")[1]
    own = second.starts_at + timedelta(days=1)
    meeting_steps.move(second, starts_at=own, minutes=60, url="", place=in_all(en="Town hall"), by=alma, at=noon)
    meeting_series.change(series, rule(series, at=time(9)), from_day=date(2026, 3, 26), by=alma, at=noon)
    second.refresh_from_db()
    assert (second.starts_at, second.sequence) == (own, 1)


@pytest.mark.parametrize("day", [date(2026, 3, 24), date(2026, 5, 30)])
def test_a_change_from_a_day_that_is_over_or_far_away_is_refused(campaign, noon, alma, day):
    series = build_series(campaign, at=noon)
    with pytest.raises(NotDone):
        meeting_series.change(series, rule(series, minutes=30), from_day=day, by=alma, at=noon)
    series.refresh_from_db()
    assert series.minutes == 60


def test_the_end_of_a_series_cancels_what_was_to_come(campaign, noon, alma):
    series = build_series(campaign, at=noon)
    meeting_series.end(series, by=alma, at=noon)
    assert not Meeting.objects.filter(cancelled_at=None).exists()
    assert meeting_series.make_due(at=noon + timedelta(weeks=2)) == 0
    with pytest.raises(NotDone):
        meeting_series.end(series, by=alma, at=noon)
