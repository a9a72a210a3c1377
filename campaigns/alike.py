"""
Texts that say nearly the same. PostgreSQL compares by trigrams (pg_trgm, with an index), SQLite by rapidfuzz over the
rows of the language; both say how alike two texts are as a number from 0 to 1.
"""

import re
import unicodedata
from typing import Any

from django.db import migrations

_BETWEEN = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Return a text as it is compared: lower case, accents and everything but letters and digits gone, one space."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return _BETWEEN.sub(" ", bare).strip()


def trigram_index(table: str, column: str, name: str) -> migrations.RunPython:
    """Return a migration step that gives a column a trigram index on PostgreSQL; other databases need none."""

    def make(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin ({column} gin_trgm_ops)")

    def drop(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")

    return migrations.RunPython(make, drop)
