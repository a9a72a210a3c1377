"""What the desk's pages of all apps share: fields for several languages, and rows that nobody changes by hand."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.views import ChangeList
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.desk_base.admin_mixins import Audited, ScopedMixin
from lib.text.languages import in_all_languages

from .models import Campaign
from .saved_views.list_mixin import SavedViews
from .translated_fields import TranslatedField

BOX = " ".join(BASE_INPUT_CLASSES)


class TranslatedWidget(forms.Widget):
    """One box per language. Languages that the site does not speak are kept when the value has them."""

    def __init__(self, attrs: dict[str, Any] | None = None, rows: int = 1) -> None:
        super().__init__(attrs)
        self.rows = rows

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """Return {language: text} of the boxes that hold something."""
        prefix = f"{name}__"
        found = {key[len(prefix) :]: data[key].strip() for key in data if key.startswith(prefix)}
        return {code: text for code, text in found.items() if text}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether no box was sent at all."""
        return not any(key.startswith(f"{name}__") for key in data)

    def id_for_label(self, id_: str) -> str:
        """Return the id of the first box."""
        return f"{id_}__{settings.LANGUAGES[0][0]}" if id_ else id_

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the boxes, each labelled with its language and marked as being in it."""
        texts = value if isinstance(value, dict) else {}
        codes = [code for code, _name in settings.LANGUAGES]
        codes += [code for code in texts if code not in codes]
        base = (attrs or {}).get("id") or f"id_{name}"
        boxes = format_html_join(
            "",
            '<label for="{id}__{code}"><span>{code}</span>'
            '<textarea name="{name}__{code}" id="{id}__{code}" lang="{code}" rows="{rows}" class="{box}">\n{text}</textarea>'
            "</label>",
            (
                {"id": base, "name": name, "code": code, "rows": self.rows, "box": BOX, "text": texts.get(code, "")}
                for code in codes
            ),
        )
        return format_html('<div class="languages-in">{}</div>', boxes)


class TranslatedFormField(forms.Field):
    """A form field for {language code: text}; empty languages are left out."""

    widget = TranslatedWidget

    def __init__(self, *args: Any, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> dict[str, str]:
        """Return the texts."""
        return value or {}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the texts, line ends as browsers send them."""
        return self._plain(initial) != self._plain(data)

    @staticmethod
    def _plain(value: Any) -> dict[str, str]:
        texts = value if isinstance(value, dict) else {}
        return {code: text.replace("\r\n", "\n").strip() for code, text in texts.items() if text and text.strip()}

    def clean(self, value: Any) -> dict[str, str]:
        """Return the texts with plain line ends."""
        return {code: text.replace("\r\n", "\n") for code, text in super().clean(value).items()}


class WordsFormField(forms.CharField):
    """A form field for a list of words (hashtags, language codes), written with spaces or commas between."""

    def __init__(self, *args: Any, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget)
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the list as it is written."""
        return " ".join(str(word) for word in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Return the words."""
        if isinstance(value, list):
            return value
        return [word for word in re.split(r"[\s,]+", value or "") if word]

    def validate(self, value: Any) -> None:
        """Refuse emptiness where something is required."""
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Words have no length limit of their own."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the lists."""
        return self.to_python(initial if isinstance(initial, list) else []) != self.to_python(data)


class PlainLines(UnfoldAdminTextareaWidget):
    """A text area whose lines end as they are stored: a text that nobody touched counts as unchanged."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the text without the carriage returns that browsers add."""
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


class DayAndHour(UnfoldAdminSplitDateTimeWidget):
    """A box for the day, which the field's label names, and one for the hour, which says so by itself."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.widgets[1].attrs["aria-label"] = gettext_lazy("Time")

    def id_for_label(self, id_: str) -> str:
        """Return the id of the first box."""
        return f"{id_}_0" if id_ else id_


class DeskFields:
    """Gives JSON fields a form that people can fill in, and shows them readably where they cannot be changed."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field: a box per language, a line of words, or what the admin would use."""
        common = {
            "label": capfirst(db_field.verbose_name),
            "help_text": db_field.help_text,
            "required": not db_field.blank,
        }
        if isinstance(db_field, TranslatedField):
            return TranslatedFormField(**common)
        if isinstance(db_field, models.JSONField) and db_field.default is list:
            return WordsFormField(**common)
        if isinstance(db_field, models.TextField) and not db_field.choices:
            kwargs |= {"widget": kwargs.get("widget", PlainLines), "strip": False}
        if isinstance(db_field, models.DateTimeField):
            kwargs |= {"form_class": forms.SplitDateTimeField, "widget": kwargs.get("widget", DayAndHour)}
        return with_blank_choice(super().formfield_for_dbfield(db_field, request, **kwargs))


def with_blank_choice(field: Any) -> Any:
    """Return a form field whose empty choice has a word instead of Django's dashes."""
    dashes = BLANK_CHOICE_DASH[0]
    if getattr(field, "empty_label", None) == dashes[1]:
        field.empty_label = gettext_lazy("None selected")
    elif isinstance(field, forms.ChoiceField) and dashes in (choices := list(field.choices)):
        field.choices = [("", gettext_lazy("None selected")) if one == dashes else one for one in choices]
    return field


class OfCampaign(ScopedMixin):
    """
    Where `campaign_by` says the way from a row to its campaign, only rows of the campaign that the site shows exist, and
    fields offer and take no others. Where it is empty, the desk shows every campaign's.
    """

    campaign_by = ""

    def in_scope(self, request: HttpRequest, rows: Any) -> Any:
        """Return those of `rows` that the user reaches, of the campaign that the site shows."""
        if self.campaign_by:
            rows = rows.filter(**{self.campaign_by: getattr(request, "campaign", None)})
        return super().in_scope(request, rows)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Return what a field offers and takes: of the same campaign, where rows are of one."""
        rows, model = super().get_field_queryset(db, db_field, request), db_field.remote_field.model
        names = {field.name for field in model._meta.fields}
        if not self.campaign_by or (model is not Campaign and "campaign" not in names):
            return rows
        every = model._default_manager.using(db).all() if rows is None else rows
        campaign = getattr(request, "campaign", None)
        return every.filter(**{"pk" if model is Campaign else "campaign": campaign and campaign.pk})


class CompletedChangeList(ChangeList):
    """A list whose admin adds to the rows of a page what no column of theirs says (`complete`), for all of them at once."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Find the rows of the page, and have them completed."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.complete(request, self.result_list)


class DeskAdmin(SavedViews, Audited, OfCampaign, DeskFields, ModelAdmin):
    """How every list and form of the desk behaves."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = False
    view_on_site = False
    warn_unsaved_form = True
    list_note: Any = ""  # over a list: what it is for, in a sentence or two
    list_before_template = "campaigns/admin/_list_note.html"
    complete: Any = None  # (request, rows of a page): adds what the list shows besides their columns

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return what finds the rows of a page."""
        return CompletedChangeList if self.complete else super().get_changelist(request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Where a row is only read, show texts in several languages as a list, not as JSON."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return readable(self.model, fields)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the forms of the rows in the list, whose fields have no labels but the heads of their columns."""
        rows = super().get_changelist_formset(request, **kwargs)
        for field in rows.form.base_fields.values():
            named(field)
        return rows


def named(field: forms.Field | None) -> forms.Field | None:
    """Give a form field's box the field's label as its name."""
    if field is not None:
        field.widget.attrs["aria-label"] = field.label
    return field


def readable(model: type[models.Model], fields: Iterable[Any]) -> list[Any]:
    """Return `fields` with each TranslatedField replaced by a callable that shows it for reading."""
    texts = {field.name: field for field in model._meta.fields if isinstance(field, TranslatedField)}
    return [shown(texts[name]) if isinstance(name, str) and name in texts else name for name in fields]


@cache
def shown(field: TranslatedField) -> Callable[[models.Model], SafeString | str]:
    """Return the callable that shows a TranslatedField for reading; always the same one for a field."""

    def show(row: models.Model) -> SafeString | str:
        return in_all_languages(getattr(row, field.name))

    show.short_description = field.verbose_name  # type: ignore[attr-defined]
    show.__name__ = f"{field.name}_shown"
    return show


class ReadOnly:
    """Rows that only code writes: they can be looked at, never added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False


class ReadOnlyAdmin(ReadOnly, DeskAdmin):
    """A list and a page to read."""

    actions: Any = None


class ReadableRows:
    """Shows texts in several languages as a list where the rows of an inline, which names its fields, are only read."""

    model: type[models.Model]
    fields: Any = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, readable where nobody may change them."""
        if self.fields is None or self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return super().get_fields(request, obj)
        return readable(self.model, self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Count what shows a field for reading among what is only read."""
        fields = super().get_readonly_fields(request, obj)
        if self.fields is None or self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return fields
        return [*fields, *(field for field in readable(self.model, self.fields) if callable(field))]


class DeskTabularInline(ReadableRows, ScopedMixin, DeskFields, TabularInline):
    """Rows of a form, in a table. The head of a column is no label, so its fields say by themselves what they are for."""

    extra = 0

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, with its name."""
        return named(super().formfield_for_dbfield(db_field, request, **kwargs))


class DeskStackedInline(ReadableRows, ScopedMixin, DeskFields, StackedInline):
    """Rows of a form, one under another."""

    extra = 0


__all__ = [
    "DeskAdmin",
    "DeskFields",
    "DeskStackedInline",
    "DeskTabularInline",
    "ReadOnly",
    "ReadOnlyAdmin",
    "TranslatedFormField",
    "TranslatedWidget",
    "WordsFormField",
    "readable",
]
