"""
Playing what runs, each second: what is due is put in, outages last as long as they should, made-up people act, what was dealt with is
noted, and a drill that has come to its end is over. All of it is in rows, so that a restart loses nothing, and each event is claimed
in the transaction that puts it in, so that two at once put it in once.
"""

import logging
from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils.translation import override

from accounts.audit import trail as audit_trail
from bulletins.models import Bulletin, NotAllowed
from campaigns.drill_clock import DrillClock
from factcheck.intake.claim_reports import NotReportable
from preparedness.models import Drill, DrillEvent

from . import figures, injection, lifecycle, made_up_work, mail_relay, trails
from .scenario_files import DEAD_RELAY, LOST_APPROVER, Outage, Scenario

log = logging.getLogger(__name__)

TURN = timedelta(seconds=15)


def play(*, at: datetime) -> int:
    """Play every drill that runs; return how many events were put in. One that goes wrong stands in no other's way."""
    count = 0
    for drill in Drill.objects.running().select_related("campaign__authority", "leader").order_by("pk"):
        if drill.state != "running" or not take_turn(drill, at=at):
            continue
        try:
            if drill.campaign.closed_at:
                finish(drill, at=at)
            else:
                count += play_one(drill, at=at)
        except Exception:
            log.exception("Drill %s went wrong; the next second tries again.", drill.pk)
        Drill.objects.filter(pk=drill.pk).update(turn_until=None)
    return count


def take_turn(drill: Drill, *, at: datetime) -> bool:
    """Take the turn to play a drill; return whether nobody else has it. Whoever died with it keeps it for TURN only."""
    free = Drill.objects.filter(Q(turn_until=None) | Q(turn_until__lte=at), pk=drill.pk)
    return bool(free.update(turn_until=at + TURN))


def play_one(drill: Drill, *, at: datetime) -> int:
    """Play a drill up to a moment; return how many events were put in. Not for use in a transaction."""
    scenario = lifecycle.scenario_of(drill)
    clock = drill.clock(scenario)
    count = 0
    plan(drill, scenario, clock)
    for row in drill.events.filter(done_at=None, offset__lte=min(clock.elapsed(at), clock.seconds)).order_by("offset"):
        count += put_in(drill, scenario, clock, row, at=at)
    if count:
        drill.refresh_from_db(fields=["away"])
        clock = drill.clock(scenario)
    events = list(drill.events.all())
    keep_outages(drill, scenario, clock, events, at=at)
    found = trails.of(drill, scenario, events)
    made_up_work.act(made_up_work.Stage(drill, scenario, clock, at), found)
    note_missed(drill, found, at=at)
    note_dealt(drill, found, at=at)
    if clock.is_over(at):
        finish(drill, at=at)
    return count


def plan(drill: Drill, scenario: Scenario, clock: DrillClock) -> None:
    """Say when an event is due that waited for another one to be dealt with, now that it was."""
    rows = {row.key: row for row in drill.events.all()}
    for row in rows.values():
        if row.offset is not None:
            continue
        event = scenario.event(row.key)
        before = rows[event.after]
        if before.dealt_at:
            offset = int(clock.elapsed(before.dealt_at)) + event.wait
            DrillEvent.objects.filter(pk=row.pk, offset=None).update(offset=offset)


def put_in(drill: Drill, scenario: Scenario, clock: DrillClock, row: DrillEvent, *, at: datetime) -> int:
    """Put an event in unless somebody just has; return 1 when this call did. What cannot be put in is noted with why."""
    place = injection.Place(drill, scenario, clock, row, scenario.event(row.key), at)
    try:
        with transaction.atomic():
            # Whoever else wants it waits for this transaction, and finds it taken.
            if not DrillEvent.objects.filter(pk=row.pk, done_at=None).update(done_at=at):
                return 0
            with override(drill.campaign.default_language):
                came_of = injection.put_in(place)
            if came_of is not None:
                kind = ContentType.objects.get_for_model(came_of)
                DrillEvent.objects.filter(pk=row.pk).update(subject_type=kind, subject_id=came_of.pk)
            if row.kind == LOST_APPROVER:
                lifecycle.show_clock(drill)
            audit_trail.note("drill.event_put_in", drill, by=None, at=at, event=row.key, kind=row.kind)
    except (injection.NotPutIn, NotAllowed, NotReportable) as why:
        drill.refresh_from_db(fields=["away"])
        DrillEvent.objects.filter(pk=row.pk, done_at=None).update(done_at=at, dealt_at=at, note=str(why)[:300])
    return 1


def keep_outages(
    drill: Drill, scenario: Scenario, clock: DrillClock, events: list[DrillEvent], *, at: datetime
) -> None:
    """Let a dead relay stay dead for as long as it should, and note which outages are over."""
    for row in events:
        what = scenario.event(row.key).what
        if not isinstance(what, Outage) or row.done_at is None or row.dealt_at is not None:
            continue
        left = 60 * what.minutes - clock.length(row.done_at, at)
        if left > 0:
            if row.kind == DEAD_RELAY:
                mail_relay.kill(until=at + timedelta(seconds=left / clock.speed), at=at)
            continue
        if row.kind == DEAD_RELAY:
            mail_relay.repair(at=at)
        row.dealt_at = at
        row.save(update_fields=["dealt_at"])


def note_missed(drill: Drill, found: dict[str, trails.Trail], *, at: datetime) -> None:
    """Count what was left in each bulletin when it was approved, as long as its texts are those."""
    for trail in found.values():
        bulletin, key = trail.bulletin, f"{trail.bulletin.pk}:{trail.version}" if trail.bulletin else ""
        if bulletin is None or trail.approved is None or key in drill.missed:
            continue
        if bulletin.version == trail.version and bulletin.state in {Bulletin.State.APPROVED, Bulletin.State.PUBLISHED}:
            drill.missed = {**drill.missed, key: figures.missed(bulletin, trail, lifecycle.scenario_of(drill), at=at)}
            drill.save(update_fields=["missed"])


def note_dealt(drill: Drill, found: dict[str, trails.Trail], *, at: datetime) -> None:
    """Keep when an event was dealt with."""
    for trail in found.values():
        if trail.dealt_at and trail.event.dealt_at is None:
            DrillEvent.objects.filter(pk=trail.event.pk, dealt_at=None).update(dealt_at=trail.dealt_at)


def finish(drill: Drill, *, at: datetime) -> None:
    """End a drill that has come to its end, or whose campaign is closed, and measure it."""
    with transaction.atomic():
        held = Drill.objects.select_for_update().select_related("campaign").get(pk=drill.pk)
        if held.state != "running":
            return
        lifecycle.end(held, at=at)
        audit_trail.note("drill.finished", held, by=None, at=at)
    try:
        figures.keep(held)
    except DatabaseError:
        log.exception("Drill %s is over, but was not measured; its page measures it.", drill.pk)
