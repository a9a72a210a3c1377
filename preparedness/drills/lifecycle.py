"""
The way of a drill: prepared, started, paused and resumed, over. Each step is written in the audit log, and the campaign keeps the
clock for its pages.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import trail
from accounts.models import User
from campaigns.http import page_changes
from campaigns.models import Campaign
from delivery.models.limits import Mailer
from delivery.transports import failover
from lib.http.url_parts import is_loopback
from lib.yaml_files import ContentError, read_text
from preparedness.models import Drill, DrillEvent

from . import made_up_people, mail_relay, parts, scenario_files
from .scenario_files import Scenario

FASTEST = 120


class NotPlayable(Exception):
    """A drill that is refused. The text says why and what now, in the user's language. Nothing changed."""


def scenario_of(drill: Drill) -> Scenario:
    """Return the scenario of a drill, as it was when the drill was made."""
    return scenario_files.parse(drill.script, f"{drill.scenario}.yaml")


@transaction.atomic
def prepare(
    campaign: Campaign,
    slug: str,
    *,
    speed: int,
    made_up: Iterable[str],
    influencers: int = 0,
    by: User,
    at: datetime,
) -> Drill:
    """
    Prepare a drill of a scenario in an exercise, with made-up influencers until there are so many; return it. Raise
    NotPlayable, with nothing changed, for a campaign that is no open exercise, and for a scenario that cannot be read.
    """
    refuse_real(campaign)
    try:
        scenario = scenario_files.read(slug)
        script = read_text(scenario_files.FOLDER, f"{slug}.yaml")
    except ContentError as fault:
        raise NotPlayable(_("Not prepared: the scenario cannot be read. %(fault)s") % {"fault": fault}) from fault
    if not 1 <= speed <= FASTEST:
        raise NotPlayable(_("Not prepared: choose a speed from 1 to %(fastest)d.") % {"fastest": FASTEST})
    drill = Drill.objects.create(
        campaign=campaign,
        scenario=slug,
        script=script,
        speed=speed,
        made_up=[name for name in parts.CAST if name in set(made_up)],
        leader=by,
        made_at=at,
    )
    DrillEvent.objects.bulk_create(
        DrillEvent(drill=drill, key=one.key, kind=one.kind, position=number, offset=one.offset)
        for number, one in enumerate(scenario.events)
    )
    made_up_people.add_influencers(campaign, influencers, at=at)
    trail.note("drill.prepared", drill, by=by, at=at, campaign=campaign.slug, scenario=slug, speed=speed)
    return drill


def refuse_real(campaign: Campaign) -> None:
    """
    Raise NotPlayable unless nothing of the campaign can reach anybody outside: an open exercise, whose mail goes to a catcher
    on this machine that carries no live mail.
    """
    if not campaign.is_exercise:
        raise NotPlayable(_("Not prepared: this campaign is live. A drill is played in an exercise only; start one."))
    if campaign.closed_at or not campaign.published_at:
        raise NotPlayable(_("Not prepared: this exercise is closed or not public yet. Make it public first."))
    catcher = settings.MAILERS[Mailer.EXERCISE.value].get("OPTIONS", {})
    host = settings.EXERCISE_MAIL["host"]
    if failover.expected_mailer(campaign) != Mailer.EXERCISE or not is_loopback(catcher.get("host", host)):
        raise NotPlayable(
            _(
                "Not prepared: mail of exercises would leave this machine (%(host)s). Point EXERCISE_MAIL_URL at a catcher."
            )
            % {"host": catcher.get("host", host)}
        )
    ways = [settings.MAIL, settings.BACKUP_MAIL]
    place = host, settings.EXERCISE_MAIL["port"]
    live = Campaign.objects.published().filter(mode=Campaign.Mode.LIVE, closed_at=None)
    if any(way and (way.get("host"), way.get("port")) == place for way in ways) and live.exists():
        raise NotPlayable(
            _(
                "Not prepared: live mail leaves by the same server as mail of exercises (%(host)s), so this is no catcher. Point "
                "EXERCISE_MAIL_URL at one."
            )
            % {"host": f"{place[0]}:{place[1]}"}
        )


@transaction.atomic
def start(drill: Drill, *, by: User, at: datetime) -> None:
    """
    Start a drill. Raise NotPlayable, with nothing changed, when it was started before, or another one runs in its campaign.
    """
    campaign = Campaign.objects.select_for_update().get(pk=drill.campaign_id)
    held = Drill.objects.select_for_update().get(pk=drill.pk)
    refuse_real(campaign)
    if held.started_at:
        raise NotPlayable(_("Not started: this drill was started already. Prepare another one."))
    if other := Drill.objects.running().filter(campaign=campaign).first():
        raise NotPlayable(
            _("Not started: another drill (%(name)s) runs in this exercise. End that one first.")
            % {"name": scenario_of(other).named()}
        )
    held.started_at = at
    try:
        with transaction.atomic():
            held.save(update_fields=["started_at"])
    except IntegrityError as fault:
        raise NotPlayable(_("Not started: another drill runs in this exercise. End that one first.")) from fault
    show_clock(held)
    trail.note("drill.started", held, by=by, at=at, campaign=campaign.slug)
    drill.refresh_from_db()


@transaction.atomic
def pause(drill: Drill, *, by: User, at: datetime) -> None:
    """Let a drill's time stand still for everybody. Raise NotPlayable when it does not run."""
    held = lock(drill, "running", _("Not paused: this drill does not run."))
    held.pauses = [*held.pauses, [at.isoformat(), None]]
    held.save(update_fields=["pauses"])
    mail_relay.repair(at=at)
    show_clock(held)
    trail.note("drill.paused", held, by=by, at=at)
    drill.refresh_from_db()


@transaction.atomic
def resume(drill: Drill, *, by: User, at: datetime) -> None:
    """Let a paused drill go on. Raise NotPlayable when it is not paused."""
    held = lock(drill, "paused", _("Not resumed: this drill is not paused."))
    held.pauses = [*held.pauses[:-1], [held.pauses[-1][0], at.isoformat()]]
    held.save(update_fields=["pauses"])
    show_clock(held)
    trail.note("drill.resumed", held, by=by, at=at)
    drill.refresh_from_db()


@transaction.atomic
def bring_forward(drill: Drill, key: str, *, by: User, at: datetime) -> None:
    """Let an event that is still to come be put in now. Raise NotPlayable when it was put in, or the drill does not run."""
    held = lock(drill, "running", _("Not put in: this drill does not run."))
    elapsed = int(held.clock(scenario_of(held)).elapsed(at))
    if not held.events.filter(key=key, done_at=None).update(offset=elapsed):
        raise NotPlayable(_("Not put in: this event has happened already. Reload the page."))
    trail.note("drill.event_brought_forward", held, by=by, at=at, event=key)


@transaction.atomic
def stop(drill: Drill, *, by: User, at: datetime) -> None:
    """End a drill before its time. Raise NotPlayable when it does not run."""
    held = lock(drill, ("running", "paused"), _("Not ended: this drill does not run."))
    held.stopped_by = by
    end(held, at=at)
    trail.note("drill.stopped", held, by=by, at=at)
    drill.refresh_from_db()


@transaction.atomic
def take_lead(drill: Drill, *, by: User, at: datetime) -> None:
    """Lead a drill from now on, instead of whoever does."""
    drill.leader = by
    drill.save(update_fields=["leader"])
    trail.note("drill.lead_taken", drill, by=by, at=at)


@transaction.atomic
def write_lessons(drill: Drill, actions: Iterable[Mapping[str, Any]], *, by: User, at: datetime) -> None:
    """Keep what the team will do: what, the `owner` who sees to it, and `by` which day. Lines of the time before have neither."""
    drill.actions = [
        {
            "what": one["what"],
            "owner": one["owner"].pk if one["owner"] else None,
            "by": one["by"].isoformat() if one["by"] else "",
        }
        for one in actions
    ]
    drill.save(update_fields=["actions"])
    trail.note("drill.lessons_written", drill, by=by, at=at)


def end(held: Drill, *, at: datetime) -> None:
    """End a drill that is locked: its clock goes, and with it whoever was out and the relay that was dead."""
    if held.pauses and held.pauses[-1][1] is None:
        held.pauses[-1][1] = at.isoformat()
    held.ended_at, held.away = at, {}
    held.save(update_fields=["pauses", "ended_at", "away", "stopped_by"])
    mail_relay.repair(at=at)
    Campaign.objects.filter(pk=held.campaign_id).update(drill={})
    page_changes.changed()


def lock(drill: Drill, states: str | tuple[str, ...], refusal: str) -> Drill:
    """Return a drill's row, locked. Raise NotPlayable in any other state."""
    held = Drill.objects.select_for_update().get(pk=drill.pk)
    if held.state not in ((states,) if isinstance(states, str) else states):
        raise NotPlayable(refusal)
    return held


def show_clock(held: Drill) -> None:
    """Let every page of the campaign show the clock as it goes now."""
    Campaign.objects.filter(pk=held.campaign_id).update(drill=held.clock(scenario_of(held)).plain())
    page_changes.changed()
