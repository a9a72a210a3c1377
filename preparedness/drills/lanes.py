"""
The drawing of a drill: a lane for each kind of event, what was put in and how long it took, what waits, and for the drill's leader
what is still to come. Places along the lane are in per cent, so that words keep their size on every screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import time_format
from django.utils.translation import gettext_lazy

from campaigns.drill_clock import DrillClock
from preparedness.models import DrillEvent

from .scenario_files import CLAIM, CORRECTION, DEAD_RELAY, HARASSMENT, INPUT, LOST_APPROVER, QUESTION, Scenario
from .trails import Trail

LEFT, RIGHT = 13.0, 98.0  # per cent, where the lanes begin and end
LANE, HEAD, LEVEL = 46, 30, 20  # pixels: a lane, the hours over them, a second row in a lane
LETTER = 0.62  # per cent of the width that a letter of a name takes
MOST_LEVELS = 3
LANES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (gettext_lazy("Submissions"), (INPUT,)),
    (gettext_lazy("Claims"), (CLAIM,)),
    (gettext_lazy("Questions"), (QUESTION,)),
    (gettext_lazy("Harassment"), (HARASSMENT,)),
    (gettext_lazy("Faults"), (LOST_APPROVER, DEAD_RELAY)),
    (gettext_lazy("Corrections"), (CORRECTION,)),
)


@dataclass(frozen=True)
class Mark:
    """An event in its lane: from `x` to `x2` per cent, `y` pixels down. `state` is done, waits or later."""

    name: str
    state: str
    x: float
    x2: float
    y: int
    text_x: float
    is_at_end: bool

    @property
    def text_y(self) -> int:
        """Where its name stands."""
        return self.y - 8


@dataclass
class Lane:
    """A lane with its events."""

    name: str
    top: int
    marks: list[Mark] = field(default_factory=list)
    height: int = LANE

    @property
    def bottom(self) -> int:
        """Where it ends."""
        return self.top + self.height

    @property
    def name_y(self) -> int:
        """Where its name stands."""
        return self.top + self.height // 2 + 6


@dataclass(frozen=True)
class Drawing:
    """The whole drawing, with the hours over it."""

    lanes: list[Lane]
    hours: list[tuple[float, str]]
    now: float
    now_text: str
    height: int


@dataclass(frozen=True)
class Ruler:
    """Where moments stand along the lanes."""

    scenario: Scenario
    clock: DrillClock
    now: float

    def x_of(self, seconds: float) -> float:
        """Return where a second of the scenario stands, in per cent."""
        share = min(max(seconds, 0), self.clock.seconds) / self.clock.seconds
        return round(LEFT + (RIGHT - LEFT) * share, 2)

    def begins(self, event: DrillEvent) -> float:
        """Return in which second of the scenario an event came, or is to come."""
        return self.clock.elapsed(event.done_at) if event.done_at else float(event.offset or 0)

    def hours(self) -> list[tuple[float, str]]:
        """Return the hours over the lanes, but for those that the present would hide."""
        every = next(one for one in (5, 10, 15, 30, 60, 120, 240) if self.scenario.minutes / one <= 6)
        return [
            (self.x_of(60 * minute), time_format(self.clock.time_of_day(60 * minute), "TIME_FORMAT"))
            for minute in range(0, self.scenario.minutes + 1, every)
            if abs(60 * minute - self.now) > self.clock.seconds / 16
        ]


def draw(
    scenario: Scenario,
    clock: DrillClock,
    events: Sequence[DrillEvent],
    found: Mapping[str, Trail],
    *,
    at: datetime,
    shows_later: bool,
) -> Drawing:
    """Return the drawing of a drill; no query."""
    ruler = Ruler(scenario, clock, min(clock.elapsed(at), clock.seconds))
    shown = [one for one in events if one.done_at or (shows_later and one.offset is not None)]
    lanes, top = [], HEAD
    for name, kinds in LANES:
        lane = Lane(str(name), top)
        mark_events(lane, sorted((one for one in shown if one.kind in kinds), key=ruler.begins), found, ruler)
        top += lane.height
        lanes.append(lane)
    now_text = time_format(clock.time_of_day(ruler.now), "TIME_FORMAT")
    return Drawing(lanes, ruler.hours(), ruler.x_of(ruler.now), now_text, top + 6)


def mark_events(lane: Lane, events: Sequence[DrillEvent], found: Mapping[str, Trail], ruler: Ruler) -> None:
    """Put events into a lane, each where its name hides no other's."""
    ends = [0.0] * MOST_LEVELS
    for event in events:
        start, trail = ruler.x_of(ruler.begins(event)), found.get(event.key)
        dealt = event.dealt_at or (trail.dealt_at if trail else None)
        label = ruler.scenario.event(event.key).named()
        if event.done_at is None:
            state, end, label = "later", start, ""
        elif dealt:
            state, end = "done", ruler.x_of(ruler.clock.elapsed(dealt))
        else:
            state, end = "waits", ruler.x_of(ruler.now)
        name_end = start + len(label) * LETTER
        level = next((n for n in range(MOST_LEVELS) if ends[n] <= start - 1), MOST_LEVELS - 1)
        ends[level] = max(end, name_end) + 1.5
        down = level * (LEVEL + 10)
        fits = name_end <= 100
        lane.marks.append(
            Mark(label, state, start, end, lane.top + 28 + down, start - 0.6 if fits else RIGHT, not fits)
        )
        lane.height = max(lane.height, LANE + down)
