"""
What the desk's forms of all apps share: rows that someone doesn't reach do not exist there, and whatever is added,
changed or deleted goes into the audit log.
"""

from typing import Any

from django.contrib.admin import ActionLocation, FieldListFilter
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import override

from accounts.access import campaign_roles, permissions, row_scopes
from accounts.audit import trail
from accounts.login import reauthentication
from accounts.models import User

from .related_filter import WithinCampaign

FieldListFilter.register(lambda field: bool(field.remote_field), WithinCampaign, take_priority=True)


class ScopedMixin:
    """
    A ModelAdmin, or an inline of one, in which a row out of the user's reach does not exist: it is in no list, search,
    choice or action, and its page is a 404 like that of a row that never was.
    """

    has_view_or_change_permission: Any

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the rows that the user reaches."""
        return self.in_scope(request, super().get_queryset(request))

    def in_scope(self, request: HttpRequest, rows: Any) -> Any:
        """Return those of `rows` that the user reaches."""
        return row_scopes.visible(rows, request.user)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Return the rows that a field offers and takes: of kinds that not every role sees whole, those within reach."""
        rows = super().get_field_queryset(db, db_field, request)
        model = db_field.remote_field.model
        if permissions.is_scoped(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            every = model._default_manager.using(db) if rows is None else rows
            return row_scopes.visible(every.all(), request.user)
        if campaign_roles.here_of(request.user) is None:
            return rows
        every = model._default_manager.using(db) if rows is None else rows
        if model is User:
            return every.filter(campaign_roles.works_with(request.user))
        return row_scopes.in_campaign_of(every.all(), request.user)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show what was done with a row, to those only who may see rows like it, whether or not it exists."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        raise Http404


class ReauthenticationMixin:
    """
    A ModelAdmin of rows on which so much hangs that whoever adds, changes or deletes one has just proved who they are. A
    row and its inlines are one form; several are not deleted at once.
    """

    has_add_permission: Any
    has_change_permission: Any
    has_delete_permission: Any

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Ask once more who saves a row."""
        may = self.has_change_permission(request) if object_id else self.has_add_permission(request)
        if request.method == "POST" and may and (again := reauthentication.require_recent_login(request)):
            return again
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Ask once more who deletes a row."""
        may = self.has_delete_permission(request)
        if request.method == "POST" and may and (again := reauthentication.require_recent_login(request)):
            return again
        return super().delete_view(request, object_id, extra_context)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Return the actions without the one that deletes what was ticked."""
        actions = super().get_actions(request, action_location)  # type: ignore[misc]  # of a ModelAdmin
        return {name: action for name, action in actions.items() if name != "delete_selected"}


class Audited:
    """
    A ModelAdmin whose log is the audit log too. A message that is a word (`log_change(request, send, "pause")`)
    becomes the verb; one that Django made becomes "changed" with the names of the fields, never their values.

    The desk's own history is kept as long as the audit log, and names no people either.
    """

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Note that someone added a row."""
        note(request, obj, "added")
        return without_names([super().log_addition(request, obj, message)], [obj])[0]

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Note that someone changed a row, or took a step with it."""
        if isinstance(message, str):
            note(request, obj, message)
        elif message:
            note(request, obj, "changed", fields=list(fields_of(message)))
        return without_names([super().log_change(request, obj, message)], [obj])[0]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Note that someone deleted rows."""
        rows = list(queryset)
        for row in rows:
            note(request, row, "deleted")
        entries = super().log_deletions(request, rows)
        return without_names([entries] if isinstance(entries, LogEntry) else entries, rows)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Return what was changed, without what rows of people in it are called."""
        message = super().construct_change_message(request, form, formsets, add)
        with override(None):
            of_people = {
                str(one.model._meta.verbose_name) for one in formsets or [] if hasattr(one.model, "audited_as")
            }
        for part in message:
            for about in part.values():
                if about.get("name") in of_people:
                    about["object"] = "…"
        return message


def without_names(entries: list[LogEntry], rows: list[models.Model]) -> list[LogEntry]:
    """Return entries of the desk's history about `rows`, which call those of people by their kind and key."""
    for entry, row in zip(entries, rows, strict=True):
        if called := getattr(row, "audited_as", ""):
            entry.object_repr = called
            entry.save(update_fields=["object_repr"])
    return entries


def note(request: HttpRequest, row: models.Model, verb: str, **detail: Any) -> None:
    """Write one entry for a person at the desk."""
    assert isinstance(request.user, User)
    trail.note(f"{row._meta.model_name}.{verb}", row, by=request.user, at=timezone.now(), **detail)


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
