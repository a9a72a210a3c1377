"""The database itself refuses to change or delete what the audit log says."""

from typing import Any

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only.';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER audit_keeps_entries BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
"""
POSTGRESQL_UNDO = """
DROP TRIGGER audit_keeps_entries ON accounts_auditentry;
DROP FUNCTION audit_is_append_only();
"""
SQLITE = [
    f"CREATE TRIGGER audit_refuses_{verb.lower()} BEFORE {verb} ON accounts_auditentry "
    "BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;"
    for verb in ("UPDATE", "DELETE")
]
# REPLACE deletes without asking the trigger above.
SQLITE.append(
    "CREATE TRIGGER audit_refuses_replace BEFORE INSERT ON accounts_auditentry "
    "WHEN EXISTS (SELECT 1 FROM accounts_auditentry WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;"
)
SQLITE_UNDO = ["DROP TRIGGER audit_refuses_replace;", "DROP TRIGGER audit_refuses_update;", "DROP TRIGGER audit_refuses_delete;"]


def run(schema_editor: Any, postgresql: str, sqlite: list[str]) -> None:
    for statement in [postgresql] if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)


def guard(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, POSTGRESQL, SQLITE)


def unguard(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, POSTGRESQL_UNDO, SQLITE_UNDO)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
