"""What follows where an urgent bulletin is not seen, as the desk shows it: each step, what comes next and when, and what stops it."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletins.models.seen_rules import have_partners
from bulletins.scheduling import seen_steps
from delivery.models import Audience
from influencers.inbox.answerers import liaisons
from influencers.models import EscalationStep, SeenRequest

from . import call_list, step_runner, used_channels
from .rules import Decision, Rules

Kind, Outcome = EscalationStep.Kind, EscalationStep.Outcome


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: when it was taken or is due, what it is, and what came or comes of it. `state`: "done", "now" or "" for later."""

    at: datetime
    name: str
    says: str
    state: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """
    All steps. `went` says by which channels it went, `next` in a sentence what comes next, `minutes` in how many (None: nothing by itself), `stops` what stops it, `rules` what was
    approved beside it. `nobody_calls`: nobody is there to call.
    """

    rungs: list[Rung]
    went: str = ""
    next: str = ""
    minutes: int | None = None
    stops: str = ""
    rules: list[str] = field(default_factory=list)
    can_call_now: bool = False
    nobody_calls: bool = False


def of(request: SeenRequest, *, at: datetime) -> Ladder:
    """Return what follows at a moment; eleven queries at most."""
    rules, steps = Rules.of(request.plan), list(request.steps.order_by("position"))
    audience = Audience.objects.filter(pk=rules.next_audience, campaign=request.campaign_id).first()
    decision = step_runner.decision_of(request, at=at) if request.ended_at is None else Decision()
    first = next((one for one in steps if one.taken_at is None), None) if request.ended_at is None else None
    rungs = [
        Rung(
            one.taken_at or one.due_at,
            name_of(one, audience),
            came_of(one) if one.taken_at else comes_of(one, request, audience, at=at),
            "done" if one.taken_at else "now" if one is first else "",
        )
        for one in steps
    ]
    plan = request.plan.get("rule") or seen_steps.defaults()
    says, minutes = next_in_words(request, decision, first, audience, at=at)
    return Ladder(
        rungs=rungs,
        went=used_channels.in_words(request),
        next=says,
        minutes=minutes,
        stops=seen_steps.stop_in_words(plan),
        rules=[night_rule(rules, plan), _("Never beyond what was approved: its words and groups.")],
        can_call_now=request.calls_since is None and request.ended_at is None,
        nobody_calls=request.ended_at is None
        and any(one.kind == Kind.CALLS for one in steps)
        and not liaisons(request.campaign_id),
    )


def night_rule(rules: Rules, plan: dict[str, Any]) -> str:
    """Return what holds at night, in a sentence."""
    hours = {"night": seen_steps.night_in_words(plan)}
    if rules.at_night:
        return _("At night (%(night)s) only those are called who allow it.") % hours
    return _("Nothing begins at night (%(night)s).") % hours


def next_in_words(
    request: SeenRequest, decision: Decision, first: EscalationStep | None, audience: Audience | None, *, at: datetime
) -> tuple[str, int | None]:
    """Return what comes next, in a sentence, and in how many minutes."""
    if request.ended_at is not None:
        moment = date_format(request.campaign.local(request.ended_at), "SHORT_DATETIME_FORMAT")
        return _("Over since %(time)s: %(why)s.") % {"time": moment, "why": request.get_ended_display()}, None
    if request.held_at is not None:
        moment = date_format(request.campaign.local(request.held_at), "SHORT_DATETIME_FORMAT")
        return _("Paused by %(who)s since %(time)s.") % {"who": request.held_by or _("somebody"), "time": moment}, None
    if first is None:
        return _("No further step. Calls go on until it stops."), None
    until = decision.until or at
    time = date_format(
        request.campaign.local(until), "TIME_FORMAT" if (until - at).days < 1 else "SHORT_DATETIME_FORMAT"
    )
    says = _("Next, at %(time)s: %(what)s") % {"time": time, "what": name_of(first, audience)}
    return says, max(0, ceil((until - at).total_seconds() / 60))


def name_of(step: EscalationStep, audience: Audience | None) -> str:
    """Return what a step is."""
    if step.kind == Kind.AUDIENCE and audience is not None:
        return _("also sent to %(group)s") % {"group": audience}
    return str(step.get_kind_display())


def came_of(step: EscalationStep) -> str:
    """Return what came of a step that was taken."""
    if step.outcome != Outcome.DONE:
        return f"{step.get_outcome_display()}".capitalize()
    return ngettext("%(n)d person", "%(n)d people", step.people) % {"n": step.people}


def comes_of(step: EscalationStep, request: SeenRequest, audience: Audience | None, *, at: datetime) -> str:
    """Return what a step will do, as it stands, or that it does nothing any more; one query at most."""
    if request.ended_at is not None:
        return _("Not taken: it was over before.")
    if step.kind == Kind.CALLS:
        people = call_list.with_number(request, at=at, anytime=True).count()
        return ngettext(
            "%(n)d person who has not seen it gave a number", "%(n)d people who have not seen it gave a number", people
        ) % {"n": people}
    if step.kind != Kind.AUDIENCE:
        return ""
    if audience is None:
        return str(Outcome.NOT_APPROVED.label).capitalize()
    is_empty = not have_partners(Audience.objects.filter(pk=audience.pk), at=at)
    return seen_steps.empty_in_words(audience) if is_empty else ""
