"""Take one mail from a mail server's pipe."""

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from delivery.feedback import return_path_mails

log = logging.getLogger(__name__)

# What mail servers make of an exit status (sysexits.h).
UNREADABLE = 65  # EX_DATAERR: it goes back to its sender
COME_AGAIN = 75  # EX_TEMPFAIL: it stays in the queue


class Command(BaseCommand):
    help = (
        "Read one mail from standard input that came to the return path: a bounce, a complaint, somebody who leaves. "
        "Exit status 0: taken. 65: it cannot be read. 75: the database is away; try again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("to", nargs="*", help="The addresses that the mail came to (postfix: ${recipient}).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the mail; end with the status that the mail server understands."""
        raw = sys.stdin.buffer.read(return_path_mails.LARGEST + 1)
        try:
            taken = return_path_mails.take(raw, to=options["to"], at=timezone.now())
        except return_path_mails.Unreadable as fault:
            self.stderr.write(f"Not taken: {fault}")
            raise SystemExit(UNREADABLE) from fault
        except Exception as fault:  # a mail is never lost for a fault of ours
            log.exception("A mail could not be taken and should come again.")
            self.stderr.write("Not taken now: try again later. The log says why.")
            raise SystemExit(COME_AGAIN) from fault
        if options["verbosity"] > 1:
            self.stdout.write(taken)
