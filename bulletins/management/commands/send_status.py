import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bulletins.models import Bulletin
from delivery import ledger
from delivery.models import Send

NUMBERS = ("candidates", "accepted", "failed", "suppressed", "unknown", "to_go")


class Command(BaseCommand):
    help = "Tell what became of a send, or of the newest version of a bulletin: the ledger by audience and language."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a send or a bulletin."""
        parser.add_argument("send", nargs="?", type=int, help="the send's key, as in the desk's address")
        parser.add_argument("--bulletin", type=int, help="the bulletin's key: all sends of its newest version")
        parser.add_argument("--json", action="store_true", help="print one JSON line")

    def handle(self, *args: Any, send: int | None, bulletin: int | None, **options: Any) -> None:
        """Print the equation and its lines."""
        sends, about = self.chosen(send, bulletin)
        book = ledger.ledger_of(sends)
        if options["json"]:
            lines = [
                {"audience": line.audience.slug if line.audience else "", "language": line.language}
                | {name: getattr(line, name) for name in NUMBERS}
                for line in book.rows
            ]
            total = {name: value for name, value in asdict(book.total).items() if name in NUMBERS}
            self.stdout.write(json.dumps({**about, **total, "sends": lines}))
            return
        for one in sends:
            self.stdout.write(f"{one}: {one.get_state_display()} {one.reason}".rstrip())
        parts = " + ".join(f"{getattr(book.total, name)} {name.replace('_', ' ')}" for name in NUMBERS[1:])
        self.stdout.write(f"{book.total.candidates} candidates = {parts}")
        for line in book.rows:
            numbers = "  ".join(f"{name} {getattr(line, name)}" for name in NUMBERS)
            self.stdout.write(f"  {line.audience} {line.language}: {numbers}")

    def chosen(self, send: int | None, bulletin: int | None) -> tuple[list[Send], dict[str, Any]]:
        """Return the sends and what to call them, or raise CommandError."""
        if (send is None) == (bulletin is None):
            raise CommandError("Name a send, or a bulletin with --bulletin.")
        sends = Send.objects.select_related("mailing", "audience")
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
