"""Weeks, as they are counted and reported: from Monday to Sunday in the campaign's zone, numbered by ISO 8601."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_NAME = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Week:
    """One week, by its Monday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week of a day."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def named(cls, name: str) -> "Week | None":
        """Return the week that is called so ("2026-W48"), None where there is none."""
        found = _NAME.fullmatch(name)
        try:
            return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1)) if found else None
        except ValueError:
            return None

    def __str__(self) -> str:
        year, number, _day = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def number(self) -> int:
        """Its number in the year."""
        return self.monday.isocalendar().week

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> "Week":
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def after(self) -> "Week":
        """The week after."""
        return Week(self.monday + timedelta(days=7))

    def begins(self, zone: ZoneInfo) -> datetime:
        """Return its first moment."""
        return datetime.combine(self.monday, time(), zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """Return the first moment after it."""
        return self.after.begins(zone)
