"""Weeks by ISO 8601, in the campaign's zone."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from impact.weeks import Week, up_to


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-11-30", "2026-W49"),
        ("2027-01-01", "2026-W53"),
        ("2026-11-29", "2026-W48"),
        ("2021-01-03", "2020-W53"),
        ("2024-12-30", "2025-W01"),
    ],
)
def test_a_day_belongs_to_the_week_of_its_monday(day, name):
    week = Week.of(date.fromisoformat(day))

    assert (week.code, Week.read(name)) == (name, week)
    assert week.first <= date.fromisoformat(day) <= week.last
    assert (week.before().after(), week.after(2).before(2)) == (week, week)


@pytest.mark.parametrize(
    "name", ["", "2026-W00", "2026-W54", "0000-W01", "0001-W01", "9999-W52", "9999-W60", "2026-W1", "x"]
)
def test_no_other_name_is_a_week(name):
    assert Week.read(name) is None


def test_weeks_up_to_one_are_those_before_it():
    assert [week.number for week in up_to(Week.of(date(2027, 1, 6)), 3)] == [52, 53, 1]


def test_a_week_in_which_the_clocks_change_is_an_hour_longer():
    helsinki = ZoneInfo("Europe/Helsinki")
    autumn = Week.of(date(2026, 10, 25))

    assert (
        autumn.ends(helsinki).astimezone(ZoneInfo("UTC")) - autumn.begins(helsinki).astimezone(ZoneInfo("UTC"))
    ).days == 7
