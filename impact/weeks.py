"""Weeks by ISO 8601, Monday to Sunday in the campaign's zone, as charts and pages count in them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2999
WRITTEN = re.compile(r"(\d{4})-?W(\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week, known by its Monday."""

    first: date

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the week of a day."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def read(cls, text: str) -> "Week | None":
        """Return the week that a text such as 2026-W48 says, None where it says none, or one that is out of reckoning."""
        found = WRITTEN.match(text)
        if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            return None
        try:
            return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError:
            return None

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def number(self) -> int:
        """Its number in its year."""
        return self.first.isocalendar().week

    @property
    def code(self) -> str:
        """As an address and a file say it: 2026-W48."""
        year, number, _day = self.first.isocalendar()
        return f"{year}-W{number:02d}"

    def before(self, weeks: int = 1) -> "Week":
        """Return the week so many weeks before."""
        return Week(self.first - timedelta(weeks=weeks))

    def after(self, weeks: int = 1) -> "Week":
        """Return the week so many weeks later."""
        return self.before(-weeks)

    def begins(self, zone: ZoneInfo) -> datetime:
        """Return its first moment."""
        return datetime.combine(self.first, time(), zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """Return the first moment after it."""
        return self.after().begins(zone)


def up_to(last: Week, number: int) -> list[Week]:
    """Return so many weeks, the last one last."""
    return [last.before(back) for back in range(number - 1, -1, -1)]
