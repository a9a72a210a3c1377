"""Write a back-up."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from delivery.models import Pulse
from operations.backups import backup
from operations.monitoring import metrics


class Command(BaseCommand):
    help = "Copy the database and the media into a folder, with a manifest that a restore is compared with."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder and how many to keep."""
        parser.add_argument("folder", type=Path, help="where back-ups are kept; each gets a folder of its own in it")
        parser.add_argument(
            "--keep",
            type=int,
            default=backup.KEPT,
            help=f"how many are kept, this one included (default: {backup.KEPT})",
        )

    def handle(self, *, folder: Path, keep: int, **options: Any) -> None:
        """Write it, for its owner only, and print its folder."""
        if keep < 1:
            raise CommandError("Not done: --keep is at least 1. Nothing was changed.")
        os.umask(0o077)
        made = backup.back_up(folder.resolve(), keep=keep, at=timezone.now(), say=self.say)
        Pulse.beat(metrics.BACKUP, at=timezone.now(), detail=made.name)
        self.say("Keep SECRET_KEY and SUPPRESSION_KEY somewhere else: they are not in it.")
        self.stdout.write(str(made))

    def say(self, line: str) -> None:
        """Tell how far it is, beside the output."""
        self.stderr.write(line, str)
