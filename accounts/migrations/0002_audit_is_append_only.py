"""The database itself refuses to change, delete or replace what the audit log and its seals say."""

from typing import Any

from django.db import migrations

# Each table with what no second row of it may share: REPLACE would delete the first without asking the trigger for that.
TABLES = {
    "accounts_auditentry": "id = NEW.id",
    "accounts_auditseal": "number = NEW.number OR entry_id = NEW.entry_id",
}
SAYS = "The audit log is append-only."
NAMES = {"accounts_auditentry": "audit", "accounts_auditseal": "seal"}

POSTGRESQL = [
    f"CREATE FUNCTION audit_is_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$ LANGUAGE plpgsql;"
]
POSTGRESQL_UNDO: list[str] = []
SQLITE: list[str] = []
SQLITE_UNDO: list[str] = []
for table, same in TABLES.items():
    name = NAMES[table]
    refuse = "EXECUTE FUNCTION audit_is_append_only();"
    POSTGRESQL += [
        f"CREATE TRIGGER {name}_keeps_entries BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {name}_keeps_table BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]
    POSTGRESQL_UNDO += [f"DROP TRIGGER {name}_keeps_entries ON {table};", f"DROP TRIGGER {name}_keeps_table ON {table};"]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END;"
    taken = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  (names of ours)
    SQLITE += [
        f"CREATE TRIGGER {name}_refuses_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {name}_refuses_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {name}_refuses_replace BEFORE INSERT ON {table} {taken} {refuse}",
    ]
    SQLITE_UNDO += [f"DROP TRIGGER {name}_refuses_{verb};" for verb in ("update", "delete", "replace")]
POSTGRESQL_UNDO.append("DROP FUNCTION audit_is_append_only();")


def run(schema_editor: Any, postgresql: list[str], sqlite: list[str]) -> None:
    for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)


def guard(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, POSTGRESQL, SQLITE)


def unguard(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, POSTGRESQL_UNDO, SQLITE_UNDO)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
