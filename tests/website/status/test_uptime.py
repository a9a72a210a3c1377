"""The record of when the site worked: from tick to tick, by hour, bounded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from delivery.models import HostProcess, Pulse
from operations.monitoring import self_check
from website.models import UptimeHour
from website.status import uptime

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 25, 9, 59, 0, tzinfo=UTC)
HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.fixture(autouse=True)
def _pace(settings: Any) -> None:
    settings.TICK_SECONDS = 30


def ticks(*seconds: float, works: bool = True) -> None:
    """Record on ticks so many seconds after START."""
    for second in seconds:
        uptime.record(works=works, at=START + timedelta(seconds=second))


def hours() -> list[tuple[datetime, int, int]]:
    """Return (hour, working, not working) of what is kept."""
    return list(UptimeHour.objects.order_by("hour").values_list("hour", "working", "not_working"))


def hour(after: int = 0) -> datetime:
    """Return the hour of START, or one after it."""
    return START.replace(minute=0) + timedelta(hours=after)


def test_time_between_ticks_counts_as_working_in_its_hour() -> None:
    ticks(0, 30, 60.7, 90.2)
    assert hours() == [(hour(), 60, 0), (hour(1), 30, 0)]


def test_the_first_tick_counts_nothing() -> None:
    ticks(0)
    assert hours() == []
    assert uptime.is_recorded(at=START) is True


def test_a_gap_counts_as_not_working_in_each_of_its_hours_once_it_is_over() -> None:
    ticks(0, 30)
    ticks(30 + 2 * 3600)
    assert hours() == [(hour(), 30, 30), (hour(1), 0, 3600), (hour(2), 0, 3570)]


def test_the_longest_pause_between_ticks_is_no_gap() -> None:
    ticks(0, 90, 181)
    assert [row[1:] for row in hours()] == [(60, 0), (30, 91)]


def test_a_tick_that_is_set_to_come_often_may_be_as_late(settings: Any) -> None:
    settings.TICK_SECONDS = 2
    ticks(0, 90)
    assert [row[1:] for row in hours()] == [(60, 0), (30, 0)]
    settings.TICK_SECONDS = 60
    ticks(270)
    assert hours()[1][1:] == (210, 0)


def test_what_a_tick_finds_wrong_counts_as_not_working() -> None:
    ticks(0, 30)
    ticks(60, works=False)
    assert hours() == [(hour(), 30, 30)]


def test_two_ticks_at_once_or_a_clock_set_back_count_nothing_twice() -> None:
    ticks(0, 30, 30, 30.4, 10)
    assert hours() == [(hour(), 30, 0)]


@pytest.mark.django_db(transaction=True)
def test_ticks_side_by_side_count_each_second_once() -> None:
    ticks(0)

    def record_all(_number: int) -> None:
        try:
            ticks(*range(1, 21))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(record_all, range(3)))
    assert hours() == [(hour(), 20, 0)]


def test_the_record_stays_small_however_long_the_gap(django_assert_max_num_queries: Any) -> None:
    ticks(0, 30)
    with django_assert_max_num_queries(7):
        ticks(60)
    uptime.record(works=True, at=START + timedelta(days=400))
    assert UptimeHour.objects.count() <= (uptime.DAYS + 3) * 24
    assert not UptimeHour.objects.filter(
        hour__lt=START + timedelta(days=400) - uptime.KEPT - timedelta(hours=1)
    ).exists()


def test_days_are_those_of_the_campaigns_zone_and_say_where_nothing_was_recorded() -> None:
    late = datetime(2026, 3, 24, 22, tzinfo=UTC)  # already the 25th in Helsinki
    UptimeHour.objects.create(hour=late - timedelta(hours=1), working=3600)
    UptimeHour.objects.create(hour=late, working=3000, not_working=600)
    found = uptime.days(HELSINKI, at=START)
    assert len(found) == uptime.DAYS and found[-1].date == date(2026, 3, 25)
    assert [(day.level, day.percent) for day in found[-3:]] == [("none", None), ("full", 100.0), ("bad", 83.33)]


def test_only_all_of_it_is_a_hundred_per_cent() -> None:
    assert uptime.percent_of(86_399, 86_400) == 99.99
    assert uptime.Day(date(2026, 3, 25), 86_399, 1).level == "part"
    assert uptime.percent_of(0, 0) is None


def test_a_tick_that_stands_still_shows() -> None:
    assert uptime.is_recorded(at=START) is None
    ticks(0)
    assert uptime.is_recorded(at=START + timedelta(seconds=91)) is False


# --- What a tick finds ----------------------------------------------------------------------------------


def web(at: datetime) -> None:
    """Show a web server alive."""
    HostProcess.objects.update_or_create(
        host="a", name="web", defaults={"started_at": at, "seen_at": at, "release": "1"}
    )


def test_the_site_works_while_a_web_server_is_there_and_nothing_is_wrong(time_machine: Any, monkeypatch: Any) -> None:
    time_machine.move_to(START, tick=False)
    Pulse.beat("tick", at=START)
    assert not self_check.works(at=START)
    web(START)
    assert self_check.works(at=START)
    assert not self_check.works(at=START + timedelta(minutes=1))  # the web server fell silent
    monkeypatch.setattr("operations.monitoring.health.not_ready", lambda: ["The disk is nearly full."])
    assert not self_check.works(at=START)


def test_the_tick_records_it(time_machine: Any) -> None:
    from config.tick import STEPS, take

    steps = [step for step in STEPS if step is self_check.record]
    for seconds in (0, 30):
        now = START + timedelta(seconds=seconds)
        time_machine.move_to(now, tick=False)
        Pulse.beat("tick", at=now)
        web(now)
        take(steps)
    assert hours() == [(hour(), 30, 0)]
