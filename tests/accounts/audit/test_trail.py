"""The audit log: what happened stays as it was written, whoever asks, and can be taken along."""

import ast
import csv
import importlib
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.audit import chain, trail
from accounts.models import AuditEntry, AuditSeal
from tests.architecture import ROOT, sources

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(alma: Any, noon: Any) -> AuditEntry:
    """Something that happened."""
    return trail.note("thing.done", alma, by=alma, at=noon, digest="ab" * 32, why="because")


@pytest.fixture
def guarded() -> None:
    """Put back the trigger that tests/conftest.py takes away; this test's transaction forgets it again."""
    if connection.vendor == "sqlite":
        migration = importlib.import_module("accounts.migrations.0002_audit_is_append_only")
        with connection.cursor() as cursor:
            for statement in migration.SQLITE:
                if "BEFORE DELETE" in statement:
                    cursor.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET verb = 'other'", "DELETE FROM accounts_auditentry"]
)
def test_the_database_refuses_to_change_or_delete_an_entry(guarded: None, entry: AuditEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    entry.refresh_from_db()
    assert entry.verb == "thing.done"


def test_entries_are_found_by_what_they_are_about(entry: AuditEntry, alma: Any, veikko: Any, noon: Any) -> None:
    trail.note("thing.done", veikko, by=alma, at=noon)
    assert list(AuditEntry.objects.about(alma)) == [entry]


def test_an_administrator_takes_the_log_along_and_that_is_written_down(
    entry: AuditEntry, root: Any, signed_in: Any
) -> None:
    chain.seal_waiting(at=entry.at)
    trail.note("thing.done", root, by=root, at=entry.at, formula="=1+1")
    answer = signed_in(root).post(reverse("admin:accounts_auditentry_export"))

    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["verb"] for row in rows] == ["thing.done", "thing.done"]
    assert rows[0]["digest"] == "ab" * 32
    assert rows[0]["detail"] == '{"why": "because"}'
    seal = AuditSeal.objects.get(entry=entry)
    assert (rows[0]["seal"], rows[0]["chain_digest"], rows[0]["mac"]) == (str(seal.number), seal.digest, seal.mac)
    assert rows[1]["seal"] == ""
    assert AuditEntry.objects.filter(verb="audit.exported", actor=root).count() == 1


def test_the_export_leaves_out_what_the_filters_leave_out(entry: AuditEntry, root: Any, signed_in: Any) -> None:
    trail.note("other.done", root, by=root, at=entry.at)
    answer = signed_in(root).post(reverse("admin:accounts_auditentry_export") + "?verb=other.done")
    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["verb"] for row in rows] == ["other.done"]


def test_nobody_else_sees_it(entry: AuditEntry, alma: Any, oskar: Any, signed_in: Any) -> None:
    for who in (alma, oskar):
        client = signed_in(who)
        assert client.get(reverse("admin:accounts_auditentry_changelist")).status_code == 403
        assert client.post(reverse("admin:accounts_auditentry_export")).status_code == 403
    assert not AuditEntry.objects.filter(verb="audit.exported").exists()


def test_the_list_offers_the_export(entry: AuditEntry, root: Any, signed_in: Any) -> None:
    page = signed_in(root).get(reverse("admin:accounts_auditentry_changelist") + "?verb=thing.done").content.decode()
    assert f'action="{reverse("admin:accounts_auditentry_export")}?verb=thing.done"' in page


@pytest.mark.sqlite
def test_nor_can_an_entry_be_replaced(guarded: None, entry: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("REPLACE INTO accounts_auditentry SELECT * FROM accounts_auditentry")


def verbs_in_the_code() -> Iterator[str]:
    """Give every verb that is written down somewhere, and `input.*` where only its beginning stands in the code."""
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = [word.value for word in node.keywords if word.arg == "verb" and called == "AuditEntry"]
            if called in {"note", "note_person", "entry"}:
                named += node.args[:1]
            elif called in {"log_change", "log_addition"} and len(node.args) > 2:
                named += node.args[2:3]
            for one in named:
                value = constants.get(one.id) if isinstance(one, ast.Name) else getattr(one, "value", None)
                if isinstance(one, ast.JoinedStr) and isinstance(one.values[0], ast.Constant):
                    yield f"{one.values[0].value}*"
                elif isinstance(value, str):
                    yield value


def test_every_verb_is_in_the_documents_table_and_none_that_is_not_written():
    documented = set(
        re.findall(r"`([a-z_]+\.(?:[a-z_]+|\*))`", (ROOT / "docs/operating/data/audit-entries.md").read_text())
    )
    written = set(verbs_in_the_code())
    whole = {verb for verb in written if "." in verb}
    words = {verb for verb in written if "." not in verb}  # of the desk: the kind of row comes before it
    missing = whole - documented | {word for word in words if not any(verb.endswith(f".{word}") for verb in documented)}
    assert sorted(missing) == [], "Say in docs/operating/data/audit-entries.md what it means."
    literals = "\n".join(path.read_text(encoding="utf-8") for path in sources())
    left_over = [verb for verb in documented - whole if f'"{verb.split(".")[1]}"' not in literals]
    assert sorted(left_over) == []
