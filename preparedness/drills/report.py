"""
The report after a drill, in words of the active language: what was found, what to do better first, what went well, the measures
against earlier drills, who was waited for, what was put in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from preparedness.models import Drill, DrillEvent

from . import figures, lifecycle, parts
from .scenario_files import (
    CLAIM,
    CORRECTION,
    DEAD_RELAY,
    HARASSMENT,
    INPUT,
    LOST_APPROVER,
    MEASURES,
    ONLY_WHERE_ASKED,
    QUESTION,
    Scenario,
)

MEASURE_NAMES: dict[str, Any] = {
    "first_draft": gettext_lazy("Submission until first draft"),
    "approved": gettext_lazy("Submission until approved"),
    "first_delivered": gettext_lazy("Submission until first delivered"),
    "delivered_95": gettext_lazy("Submission until delivered to 95 %"),
    "translation_lag": gettext_lazy("Translations behind the original"),
    "findings_missed": gettext_lazy("Findings left at approval"),
    "answered": gettext_lazy("Question until answer, median"),
    "recall_50": gettext_lazy("Correction until acknowledged by 50 %"),
    "recall_90": gettext_lazy("Correction until acknowledged by 90 %"),
    "seen_half": gettext_lazy("Approved until half said “seen”"),
    "seen_enough": gettext_lazy("Approved until enough said “seen”"),
}
KIND_NAMES: dict[str, Any] = {
    INPUT: gettext_lazy("Submissions"),
    CLAIM: gettext_lazy("Claims"),
    QUESTION: gettext_lazy("Questions"),
    HARASSMENT: gettext_lazy("Harassment"),
    LOST_APPROVER: gettext_lazy("Approvers out"),
    DEAD_RELAY: gettext_lazy("Dead mail relays"),
    CORRECTION: gettext_lazy("Corrections"),
}
# What helps where a part was waited for longest.
ADVICE: dict[str, Any] = {
    parts.EDITOR: gettext_lazy("Let an editor begin as soon as something comes in, and say who is on duty."),
    parts.TRANSLATOR: gettext_lazy("Let translators begin while the original is being written."),
    parts.APPROVER: gettext_lazy("Name a deputy for every approver, and call them when the first is out."),
    parts.FACT_CHECKER: gettext_lazy("Decide who takes up what goes round, and at what reach."),
    parts.SECOND_CHECKER: gettext_lazy("Name a second fact-checker for every shift."),
    parts.LIAISON: gettext_lazy("Let somebody watch what influencers write all the time."),
    parts.AUTHORITY: gettext_lazy("Name a deputy for each authority’s answers."),
}
CHARTS = ("first_delivered", "translation_lag", "answered", "recall_90")
# What helps where measures are over their aim; of a correction's recall, also where it never came so far.
FASTER: tuple[tuple[tuple[str, ...], Any], ...] = (
    (
        ("first_draft", "translation_lag", "approved", "first_delivered", "delivered_95"),
        gettext_lazy("Send a short holding statement first, and the rest later."),
    ),
    (("answered",), gettext_lazy("Agree with each authority how fast it answers, and pass questions on as they come.")),
    (
        ("recall_50", "recall_90"),
        gettext_lazy("Have the words of a correction ready before it is approved, and call those who posted."),
    ),
)
MOST_ADVICE = 4
LONG_WAIT_SECONDS = 300
LOW = 0.2  # of a chart's height: a line below which there is no room for words over the axis


@dataclass(frozen=True)
class Row:
    """A measure: its value, those of earlier drills, and its aim; as texts, "" where there is none."""

    key: str
    name: str
    value: str
    earlier: list[str]
    aim: str
    is_late: bool


@dataclass(frozen=True)
class Point:
    """A drill in a chart, in per cent of its height and width."""

    x: float
    y: float
    label: str
    day: str
    is_now: bool


@dataclass(frozen=True)
class Chart:
    """A measure over the last drills: the finding as its title, its points and the line of its aim."""

    key: str
    title: str
    name: str
    points: list[Point]
    line: str
    aim: str
    aim_y: float
    is_aim_low: bool
    top: str


@dataclass(frozen=True)
class KindRow:
    """What was put in of a kind, and what became of it."""

    name: str
    put_in: int
    dealt: int
    median: str
    left: str


@dataclass(frozen=True)
class Report:
    """All that a report says."""

    title: str
    lead: str
    scenario: str
    campaign: str
    day: str
    length: str
    taking_part: str
    events: str
    better: list[tuple[str, str]]
    well: list[str]
    days: list[str]
    rows: list[Row]
    charts: list[Chart]
    waited: list[tuple[str, int, str, str]]
    kinds: list[KindRow]
    notes: list[str]
    lessons: list[tuple[str, str]]
    how: str


def of(drill: Drill) -> Report:
    """Return the report of a drill that is over, in the active language; four queries."""
    scenario, past = lifecycle.scenario_of(drill), figures.earlier(drill)
    events = list(drill.events.all())
    measured = drill.figures.get("measures", {})
    last = past[-1].figures["measures"] if past else {}
    return Report(
        title=title(measured, last),
        lead=lead(drill, scenario, measured, last),
        scenario=_("%(name)s, version %(version)d") % {"name": scenario.named(), "version": scenario.version},
        campaign=drill.campaign.named(),
        day=day(drill),
        length=length(drill, scenario),
        taking_part=taking_part(drill),
        events=put_in(events),
        better=better(drill, scenario, events),
        well=well(drill, scenario, events, last),
        days=days_of([*past, drill]),
        rows=[
            row(key, drill, past, scenario)
            for key in MEASURES
            if key not in ONLY_WHERE_ASKED or measured.get(key) is not None
        ],
        charts=[chart(key, drill, past, scenario) for key in CHARTS if measured.get(key) is not None],
        waited=[
            (str(parts.NAMES[one["part"]]), one["times"], minutes(one["total"]), minutes(one["longest"]))
            for one in drill.figures.get("waited", [])
        ],
        kinds=kinds(drill, scenario, events),
        notes=[f"{scenario.event(one.key).named()}: {one.note}" for one in events if one.note],
        lessons=lessons(drill),
        how=how(drill, scenario),
    )


# --- Numbers as people read them -----------------------------------------------------------------------


def clock(seconds: float | None) -> str:
    """Return a length as 4:50 or 1:02:10, "" for none."""
    if seconds is None:
        return ""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{rest // 60}:{rest % 60:02}"


def minutes(seconds: float) -> str:
    """Return a length in minutes that no line divides: "12 min", "40 s"."""
    said = _("%(n)d s") % {"n": round(seconds)} if seconds < 60 else _("%(n)d min") % {"n": round(seconds / 60)}
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def shown(key: str, value: float | None) -> str:
    """Return the value of a measure, "" for none."""
    if value is None:
        return ""
    return str(round(value)) if key in figures.COUNTED else clock(value)


def aim_of(key: str, scenario: Scenario) -> float | None:
    """Return what is to be reached of a measure: seconds, or a number."""
    if key not in scenario.aims:
        return None
    return scenario.aims[key] if key in figures.COUNTED else 60.0 * scenario.aims[key]


def day(drill: Drill) -> str:
    """Return the day of a drill."""
    began = drill.campaign.local(drill.started_at or drill.made_at)
    return date_format(began, "SHORT_DATE_FORMAT")


def days_of(drills: list[Drill]) -> list[str]:
    """Return the days of drills beside each other, with the hour where two were on one day."""
    began = [one.campaign.local(one.started_at or one.made_at) for one in drills]
    days = [date_format(moment, "MONTH_DAY_FORMAT") for moment in began]
    hours = [date_format(moment, "TIME_FORMAT") for moment in began]
    return [f"{day} {hour}" if days.count(day) > 1 else day for day, hour in zip(days, hours, strict=True)]


# --- Sentences -------------------------------------------------------------------------------------------


def title(measured: Mapping[str, float | None], last: Mapping[str, float | None]) -> str:
    """Return what the drill found in one sentence."""
    out = measured.get("first_delivered")
    if out is None:
        return _("No bulletin reached anybody before the end")
    values = {"time": minutes(out)}
    before = last.get("first_delivered")
    if before is not None and before - out >= 60:
        return _("The first word reached people after %(time)s, %(less)s sooner than last time") % {
            **values,
            "less": minutes(before - out),
        }
    if before is not None and out - before >= 60:
        return _("The first word reached people after %(time)s, %(more)s later than last time") % {
            **values,
            "more": minutes(out - before),
        }
    return _("The first word reached people after %(time)s") % values


def lead(
    drill: Drill, scenario: Scenario, measured: Mapping[str, float | None], last: Mapping[str, float | None]
) -> str:
    """Return two sentences more: what waited longest, and what was left."""
    said = [slow] if (slow := overrun(drill, scenario)) else []
    if rows := drill.figures.get("waited", []):
        said.append(
            _("The longest wait was for this: %(who)s, %(time)s in all.")
            % {"who": str(parts.NAMES[rows[0]["part"]]).lower(), "time": minutes(rows[0]["total"])}
        )
    if left := measured.get("findings_missed"):
        said.append(
            ngettext(
                "%(n)d finding was left when a bulletin was approved.",
                "%(n)d findings were left when bulletins were approved.",
                int(left),
            )
            % {"n": int(left)}
        )
    elif left == 0:
        said.append(_("Nothing was left to mend in what was approved."))
    if (recall := measured.get("recall_90")) is not None:
        said.append(_("After {time}, the correction was acknowledged by 90 %.").format(time=minutes(recall)))
    elif (measured.get("recall_50")) is not None:
        said.append(_("The correction was never acknowledged by 90 %."))
    return " ".join(said)


def overrun(drill: Drill, scenario: Scenario) -> str:
    """Return that a drill took longer than it should have, as the machine was too slow for its speed; "" when it did not."""
    plan, took = 60 * scenario.minutes / drill.speed, drill.figures.get("seconds", 0.0)
    if not figures.is_slow(drill, scenario, took):
        return ""
    return _(
        "The machine was too slow for this speed: the drill took %(took)s instead of %(plan)s, so its times say little of the team. "
        "Play it again more slowly."
    ) % {"took": clock(took), "plan": clock(plan)}


def length(drill: Drill, scenario: Scenario) -> str:
    """Return how long it was and how fast."""
    if drill.speed == 1:
        return _("%(n)d min, real time") % {"n": scenario.minutes}
    return _("%(n)d min, %(speed)d times as fast") % {"n": scenario.minutes, "speed": drill.speed}


def lessons(drill: Drill) -> list[tuple[str, str]]:
    """Return what the team will do, each with who sees to it and by when, "" where nobody said; one query where there is any."""
    said = [(line.strip(), "") for line in drill.lessons.splitlines() if line.strip()]
    owners = User.objects.in_bulk({one["owner"] for one in drill.actions if one["owner"]})
    for one in drill.actions:
        owner, day_ = owners.get(one["owner"]), one["by"]
        by = date_format(date.fromisoformat(day_), "SHORT_DATE_FORMAT") if day_ else ""
        if owner and by:
            taken = _("%(who)s sees to it by %(day)s.") % {"who": owner, "day": by}
        else:
            taken = str(owner or by)
        said.append((one["what"], taken))
    return said


def taking_part(drill: Drill) -> str:
    """Return who took part."""
    count = drill.figures.get("people", 0)
    nobody = _("nobody did anything") if parts.has_people(drill.made_up) else _("nobody, all were made up")
    people = ngettext("%(n)d person", "%(n)d people", count) % {"n": count} if count else nobody
    said = ngettext("%(n)d recipient", "%(n)d recipients", drill.figures.get("recipients", 0))
    return f"{people}; {said % {'n': drill.figures.get('recipients', 0)}}"


def put_in(events: list[DrillEvent]) -> str:
    """Return how many events were put in and dealt with."""
    done = [one for one in events if one.done_at and not one.note]
    return _("%(done)d put in, %(dealt)d dealt with") % {
        "done": len(done),
        "dealt": sum(one.dealt_at is not None for one in done),
    }


def better(drill: Drill, scenario: Scenario, events: list[DrillEvent]) -> list[tuple[str, str]]:
    """Return what to do better, each with why, what matters most first."""
    measured = drill.figures.get("measures", {})
    found = []
    if measured.get("first_delivered") is None:
        found.append((str(FASTER[0][1]), _("No bulletin reached anybody.")))
    if measured.get("findings_missed"):
        words = _("Go through the findings and compare every number with the submission before you approve.")
        why = _("Left at approval: %(n)d. Aim: %(aim)s.")
        found.append((words, why % {"n": measured["findings_missed"], "aim": scenario.aims.get("findings_missed", 0)}))
    late = faster(measured, scenario)
    found += [one for one in late if one[0] not in dict(found)]
    if left := [scenario.event(one.key).named() for one in events if is_left(one)]:
        words = _("Decide early what is left undone, and say so.")
        found.append((words, _("Not dealt with: %(what)s") % {"what": "; ".join(left)}))
    if late:
        found += shorter_waits(drill)[: max(0, MOST_ADVICE - len(found))]
    if found:
        return found
    if unknown := [str(MEASURE_NAMES[key]) for key in scenario.aims if measured.get(key) is None]:
        words = _("Play it again, so that everything is measured.")
        return [(words, _("Not measured: %(what)s.") % {"what": "; ".join(unknown)})]
    return [(_("Play a harder scenario, or set shorter aims."), _("Everything was within its aim this time."))]


def faster(measured: Mapping[str, float | None], scenario: Scenario) -> list[tuple[str, str]]:
    """Return what helps against each time that is over its aim, with those times."""
    found = []
    for keys, words in FASTER:
        over = [
            _("%(what)s: %(value)s, aim %(aim)s.")
            % {
                "what": MEASURE_NAMES[key],
                "value": shown(key, measured[key]),
                "aim": shown(key, aim_of(key, scenario)),
            }
            for key in keys
            if is_late(key, measured.get(key), scenario)
        ]
        if "recall_90" in keys and measured.get("recall_90") is None and measured.get("recall_50") is not None:
            over.append(_("The correction was never acknowledged by 90 %."))
        if over:
            found.append((str(words), " ".join(over)))
    return found


def is_left(event: DrillEvent) -> bool:
    """Return whether an event was put in and not dealt with."""
    return event.done_at is not None and event.dealt_at is None and not event.note


def shorter_waits(drill: Drill) -> list[tuple[str, str]]:
    """Return what helps against the two longest waits, where somebody was waited for long."""
    rows = [one for one in drill.figures.get("waited", []) if one["longest"] >= LONG_WAIT_SECONDS]
    why = _("Waited for %(times)d times, %(total)s in all, %(longest)s at most.")
    return [
        (
            str(ADVICE[one["part"]]),
            why % {"times": one["times"], "total": minutes(one["total"]), "longest": minutes(one["longest"])},
        )
        for one in rows[:2]
    ]


def well(drill: Drill, scenario: Scenario, events: list[DrillEvent], last: Mapping[str, float | None]) -> list[str]:
    """Return what went well, a sentence each."""
    measured, said = drill.figures.get("measures", {}), []
    for key in MEASURES:
        value, aim = measured.get(key), aim_of(key, scenario)
        if value is not None and aim is not None and value <= aim:
            said.append(
                _("%(what)s: %(value)s, within the aim of %(aim)s.")
                % {"what": MEASURE_NAMES[key], "value": shown(key, value), "aim": shown(key, aim)}
            )
    for event in events:
        if event.kind == DEAD_RELAY and event.dealt_at and not event.note:
            said.append(
                _("The dead mail relay was got over without anybody’s help: what waited left when it was back.")
            )
    return said


def is_late(key: str, value: float | None, scenario: Scenario) -> bool:
    """Return whether a measure is over its aim."""
    aim = aim_of(key, scenario)
    return value is not None and aim is not None and value > aim


def row(key: str, drill: Drill, past: list[Drill], scenario: Scenario) -> Row:
    """Return a measure with those of earlier drills."""
    value = drill.figures.get("measures", {}).get(key)
    return Row(
        key=key,
        name=str(MEASURE_NAMES[key]),
        value=shown(key, value),
        earlier=[shown(key, one.figures["measures"].get(key)) for one in past],
        aim=shown(key, aim_of(key, scenario)),
        is_late=is_late(key, value, scenario),
    )


def chart(key: str, drill: Drill, past: list[Drill], scenario: Scenario) -> Chart:
    """Return a measure over the last drills, from zero."""
    every = [(one, one.figures["measures"].get(key)) for one in [*past, drill]]
    known = [(one, value) for one, value in every if value is not None]
    aim = aim_of(key, scenario) or 0
    most = max([value for _one, value in known] + [aim, 60]) * 1.25
    step = 80 / max(1, len(known) - 1)
    points = [
        Point(
            x=round(10 + (number * step if len(known) > 1 else 40), 1),
            y=round(100 - 100 * value / most, 1),
            label=clock(value),
            day=day,
            is_now=one.pk == drill.pk,
        )
        for number, ((one, value), day) in enumerate(zip(known, days_of([one for one, _value in known]), strict=True))
    ]
    value = known[-1][1]
    return Chart(
        key=key,
        title=chart_title(key, value, known[-2][1] if len(known) > 1 else None),
        name=str(MEASURE_NAMES[key]),
        points=points,
        line=" ".join(f"{one.x:g},{one.y:g}" for one in points),
        aim=_("aim %(time)s") % {"time": minutes(aim)} if aim else "",
        aim_y=round(100 - 100 * aim / most, 1),
        is_aim_low=aim / most < LOW,
        top=minutes(most),
    )


def chart_title(key: str, value: float, before: float | None) -> str:
    """Return the finding of a chart."""
    values = {"what": str(MEASURE_NAMES[key]), "time": minutes(value)}
    if before is None or abs(before - value) < 60:
        return _("%(what)s: %(time)s") % values
    if value < before:
        return _("%(what)s: %(time)s, sooner than last time") % values
    return _("%(what)s: %(time)s, later than last time") % values


def kinds(drill: Drill, scenario: Scenario, events: list[DrillEvent]) -> list[KindRow]:
    """Return what was put in, by kind."""
    from statistics import median

    took, rows = drill.figures.get("events", {}), []
    for kind, name in KIND_NAMES.items():
        some = [one for one in events if one.kind == kind and one.done_at and not one.note]
        if not some:
            continue
        lengths = [took[one.key] for one in some if one.key in took]
        left = [scenario.event(one.key).named() for one in some if one.key not in took]
        rows.append(
            KindRow(str(name), len(some), len(lengths), minutes(median(lengths)) if lengths else "", ", ".join(left))
        )
    return rows


def how(drill: Drill, scenario: Scenario) -> str:
    """Return how it was measured."""
    said = [
        _(
            "Times come from what the desk wrote down anyway, not from people. Work is timed, people are not and are not named. "
            "“Delivered” means that the exercise’s own mail server took it, “acknowledged” that somebody answered the recall."
        )
    ]
    if drill.speed > 1:
        said.append(
            _(
                "The drill ran %(speed)d times as fast as real time. What people do counts in the scenario’s time; what the machine does by itself counts in its own."
            )
            % {"speed": drill.speed}
        )
    if drill.made_up:
        names = ", ".join(str(parts.CAST[name][0]) for name in drill.made_up if name in parts.CAST)
        said.append(
            _("Made up, with delays drawn from the scenario’s seed (%(seed)d): %(who)s.")
            % {"seed": scenario.seed, "who": names}
        )
    said.append(_("A few drills are few: a difference of a minute or two may be chance."))
    return " ".join(said)


def data(drill: Drill) -> dict[str, Any]:
    """Return what a machine gets: the measures in seconds of the scenario, with those of earlier drills."""
    scenario, past = lifecycle.scenario_of(drill), figures.earlier(drill)

    def plain(one: Drill) -> dict[str, Any]:
        return {"started": one.started_at.isoformat() if one.started_at else None, **one.figures["measures"]}

    return {
        "drill": drill.pk,
        "campaign": drill.campaign.slug,
        "scenario": scenario.slug,
        "scenario_version": scenario.version,
        "exercise": True,
        "started": iso(drill.started_at),
        "ended": iso(drill.ended_at),
        "stopped": drill.stopped_by_id is not None,
        "speed": drill.speed,
        "seed": scenario.seed,
        "made_up": drill.made_up,
        "minutes": scenario.minutes,
        "unit": "seconds of the scenario; findings_missed is a number",
        "measures": drill.figures.get("measures", {}),
        "aims": {key: aim_of(key, scenario) for key in scenario.aims},
        "earlier": [plain(one) for one in past],
        "waited": drill.figures.get("waited", []),
        "lessons": [{"what": one["what"], "by": one["by"]} for one in drill.actions],
        "people": drill.figures.get("people"),
        "recipients": drill.figures.get("recipients"),
        "events": [
            {
                "key": one.key,
                "kind": one.kind,
                "planned": one.offset,
                "put_in": iso(one.done_at),
                "dealt_with": iso(one.dealt_at),
                "note": one.note,
            }
            for one in drill.events.all()
        ],
    }


def iso(moment: datetime | None) -> str | None:
    """Return a moment as ISO text."""
    return moment.isoformat() if moment else None
