"""A row for every table that has none, so that whatever an upgrade does to a table meets one."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db import Error, models, transaction

from delivery.models import Audience
from factcheck.models import Claim

AT = datetime.fromisoformat("2026-11-01T12:00:00+00:00")
# Where a constraint wants more than any value of its type.
OTHERWISE: dict[str, dict[str, Callable[[], Any]]] = {
    "influencers.Recall": {"step": lambda: None},
    "factcheck.Distinction": {"other": lambda: Claim.objects.latest("pk")},
    "website.DigestRun": {"audience": lambda: Audience.objects.get(kind=Audience.Kind.DIGEST)},
    "campaigns.CustomText": {"agreed_by": lambda: None},
    "impact.CampaignResults": {"approved_by": lambda: None, "thanked_at": lambda: None},
    "delivery.Room": {"secret": lambda: ""},
    "delivery.QuietHours": {"ends": lambda: time(7)},
    "impact.Survey": {"started_by": lambda: None},
}
EXAMPLES: tuple[tuple[type[Any], Any], ...] = (
    (models.DateTimeField, AT),
    (models.DateField, date(2026, 11, 1)),
    (models.TimeField, AT.time()),
    (models.DurationField, timedelta(days=1)),
    (models.JSONField, {}),
    (models.BooleanField, False),
    (models.UUIDField, uuid.UUID(int=1)),
    (models.BinaryField, b"x"),
    (models.IntegerField, 1),
    (models.FloatField, 1.0),
    (models.DecimalField, 1),
    (models.FileField, ""),
    (models.EmailField, "someone@example.org"),
    (models.URLField, "https://example.org/"),
)


def fill_empty_tables() -> None:
    """Write a row into each empty table. Raise AssertionError with what the database said where that is impossible."""
    empty = [model for model in apps.get_models(include_auto_created=True) if not model._base_manager.exists()]
    for _round in range(len(empty)):
        refusals = {}
        for model in empty:
            try:
                with transaction.atomic():
                    model._base_manager.bulk_create([model(**values(model))])
            except Error as fault:
                refusals[model._meta.label] = str(fault)
        empty = [model for model in empty if model._meta.label in refusals]
        if not empty:
            return
    raise AssertionError(f"Tables without a row: {refusals}")


def values(model: type[models.Model]) -> dict[str, Any]:
    """Return a value for every column of a model that wants one."""
    found = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.AutoField):
            continue
        if isinstance(field, models.ForeignKey):
            found[field.name] = field.related_model._base_manager.order_by("pk").first()
        elif not field.null:
            found[field.name] = example(field)
    return found | {name: value() for name, value in OTHERWISE.get(model._meta.label, {}).items()}


def example(field: Any) -> Any:
    """Return some value that a field takes."""
    if field.choices:
        return next(value for value, _label in field.flatchoices if value not in {"", None})
    if field.has_default():
        return field.get_default()
    return next((value for kind, value in EXAMPLES if isinstance(field, kind)), "x")
