from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.access import role_sync


class Command(BaseCommand):
    help = "Write the table of roles (accounts/access/permissions.py) to the database. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        for role, count in role_sync.sync(at=timezone.now()).items():
            self.stdout.write(f"{role}: {count} permissions")
