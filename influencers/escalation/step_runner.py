"""
The steps that follow where an urgent bulletin is not seen, taken on the tick. Each is a row that is taken once, in the transaction in which
its effect is written: two ticks at once, or one that was killed in between, do nothing twice and leave nothing out.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.audit import trail
from accounts.models import User
from bulletins.models import SeenRule
from bulletins.publication import publish
from delivery.models import Audience, Send
from delivery.sending import dispatch
from influencers import notices
from influencers.inbox.answerers import liaisons
from influencers.models import EscalationStep, SeenRequest
from influencers.models.escalation import AskedPartnerQuerySet
from notifications import outbox

from . import asked_partners, call_list
from .rules import Decision, Position, Rules, Step, decide

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
Kind, Outcome = EscalationStep.Kind, EscalationStep.Outcome


class NotSteered(Exception):
    """A refused change of what follows. The text says why and what now, in the user's language."""


# --- On the tick ------------------------------------------------------------------------------------


def advance_due(*, at: datetime) -> int:
    """Take what is due of each request that goes on; return how many steps were taken or requests ended. Not in a transaction."""
    moved = 0
    for key in SeenRequest.objects.filter(ended_at=None).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]:
        try:
            moved += advance(key, at=at)
        except Exception:
            log.exception("What follows for request %s was not done; the next tick tries again.", key)
    return moved


@transaction.atomic
def advance(key: int, *, at: datetime) -> bool:
    """Take the next thing of a request if it is due; return whether there was any."""
    request = locked(key)
    if request is None:
        return False
    decision = decision_of(request, at=at)
    if decision.end:
        SeenRequest.objects.filter(pk=key).update(ended_at=at, ended=decision.end, held_at=None, held_by=None)
        trail.note("seen.ended", request, by=None, at=at, why=str(decision.end))
        return True
    if decision.step is None:
        return False
    take(request, decision.step.position, by=None, at=at)
    return True


def locked(key: int) -> SeenRequest | None:
    """Return a request that goes on, locked until the transaction ends, with what it is about at hand."""
    rows = SeenRequest.objects.select_for_update(of=("self",)).filter(pk=key, ended_at=None)
    return rows.select_related("campaign", "version__bulletin", "version__mailing").first()


def decision_of(request: SeenRequest, *, at: datetime) -> Decision:
    """Return what comes of a request at a moment; four queries at most."""
    rules = Rules.of(request.plan)
    counted = counted_people(request, rules, at=at).aggregate(
        asked=Count("pk"), seen=Count("pk", filter=Q(seen_at__isnull=False))
    )
    steps = request.steps.filter(taken_at=None).order_by("position")
    here = Position(
        began_at=request.began_at,
        asked=counted["asked"],
        seen=counted["seen"],
        left=[Step(one.position, one.kind, one.due_at) for one in steps],
        asks_nobody=not counted["asked"] and not request.people.exists(),
        is_held=request.held_at is not None,
        is_closed=request.campaign.closed_at is not None,
    )
    return decide(rules, here, request.campaign.zone, at=at)


def counted_people(request: SeenRequest, rules: Rules, *, at: datetime) -> AskedPartnerQuerySet:
    """Return the people by whom it is settled whether it is enough; one query for the closest tier."""
    people = request.people.reached(at=at)
    if rules.counts == SeenRule.Counts.ALL:
        return people
    closest = people.aggregate(tier=Min("tier"))["tier"]
    return people.filter(tier=closest) if closest is not None else people


# --- One step ---------------------------------------------------------------------------------------


def take(request: SeenRequest, position: int, *, by: User | None, at: datetime) -> None:
    """Take a step of a request that is locked, unless it was taken; write down what came of it."""
    mine = EscalationStep.objects.filter(request=request, position=position, taken_at=None)
    if not mine.update(taken_at=at):
        return
    step = EscalationStep.objects.get(request=request, position=position)
    effect = {Kind.CHANNEL: used_at_once, Kind.CALLS: open_calls, Kind.AUDIENCE: send_to_next}[Kind(step.kind)]
    outcome, people = effect(request, at=at)
    EscalationStep.objects.filter(pk=step.pk).update(outcome=outcome, people=people)
    trail.note("seen.step", request, by=by, at=at, step=step.kind, outcome=str(outcome), people=people)


def used_at_once(request: SeenRequest, *, at: datetime) -> tuple[str, int]:
    """Do nothing: every channel was used at once. A step of requests that began before 1.6."""
    return Outcome.ALL_USED, 0


def open_calls(request: SeenRequest, *, at: datetime) -> tuple[str, int]:
    """Open the call list, and tell the liaisons of it."""
    SeenRequest.objects.filter(pk=request.pk, calls_since=None).update(calls_since=at)
    people, callers = call_list.with_number(request, at=at, anytime=True).count(), liaisons(request.campaign_id)
    if not people:
        return Outcome.NO_NUMBER, 0
    for place, person in enumerate(callers):
        with override(request.campaign.language_for(person)):
            text = words_of_calls(request, people, at=at)
        # The notification hook is told once, however many liaisons there are.
        outbox.write(notices.CALLS_OPEN, [person], about=request, text=text, hook=place == 0, at=at)
    return (Outcome.DONE if callers else Outcome.NO_LIAISON), people


def words_of_calls(request: SeenRequest, people: int, *, at: datetime) -> str:
    """Return what liaisons are told when the call list opens: no word of what may be read over a shoulder."""
    says = ngettext(
        "Bulletin %(number)s, urgent: %(people)d person has not seen it and can be called since %(time)s.",
        "Bulletin %(number)s, urgent: %(people)d people have not seen it and can be called since %(time)s.",
        people,
    )
    return says % {
        "number": request,
        "people": people,
        "time": date_format(request.campaign.local(at), "TIME_FORMAT"),
    }


def send_to_next(request: SeenRequest, *, at: datetime) -> tuple[str, int]:
    """Send the bulletin to the group that was approved for it, and ask its people too. Nothing beyond what was approved."""
    key = Rules.of(request.plan).next_audience
    audience = Audience.objects.filter(pk=key, campaign=request.campaign_id, kind=Audience.Kind.INFLUENCERS).first()
    if audience is None:
        return Outcome.NOT_APPROVED, 0
    mailing = request.version.mailing
    publish.plan([Send(mailing=mailing, audience=audience, slot_key=f"{mailing.key}-next", slot_at=at)], mailing)
    transaction.on_commit(dispatch.wake_urgent_planning, robust=True)
    return Outcome.DONE, asked_partners.add_audiences(request, {audience: at}, at=at)


# --- By a person ------------------------------------------------------------------------------------


@transaction.atomic
def hold(key: int, *, by: User, at: datetime) -> None:
    """Begin nothing more until somebody lets it go on. Raise NotSteered when it is over."""
    request = steered(key)
    if request.held_at is None:
        SeenRequest.objects.filter(pk=key).update(held_at=at, held_by=by)
        trail.note("seen.held", request, by=by, at=at)


@transaction.atomic
def go_on(key: int, *, by: User, at: datetime) -> None:
    """Let it go on: what has become due meanwhile is taken with the next tick. Raise NotSteered when it is over."""
    request = steered(key)
    if request.held_at is not None:
        SeenRequest.objects.filter(pk=key).update(held_at=None, held_by=None)
        trail.note("seen.went_on", request, by=by, at=at)


@transaction.atomic
def call_now(key: int, *, by: User, at: datetime) -> None:
    """Open the call list before its time. At night only those are on it who allow that, if it was approved. Raise NotSteered when it is over."""
    request = steered(key)
    step = request.steps.filter(kind=Kind.CALLS, taken_at=None).first()
    if step is not None:
        take(request, step.position, by=by, at=at)
    elif request.calls_since is None:
        open_calls(request, at=at)
        trail.note("seen.step", request, by=by, at=at, step=str(Kind.CALLS))


def steered(key: int) -> SeenRequest:
    """Return a request that goes on, locked, or raise NotSteered."""
    request = locked(key)
    if request is None:
        raise NotSteered(_("Nothing changed: this is over."))
    return request
