"""The audit log: what happened stays as it was written, whoever asks, and can be taken along."""

import csv
import importlib
from io import StringIO
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(alma: Any, noon: Any) -> AuditEntry:
    """Something that happened."""
    return audit.note("thing.done", alma, by=alma, at=noon, digest="ab" * 32, why="because")


@pytest.fixture
def guarded() -> None:
    """Put back the trigger that tests/conftest.py takes away; this test's transaction forgets it again."""
    if connection.vendor == "sqlite":
        migration = importlib.import_module("accounts.migrations.0002_audit_is_append_only")
        with connection.cursor() as cursor:
            cursor.execute(migration.SQLITE[1])


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET verb = 'other'", "DELETE FROM accounts_auditentry"]
)
def test_the_database_refuses_to_change_or_delete_an_entry(guarded: None, entry: AuditEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    entry.refresh_from_db()
    assert entry.verb == "thing.done"


def test_neither_does_the_code(entry: AuditEntry) -> None:
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(verb="other"),
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()
    assert AuditEntry.objects.get().verb == "thing.done"


def test_entries_are_found_by_what_they_are_about(entry: AuditEntry, alma: Any, veikko: Any, noon: Any) -> None:
    audit.note("thing.done", veikko, by=alma, at=noon)
    assert list(AuditEntry.objects.about(alma)) == [entry]


def test_an_administrator_takes_the_log_along_and_that_is_written_down(
    entry: AuditEntry, root: Any, signed_in: Any
) -> None:
    audit.note("thing.done", root, by=root, at=entry.at, formula="=1+1")
    answer = signed_in(root).post(reverse("admin:accounts_auditentry_export"))

    rows = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["verb"] for row in rows] == ["thing.done", "thing.done"]
    assert rows[0]["digest"] == "ab" * 32
    assert rows[0]["detail"] == '{"why": "because"}'
    assert AuditEntry.objects.filter(verb="audit.exported", actor=root).count() == 1


def test_the_export_leaves_out_what_the_filters_leave_out(entry: AuditEntry, root: Any, signed_in: Any) -> None:
    audit.note("other.done", root, by=root, at=entry.at)
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
