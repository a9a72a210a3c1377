"""
Emptying the database after a test that commits. Only tables that were filled are emptied, and what every test needs and
none changes for others stays: content types, permissions, and the roles that hold them. Django's own flush empties every
table and makes those anew, which takes longer than most tests.
"""

import contextlib
from functools import cache
from typing import Any

STAYS = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}

SWOLLEN = 1_000_000  # bytes


def empty(case: Any) -> None:
    """Take the place of TransactionTestCase._fixture_teardown."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(which_are_filled())
        filled = [name for (name,) in cursor.fetchall()]
    if filled:
        delete(filled)


def renew() -> None:
    """
    Make PostgreSQL forget what was in its tables, after a test that left nothing in them. Files grow by rows that were
    rolled back or deleted too, and every later look goes through all that; and what ANALYZE found in a test stays when
    its rows have gone, and makes plans that never end. A table that someone still reads waits for the next time.
    """
    from django.db import OperationalError, connection, transaction

    if connection.vendor != "postgresql" or connection.connection is None or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND relname <> ALL (%s) AND (reltuples >= 0 OR pg_relation_size(oid) > %s)",
            [sorted(STAYS), SWOLLEN],
        )
        used = [connection.ops.quote_name(name) for (name,) in cursor.fetchall()]
    if used:
        with contextlib.suppress(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '1s'")
            cursor.execute(f"TRUNCATE {', '.join(used)} CASCADE")
            cursor.execute("DELETE FROM pg_statistic WHERE starelid = ANY (%s::regclass[])", [used])
            # A table that others are parts of keeps its count, and would be emptied after every test from then on.
            cursor.execute("UPDATE pg_class SET reltuples = -1 WHERE relkind = 'p' AND reltuples >= 0")


@cache
def emptied() -> list[str]:
    """Return the names of the tables that are emptied."""
    from django.db import connection

    return sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - STAYS)


@cache
def which_are_filled() -> str:
    """Return the query for the names of tables that have rows."""
    from django.db import connection

    quoted = connection.ops.quote_name
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in emptied())


def delete(tables: list[str]) -> None:
    """Delete every row of the tables, whatever refers to it. No sequence begins anew."""
    from django.db import connection, transaction

    quoted = connection.ops.quote_name
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As in a replica: neither foreign keys nor triggers, the audit log's among them.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for name in tables:
            cursor.execute(f"DELETE FROM {quoted(name)}")
