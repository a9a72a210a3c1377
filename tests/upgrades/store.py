"""
Keeps what a release leaves behind, before it is tagged: `python -m tests.upgrades.store`.

Under releases/<version>: a back-up of each database with rows in every table, and the checksums of the migrations, which
never change again.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from operations.version import name_and_version
from tests.support import migrated_database, system_parts

from . import RELEASES, migration_rules

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("sqlite", "postgresql")
# Whoever restores it sets the same ones. They protect nothing.
KEYS = {
    "SECRET_KEY": "the key of stored releases, which protect nobody and nothing at all",
    "SUPPRESSION_KEY": "the key of stored releases, for the codes of addresses in them",
}


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return what a process needs that works on a stored release."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPYCACHEPREFIX") if name in os.environ}
    own = {
        "DATABASE_URL": url,
        "DATA_DIR": str(folder),
        "ENV_FILE": os.devnull,
        "LOG_LEVEL": "WARNING",
        "REDIS_URL": "",
    }
    return kept | KEYS | own | {"DJANGO_SETTINGS_MODULE": "config.settings", "LC_ALL": "C.UTF-8"}


def fill(folder: Path) -> None:
    """Fill the configured database, which has its tables, and back it up into `folder`. In a process of its own."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.audit import chain
    from accounts.models import User
    from tests.desk import scene as desk
    from tests.journeys import scene
    from tests.support import builders

    from .row_filler import fill_empty_tables

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("sync_roles", verbosity=0, stdout=io.StringIO())
    now = timezone.now()
    site = scene.fill(now)
    desk.fill(site.campaign, 90, noon=now)  # a number whose names the scene before has not taken
    builders.build_fanned_out_send(builders.build_audience(site.campaign, "under-way", size=5), at=now)
    builders.build_subscription(builders.build_digest(site.campaign), "subscriber@example.org")
    User.objects.create_superuser("upgrade@example.org")
    chain.seal_waiting(at=now)
    fill_empty_tables()
    chain.seal_waiting(at=now)
    call_command("backup", str(folder), verbosity=0)


def store(kind: str, place: Path) -> None:
    """Make a database of a kind, fill it, and pack its back-up into `place`."""
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        folder = Path(name)
        if kind == "sqlite":
            migrated_database.copy_file(folder / "database.sqlite3")
            run_fill(f"sqlite:///{folder / 'database.sqlite3'}", folder)
        else:
            with migrated_database.PostgreSQL() as server:
                run_fill(server.url, folder)
        with tarfile.open(place / f"{kind}.tar.xz", "w:xz") as archive:
            for backup in (folder / "backups").glob("bulletins-*"):
                archive.add(backup, backup.name)


def run_fill(url: str, folder: Path) -> None:
    """Run `fill` on a database."""
    words = [sys.executable, "-m", __spec__.name, str(folder / "backups")]
    subprocess.run(words, cwd=ROOT, env=environment(url, folder / "data"), check=True)


def checksums() -> dict[str, str]:
    """Return the checksums of all migrations; no database is asked."""
    import django

    with tempfile.TemporaryDirectory(prefix="release-") as name:
        os.environ.update(environment(f"sqlite:///{name}/database.sqlite3", Path(name)))
        django.setup()
    return migration_rules.checksums()


def main() -> int:
    """Keep both databases and the migrations of the version that pyproject.toml names."""
    missing = system_parts.ensure("PostgreSQL")
    if missing:
        print("Not kept: " + "; ".join(system_parts.how_to_get(part) for part in missing), file=sys.stderr)
        return 1
    place = RELEASES / name_and_version()[1]
    place.mkdir(parents=True)
    for kind in KINDS:
        store(kind, place)
    (place / "migrations.json").write_text(json.dumps(checksums(), indent=1) + "\n", encoding="utf-8")
    print(f"Kept in {place.relative_to(ROOT)}: {', '.join(sorted(path.name for path in place.iterdir()))}")
    return 0


if __name__ == "__main__":
    if sys.argv[1:]:
        fill(Path(sys.argv[1]))
    else:
        sys.exit(main())
