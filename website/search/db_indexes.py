"""The indexes that the databases keep of the words: made by a migration, each in its own way."""

from typing import Any

from django.db import migrations

CONFIGURATIONS = {"fi": "finnish", "sv": "swedish", "en": "english"}
OTHERS = "simple"  # the words as they are

_RULES = "CASE split_part(written_in, '-', 1) {} ELSE '{}'::regconfig END".format(
    " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in CONFIGURATIONS.items()), OTHERS
)
# Whose words they are (engines.whose), as one more word that no text has: so the index finds no rows of others.
_WHOSE = "array_to_tsvector(ARRAY['=' || campaign_id::text || ' ' || language || ' ' || written_in])"
# Lower case by ICU: in the locale C, PostgreSQL itself knows no Ä.
_WORDS = " || ".join(
    f"setweight(to_tsvector({_RULES}, lower({column} COLLATE \"und-x-icu\")), '{weight}')"
    for column, weight in (("title", "A"), ("lead", "B"), ("messages", "B"), ("body", "C"))
)
POSTGRESQL = (
    f"ALTER TABLE website_searchtext ADD COLUMN vector tsvector GENERATED ALWAYS AS ({_WHOSE} || {_WORDS}) STORED",
    "ALTER TABLE website_searchtext ALTER COLUMN vector SET STORAGE EXTERNAL",  # ranked without being unpacked first
    "ALTER TABLE website_searchtext SET (toast_tuple_target = 128)",  # the long texts apart: rows are read by the thousand
    "CREATE INDEX search_text_words ON website_searchtext USING gin (vector)",
)
POSTGRESQL_UNDO = ("ALTER TABLE website_searchtext DROP COLUMN vector",)

# Letters keep their dots: ä is no a. `rules` says whose words they are (engines.whose).
SQLITE = (
    (
        "CREATE VIRTUAL TABLE website_searchtext_words USING fts5 "
        "(title, lead, messages, body, rules, tokenize = 'unicode61 remove_diacritics 0')"
    ),
    (
        "CREATE TRIGGER search_text_leaves AFTER DELETE ON website_searchtext BEGIN "
        "DELETE FROM website_searchtext_words WHERE rowid = OLD.id; END"
    ),
)
SQLITE_UNDO = ("DROP TRIGGER search_text_leaves", "DROP TABLE website_searchtext_words")


def search_index() -> migrations.RunPython:
    """Return the migration step that makes the index of the database that it runs on."""

    def make(apps: Any, schema_editor: Any) -> None:
        _run(schema_editor, POSTGRESQL, SQLITE)

    def drop(apps: Any, schema_editor: Any) -> None:
        _run(schema_editor, POSTGRESQL_UNDO, SQLITE_UNDO)

    return migrations.RunPython(make, drop)


def _run(schema_editor: Any, postgresql: tuple[str, ...], sqlite: tuple[str, ...]) -> None:
    for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)
