"""
What a migration may do once there is a release: nothing that the code before it cannot run on, so that web servers and workers
of both versions work side by side while an installation is upgraded.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from operations.version import name_and_version

from . import RELEASES, released

ROOT = Path(__file__).resolve().parents[2]
HARMLESS = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.RemoveConstraint,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.RunPython,
)
# Of a field: what only Python and forms read.
NOT_STORED = {"verbose_name", "help_text", "choices", "validators", "editable", "error_messages", "default", "blank"}
# What takes a column or table away says since which release nothing uses it: Migration.unused_since = "1.2.0".
TAKES_AWAY = (migrations.RemoveField, migrations.DeleteModel)


def ours() -> dict[tuple[str, str], Any]:
    """Return the migrations of our apps, {(app, name): migration}."""
    found = MigrationLoader(None).disk_migrations
    return {key: found[key] for key in sorted(found) if path_of(*key).exists()}


def path_of(app: str, name: str) -> Path:
    """Return where a migration of ours stands."""
    return ROOT / app / "migrations" / f"{name}.py"


def checksums() -> dict[str, str]:
    """Return {"app/name": SHA-256} of our migrations."""
    return {f"{app}/{name}": hashlib.sha256(path_of(app, name).read_bytes()).hexdigest() for app, name in ours()}


def changed_since_release() -> list[str]:
    """Return the migrations of releases that are not what they were."""
    now = checksums()
    kept: dict[str, str] = {}
    for version in released():
        kept |= json.loads((RELEASES / version / "migrations.json").read_text(encoding="utf-8"))
    return [name for name, checksum in kept.items() if now.get(name) != checksum]


def harmful_operations() -> list[str]:
    """Return what migrations that no release has do to code that runs on the tables of the last one."""
    versions = released()
    if not versions:
        return []
    kept = json.loads((RELEASES / versions[-1] / "migrations.json").read_text(encoding="utf-8"))
    found = []
    for (app, name), migration in ours().items():
        if f"{app}/{name}" not in kept:
            state = MigrationLoader(None).project_state((app, name), at_end=False)
            found += [f"{app}/{name}: {reason}" for reason in reasons(migration, state)]
    return found


def reasons(migration: Any, state: Any) -> list[str]:
    """Return what each harmful operation of a migration does, in words; `state` is the models before it."""
    made = {operation.name_lower for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
    found = []
    for operation in migration.operations:
        model = getattr(operation, "model_name", "").lower()
        if isinstance(operation, HARMLESS) or model in made:
            continue
        if isinstance(operation, migrations.AddField) and is_optional(operation.field):
            continue
        if isinstance(operation, migrations.AlterField):
            before = state.models[migration.app_label, model].fields[operation.name]
            if is_wider(before, operation.field):
                continue
        if isinstance(operation, migrations.AddConstraint) and leaves_room(migration, operation.constraint.name):
            continue
        if isinstance(operation, TAKES_AWAY) and is_past(getattr(migration, "unused_since", "")):
            continue
        found.append(operation.describe())
    return found


def leaves_room(migration: Any, constraint: str) -> bool:
    """Return whether a migration says why rows that older code writes always keep a new constraint."""
    return bool(getattr(migration, "leaves_room", {}).get(constraint))


def is_optional(field: Any) -> bool:
    """Return whether a row may be written by code that does not know the field."""
    return field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED


def is_wider(before: Any, after: Any) -> bool:
    """Return whether a column takes all that it took, and no more than that is new to the database."""
    if type(before) is not type(after):
        return False
    old, new = ({**field.deconstruct()[3]} for field in (before, after))
    longer = old.get("max_length", 0) <= new.get("max_length", 0)
    nullable = new.get("null", False) or not old.get("null", False)
    for arguments in (old, new):
        for name in (*NOT_STORED, "max_length", "null"):
            arguments.pop(name, None)
    return longer and nullable and repr(old) == repr(new)


def is_past(version: str) -> bool:
    """Return whether a version was released, and is not the one that is made now."""
    return version in released() and version != name_and_version()[1]
