"""Time zones to choose from."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from lib import time_zones


def test_each_place_stands_once_by_its_name_of_today():
    offered = time_zones.offered()

    assert {"Europe/Helsinki", "Europe/Mariehamn", "Europe/Kyiv", "Asia/Kolkata", "Pacific/Pohnpei"} <= set(offered)
    assert not {"Europe/Kiev", "Asia/Calcutta", "US/Alaska", "Mexico/General", "Pacific/Ponape", "EST"} & set(offered)
    assert offered == sorted(set(offered)) and len({zone.partition("/")[0] for zone in offered}) <= 11


def test_no_clock_is_lost_with_the_names_that_are_not_offered():
    def hours(zone: str) -> tuple[object, ...]:
        return tuple(datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in (1, 7))

    there = {hours(zone) for zone in time_zones.offered()}
    named = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))}
    assert {hours(zone) for zone in named} <= there
