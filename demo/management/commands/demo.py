"""Run the whole product on this machine with an exercise campaign in it."""

import contextlib
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from demo import processes


class Command(BaseCommand):
    """
    Load the demo, start all processes, and say how to use them; or, with --check, try everything and stop; or, with --drill,
    play one drill and stop.

    A fault of the set-up is a Refusal, which manage.py prints as one sentence.
    """

    help = "Run everything on this machine with an exercise campaign in it. Ctrl-C stops it and keeps the data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --fresh, --check, --drill with --speed, and --port."""
        parser.add_argument("--fresh", action="store_true", help="forget the data of an earlier demo and start over")
        parser.add_argument(
            "--check", action="store_true", help="send one bulletin through everything, in a temporary folder, and stop"
        )
        parser.add_argument(
            "--drill",
            metavar="NAME",
            help="play a drill without people, in a temporary folder, print its figures and stop",
        )
        parser.add_argument("--speed", type=int, default=60, help="how many times as fast the drill goes (default: 60)")
        parser.add_argument("--port", type=int, help="port of the site (default: the first free one from 8000)")

    def handle(
        self, *, fresh: bool, check: bool, drill: str | None, speed: int, port: int | None, **options: Any
    ) -> None:
        """Run it; end with an exit status when a check has not succeeded."""
        processes.forget_env_file(Path(os.environ.get("ENV_FILE") or settings.BASE_DIR / ".env"))
        if check:
            status = processes.check(port=port, say=self.print_error, tell=self.say)
        elif drill:
            status = processes.drill(drill, speed=speed, port=port, say=self.print_error, tell=self.say)
        else:
            folder = Path(os.environ.get("DATA_DIR") or settings.BASE_DIR / "var") / "demo"
            status = processes.run(folder, fresh=fresh, port=port, say=self.say)
        if status:
            sys.exit(status)

    def say(self, line: str) -> None:
        """Write to stdout at once."""
        with contextlib.suppress(BrokenPipeError):  # whoever read along has left
            self.stdout.write(line)
            self.stdout.flush()

    def print_error(self, line: str) -> None:
        """Write to stderr at once, where it does not get into the JSON of a check."""
        with contextlib.suppress(BrokenPipeError):
            self.stderr.write(line)
            self.stderr.flush()
