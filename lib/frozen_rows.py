"""
Rows that are written once: what was published, sent, agreed to or copied. Python refuses a change, and so does the database,
whoever asks it: a migration puts `guard(table)` on the table.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from django.db import models

REFUSAL = "This is kept as it was written: store another row instead."

# Columns are compared by name when a row changes, so that a migration may add and widen them.
POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION keep_frozen_row() RETURNS trigger AS $$
BEGIN
    IF to_jsonb(OLD) - COALESCE(TG_ARGV, '{{}}'::text[])
        IS DISTINCT FROM to_jsonb(NEW) - COALESCE(TG_ARGV, '{{}}'::text[]) THEN
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql
"""


def refuse_change(model: Any, names: Iterable[str]) -> None:
    """Raise TypeError unless all these fields of a frozen model may change."""
    fields = [field for field in model._meta.concrete_fields if field.name in model.may_change]
    if set(names) - {field.name for field in fields} - {field.attname for field in fields}:
        raise TypeError(REFUSAL)


class FrozenQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Questions about rows that never change; bulk_update() is refused by update()."""

    def update(self, **kwargs: Any) -> int:
        """Change what may change. Raise TypeError for anything else."""
        refuse_change(self.model, kwargs)
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows that may go by themselves; others raise TypeError."""
        if not self.model.may_go:  # type: ignore[attr-defined]  # of a Frozen model
            raise TypeError(REFUSAL)
        return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Row]:
        """Store new rows. Raise TypeError for an update of those that are there."""
        if kwargs.get("update_conflicts"):
            refuse_change(self.model, kwargs.get("update_fields") or ["pk"])
        return super().bulk_create(*args, **kwargs)


class Frozen(models.Model):
    """
    A row that is stored once. `may_change` names the fields that are no part of what is frozen, `may_go` says that rows may be
    deleted by themselves. Whoever inherits it has a manager of FrozenQuerySet, and a migration with `guard()`.
    """

    may_change: ClassVar[frozenset[str]] = frozenset()
    may_go: ClassVar[bool] = False

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it once, or what may change of it (`update_fields`). Raise TypeError on any other change."""
        if self._state.adding or self.pk is None:
            kwargs["force_insert"] = True  # a new row with the key of another one would be stored over that
        else:
            refuse_change(type(self), kwargs.get("update_fields") or ["pk"])
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete it where it may go by itself; else raise TypeError."""
        if not self.may_go:
            raise TypeError(REFUSAL)
        return super().delete(*args, **kwargs)


def guard(table: str, *may_change: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """
    Return what RunPython needs to have the database keep every column of a table but these. Can be repeated, and has to be on
    SQLite after a migration that adds a column or makes the table anew: its triggers name columns, and go with their table.
    """
    return partial(_guard, table, may_change), partial(_unguard, table)


def _guard(table: str, may_change: tuple[str, ...], apps: Any, schema_editor: Any) -> None:
    _unguard(table, apps, schema_editor)
    execute = schema_editor.execute
    if schema_editor.connection.vendor == "postgresql":
        execute(POSTGRESQL)
        changing = ", ".join(f"'{column}'" for column in may_change)
        when = f"BEFORE UPDATE ON {table} FOR EACH ROW"
        execute(f"CREATE TRIGGER {table}_stays {when} EXECUTE FUNCTION keep_frozen_row({changing})")
        return
    with schema_editor.connection.cursor() as cursor:
        columns = schema_editor.connection.introspection.get_table_description(cursor, table)
        key = schema_editor.connection.introspection.get_primary_key_column(cursor, table)
    kept = [column.name for column in columns if column.name not in may_change]
    differs = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in kept)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} WHEN {differs} {refuse}")
    # REPLACE deletes a row without asking a trigger for that.
    taken = f'EXISTS (SELECT 1 FROM {table} WHERE "{key}" = NEW."{key}")'  # noqa: S608  (names of ours)
    execute(f"CREATE TRIGGER {table}_replaces BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _unguard(table: str, apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_stays ON {table}")
        return
    for name in ("stays", "replaces"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
