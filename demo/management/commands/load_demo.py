"""Prepare a database for the demo and load the exercise campaign. `demo` runs it as its first step."""

import hashlib
import json
import shutil
import time
from argparse import ArgumentParser
from collections.abc import Callable
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry, AuditSeal
from bulletins.models import Bulletin
from campaigns.models import Campaign
from demo import preconditions
from demo.content_files import reader
from demo.exercise import loader
from demo.exercise.demo_dates import DUE_TODAY
from influencers.models import Influencer
from lib import yaml_files
from operations.startup_errors import Refusal, os_sentence


class Command(BaseCommand):
    """
    Migrate, write roles, compile translations, collect static files and load the demo campaign.

    What is there already is left as it is. The last line of its output is JSON for `demo`.
    """

    help = "Prepare the configured database and load the demo's exercise campaign, unless it is there."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --fresh."""
        parser.add_argument(
            "--fresh", action="store_true", help="empty a database that holds only the demo, and start over"
        )

    def handle(self, *, fresh: bool, **options: Any) -> None:
        """Look at everything that could stand in the way, then write."""
        try:
            read = reader.read()
            slug = read.campaign.text("slug")
            preconditions.refuse_other_places(slug)
            if fresh:
                self.start_over()
            self.step("Database", lambda: call_command("migrate", interactive=False, verbosity=0))
            call_command("sync_roles", verbosity=0, stdout=StringIO())
            self.step("Translations", lambda: call_command("compile_translations", verbosity=0, stdout=StringIO()))
            self.step("Static files", self.collect_static)
            if not Campaign.objects.filter(slug=slug).exists():
                loader.load(at=timezone.now(), say=self.say, content=read)
        except yaml_files.ContentError as fault:
            raise Refusal(f"Not loaded: {fault} Nothing was written.") from fault
        except OSError as fault:
            raise Refusal(f"Not loaded: {os_sentence(fault)}") from fault
        self.stdout.write(json.dumps(self.facts(slug)))

    def start_over(self) -> None:
        """Empty the database, which holds nothing but the demo, and forget its uploads."""
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
        if connection.vendor == "sqlite":
            connection.close()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{connection.settings_dict['NAME']}{suffix}").unlink(missing_ok=True)
        elif Campaign._meta.db_table in connection.introspection.table_names():
            with transaction.atomic(), connection.cursor() as cursor:
                # The audit log refuses to be emptied. Whoever owns the database may take that away for a moment.
                logs = [model._meta.db_table for model in (AuditEntry, AuditSeal)]
                for table in logs:
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                call_command("flush", interactive=False, verbosity=0)
                for table in logs:
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def collect_static(self) -> None:
        """Collect the static files, unless none has changed since the last time."""
        stamp, now = settings.DATA_DIR / "static.stamp", static_fingerprint()
        if stamp.exists() and stamp.read_text() == now:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(now)

    def facts(self, slug: str) -> dict[str, Any]:
        """Return what `demo` tells whoever started it."""
        campaign = Campaign.objects.get(slug=slug)
        bulletin = Bulletin.objects.get(campaign=campaign, number=DUE_TODAY)
        target = bulletin.targets.exclude(slot_at=None).order_by("slot_at").first()
        influencers = Influencer.objects.filter(campaign=campaign, state=Influencer.State.ACTIVE).select_related("user")
        readers: dict[str, str] = {}
        for language in campaign.languages.all():
            one = influencers.filter(
                recipient__language=language.code, recipient__memberships__audience__kind="influencers"
            )
            first = one.order_by("recipient__memberships__audience__tier", "reference").first()
            if first and first.user:
                readers[language.code] = first.user.email
        return {
            "zone": campaign.time_zone,
            "state": bulletin.state,
            "due": target.slot_at.isoformat() if target and target.slot_at else None,
            "influencers": readers,
        }

    def step(self, name: str, do: Callable[[], Any]) -> None:
        """Do one step and say how long it took, when one could notice."""
        started = time.monotonic()
        do()
        took = time.monotonic() - started
        self.say(f"{name} ({took:.1f} s)" if took >= 1 else name)

    def say(self, line: str) -> None:
        """Tell of a step as soon as it happens."""
        self.stdout.write(line)
        self.stdout.flush()


def static_fingerprint() -> str:
    """Return what changes whenever a static file does: names, sizes and times of ours, versions of the others'."""
    digest = hashlib.sha256()
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                status = path.stat()
                digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    for package in ("django", "django-unfold", "django-htmx", "whitenoise", "django-allauth"):
        digest.update(f"{package} {version(package)}\n".encode())
    return digest.hexdigest()
