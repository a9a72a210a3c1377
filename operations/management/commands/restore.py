"""Bring a back-up back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from operations import doctor
from operations.backups import restore
from operations.process_supervisor import Supervisor


class Command(BaseCommand):
    help = "Bring back the database and the media of a back-up. Nothing is sent until reopen."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the back-up's folder, and what a person has to say aloud."""
        parser.add_argument("folder", type=Path, help="the back-up's own folder, with its manifest.json")
        parser.add_argument("--replace", action="store_true", help="remove the data that is here now")
        parser.add_argument("--other-key", action="store_true", help="the SUPPRESSION_KEY of then is lost for good")

    def handle(self, *, folder: Path, replace: bool, other_key: bool, **options: Any) -> None:
        """Restore while nothing else runs here, and say what comes next."""
        with Supervisor(settings.DATA_DIR, say=self.say) as lock:
            manifest = restore.restore(
                folder.resolve(), replace=replace, other_key=other_key, at=timezone.now(), say=self.say
            )
        if lock.stopped_by is not None:
            raise SystemExit(130)
        rows = sum(manifest["rows"].values())
        self.say(f"Restored as of {manifest['made_at']}: {rows:,} rows, {manifest['media_files']:,} media files.")
        if not doctor.run_probe("migrations", doctor.migrations).ok:
            self.say("It comes from an older version: ./run manage migrate")
        self.say(
            "Nothing is sent yet. Start, look at the desk, then: ./run manage reopen (docs/operating/data/backups.md)."
        )

    def say(self, line: str) -> None:
        """Tell how far it is, beside the output."""
        self.stderr.write(line, str)
