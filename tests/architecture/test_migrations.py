"""Migrations: none is pending, each has a name that says something, none points up."""

from typing import Any

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from . import APPS, LAYER_OF


def loader() -> Any:
    """Return the migrations on disk, without asking a database."""
    return MigrationLoader(None)


def test_no_migration_is_pending():
    on_disk = loader()
    detector = MigrationAutodetector(
        on_disk.project_state(), ProjectState.from_apps(apps), NonInteractiveMigrationQuestioner()
    )
    changes = detector.changes(graph=on_disk.graph)
    pending = {
        app: [operation.describe() for migration in migrations for operation in migration.operations]
        for app, migrations in changes.items()
        if app in APPS
    }
    assert pending == {}


def test_no_migration_is_named_by_the_clock():
    assert [f"{app}.{name}" for app, name in loader().disk_migrations if app in APPS and "_auto_" in name] == []


def test_one_line_of_migrations_per_room():
    assert loader().detect_conflicts() == {}


def test_migrations_depend_on_lower_apps_only():
    found = [
        f"{app}.{name} on {target}"
        for (app, name), migration in loader().disk_migrations.items()
        if app in LAYER_OF
        for target, _other in migration.dependencies
        if target in LAYER_OF and target != app and LAYER_OF[target] >= LAYER_OF[app]
    ]
    assert found == []
