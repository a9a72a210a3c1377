"""Django's templates; a page in a language that people added says of each text that is in another language which it is."""

from typing import Any

from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates, Template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from lib.text.languages import fallback_marks, site_words, spoken_languages


class MarkedTemplate(Template):
    """A template that is rendered so."""

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        """Return the page, or the mail."""
        language = get_language() or ""
        if spoken_languages.fallback_of(language) == language:
            return SafeString(super().render(context, request))
        with site_words.marking():
            said = super().render(context, request)
        if not str(self.origin.template_name or "").endswith(".html"):
            return mark_safe(fallback_marks.in_text(said))  # noqa: S308  as it was, with less in it
        other = spoken_languages.fallback_of(language)
        return mark_safe(  # noqa: S308  elements of our own around what was safe before
            fallback_marks.in_elements(
                said, other, spoken_languages.direction(other), spoken_languages.direction(language)
            )
        )


class MarkedTemplates(DjangoTemplates):
    """The templates of the site."""

    def get_template(self, template_name: str) -> MarkedTemplate:
        """Return a template by its name."""
        return MarkedTemplate(super().get_template(template_name).template, self)
