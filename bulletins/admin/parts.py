"""The parts of a bulletin, as rows on its page."""

from typing import Any

from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.forms import PaginationInlineFormSet

from campaigns.desk import DeskStackedInline, DeskTabularInline, PlainLines

from .. import drafting
from ..models import Asset, CallToAction, Edition, KeyMessage, Target
from .forms import EditionForm
from .guards import PartOfBulletin

UPLOADS = ["jpg", "jpeg", "png", "webp", "mp4", "webm", "vtt"]


class EditionFormSet(PaginationInlineFormSet):
    """The editions of one bulletin; each form knows the original."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Pass the original on."""
        if not hasattr(self, "_original"):
            self._original = drafting.original_of(self.instance) if self.instance.pk else None
        return {**super().get_form_kwargs(index), "original": self._original}


class EditionInline(PartOfBulletin, DeskStackedInline):
    """A bulletin's words, one language under another. Variants for platforms are on an edition's own page."""

    model = Edition
    form = EditionForm
    formset = EditionFormSet
    fields = ["title", "subject", "preheader", "body", "hashtags", "is_current"]
    show_change_link = True
    can_delete = False
    max_num = 0

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Give the text room."""
        if db_field.name == "body":
            kwargs["widget"] = PlainLines(attrs={"rows": 16})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class KeyMessageInline(PartOfBulletin, DeskStackedInline):
    """Facts and requests meant to be repeated."""

    model = KeyMessage
    fields = ["key", "position", "text", "source_name", "source_url", "valid_until"]
    tab = True


class CallToActionInline(PartOfBulletin, DeskStackedInline):
    """What to do."""

    model = CallToAction
    fields = ["key", "position", "text"]
    tab = True


class TargetInline(PartOfBulletin, DeskTabularInline):
    """Who gets it, and when."""

    model = Target
    fields = ["audience", "timing", "at", "slot_at"]
    readonly_fields = ["slot_at"]
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Target]:
        """Return the rows with their audiences."""
        return super().get_queryset(request).select_related("audience", "bulletin")


class AssetInline(PartOfBulletin, DeskStackedInline):
    """Pictures, videos and subtitles to download."""

    model = Asset
    fields = ["kind", "language", "title", "file", "alt_text", "rights", "position"]
    tab = True

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Take only pictures, videos and subtitles."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "file" and field is not None:
            field.validators.append(FileExtensionValidator(UPLOADS))
        return field
