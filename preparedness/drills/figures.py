"""
What a drill measured, in seconds of the scenario. Only people are as fast as the scenario's clock: what the machine does by itself,
from an approval to the mail, counts in its own seconds, but for the time that the scenario kept its relay dead.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median

from accounts.models import MADE_UP, User
from bulletins.checks import registry
from bulletins.models import Bulletin, Edition
from campaigns.drill_clock import DrillClock
from delivery.models import Delivery, Mailing, Send
from influencers.escalation import seen_counts
from influencers.models import Recall, SeenRequest
from preparedness.models import Drill, DrillEvent

from . import lifecycle, trails
from .parts import has_people, parts_of
from .scenario_files import CORRECTION, DEAD_RELAY, INPUT, MEASURES, QUESTION, Scenario, Submission
from .trails import Trail

COUNTED = ("findings_missed",)
# Points that nobody ticked say nothing of the text; which words a dictionary lacks depends on those that are installed.
NO_FINDING = {"checklist", "spelling"}
SLOW = 1.05  # of its planned length, from which on a drill measured the machine
LOOKED_PAST = 5  # drills that were too slow to be compared with


@dataclass(frozen=True)
class Delivered:
    """When the first person and 95 in a hundred of all had a version's mail; None while they do not. `people` is all of them."""

    first: datetime | None
    most: datetime | None
    people: int


@dataclass(frozen=True)
class Waited:
    """For how long a part was waited for, in seconds of the scenario: how often, in all, and the longest time."""

    part: str
    times: int
    total: float
    longest: float


def keep(drill: Drill) -> None:
    """Measure a drill that is over, and keep it, so that later drills can be compared with it."""
    scenario = lifecycle.scenario_of(drill)
    events = list(drill.events.all())
    found = trails.of(drill, scenario, events)
    assert drill.ended_at is not None
    actors = User.objects.filter(pk__in={key for one in found.values() for key in one.people})
    people = actors.exclude(email__endswith=MADE_UP).count()
    seconds = round(drill.clock(scenario).own_seconds(drill.started_at or drill.ended_at, drill.ended_at), 2)
    drill.figures = {
        "measures": measures(drill, scenario, events, found, at=drill.ended_at),
        "waited": [
            {"part": one.part, "times": one.times, "total": round(one.total), "longest": round(one.longest)}
            for one in waited(drill.clock(scenario), found.values(), at=drill.ended_at)
            # Of a drill with people, what the made-up do takes as long as the scenario says: nobody can do that better.
            if not (has_people(drill.made_up) and one.part in parts_of(drill.made_up))
        ],
        "events": {
            one.event.key: round(drill.clock(scenario).length(*one.took))
            for one in found.values()
            if one.took and not one.event.note
        },
        "people": people,
        "recipients": recipients(found.values()),
        "seconds": seconds,
        "is_slow": is_slow(drill, scenario, seconds),
    }
    drill.save(update_fields=["figures"])


def measures(
    drill: Drill, scenario: Scenario, events: Sequence[DrillEvent], found: Mapping[str, Trail], *, at: datetime
) -> dict[str, float | None]:
    """Return {measure: seconds of the scenario, or a number of findings}, None for what has not happened; seven queries at most."""
    clock = drill.clock(scenario)
    kept: dict[str, float | None] = dict.fromkeys(MEASURES)
    if first := next((one for one in found.values() if one.event.kind == INPUT), None):
        kept |= of_bulletin(first, clock, dead_times(events, at=at))
    kept |= seen(found.values(), clock)
    kept["findings_missed"] = sum(len(left) for left in drill.missed.values()) if drill.missed else None
    kept["answered"] = answered(clock, [one for one in found.values() if one.event.kind == QUESTION])
    kept |= recalled(clock, [one for one in found.values() if one.event.kind == CORRECTION])
    return {name: None if value is None else round(value, 1) for name, value in kept.items()}


def answered(clock: DrillClock, asked: Iterable[Trail]) -> float | None:
    """Return how long answers took, the median."""
    took = [clock.length(*one.took) for one in asked if one.took and one.subject]
    return median(took) if took else None


def of_bulletin(first: Trail, clock: DrillClock, dead: Sequence[tuple[datetime, datetime]]) -> dict[str, float | None]:
    """Return how long the bulletin of a submission took, as far as it got; four queries at most."""
    since, kept = first.event.done_at, {}
    assert since is not None
    if first.first_draft:
        kept["first_draft"] = clock.length(since, first.first_draft)
        if first.translated:
            kept["translation_lag"] = clock.length(first.first_draft, first.translated)
    if first.approved:
        kept["approved"] = by_people = clock.length(since, first.approved)
        mail = delivered(first)
        for name, moment in (("first_delivered", mail.first), ("delivered_95", mail.most)):
            if moment:
                kept[name] = by_people + machine_time(clock, dead, first.approved, moment)
    return dict(kept)


def seen(found: Iterable[Trail], clock: DrillClock) -> dict[str, float | None]:
    """
    Return how long it took, from the approval of the first bulletin that asked, until half of the people who count for it and enough of
    them had seen it; two queries at most.
    """
    asked = {one.published.pk: one for one in found if one.published and one.published.asks_seen and one.approved}
    request = SeenRequest.objects.filter(version__in=asked).order_by("began_at", "pk").first() if asked else None
    if request is None:
        return {}
    moments, needed = seen_counts.moments_that_count(request)
    since = asked[request.version_id].approved
    assert since is not None
    half, enough = (
        clock.length(since, moments[number - 1]) if 0 < number <= len(moments) else None for number in needed
    )
    return {"seen_half": half, "seen_enough": enough}


def dead_times(events: Iterable[DrillEvent], *, at: datetime) -> list[tuple[datetime, datetime]]:
    """Return from when until when the scenario kept the relay dead."""
    rows = [row for row in events if row.kind == DEAD_RELAY and row.done_at and not row.note]
    return [(row.done_at, row.dealt_at or at) for row in rows if row.done_at]


def machine_time(
    clock: DrillClock, dead: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime
) -> float:
    """Return how long the machine needed: its own seconds, and the scenario's while the scenario kept it from its work."""
    own = clock.own_seconds(since, until)
    kept_off = sum(clock.own_seconds(max(since, begin), min(until, end)) for begin, end in dead)
    return own - kept_off + kept_off * clock.speed


def delivered(trail: Trail) -> Delivered:
    """Return when the mail of a published version arrived at the stand-in server; three queries."""
    if trail.published is None:
        return Delivered(None, None, 0)
    mailings = Mailing.objects.filter(version=trail.published)
    sends = list(Send.objects.filter(mailing__in=mailings).select_related("mailing"))
    if not sends:
        return Delivered(None, None, 0)
    rows = Delivery.objects.of(*sends).exclude(state__in=[Delivery.State.SUPPRESSED, Delivery.State.SUPERSEDED])
    people = rows.count()
    accepted = rows.filter(state=Delivery.State.ACCEPTED, finished_at__isnull=False).order_by("finished_at")
    moments = accepted.values_list("finished_at", flat=True)
    needed = ceil(people * 0.95)
    if not people:
        return Delivered(None, None, 0)
    first = moments.first()
    most = list(moments[needed - 1 : needed])
    return Delivered(first, most[0] if most else None, people)


def recipients(found: Iterable[Trail]) -> int:
    """Return how many people the first bulletin was sent to."""
    first = next((one for one in found if one.event.kind == INPUT), None)
    return delivered(first).people if first else 0


def before(drill: Drill) -> Drill | None:
    """Return the drill of the same scenario that was measured last before this one; one query."""
    return next(iter(reversed(earlier(drill, 1))), None)


def earlier(drill: Drill, most: int = 3) -> list[Drill]:
    """
    Return the last drills of the same scenario that were measured before this one, the oldest first, without those that the machine
    could not keep up with; one query.
    """
    rows = Drill.objects.measured().filter(scenario=drill.scenario, made_at__lt=drill.made_at).exclude(pk=drill.pk)
    some = rows.select_related("campaign")[: most + LOOKED_PAST]
    return list(reversed([one for one in some if not one.figures.get("is_slow")][:most]))


def is_slow(drill: Drill, scenario: Scenario, took: float) -> bool:
    """Return whether a drill took so much longer than it should have that it measured the machine; `took` are our own seconds."""
    return drill.stopped_by_id is None and took > 60 * scenario.minutes / drill.speed * SLOW


def recalled(clock: DrillClock, corrected: Sequence[Trail]) -> dict[str, float | None]:
    """Return how long the first correction's recall took until 50 and 90 in a hundred had answered; two queries."""
    trail = next((one for one in corrected if one.published), None)
    recall = Recall.objects.filter(version=trail.published).first() if trail else None
    if trail is None or recall is None or trail.approved is None:
        return {"recall_50": None, "recall_90": None}
    answers = list(recall.notices.order_by("acknowledged_at").values_list("acknowledged_at", flat=True))
    moments = sorted(moment for moment in answers if moment)
    found: dict[str, float | None] = {}
    for share in (50, 90):
        needed = ceil(len(answers) * share / 100)
        reached = moments[needed - 1] if 0 < needed <= len(moments) else None
        found[f"recall_{share}"] = clock.length(trail.approved, reached) if reached else None
    return found


def waited(clock: DrillClock, found: Iterable[Trail], *, at: datetime) -> list[Waited]:
    """Return for how long each part was waited for, the longest in all first. People are not timed, work is."""
    by_part: dict[str, list[float]] = defaultdict(list)
    for trail in found:
        for wait in trail.waits:
            until = wait.until or min(trail.dealt_at or at, at)
            by_part[wait.part].append(clock.length(wait.since, until))
    rows = [Waited(part, len(all_), sum(all_), max(all_)) for part, all_ in by_part.items()]
    return sorted((one for one in rows if one.total >= 1), key=lambda one: -one.total)


def missed(bulletin: Bulletin, trail: Trail, scenario: Scenario, *, at: datetime) -> list[str]:
    """
    Return what was left in a bulletin as it was approved, one text each: what the desk's checks advise to mend and nobody has
    left as it is for a reason, and passages that the scenario says are wrong.
    """
    found = registry.findings(bulletin, at=at)
    left = [f"{one.code} {one.place}".strip() for one in found if one.code not in NO_FINDING and one.override is None]
    editions = list(Edition.objects.filter(bulletin=bulletin))
    for event in scenario.events:
        if isinstance(event.what, Submission):
            for wrong in event.what.wrong:
                left += [
                    f"wrong {one.language}"
                    for one in editions
                    if wrong.get(one.language, "\0").strip() in f"{one.title} {one.subject} {one.preheader} {one.body}"
                ]
    return left
