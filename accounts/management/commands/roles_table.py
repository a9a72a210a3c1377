from typing import Any

from django.core.management.base import BaseCommand

from accounts.access import role_table


class Command(BaseCommand):
    help = "Print the table of roles (accounts/access/permissions.py) as Markdown, as docs/operating/accounts/roles.md has it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(role_table.table(), ending="")
