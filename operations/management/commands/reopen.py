"""Let a restored site send again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from operations.backups import restore


class Command(BaseCommand):
    help = "Let workers and timetable of a restored site work again, after a person has looked at it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what becomes of the digests, which nobody can know but a person."""
        parser.add_argument(
            "--digests",
            required=True,
            choices=["keep", "skip"],
            help="keep: what subscribers had not been told comes in their next digest; skip: for when digests have left "
            "since the back-up, all that is published counts as told",
        )

    def handle(self, *, digests: str, **options: Any) -> None:
        """Open it and say what waits for a person."""
        held, unknown = restore.reopen(skip_digests=digests == "skip", at=timezone.now())
        self.stdout.write(
            f"Open. {held:,} sends are held and {unknown:,} deliveries are unknown: see Sends in the desk."
        )
