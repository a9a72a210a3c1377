"""The demo's dates: those of 2020, moved by whole days so that bulletin 4 is due today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import overload
from zoneinfo import ZoneInfo

from demo.content_files.content import Content

DUE_TODAY = 4
DUE_IN = timedelta(minutes=2)  # from loading until bulletin 4 goes out


@dataclass(frozen=True)
class Calendar:
    """
    Moves 2020 to now. `at` is now (aware); `days` is how far everything moves.

    Local wall-clock times stay as they are: what went out at 16:00 in 2020 went out at 16:00 here too.
    """

    zone: ZoneInfo
    days: int
    at: datetime

    @classmethod
    def of(cls, content: Content, *, at: datetime) -> "Calendar":
        """Return the calendar in which the day of bulletin 4 is the local day of `at`."""
        due = next(bulletin.published_at for bulletin in content.bulletins if bulletin.number == DUE_TODAY)
        days = (at.astimezone(content.zone).date() - due.astimezone(content.zone).date()).days
        return cls(content.zone, days, at)

    @overload
    def day(self, value: date) -> date: ...
    @overload
    def day(self, value: None) -> None: ...
    def day(self, value: date | None) -> date | None:
        """Return the date that a date of 2020 stands for."""
        return None if value is None else value + timedelta(days=self.days)

    @overload
    def moment(self, value: datetime) -> datetime: ...
    @overload
    def moment(self, value: None) -> None: ...
    def moment(self, value: datetime | None) -> datetime | None:
        """Return the moment (in UTC) that a moment of 2020 stands for: as many days later, at the same local time."""
        if value is None:
            return None
        local = value.astimezone(self.zone)
        return datetime.combine(local.date() + timedelta(days=self.days), local.time(), self.zone).astimezone(UTC)

    def local_day(self, moment: datetime) -> date:
        """Return the local date of a moment."""
        return moment.astimezone(self.zone).date()

    def end_of(self, value: date | None) -> datetime | None:
        """Return the last minute of the day that a date of 2020 stands for."""
        return None if value is None else datetime.combine(self.day(value), time(23, 59), self.zone).astimezone(UTC)

    def past_day(self, value: date) -> date:
        """Return the date, or today when it would be later than that."""
        return min(self.day(value), self.local_day(self.at))

    def spread(self, first: datetime, last: datetime, count: int) -> list[datetime]:
        """Return `count` moments spread evenly from `first` to `last`."""
        return [first + (last - first) * n / max(1, count - 1) for n in range(count)]


def day_of(value: date | None) -> date:
    """Return a date that has been checked to be there."""
    assert value is not None
    return value
