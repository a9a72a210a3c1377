"""Write the record of a send for whoever looks into an incident."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from operations import incident_report


class Command(BaseCommand):
    help = "Write what a send said, to how many, what became of it and who did what, as a ZIP to hand on."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the send, the folder, and whether addresses are wanted."""
        parser.add_argument(
            "--send", type=int, required=True, help="the number of the send, as in its address at the desk"
        )
        parser.add_argument(
            "--out", type=Path, default=Path(), help="the folder that it is written to (default: this one)"
        )
        parser.add_argument("--with-addresses", action="store_true", help="name the addresses of those in doubt")

    def handle(self, *, send: int, out: Path, with_addresses: bool, **options: Any) -> None:
        """Write it, telling how far it is, and print its name."""
        began = time.monotonic()
        made = incident_report.report(
            send, out.resolve(), at=timezone.now(), say=self.say, with_addresses=with_addresses
        )
        size = made.stat().st_size
        self.say(f"Done in {time.monotonic() - began:.0f} s: {size / 1e6:,.1f} MB. Only you can read it.")
        self.stdout.write(str(made))

    def say(self, line: str) -> None:
        """Tell how far it is, beside the output."""
        self.stderr.write(line, str)
