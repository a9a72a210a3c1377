"""
What follows when, as pure functions of the time, of who has seen it, and of what was approved. They know no rows and no clock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from bulletins.models import SeenRule
from influencers.models import SeenRequest

End = SeenRequest.End
GIVES_UP_AFTER = timedelta(hours=24)  # after the last step: what was urgent is over
LONGEST = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Rules:
    """What was approved: the steps (kind, minutes), when it is enough, the night, whether it holds then too, and who may get it next."""

    steps: tuple[tuple[str, int], ...]
    counts: str
    enough_percent: int
    enough_people: int | None
    night: tuple[time, time]
    at_night: bool
    next_audience: int | None

    @classmethod
    def of(cls, plan: Mapping[str, Any]) -> "Rules":
        """Return the rules of a request's plan; the defaults where a rule is not in it."""
        rule = plan.get("rule") or SeenRule().plain()
        begins, ends = (time.fromisoformat(one) for one in rule["night"])
        return cls(
            steps=tuple((kind, minutes) for kind, minutes in rule["steps"]),
            counts=rule["counts"],
            enough_percent=rule["enough_percent"],
            enough_people=rule["enough_people"],
            night=(begins, ends),
            at_night=bool(plan.get("at_night")),
            next_audience=plan.get("next"),
        )

    def is_night(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Return whether it is night at a moment, by the clock of a zone."""
        begins, ends = self.night
        now = moment.astimezone(zone).time()
        if begins <= ends:
            return begins <= now < ends
        return now >= begins or now < ends

    def out_of_night(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return a moment, or the end of the night that it is in, when it is to be left in peace."""
        if self.at_night or not self.is_night(moment, zone):
            return moment
        local = moment.astimezone(zone)
        ends = datetime.combine(local.date(), self.night[1], tzinfo=zone)
        return ends if ends > local else datetime.combine(local.date() + timedelta(days=1), self.night[1], tzinfo=zone)

    def needed(self, asked: int) -> int:
        """Return how many of those who are counted are enough; 0 when nobody is asked."""
        wanted = self.enough_people if self.enough_people else ceil(asked * self.enough_percent / 100)
        return min(asked, wanted)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is still to be taken: its place, its kind, and when it is due by the minutes alone."""

    position: int
    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """
    Where a request is: how many who are counted were `asked` and have `seen` it, what is `left`, and what stops it. `asks_nobody`: it
    has asked nobody, and without a further step never will.
    """

    began_at: datetime
    asked: int
    seen: int
    left: Collection[Step] = ()
    asks_nobody: bool = False
    is_held: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes now: the `step` to take, or the reason to `end`; neither while there is nothing to do before `until` (None: a person)."""

    step: Step | None = None
    end: str = ""
    until: datetime | None = None
    waits_for: Step | None = None


def decide(rules: Rules, here: Position, zone: ZoneInfo, *, at: datetime) -> Decision:
    """Return what comes at a moment. What ends comes before what is held, and what is held before any step; one step at a time."""
    if here.is_closed:
        return Decision(end=End.CLOSED)
    if here.asked and here.seen >= rules.needed(here.asked):
        return Decision(end=End.ENOUGH)
    if at >= here.began_at + LONGEST:
        return Decision(end=End.OVER)
    left = sorted(here.left, key=lambda one: one.position)
    if not left:
        if here.asks_nobody:
            return Decision(end=End.NOBODY)
        last = here.began_at + timedelta(minutes=max((minutes for _kind, minutes in rules.steps), default=0))
        over = last + GIVES_UP_AFTER
        return Decision(end=End.OVER) if at >= over else Decision(until=over)
    if here.is_held:
        return Decision(waits_for=left[0])
    begins = rules.out_of_night(max(left[0].due_at, at), zone)
    return Decision(step=left[0]) if begins <= at else Decision(until=begins, waits_for=left[0])
