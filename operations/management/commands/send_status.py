import json
import os
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletins.models import Bulletin
from delivery.models import Send
from delivery.reports import send_progress

NUMBERS = ("candidates", "accepted", "failed", "suppressed", "unknown", "to_go")
MOMENTS = ("slot_at", "deadline", "fanned_out_at", "finished_at")


class Command(BaseCommand):
    help = "Tell what became of a send, or of the newest version of a bulletin: the ledger by audience and language."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a send or a bulletin."""
        parser.add_argument("send", nargs="?", type=int, help="the send's key, as in the desk's address")
        parser.add_argument("--bulletin", type=int, help="the bulletin's key: all sends of its newest version")
        parser.add_argument("--json", action="store_true", help="print one JSON line")

    def handle(self, *args: Any, send: int | None, bulletin: int | None, **options: Any) -> None:
        """Print the equation and its lines, and what went wrong."""
        sends, about = self.chosen(send, bulletin)
        seen = send_progress.progress_of(sends, at=timezone.now())
        lines = [json.dumps({**about, **as_json(sends, seen)})] if options["json"] else as_text(sends, seen)
        try:
            for line in lines:
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:  # whoever reads has seen enough (head); Python would write the rest when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def chosen(self, send: int | None, bulletin: int | None) -> tuple[list[Send], dict[str, Any]]:
        """Return the sends and what to call them, or raise CommandError."""
        if (send is None) == (bulletin is None):
            raise CommandError("Name a send, or a bulletin with --bulletin.")
        sends = Send.objects.select_related("mailing__campaign", "audience")
        if send is not None:
            found = list(sends.filter(pk=send))
            if not found:
                raise CommandError(f"There is no send {send}.")
            return found, {"send": send}
        row = Bulletin.objects.filter(pk=bulletin).first()
        newest = row.versions.order_by("-number").first() if row else None
        if row is None or newest is None:
            raise CommandError(f"Bulletin {bulletin} has not been published.")
        return list(sends.filter(mailing=newest.mailing_id)), {"bulletin": row.number, "version": newest.number}


def as_json(sends: list[Send], seen: send_progress.Progress) -> dict[str, Any]:
    """Return the numbers, their lines, where each send stands, and the problems. Moments are ISO 8601 in UTC."""
    total = asdict(seen.ledger.total) | {"possibly_twice": seen.possibly_twice, "quarantined": seen.quarantined}
    total |= {receipt.name.lower(): seen.receipts[receipt] for receipt in send_progress.REPORTED}
    return {
        **{name: total[name] for name in NUMBERS},
        "total": total | {"adds_up": seen.ledger.total.adds_up},
        "sends": [
            {
                "audience": line.audience.slug if line.audience else "",
                "channel": line.channel,
                "language": line.language,
            }
            | {name: getattr(line, name) for name in NUMBERS}
            for line in seen.ledger.rows
        ],
        "states": [
            {
                "send": one.pk,
                "audience": one.audience.slug,
                "channel": one.channel,
                "state": one.state,
                "reason": one.reason,
            }
            | {name: moment.isoformat() if (moment := getattr(one, name)) else None for name in MOMENTS}
            for one in sends
        ],
        "problems": [{"state": one.state, "code": one.code, "people": one.people} for one in seen.problems],
    }


def as_text(sends: list[Send], seen: send_progress.Progress) -> list[str]:
    """Return the same as lines to read."""
    told = []
    for one in sends:
        told.append(f"{one}: {one.get_state_display()} {_(one.reason) if one.reason else ''}".rstrip())
        if one.deadline:
            campaign = one.mailing.campaign
            told.append(f"  send by {campaign.local(one.deadline):%Y-%m-%d %H:%M}, {campaign.time_zone}")
    total = seen.ledger.total
    parts = " + ".join(f"{getattr(total, name)} {name.replace('_', ' ')}" for name in NUMBERS[1:])
    told.append(f"{total.candidates} candidates = {parts}")
    if not total.adds_up:
        told.append("  This does not add up.")
    if reported := ", ".join(f"{people} {receipt.label}" for receipt, people in seen.reported):
        told.append(f"  of the accepted: {reported}")
    if total.superseded or total.expired:
        never = total.suppressed - total.superseded - total.expired
        told.append(
            f"  of the suppressed: {never} suppressed, {total.superseded} superseded, "
            f"{total.expired} expired (not sent any more)"
        )
    for line in seen.ledger.rows:
        numbers = "  ".join(f"{name} {getattr(line, name)}" for name in NUMBERS)
        told.append(f"  {line.whom} {line.language}: {numbers}")
    for problem in seen.problems:
        means = f" — {_(problem.means)}" if problem.means else ""
        told.append(f"  {problem.people} {problem.label} {problem.code}".rstrip() + means)
    if seen.possibly_twice:
        told.append(f"  {seen.possibly_twice} possibly sent twice")
    return told
