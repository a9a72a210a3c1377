"""Text in several languages, shown for reading."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def in_all_languages(texts: Any) -> SafeString | str:
    """Return {language: text} as a list for reading."""
    if not isinstance(texts, dict) or not any(texts.values()):
        return "–"
    return format_html(
        '<dl class="tongues-out">{}</dl>',
        format_html_join(
            "", '<dt>{}</dt><dd lang="{}">{}</dd>', ((code, code, text) for code, text in texts.items() if text)
        ),
    )
