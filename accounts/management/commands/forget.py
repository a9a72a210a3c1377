"""Show how long each kind of data about people is kept, and let go what is due."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.privacy import retention


class Command(BaseCommand):
    help = "Show how long each kind of data about people is kept and how many rows are due, and let those go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to look only, and one kind."""
        parser.add_argument("--dry-run", action="store_true", help="only say what is due; nothing changes")
        parser.add_argument("--kind", help="this kind only")

    def handle(self, *, dry_run: bool, kind: str | None, **options: Any) -> None:
        """Print a line for each kind. Status 1 when one of them could not be let go."""
        now = timezone.now()
        rules = [rule for rule in retention.rules() if kind in {None, rule.kind}]
        if not rules:
            names = ", ".join(rule.kind for rule in retention.rules())
            raise CommandError(f"There is no kind {kind}. Nothing was changed. There are: {names}.")
        failed = []
        for rule in rules:
            due = rule.due(now).count() if rule.due else 0
            what = f"{due:,} due" if rule.due else "-"
            if rule.forget is not None and not dry_run:
                try:
                    what = f"{retention.forget_all(rule, at=now):,} let go"
                except Exception as fault:
                    failed.append(rule.kind)
                    what = f"FAILED: {type(fault).__name__}"
            self.stdout.write(f"{rule.kind:<18} {what:<18} {rule.period()} [{rule.setting or 'fixed'}]")
        if dry_run:
            self.stdout.write("Nothing was changed: --dry-run.")
        if failed:
            raise CommandError(f"Not all was let go: {', '.join(failed)}. The log says why; the tick tries again.")
