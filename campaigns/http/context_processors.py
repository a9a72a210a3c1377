"""What every template may say about the campaign."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import get_language

from lib.text.languages.spoken_languages import read_by


def campaign(request: HttpRequest) -> dict[str, Any]:
    """
    Give `campaign`, its `campaign_text` in the reader's language and its languages; one query a request. `is_earlier` tells that
    the page is about another campaign than the site shows.
    """
    current = getattr(request, "campaign", None)
    if current is None:
        return {"campaign": None, "campaign_text": None, "campaign_languages": [], "is_earlier": False}
    prefetch_related_objects([current], "languages")  # a page is made of several templates
    languages = list(current.languages.all())
    by_code = {row.code: row for row in languages}
    shown = read_by(get_language() or "", current.default_language)
    text = next((by_code[code] for code in shown if code in by_code), None)
    is_earlier = current != getattr(request, "shown_campaign", current)
    return {"campaign": current, "campaign_text": text, "campaign_languages": languages, "is_earlier": is_earlier}
