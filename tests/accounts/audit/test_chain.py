"""The chain over the audit log: what is tampered with is found, and named."""

import contextlib
import importlib
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import chain, trail
from accounts.audit.chain import Kind
from accounts.models import AuditCheck, AuditEntry, AuditSeal
from notifications.models import Notice
from operations.monitoring import audit_monitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def ten(alma: Any, noon: datetime) -> list[AuditEntry]:
    """Ten entries, each in a batch of seals of its own."""
    entries = []
    for number in range(10):
        at = noon + timedelta(minutes=number)
        entries.append(trail.note("thing.done", alma, by=alma, at=at, digest="ab" * 32, number=number, share=0.5))
        assert chain.seal_waiting(at=at) == 1
    return entries


@pytest.fixture
def later(noon: datetime) -> datetime:
    """When the log is looked at."""
    return noon + timedelta(hours=1)


def unguarded(*statements: str) -> None:
    """Do what the owner of the database can: take the triggers and foreign keys away, and change what is there."""
    migration = importlib.import_module("accounts.migrations.0002_audit_is_append_only")
    names = ("audit", "seal")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in names:
                for verb in ("update", "delete", "replace"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}_refuses_{verb}")
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in migration.POSTGRESQL_UNDO[:-1]:
                cursor.execute(statement.replace("DROP TRIGGER", "DROP TRIGGER IF EXISTS"))
            cursor.execute(
                "SELECT conrelid::regclass, conname FROM pg_constraint "
                "WHERE contype = 'f' AND conrelid = 'accounts_auditseal'::regclass"
            )
            for table, name in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for statement in statements:
            cursor.execute(statement)


def kinds(at: datetime, **options: Any) -> list[tuple[str, int | None, int | None]]:
    """Return what a look at the whole log finds: kind, seal, and the entry's place among the ten."""
    return [(one.kind, one.seal, one.entry) for one in chain.verify(at=at, **options).findings]


def test_an_untouched_log_holds(ten: list[AuditEntry], later: datetime) -> None:
    report = chain.verify(at=later)
    assert report.findings == [] and report.seals == report.head == 10
    assert list(AuditSeal.objects.order_by("number").values_list("number", "entry")) == [
        (number + 1, entry.pk) for number, entry in enumerate(ten)
    ]
    assert chain.seal_waiting(at=later) == 0


@pytest.mark.parametrize(
    "field",
    [
        "at = '2020-01-01 00:00:00+00:00'",
        "actor_id = NULL",
        "verb = 'other.done'",
        "subject_type = 'x.y'",
        "subject_id = '7'",
        "subject = 'somebody else'",
        "digest = ''",
        "detail = '{}'",
    ],
)
def test_no_field_of_an_entry_can_be_changed_unseen(ten: list[AuditEntry], later: datetime, field: str) -> None:
    entry = ten[4].pk
    unguarded(f"UPDATE accounts_auditentry SET {field} WHERE id = {entry}")
    found = chain.verify(at=later).faults
    assert [(one.kind, one.seal, one.entry) for one in found] == [(Kind.CHANGED, 5, entry)]
    assert str(found[0]) == f"Entry {entry} has been changed since seal 5 was put on it."


@pytest.mark.sqlite
def test_what_cannot_even_be_read_counts_as_changed(ten: list[AuditEntry], later: datetime) -> None:
    unguarded(f"UPDATE accounts_auditentry SET at = 'never' WHERE id = {ten[4].pk}")
    assert kinds(later) == [(Kind.CHANGED, 5, ten[4].pk)]


def test_each_kind_of_tampering_with_rows_is_named(ten: list[AuditEntry], later: datetime) -> None:
    """One after the other, each undone by a savepoint."""
    pks = [entry.pk for entry in ten]
    swap_numbers = [
        "UPDATE accounts_auditseal SET number = 1000 WHERE number = 3",
        "UPDATE accounts_auditseal SET number = 3 WHERE number = 7",
        "UPDATE accounts_auditseal SET number = 7 WHERE number = 1000",
    ]
    other = trail.note("other.done", ten[0].actor, by=None, at=later)
    swap_entries = [
        f"UPDATE accounts_auditseal SET entry_id = {other.pk} WHERE number = 3",
        f"UPDATE accounts_auditseal SET entry_id = {pks[2]} WHERE number = 7",
        f"UPDATE accounts_auditseal SET entry_id = {pks[6]} WHERE number = 3",
    ]
    cases: dict[str, tuple[list[str], list[tuple[str, int | None, int | None]]]] = {
        "an entry is removed": (
            [f"DELETE FROM accounts_auditentry WHERE id = {pks[4]}"],
            [(Kind.REMOVED, 5, pks[4])],
        ),
        "an entry is removed with its seal": (
            [
                "DELETE FROM accounts_auditseal WHERE number = 5",
                f"DELETE FROM accounts_auditentry WHERE id = {pks[4]}",
            ],
            [(Kind.SEAL_REMOVED, 5, None)],
        ),
        "a seal is removed": (
            ["DELETE FROM accounts_auditseal WHERE number = 5"],
            [(Kind.SEAL_REMOVED, 5, None), (Kind.UNSEALED, None, pks[4])],
        ),
        "two seals change places": (swap_numbers, [(Kind.ORDER, 3, pks[6]), (Kind.ORDER, 7, pks[2])]),
        "two seals change their entries": (swap_entries, [(Kind.ORDER, 3, pks[6]), (Kind.ORDER, 7, pks[2])]),
        "a seal's keyed digest is changed": (
            ["UPDATE accounts_auditseal SET mac = digest WHERE number = 5"],
            [(Kind.FORGED, 5, pks[4])],
        ),
    }
    wrong = []
    for name, (statements, expected) in cases.items():
        point = transaction.savepoint_create()
        unguarded(*statements)
        found = kinds(later)
        if found != expected:
            wrong.append(f"{name}: {found} instead of {expected}")
        transaction.savepoint_rollback(point)
    assert wrong == []


def rebuild(first: int, at: str = "") -> None:
    """Make every digest from a seal on anew, as someone can who knows how it is done and has not got the key."""
    before = AuditSeal.objects.get(number=first - 1).digest
    for seal in AuditSeal.objects.filter(number__gte=first).order_by("number").select_related("entry"):
        row = AuditEntry.objects.filter(pk=seal.entry_id).values_list("pk", *chain.FIELDS).get()
        before = chain.digest_of(seal.number, chain.moment(seal.sealed_at), before, chain.content_of(*row))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_auditseal SET digest = %s WHERE number = %s", [before, seal.number])


def test_whoever_rebuilds_the_chain_lacks_the_key(ten: list[AuditEntry], later: datetime) -> None:
    unguarded(f"UPDATE accounts_auditentry SET verb = 'other.done' WHERE id = {ten[4].pk}")
    rebuild(5)
    assert kinds(later) == [(Kind.FORGED, number, ten[number - 1].pk) for number in range(5, 11)]


def test_an_entry_that_is_put_in_with_a_seal_of_its_own_is_found(
    ten: list[AuditEntry], later: datetime, alma: Any
) -> None:
    entry = trail.note("thing.done", alma, by=alma, at=later)
    number, before = chain.head()
    row = AuditEntry.objects.filter(pk=entry.pk).values_list("pk", *chain.FIELDS).get()
    digest = chain.digest_of(number + 1, chain.moment(later), before, chain.content_of(*row))
    ours = AuditSeal.objects.get(number=number)
    AuditSeal.objects.create(
        number=number + 1, entry=entry, sealed_at=later, digest=digest, mac=ours.mac, key_id=ours.key_id
    )
    assert kinds(later) == [(Kind.FORGED, 11, entry.pk)]


def test_entries_without_a_seal_are_told_after_a_minute(ten: list[AuditEntry], later: datetime, alma: Any) -> None:
    entry = trail.note("thing.done", alma, by=alma, at=later)
    assert kinds(later + timedelta(seconds=59)) == []
    assert kinds(later + timedelta(seconds=61)) == [(Kind.UNSEALED, None, entry.pk)]


def test_an_entry_that_is_written_afterwards_is_remarked_on(
    ten: list[AuditEntry], later: datetime, alma: Any, noon: datetime
) -> None:
    back = trail.note("thing.done", alma, by=alma, at=noon - timedelta(hours=2))
    chain.seal_waiting(at=later)
    report = chain.verify(at=later)
    assert [(one.kind, one.entry) for one in report.findings] == [(Kind.LATE, back.pk)]
    assert report.faults == []


def cut_off(number: int) -> None:
    """Remove the last entries with their seals, from a number on."""
    keys = ", ".join(str(pk) for pk in AuditSeal.objects.filter(number__gte=number).values_list("entry", flat=True))
    unguarded(
        f"DELETE FROM accounts_auditseal WHERE number >= {number}",
        f"DELETE FROM accounts_auditentry WHERE id IN ({keys})",
    )


def test_an_end_that_was_cut_off_is_found_by_what_was_noted_elsewhere(ten: list[AuditEntry], later: datetime) -> None:
    noted = chain.head()
    assert kinds(later, heads=[noted, (0, noted[1])]) == []
    cut_off(9)
    assert kinds(later) == []  # the rest is a chain, too
    assert kinds(later, heads=[noted]) == [(Kind.CUT_OFF, 10, None)]
    assert kinds(later, heads=[(0, noted[1])]) == [(Kind.CUT_OFF, None, None)]


def test_the_newest_seal_is_noted_in_the_programs_log_once_a_day(
    alma: Any, noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "accounts.audit.chain")
    for hours in (0, 1, 2, 24):
        trail.note("thing.done", alma, by=alma, at=noon + timedelta(hours=hours))
        chain.seal_waiting(at=noon + timedelta(hours=hours))
    first, last = (AuditSeal.objects.get(number=number) for number in (1, 4))
    said = [record.getMessage() for record in caplog.records]
    assert [line.split(" is ")[1].split(" ")[0] for line in said] == [f"1:{first.digest}", f"4:{last.digest}"]


def test_a_lost_key_leaves_the_fingerprints_and_may_be_accepted(
    ten: list[AuditEntry], later: datetime, alma: Any, settings: Any
) -> None:
    old = AuditSeal.objects.first()
    assert old is not None
    settings.SUPPRESSION_KEY = "another one, as the first is lost for good"
    trail.note("thing.done", alma, by=alma, at=later)
    chain.seal_waiting(at=later)

    report = chain.verify(at=later)
    assert [(one.kind, one.seal, one.number, one.key) for one in report.faults] == [(Kind.KEY, 1, 10, old.key_id)]

    point = transaction.savepoint_create()
    unguarded(f"UPDATE accounts_auditentry SET verb = 'other.done' WHERE id = {ten[4].pk}")
    assert {kind for kind, _seal, _entry in kinds(later)} == {Kind.KEY, Kind.CHANGED}
    transaction.savepoint_rollback(point)

    call_command("verify_audit", accept_key=old.key_id, stdout=StringIO(), stderr=StringIO())
    report = chain.verify(at=timezone.now())
    assert report.faults == [] and report.counts[Kind.ACCEPTED] == 1
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("verify_audit", accept_key="0" * 16)


def test_who_has_the_database_and_not_the_key_cannot_accept_a_key_of_their_own(
    ten: list[AuditEntry], later: datetime, alma: Any
) -> None:
    """The chain made anew under an invented key, and the acceptance of it, which the software then seals like any row."""
    changed = [f"UPDATE accounts_auditentry SET verb = 'other.done' WHERE id = {ten[4].pk}"]
    before = chain.FIRST
    for seal in AuditSeal.objects.order_by("number"):
        values = list(AuditEntry.objects.filter(pk=seal.entry_id).values_list(*chain.FIELDS).get())
        values[2] = "other.done" if seal.entry_id == ten[4].pk else values[2]
        content = chain.content_of(seal.entry_id, *values)
        before = chain.digest_of(seal.number, chain.moment(seal.sealed_at), before, content)
        changed.append(
            f"UPDATE accounts_auditseal SET digest = '{before}', mac = '{'0' * 64}', key_id = '{'c0ffee' * 2}c0ff' "
            f"WHERE number = {seal.number}"
        )
    unguarded(*changed)
    AuditCheck.objects.all().delete()
    newest = AuditSeal.objects.first()
    assert newest is not None
    stolen = chain.acceptance_of(b"a key of one's own", newest.key_id, newest.number, newest.digest)
    for detail in ({}, {"upto": newest.number}, {"upto": newest.number, "proof": stolen}):
        trail.note(chain.KEY_ACCEPTED, newest, by=None, at=later, digest=newest.digest, key=newest.key_id, **detail)
    chain.seal_waiting(at=later)

    assert [(one.kind, one.number) for one in chain.verify(at=later).faults] == [(Kind.KEY, 10)]
    assert chain.verify_next(at=later) is not None


def test_the_command_says_what_is_wrong_and_ends_with_status_1(ten: list[AuditEntry]) -> None:
    def told(*words: str) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("verify_audit", *words, stdout=out)
        except SystemExit as end:
            return int(str(end.code)), out.getvalue()
        return 0, out.getvalue()

    number, digest = chain.head()
    status, said = told()
    assert status == 0
    assert "The audit log holds: 10 entries" in said and f"{number}:{digest}" in said
    assert told("--head", f"{number}:{digest}")[0] == 0
    assert told("--head", "12:" + "0f" * 32)[0] == 1
    with pytest.raises(CommandError, match="Nothing was checked"):
        told("--head", "yesterday's")

    unguarded(f"UPDATE accounts_auditentry SET verb = 'other.done' WHERE id = {ten[4].pk}")
    status, said = told()
    assert status == 1
    assert f"FAIL Entry {ten[4].pk} has been changed since seal 5 was put on it." in said
    status, said = told("--json")
    told_json = json.loads(said)
    assert status == 1 and not told_json["ok"] and told_json["counts"] == {Kind.CHANGED: 1}


def test_the_tick_finds_a_fault_tells_once_and_forgets_it_after_a_whole_round_without(
    ten: list[AuditEntry],
    later: datetime,
    campaign: Any,
    root: Any,
    alma: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(chain, "A_TICKS_PIECE", 4)
    root.language = "en"
    root.save(update_fields=["language"])
    look = partial(audit_monitor.verify_next, at=later)
    ticks = 3  # for ten seals
    assert [look() for _tick in range(ticks)] == [None] * ticks
    assert chain.chain(at=later).holds and AuditCheck.objects.get().whole_at == later

    unguarded(f"UPDATE accounts_auditentry SET verb = 'other.done' WHERE id = {ten[4].pk}")
    with caplog.at_level(logging.ERROR):
        found = [look() for _tick in range(2 * ticks)]
    assert found[0] is None
    assert {(one.kind, one.entry) for one in found[1:] if one} == {(Kind.CHANGED, ten[4].pk)} and None not in found[1:]
    assert len(caplog.records) == 1
    notice = Notice.objects.get(kind="tampered")
    assert notice.person == root
    assert f"Entry {ten[4].pk} has been changed since" in notice.text

    unguarded(f"UPDATE accounts_auditentry SET verb = 'thing.done' WHERE id = {ten[4].pk}")
    assert [look() is None for _tick in range(ticks)] == [False, False, True]
    assert chain.chain(at=later).holds


def test_the_tick_notices_that_the_end_is_gone(ten: list[AuditEntry], later: datetime, alma: Any) -> None:
    chain.verify_next(at=later)
    cut_off(9)
    trail.note("thing.done", alma, by=alma, at=later)
    chain.seal_waiting(at=later)
    for _tick in range(4):
        fault = chain.verify_next(at=later)
        assert fault is not None and fault.kind == Kind.CUT_OFF
    assert [one.kind for one in chain.verify(at=later).faults] == [Kind.CUT_OFF]


def test_the_desk_shows_whether_the_chain_holds_and_the_seal_of_an_entry(
    ten: list[AuditEntry], root: Any, signed_in: Callable[[Any], Any]
) -> None:
    client = signed_in(root)
    address = reverse("admin:accounts_auditentry_changelist")
    assert "has not been checked yet" in client.get(address).content.decode()
    chain.seal_waiting(at=timezone.now())
    chain.verify_next(at=timezone.now())
    assert "The chain is intact" in client.get(address).content.decode()
    page = client.get(reverse("admin:accounts_auditentry_change", args=[ten[4].pk])).content.decode()
    assert AuditSeal.objects.get(entry=ten[4]).digest in page

    unguarded(f"UPDATE accounts_auditentry SET verb = 'other.done' WHERE id = {ten[4].pk}")
    chain.verify_next(at=timezone.now())
    page = client.get(address).content.decode()
    assert "The audit log check failed" in page and f"Entry {ten[4].pk} has been changed since" in page


def test_seals_are_append_only_too(ten: list[AuditEntry], later: datetime) -> None:
    migration = importlib.import_module("accounts.migrations.0002_audit_is_append_only")
    statements = ["UPDATE accounts_auditseal SET mac = digest", "DELETE FROM accounts_auditseal"]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(next(one for one in migration.SQLITE if "seal_refuses_delete" in one))
            statements.append("REPLACE INTO accounts_auditseal SELECT * FROM accounts_auditseal WHERE number = 1")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            statements.append("TRUNCATE accounts_auditseal")
            statements.append("TRUNCATE accounts_auditentry CASCADE")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert chain.verify(at=later).findings == []


@pytest.mark.postgresql
def test_while_one_process_seals_another_does_not_begin() -> None:
    def seals() -> bool:
        with contextlib.closing(connection), transaction.atomic():
            return chain.lock_sealing()

    with ThreadPoolExecutor(1) as another, transaction.atomic():
        assert chain.lock_sealing()
        assert not another.submit(seals).result()


def test_what_is_committed_late_is_sealed_late(alma: Any, noon: datetime, later: datetime) -> None:
    """A key below one that is sealed already, as when two deeds overlap."""
    newer = trail.note("thing.done", alma, by=alma, at=noon)
    chain.seal_waiting(at=noon)
    row = AuditEntry(pk=newer.pk + 5, at=noon, verb="thing.done", subject_type="a.b", subject_id="1", subject="x")
    AuditEntry.objects.bulk_create([row])
    chain.seal_waiting(at=noon)
    AuditEntry.objects.bulk_create(
        [AuditEntry(pk=newer.pk + 3, at=noon, verb="thing.done", subject_type="a.b", subject_id="1", subject="x")]
    )
    assert chain.seal_waiting(at=noon + timedelta(seconds=1)) == 1
    assert list(AuditSeal.objects.order_by("number").values_list("entry", flat=True)) == [
        newer.pk,
        newer.pk + 5,
        newer.pk + 3,
    ]
    assert chain.verify(at=later).findings == []


def test_the_cost_of_a_second_in_which_nothing_happens_does_not_grow(
    ten: list[AuditEntry], later: datetime, django_assert_num_queries: Any
) -> None:
    chain.seal_waiting(at=later)
    with django_assert_num_queries(3):
        assert chain.seal_waiting(at=later + timedelta(seconds=1)) == 0


@pytest.mark.slow
def test_ten_thousand_entries_are_sealed_and_verified_in_seconds(alma: Any, noon: datetime, later: datetime) -> None:
    import time

    AuditEntry.objects.bulk_create(
        [
            AuditEntry(at=noon, actor=alma, verb="thing.done", subject_type="a.b", subject_id=str(number), subject="x")
            for number in range(10_000)
        ]
    )
    began = time.process_time()
    assert chain.seal_waiting(at=noon) == 10_000
    assert chain.verify(at=later).findings == []
    assert time.process_time() - began < 10
