"""Fact-checks as data within their pages."""

import json
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from factcheck.models import ClaimVersion
from factcheck.publication import jsonld

register = template.Library()

# What could end the element, or a line of script, within a string.
_ESCAPES = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


@register.simple_tag
def claim_review(version: ClaimVersion | None) -> SafeString:
    """Return the element with the ClaimReview of a version in the reader's language, "" unless it stands; three queries."""
    if version is None:
        return mark_safe("")
    language = (get_language() or "en").partition("-")[0]
    return json_ld(jsonld.claim_reviews([version], language=language, at=timezone.now()).get(version.pk))


@register.filter
def json_ld(data: dict[str, Any] | None) -> SafeString:
    """Return the element with data for machines that read the page, "" without any."""
    if not data:
        return mark_safe("")
    return format_html('<script type="application/ld+json">{}</script>', in_script(data))


def in_script(data: dict[str, Any]) -> SafeString:
    """Return data as JSON that nothing said in it can break out of."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308
