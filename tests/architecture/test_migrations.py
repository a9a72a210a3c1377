"""Migrations: none is pending, each has a name that says something, none points up; once released, they only add."""

from typing import Any

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState

from tests.upgrades import migration_rules

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


def test_each_app_has_one_line_of_migrations():
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


# --- Once there is a release -------------------------------------------------------------------------


def test_a_released_migration_is_never_changed():
    assert migration_rules.changed_since_release() == []


def test_a_migration_since_the_last_release_leaves_room_for_the_code_before_it():
    assert migration_rules.harmful_operations() == []


def field(**options: Any) -> Any:
    return models.CharField(max_length=options.pop("max_length", 20), **options)


def harm(*operations: Any, unused_since: str = "") -> list[str]:
    """Return what the rules say of operations on a table "send" with a column "reason"."""
    state = ProjectState()
    state.add_model(
        ModelState("delivery", "Send", [("id", models.BigAutoField(primary_key=True)), ("reason", field())])
    )
    migration = migrations.Migration("0099_tried", "delivery")
    migration.operations = list(operations)
    setattr(migration, "unused_since", unused_since)  # noqa: B010
    return migration_rules.reasons(migration, state)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("send", "note", field(null=True)),
        migrations.AddField("send", "note", field(db_default="")),
        migrations.AlterField("send", "reason", field(max_length=200, verbose_name="why")),
        migrations.AlterField("send", "reason", field(null=True)),
        migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("send", models.Index(fields=["reason"], name="by_reason")),
    ],
)
def test_what_only_adds_is_allowed(operation):
    assert harm(operation) == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("send", "note", field()),
        migrations.AddField("send", "note", field(default="")),
        migrations.AlterField("send", "reason", field(max_length=10)),
        migrations.AlterField("send", "reason", models.IntegerField()),
        migrations.AlterField("send", "reason", field(unique=True)),
        migrations.RenameField("send", "reason", "why"),
        migrations.RenameModel("send", "Sending"),
        migrations.RemoveField("send", "reason"),
        migrations.DeleteModel("send"),
        migrations.AlterModelTable("send", "sends"),
        migrations.AddConstraint("send", models.UniqueConstraint(fields=["reason"], name="one_reason")),
        migrations.RunSQL("DROP TABLE delivery_send"),
    ],
)
def test_what_breaks_the_code_before_it_is_refused(operation):
    assert len(harm(operation)) == 1


def test_a_constraint_comes_when_its_migration_says_why_older_code_keeps_it():
    state = ProjectState()
    migration = migrations.Migration("0099_tried", "delivery")
    migration.operations = [
        migrations.AddConstraint("send", models.UniqueConstraint(fields=["reason"], name=name)) for name in ("a", "b")
    ]
    migration.leaves_room = {"a": "weaker than before", "b": ""}

    assert len(migration_rules.reasons(migration, state)) == 1


def test_a_column_goes_when_a_release_has_been_without_it(monkeypatch):
    monkeypatch.setattr(migration_rules, "released", lambda: ["1.0.0", "1.1.0"])
    monkeypatch.setattr(migration_rules, "name_and_version", lambda: ("crisis-bulletins", "1.2.0"))
    gone = migrations.RemoveField("send", "reason")

    assert harm(gone, unused_since="1.1.0") == []
    assert len(harm(gone, unused_since="1.2.0")) == 1
    assert len(harm(gone, unused_since="1.3.0")) == 1
