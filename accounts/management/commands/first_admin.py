"""Make the first administrator."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from accounts import held_changes
from accounts.access import role_sync, two_administrators
from accounts.login import first_administrator
from accounts.models import User


class Command(BaseCommand):
    """Make someone an administrator and print the link that lets them in."""

    help = "Make the first administrator, and print a link that logs them in once, within 60 minutes. Needs no mail."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who it is."""
        parser.add_argument("--email", required=True, help="the person's email address")
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument(
            "--again",
            action="store_true",
            help="although there is an administrator: for one who has lost the second factor and the recovery codes",
        )

    def handle(self, **options: Any) -> None:
        """Do so."""
        role_sync.sync(at=timezone.now())
        try:
            token = first_administrator.make_administrator(
                options["email"], name=options["name"], again=options["again"], at=timezone.now()
            )
        except first_administrator.NotMade as refusal:
            raise CommandError(str(refusal)) from refusal
        person = User.objects.get(email=options["email"].strip().lower())
        if two_administrators.is_in_force():
            held_changes.notify_of_command(person)
        self.stdout.write(
            "This link logs them in once, within 60 minutes. Whoever has it gets in: give it to nobody else."
        )
        self.stdout.write(f"{settings.PUBLIC_URL.rstrip('/')}{reverse('account_first', args=[token])}")
