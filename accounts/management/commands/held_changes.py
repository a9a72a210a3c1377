"""What waits for a second administrator, and a way for the server's owner when there is none."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import held_changes
from accounts.models import HeldChange, User


class Command(BaseCommand):
    """List the changes of accounts that wait; with a number, make one at once; with an address, close an account at once."""

    help = (
        "List changes of accounts that wait for a second administrator; --make lets one take effect at once, "
        "--close closes an account at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which one, or whose account."""
        parser.add_argument("--close", metavar="ADDRESS", help="the address of an account that shall log in no more")
        parser.add_argument("--make", type=int, help="the number of the change that shall take effect now")

    def handle(self, **options: Any) -> None:
        """Do so."""
        if options["close"]:
            person = User.objects.filter(email=options["close"].strip().lower()).first()
            if person is None:
                raise CommandError("No account has this address.")
            held_changes.close_now(person, at=timezone.now())
            held_changes.notify_of_command(person)
            self.stdout.write("Closed. It is in the audit log, and all administrators are told.")
            return
        if options["make"] is None:
            for one in HeldChange.objects.select_related("user", "asked_by"):
                asker = one.asked_by.email if one.asked_by else "a command"
                self.stdout.write(
                    f"{one.pk}  {one.user.email}: {one.description()} (asked by {asker}, due {one.due_at:%Y-%m-%d %H:%M} UTC)"
                )
            return
        change = HeldChange.objects.select_related("user").filter(pk=options["make"]).first()
        if change is None:
            raise CommandError("No such change waits. Without --make the command lists those that do.")
        person = change.user
        try:
            held_changes.apply_now(change, at=timezone.now())
        except held_changes.NotSettled as refusal:
            raise CommandError(str(refusal)) from refusal
        held_changes.notify_of_command(person)
        self.stdout.write("Done. It is in the audit log, and all administrators are told.")
