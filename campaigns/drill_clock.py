"""
The clock of a drill (preparedness/drills), as every page of its exercise shows it: time in the scenario, which may run faster than
the world's. A campaign keeps it in `Campaign.drill` while one runs, so that no page has to ask for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from campaigns.translated_fields import in_language

Pause = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class DrillClock:
    """
    How a drill's time goes. `speed` is how many scenario seconds pass in one of ours, `begins` the time of day that the
    scenario shows first, `pauses` when it stood still (the last may go on), `ended` when it was over. `away` is {key of a
    user: until which second of the scenario they are out}.
    """

    began: datetime
    speed: int
    minutes: int
    begins: time
    pauses: Sequence[Pause] = ()
    ended: datetime | None = None
    name: dict[str, str] = field(default_factory=dict)
    away: Mapping[int, float] = field(default_factory=dict)

    @property
    def seconds(self) -> int:
        """How long the scenario is, in its own seconds."""
        return 60 * self.minutes

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return bool(self.pauses) and self.pauses[-1][1] is None

    def elapsed(self, at: datetime) -> float:
        """Return how many seconds of the scenario have passed at `at`, 0 before the beginning."""
        return self.own_seconds(self.began, at) * self.speed

    def own_seconds(self, since: datetime, until: datetime) -> float:
        """Return how many of our seconds the drill ran between two moments, pauses left out."""
        since, until = max(since, self.began), min(until, self.ended or until)
        if until <= since:
            return 0.0
        still = sum(
            max(0.0, (min(end or until, until) - max(start, since)).total_seconds()) for start, end in self.pauses
        )
        return max(0.0, (until - since).total_seconds() - still)

    def length(self, since: datetime, until: datetime) -> float:
        """Return how many seconds of the scenario lie between two moments."""
        return self.own_seconds(since, until) * self.speed

    def moment(self, elapsed: float, *, at: datetime) -> datetime:
        """Return when the scenario will have come so far, seen from `at`, if nobody stops it."""
        return at + timedelta(seconds=(elapsed - self.elapsed(at)) / self.speed)

    def time_of_day(self, elapsed: float) -> time:
        """Return what the scenario's clock shows after so many of its seconds."""
        return (datetime.combine(date.min, self.begins) + timedelta(seconds=elapsed)).time()

    def is_over(self, at: datetime) -> bool:
        """Return whether the scenario has come to its end."""
        return self.elapsed(at) >= self.seconds

    def is_away(self, user: int | None, *, at: datetime) -> bool:
        """Return whether somebody is out by the scenario."""
        return user is not None and self.elapsed(at) < self.away.get(user, 0)

    def named(self) -> str:
        """Return the scenario's name in the active language."""
        return in_language(self.name)

    # --- As a campaign keeps it

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "began": self.began.isoformat(),
            "speed": self.speed,
            "minutes": self.minutes,
            "begins": self.begins.isoformat(timespec="minutes"),
            "pauses": [[start.isoformat(), end.isoformat() if end else None] for start, end in self.pauses],
            "name": dict(self.name),
            "away": {str(key): until for key, until in self.away.items()},
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "DrillClock | None":
        """Return the clock that a campaign keeps, None while no drill runs."""
        if not kept:
            return None
        return cls(
            began=datetime.fromisoformat(kept["began"]),
            speed=kept["speed"],
            minutes=kept["minutes"],
            begins=time.fromisoformat(kept["begins"]),
            pauses=pauses_of(kept["pauses"]),
            name=kept["name"],
            away={int(key): until for key, until in kept["away"].items()},
        )


def pauses_of(kept: Sequence[Sequence[str | None]]) -> list[Pause]:
    """Return pauses that are kept as ISO texts."""
    return [
        (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None) for start, end in kept if start
    ]
