"""Retries: after longer and longer waits, and then after an hour each."""

from datetime import UTC, datetime, timedelta

from lib import retries

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


def test_the_waits_grow_to_an_hour():
    waits = [retries.next_attempt(tried, at=NOON) - NOON for tried in range(6)]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 60)]
