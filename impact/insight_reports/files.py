"""A report as files: PDF in a language, and its data."""

import hashlib
import json
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language

from campaigns.models import Campaign
from impact.models import InsightReport

from . import report_pdf
from .public_part import Content
from .report_view import view_of

KEPT = 24 * 3600  # seconds for which a drawn file is kept


def language_of(request: HttpRequest, campaign: Campaign) -> str:
    """Return the language that a report was asked for in, else the reader's, else the campaign's main one."""
    codes = campaign.language_codes()
    asked, own = request.GET.get("language", ""), get_language() or ""
    return next((code for code in (asked, own) if code in codes), campaign.default_language)


def pdf(content: Content, report: InsightReport, *, status: str, gone: int = 0) -> HttpResponse:
    """Return a report as PDF in the active language. What was drawn once is kept: drawing takes a second."""
    language = get_language() or "en"
    whole = json.dumps([content, status, gone, report.campaign.named(), report.campaign.is_exercise], sort_keys=True)
    place = f"insight-pdf:{report.pk}:{language}:{hashlib.sha256(whole.encode()).hexdigest()}"
    drawn: bytes | None = cache.get(place)
    if drawn is None:
        at = report.approved_at or report.figures_at
        drawn = report_pdf.render(view_of(content, report.campaign, gone=gone), report.campaign, at=at, status=status)
        cache.set(place, drawn, KEPT)
    return attached(HttpResponse(drawn, content_type="application/pdf"), report, f"-{language}.pdf")


def data(content: Content, report: InsightReport, **more: Any) -> HttpResponse:
    """Return a report as JSON: what was counted, judged and written, in every language."""
    told = {
        "campaign": report.campaign.slug,
        "exercise": report.campaign.is_exercise,
        "version": report.number,
        "approved_at": report.approved_at.isoformat() if report.approved_at else None,
        **more,
        **content,
    }
    return attached(JsonResponse(told, json_dumps_params={"indent": 2, "ensure_ascii": False}), report, ".json")


def attached(response: HttpResponse, report: InsightReport, ending: str) -> HttpResponse:
    """Return a response as a file to be saved."""
    name = f"insight-{report.campaign.slug}-{report.code}{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
