"""
How many have seen an urgent bulletin over time, as a picture: the people who count for its steps, when these came or come, and how many
are enough. Places along the time are in per cent, heights in pixels of a plot of HEIGHT.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from bulletins.models import SeenRule
from influencers.models import SeenRequest
from influencers.recall import recall_progress

from . import seen_counts
from .ladder import Ladder
from .rules import Rules

TOP, HEIGHT = 24, 120
ROOM = timedelta(minutes=2)  # after the last moment that is shown


@dataclass(frozen=True, slots=True)
class Mark:
    """A step on the line of time: its number, what it is, how many had seen it by then (None: it is still to come)."""

    number: int
    name: str
    at: datetime
    x: float
    seen: int | None


@dataclass(frozen=True, slots=True)
class SeenChart:
    """The picture. `now_x` is how far the line goes, `now_y` at what height it ends, `enough_y` the height at which the steps stop."""

    title: str
    points: str
    people: int
    seen: int
    enough: int
    marks: list[Mark]
    now_x: float
    now_y: int
    enough_y: int
    begins: datetime
    ends: datetime


def of(request: SeenRequest, ladder: Ladder, *, at: datetime) -> SeenChart | None:
    """Return the picture of a request, None where nobody counts; two queries."""
    rows = seen_counts.rows_that_count(request)
    moments, people = sorted(seen for _tier, seen in rows if seen), len(rows)
    enough = Rules.of(request.plan).needed(people)
    return drawn(request, ladder, moments, people, enough, at=at) if people else None


def drawn(
    request: SeenRequest, ladder: Ladder, moments: Sequence[datetime], people: int, enough: int, *, at: datetime
) -> SeenChart:
    """Return the picture of moments at which people who count said that they have seen it."""
    begins, now = request.began_at, max(request.ended_at or at, request.began_at)
    shown = [rung for rung in ladder.rungs if request.ended_at is None or rung.state == "done"]
    ends = max([now + ROOM, *(rung.at + ROOM for rung in shown if rung.at <= now + 2 * (now - begins) + ROOM)])
    span = (ends - begins).total_seconds()
    marks = [
        Mark(
            number,
            rung.name,
            rung.at,
            round(100 * (rung.at - begins).total_seconds() / span, 1),
            sum(one <= rung.at for one in moments) if rung.state == "done" else None,
        )
        for number, rung in enumerate(ladder.rungs, start=1)
        if rung in shown and rung.at <= ends
    ]
    return SeenChart(
        title=title_of(request, len(moments), people, now - begins),
        points=recall_progress.curve(moments, people, begins, now),
        people=people,
        seen=len(moments),
        enough=enough,
        marks=marks,
        now_x=round(100 * (now - begins).total_seconds() / span, 1),
        now_y=height_of(len(moments), people),
        enough_y=height_of(enough, people),
        begins=begins,
        ends=ends,
    )


def height_of(count: int, people: int) -> int:
    """Return how far below the top so many of all people are."""
    return TOP + HEIGHT - round(HEIGHT * count / people)


def title_of(request: SeenRequest, seen: int, people: int, length: timedelta) -> str:
    """Return the finding in a sentence."""
    said = {"n": seen, "all": people, "time": recall_progress.describe_length(length)}
    if Rules.of(request.plan).counts == SeenRule.Counts.CLOSEST:
        return (
            ngettext(
                "%(n)d of the %(all)d in closest contact has seen it, %(time)s after the first send",
                "%(n)d of the %(all)d in closest contact have seen it, %(time)s after the first send",
                seen,
            )
            % said
        )
    return (
        ngettext(
            "%(n)d of %(all)d has seen it, %(time)s after the first send",
            "%(n)d of %(all)d have seen it, %(time)s after the first send",
            seen,
        )
        % said
    )
