"""Editions, each on its own page with its variants for platforms."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from campaigns.desk import DeskStackedInline

from .. import drafting
from ..models import Bulletin, Edition, Variant
from .forms import EditionForm
from .guards import TellsRefusals, is_open


class VariantInline(DeskStackedInline):
    """An edition made for one platform."""

    model = Variant

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_add_permission(request, obj) and (obj is None or is_open(obj.bulletin))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_change_permission(request, obj) and (obj is None or is_open(obj.bulletin))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_delete_permission(request, obj) and (obj is None or is_open(obj.bulletin))


@admin.register(Edition)
class EditionAdmin(TellsRefusals):
    """A bulletin in one language, with its variants for platforms."""

    form = EditionForm
    list_display = ["title", "language", "reading_level", "bulletin", "revision"]
    list_select_related = ["bulletin"]
    list_filter = ["language", "reading_level"]
    search_fields = ["title", "subject"]
    ordering = ["-bulletin__number", "pk"]
    fields = [
        "bulletin",
        "language",
        "reading_level",
        "title",
        "subject",
        "preheader",
        "body",
        "hashtags",
        "is_current",
    ]
    inlines = [VariantInline]
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return a form that knows the original."""
        form = super().get_form(request, obj, change=change, **kwargs)
        original = drafting.original_of(obj.bulletin) if obj is not None else None

        class WithOriginal(form):  # type: ignore[valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, original=original, **kwargs)

        return WithOriginal

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the bulletins that are in the making."""
        if db_field.name == "bulletin":
            kwargs["queryset"] = Bulletin.objects.filter(state__in=Bulletin.EDITABLE)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Which language of which bulletin it is does not change."""
        return ["bulletin", "language", "reading_level"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while the bulletin is in the making."""
        return super().has_change_permission(request, obj) and (not isinstance(obj, Edition) or is_open(obj.bulletin))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An edition has revisions that stay on record."""
        return False

    def save_model(self, request: HttpRequest, obj: Edition, form: Any, change: bool) -> None:
        """Save a changed edition as its next revision."""
        if form.changed_data or not change:
            drafting.save_edition(obj, by=request.user, at=timezone.now(), is_current=form.is_up_to_date)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the variants, and note who edited."""
        changed = any(formset.has_changed() for formset in formsets)
        if changed:
            drafting.lock(form.instance.bulletin)
        super().save_related(request, form, formsets, change)
        if changed:
            drafting.touched(form.instance.bulletin, by=request.user, at=timezone.now())
