"""The tables that tests begin with are made once, and anew when what they are made from has changed."""

import threading
from pathlib import Path

import pytest
from django.db import connection

from . import migrated_database

SETTINGS = 'DEBUG = True\nINSTALLED_APPS = [\n    "app",\n]\n'


@pytest.fixture
def made(monkeypatch, tmp_path):
    """A checkout of its own, whose tables are made of words; return the list of those that were made."""
    names: list[str] = []

    def make(kind: str, place: Path) -> None:
        names.append(place.name)
        place.write_text(f"{kind} {len(names)}")

    monkeypatch.setattr(migrated_database, "ROOT", tmp_path)
    monkeypatch.setattr(migrated_database, "KEPT", tmp_path / "var" / "tests")
    monkeypatch.setattr(migrated_database, "make", make)
    (tmp_path / "app" / "migrations").mkdir(parents=True)
    (tmp_path / "app" / "migrations" / "0001_first.py").write_text("from app.indexes import search_index\n")
    (tmp_path / "app" / "indexes.py").write_text("search_index = 1\n")
    (tmp_path / "app" / "pages.py").write_text("")
    (tmp_path / "config" / "settings").mkdir(parents=True)
    (tmp_path / "config" / "settings" / "installed_apps.py").write_text(SETTINGS)
    migrated_database.fingerprint.cache_clear()
    yield names
    migrated_database.fingerprint.cache_clear()


def copied(tmp_path: Path) -> str:
    """Copy, as a run does, and return what is in it."""
    migrated_database.fingerprint.cache_clear()
    migrated_database.copy_file(tmp_path / "copy")
    return (tmp_path / "copy").read_text()


def test_they_are_made_once(made, tmp_path):
    assert [copied(tmp_path), copied(tmp_path)] == ["sqlite 1", "sqlite 1"]


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("app/migrations/0001_first.py", True),
        ("app/migrations/0002_second.py", True),
        ("app/indexes.py", True),  # a migration imports it
        ("uv.lock", True),
        ("app/pages.py", False),
    ],
)
def test_they_are_made_anew_when_what_they_are_made_from_has_changed(changed, again, made, tmp_path):
    copied(tmp_path)
    tmp_path.joinpath(changed).write_text("x = 1\n")

    assert copied(tmp_path) == ("sqlite 2" if again else "sqlite 1")


@pytest.mark.parametrize(
    ("settings", "again"), [(SETTINGS.replace("app", "app2"), True), (SETTINGS.replace("True", "False"), False)]
)
def test_of_the_settings_the_apps_count(settings, again, made, tmp_path):
    copied(tmp_path)
    tmp_path.joinpath("config", "settings", "installed_apps.py").write_text(settings)

    assert copied(tmp_path) == ("sqlite 2" if again else "sqlite 1")


def test_only_the_newest_are_kept(made, tmp_path):
    for number in range(migrated_database.AT_MOST + 3):
        tmp_path.joinpath("uv.lock").write_text(str(number))
        copied(tmp_path)
    (migrated_database.KEPT / "making-sqlite-and-killed").mkdir()
    tmp_path.joinpath("uv.lock").write_text("last")
    copied(tmp_path)

    kept = {path.name for path in migrated_database.KEPT.iterdir()} - {"sqlite.lock"}
    assert len(kept) == migrated_database.AT_MOST
    assert kept == set(made[-migrated_database.AT_MOST :])


def test_of_several_runs_at_once_one_makes_them(made, tmp_path):
    migrated_database.fingerprint()
    runs = [threading.Thread(target=migrated_database.copy_file, args=(tmp_path / f"run-{n}",)) for n in range(8)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert len(made) == 1
    assert {path.read_text() for path in tmp_path.glob("run-*")} == {"sqlite 1"}


def test_of_two_kinds_neither_waits_for_the_other(made, monkeypatch):
    both = threading.Barrier(2, timeout=20)
    make = migrated_database.make
    monkeypatch.setattr(migrated_database, "make", lambda kind, place: (both.wait(), make(kind, place)))

    migrated_database.prepare("sqlite", "postgresql")

    assert sorted(name.partition(".")[2] for name in made) == ["postgresql", "sqlite"]


def test_what_cannot_be_migrated_is_said_and_not_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(migrated_database, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(migrated_database, "MAKE", "raise SystemExit('no such column')")

    with pytest.raises(RuntimeError, match="no such column"):
        migrated_database.copy_file(tmp_path / "copy")

    assert [path.name for path in migrated_database.KEPT.iterdir()] == ["sqlite.lock"]


@pytest.mark.both
def test_every_migration_has_run_in_a_copy(db):
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
