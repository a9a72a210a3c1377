"""Text in several languages in one field."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lib.text.languages import spoken_languages


def validate_translated(value: Any) -> None:
    """Refuse anything but {language code: text}."""
    if not isinstance(value, dict) or not all(
        isinstance(code, str) and isinstance(text, str) for code, text in value.items()
    ):
        raise ValidationError(_("Enter the text for each language, for example fi, sv and en."))


class TranslatedField(models.JSONField):
    """
    A JSON object {language code: text}, for short texts that belong to one row: names, labels.

    Text that is edited, versioned and approved per language is a row of its own instead (bulletins.Edition).
    """

    default_validators = [validate_translated]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)


def in_language(texts: dict[str, str], language: str | None = None) -> str:
    """
    Return the text in `language` (default: the active one); failing that in its main language, in the one that stands in
    for it, in English, or in whichever there is; "" when there is none.
    """
    return texts.get(language_shown(texts, language), "")


def language_shown(texts: dict[str, str], language: str | None = None) -> str:
    """Return the code of the language whose text `in_language` returns; "" when there is none."""
    language = language or get_language() or "en"
    for code in (language, language.partition("-")[0], spoken_languages.fallback_of(language), "en"):
        if texts.get(code):
            return code
    return next((code for code, text in texts.items() if text), "")
