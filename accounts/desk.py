"""What the desk's forms of all rooms share: whatever is added, changed or deleted there goes into the audit log."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from . import audit
from .models import User


class Audited:
    """
    A ModelAdmin whose log is the audit log too. A message that is a word (`log_change(request, send, "pause")`)
    becomes the verb; one that Django made becomes "changed" with the names of the fields, never their values.
    """

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Note that somebody added a row."""
        note(request, obj, "added")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Note that somebody changed a row, or took a step with it."""
        if isinstance(message, str):
            note(request, obj, message)
        elif message:
            note(request, obj, "changed", fields=list(fields_of(message)))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Note that somebody deleted rows."""
        for row in queryset:
            note(request, row, "deleted")
        return super().log_deletions(request, queryset)


def note(request: HttpRequest, row: models.Model, verb: str, **detail: Any) -> None:
    """Write one entry for a person at the desk."""
    assert isinstance(request.user, User)
    audit.note(f"{row._meta.model_name}.{verb}", row, by=request.user, at=timezone.now(), **detail)


def fields_of(message: list[dict[str, Any]]) -> list[str]:
    """Return the names of the fields in Django's own message of a change, inlines with their name before it."""
    names: list[str] = []
    for part in message:
        for what, about in part.items():
            inline = about.get("name", "")
            names += [f"{inline}: {field}" if inline else field for field in about.get("fields", [])]
            if inline and what != "changed":
                names.append(f"{inline} {what}")
    return names
