"""Play one drill without people in the demo that is configured, and print what it measured. `demo --drill` runs it."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign
from delivery.models import Lease
from delivery.models.limits import Mailer
from demo import preconditions
from demo.content_files import reader
from demo.exercise.loader import ADMIN
from lib.yaml_files import ContentError
from preparedness.drills import exercise_campaign, lifecycle, parts, scenario_files
from preparedness.models import Drill

MOST_OFF_PERCENT = 2.0  # by which a drill may end later or sooner than its plan
PATIENCE_SECONDS = 60  # for its end, once that is due
PAUSE_SECONDS = 0.2


class Command(BaseCommand):
    """
    Make an exercise campaign for a scenario and let the demo's own processes play it.

    The last line of its output is JSON, its times in seconds of the scenario; `plan_s` and `took_s` are in real ones.
    """

    help = "Play one drill without people in the demo, and print what it measured as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the scenario, the speed and the number of made-up influencers."""
        parser.add_argument("scenario")
        parser.add_argument("--speed", type=int, default=60)
        parser.add_argument("--influencers", type=int, default=300)

    def handle(self, *, scenario: str, speed: int, influencers: int, **options: Any) -> None:
        """Start it, wait for its end, and tell."""
        try:
            preconditions.refuse_other_places(reader.read().campaign.text("slug"))
            script = scenario_files.read(scenario)
            by, now = User.objects.get(email=ADMIN), timezone.now()
            slug = f"drill-{script.slug}-{Campaign.objects.count()}"
            campaign = exercise_campaign.make(script, slug=slug, influencers=influencers, by=by, at=now)
            drill = lifecycle.prepare(campaign, scenario, speed=speed, made_up=parts.CAST, by=by, at=now)
            lifecycle.start(drill, by=by, at=timezone.now())
        except (ContentError, lifecycle.NotPlayable) as fault:
            raise CommandError(f"Not played: {fault}") from fault
        plan = 60 * script.minutes / speed
        self.stderr.write(f"  {len(script.events)} events in {plan:.0f} s …")
        self.wait(drill, time.monotonic() + plan + PATIENCE_SECONDS)
        self.stdout.write(json.dumps(self.told(drill, plan)))

    def wait(self, drill: Drill, until: float) -> None:
        """Wait for the end of a drill and its figures, no longer than until a moment."""
        while time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
            drill.refresh_from_db()
            if drill.ended_at and drill.figures:
                break
        connection.close()

    def told(self, drill: Drill, plan: float) -> dict[str, Any]:
        """Return what is printed."""
        events, measured = list(drill.events.all()), drill.figures.get("measures", {})
        took = drill.figures.get("seconds", 0.0)
        off = round(100 * (took - plan) / plan, 2)
        put_in = [one for one in events if one.done_at and not one.note]
        outside = Lease.objects.filter(send__mailing__campaign=drill.campaign).exclude(mailer=Mailer.EXERCISE).count()
        needed = [measured.get(name) for name in ("first_delivered", "delivered_95", "recall_50", "recall_90")]
        return {
            "ok": all(value is not None for value in needed)
            and len(put_in) == len(events)
            and abs(off) <= MOST_OFF_PERCENT
            and not outside,
            "scenario": drill.scenario,
            "speed": drill.speed,
            "events": len(put_in),
            "dealt_with": sum(one.dealt_at is not None for one in put_in),
            "first_bulletin_s": measured.get("first_delivered"),
            "delivered_95_s": measured.get("delivered_95"),
            "recall_50_s": measured.get("recall_50"),
            "recall_90_s": measured.get("recall_90"),
            "answered_s": measured.get("answered"),
            "translation_lag_s": measured.get("translation_lag"),
            "findings_missed": measured.get("findings_missed"),
            "recipients": drill.figures.get("recipients"),
            "left_outside": outside,
            "plan_s": plan,
            "took_s": took,
            "off_percent": off,
        }
