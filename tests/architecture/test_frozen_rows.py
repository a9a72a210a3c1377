"""What is frozen stays as it was stored, whoever changes it: each model that inherits Frozen, in Python and in the database."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, BooleanField, DateField, DateTimeField, IntegerField, JSONField
from django.utils import timezone

from accounts.models import AuditEntry, AuditSeal
from lib.frozen_rows import REFUSAL, Frozen, FrozenQuerySet

FROZEN = [model for model in apps.get_models() if issubclass(model, Frozen)]
BY_NAME = {model._meta.label: model for model in FROZEN}
# They have triggers of their own, which refuse deletion too.
AUDIT = (AuditEntry, AuditSeal)

every_frozen_model = pytest.mark.parametrize("name", sorted(BY_NAME))


def stored(model: Any) -> Any:
    """Store a row of a model that belongs to nothing, and return it."""
    values = {
        field.attname: number if field.is_relation else value_of(field)  # where two people are named, they are two
        for number, field in enumerate(model._meta.concrete_fields, start=10)
        if field.attname != "id" and not field.null
    }
    return model.objects.create(**values)


def value_of(field: Any, *, other: bool = False) -> Any:
    """Return a value that a field takes, or another one."""
    if isinstance(field, BooleanField):
        return other
    if isinstance(field, DateTimeField):
        return timezone.now()
    if isinstance(field, DateField):
        return date(2026, 12, 8 if other else 7)
    if isinstance(field, JSONField):
        return {"a": 2 if other else 1}
    if isinstance(field, BigIntegerField | IntegerField) or field.is_relation:
        return 8 if other else 7
    return "b" if other else "a"


@pytest.fixture
def row(name: str, request: Any) -> Any:
    """A row whose keys name nothing: the test ends before anybody looks."""
    request.getfixturevalue("db")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
    yield stored(BY_NAME[name])
    transaction.set_rollback(True)


def test_what_is_published_sent_and_agreed_to_is_frozen():
    assert set(BY_NAME) == {
        "accounts.AuditEntry",
        "accounts.AuditSeal",
        "bulletins.PublishedEdition",
        "delivery.ConsentText",
        "delivery.Message",
        "factcheck.ArchivedCopy",
        "factcheck.ClaimVersion",
        "questions.AnswerVersion",
    }
    for model in FROZEN:
        assert isinstance(model._default_manager.all(), FrozenQuerySet), model
        assert model.may_change <= {field.name for field in model._meta.concrete_fields}, model


@pytest.mark.both
@every_frozen_model
def test_python_refuses_to_change_what_is_frozen(name: str, row: Any):
    model = BY_NAME[name]
    before = model._base_manager.values().get(pk=row.pk)
    frozen = [field for field in model._meta.concrete_fields if field.name not in model.may_change]
    changes = [row.save, lambda: model.objects.bulk_create([row], update_conflicts=True, update_fields=["pk"])]
    for field in frozen:
        changed = {field.attname: value_of(field, other=True)}
        changes += [
            lambda changed=changed: model.objects.update(**changed),
            lambda field=field: row.save(update_fields=[field.name]),
        ]
        if not field.primary_key:
            changes.append(lambda field=field: model.objects.bulk_update([row], [field.name]))
    if not model.may_go:
        changes += [row.delete, model.objects.all().delete]
    for change in changes:
        with pytest.raises(TypeError, match=REFUSAL), transaction.atomic():
            change()
    assert model._base_manager.values().get(pk=row.pk) == before


@pytest.mark.both
@every_frozen_model
def test_the_database_refuses_to_change_what_is_frozen(name: str, row: Any):
    model = BY_NAME[name]
    before = model._base_manager.values().get(pk=row.pk)
    for field in model._meta.concrete_fields:
        value = field.get_db_prep_save(value_of(field, other=True), connection)
        sql = f'UPDATE {model._meta.db_table} SET "{field.column}" = %s'
        if field.name in model.may_change:
            continue
        with pytest.raises(Exception) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [value])
        assert "append-only" in str(refused.value) if model in AUDIT else refused.type is IntegrityError, field
    assert model._base_manager.values().get(pk=row.pk) == before


@pytest.mark.both
@every_frozen_model
def test_what_is_no_part_of_it_may_change(name: str, row: Any):
    model = BY_NAME[name]
    for changing in model.may_change:
        field: Any = model._meta.get_field(changing)
        other = value_of(field, other=True)
        assert model.objects.update(**{changing: other}) == 1
        setattr(row, changing, value_of(field))
        row.save(update_fields=[changing])
        assert getattr(model.objects.get(pk=row.pk), changing) == value_of(field)


@pytest.mark.sqlite
@every_frozen_model
def test_a_row_of_the_same_key_does_not_take_its_place(name: str, row: Any):
    model = BY_NAME[name]
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    sql = f"INSERT OR REPLACE INTO {model._meta.db_table} ({columns}) SELECT {columns} FROM {model._meta.db_table}"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
