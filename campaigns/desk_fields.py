"""Fields and boxes of the desk's forms: texts in several languages, lists of words, days with hours."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    BASE_INPUT_CLASSES,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from lib.text.languages import spoken_languages

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
        return f"{id_}__{spoken_languages.BUILT_IN[0]}" if id_ else id_

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the boxes, each labelled with its language and marked as being in it."""
        texts = value if isinstance(value, dict) else {}
        codes = spoken_languages.codes()
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

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list of words, no dict
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
    elif isinstance(field, forms.ModelChoiceField):
        pass  # its choices are the rows of a table, perhaps millions
    elif isinstance(field, forms.ChoiceField) and dashes in (choices := list(field.choices)):
        field.choices = [("", gettext_lazy("None selected")) if one == dashes else one for one in choices]
    return field
