"""An installation of every release comes to the code as it is: its back-up is restored, migrated, and every page of it opens."""

import contextlib
import json
import re
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from accounts.models import User
from operations.backups.scratch_database import temporary
from tests.desk import scene
from tests.support.system_parts import LOOPBACK

from . import RELEASES, released
from .row_filler import fill_empty_tables
from .store import ROOT, environment, store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


def test_a_release_could_be_kept_now_every_table_takes_a_row(campaign, noon):
    scene.fill(campaign, 1, noon=noon)
    User.objects.create_superuser("upgrade@example.org")

    fill_empty_tables()

    tables = apps.get_models(include_auto_created=True)
    assert [model._meta.label for model in tables if not model._base_manager.exists()] == []


@pytest.fixture
def empty(tmp_path) -> Iterator[str]:
    """The address of an empty database of the kind that these tests run on."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'upgraded.sqlite3'}"
        return
    with temporary(f"postgres://{chosen['USER']}@{LOOPBACK}:{chosen['PORT']}/{chosen['NAME']}") as url:
        yield url


def run(*words: str, url: str, folder: Path) -> str:
    """Run a program of ours on a database and return what it printed. Fail with what it said."""
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment(url, folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def to_upgrade() -> list[Any]:
    """
    Return the releases for parametrize. Whoever comes from the oldest meets every migration, from the newest all that is new. Those in
    between meet the same ones with rows of their own, and take their turn before a release, as the oldest on SQLite does: half a minute
    for migrations that have come that way before, at the release that brought them.
    """
    kept = released()
    oldest = [
        pytest.param(name, marks=marks, id=f"{name} on {marks[0].name}")
        for name in kept[:-1][:1]
        for marks in ([pytest.mark.postgresql], [pytest.mark.sqlite, pytest.mark.long])
    ]
    between = [pytest.param(name, marks=pytest.mark.long) for name in kept[1:-1]]
    return [*oldest, *between, *kept[-1:]] or ["now"]


@pytest.fixture(params=to_upgrade())
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where a release is kept; before the first one, what would be kept of it now."""
    if request.param != "now":
        return RELEASES / str(request.param)
    (tmp_path / "now").mkdir()
    store(connection.vendor, tmp_path / "now")
    return tmp_path / "now"


# Columns, indexes and constraints by name, and SQLite's statements. The partitions of the ledger are as many as it had months.
SCHEMA = {
    "sqlite": "SELECT name || ': ' || sql FROM sqlite_master WHERE type <> 'trigger' AND sql IS NOT NULL",
    "postgresql": r"""
        SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name !~ '^delivery_delivery_\d'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '^delivery_delivery_\d'
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ '^delivery_delivery_\d'
    """,
}


def schema_of(url: str) -> list[str]:
    """Return what the tables of a database are, a line each."""
    if connection.vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as there:
            return sorted(row[0] for row in there.execute(SCHEMA["sqlite"]))
    with psycopg.connect(url) as there:
        return sorted(plain(row[0]) for row in there.execute(SCHEMA["postgresql"]))


def own_schema() -> list[str]:
    """Return what the tables of the tests are, which are migrated more quickly."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA[connection.vendor])
        return sorted(plain(row[0]) for row in cursor.fetchall())


def plain(line: str) -> str:
    """Return a line without what PostgreSQL writes differently of an expression that was restored: types and brackets."""
    return re.sub(r"::[a-z ]+(\[\])?|[()]", "", line) if connection.vendor == "postgresql" else line


def test_a_releases_back_up_has_rows_in_every_table_is_restored_migrated_and_opens(place, empty, tmp_path):
    with tarfile.open(place / f"{connection.vendor}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    (backup,) = tmp_path.glob("bulletins-*")
    rows = json.loads((backup / "manifest.json").read_text(encoding="utf-8"))["rows"]
    assert len(rows) > 60 and [table for table, number in rows.items() if not number] == []
    here = {"url": empty, "folder": tmp_path / "data"}

    run("manage.py", "restore", str(backup), **here)
    run("manage.py", "migrate", "--verbosity=0", **here)
    assert schema_of(empty) == own_schema()
    run("manage.py", "reopen", "--digests", "keep", **here)
    if connection.vendor == "postgresql":  # what pages ask for is the ORM's: they are opened on the stricter of the two
        run("-m", "tests.upgrades.pages", **here)
