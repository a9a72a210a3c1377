"""What newsrooms and other machines fetch. docs/data.md says how."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.paginator import InvalidPage, Page
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from campaigns.middleware import campaign_or_404
from campaigns.models import Campaign

from .. import feeds
from ..marking import address
from ..models import Claim

A_MINUTE = 60


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Give the newest fact-checks as RSS 2.0, in the address's language."""
    campaign, now = with_languages(request), timezone.now()
    changed = feeds.changed_at(campaign, at=now)
    written = feeds.rss(campaign, language=language(), changed=changed, at=now)
    return answer(request, written, "application/rss+xml; charset=utf-8", changed)


@require_safe
def claimreview(request: HttpRequest) -> HttpResponse:
    """Give all fact-checks as a DataFeed of ClaimReviews, in the address's language."""
    campaign, now = with_languages(request), timezone.now()
    page, changed = page_or_404(request, campaign), feeds.changed_at(campaign, at=now)
    found = feeds.data_feed(campaign, page, language=language(), changed=changed, at=now)
    response = answer(request, as_json(found), "application/ld+json", changed)
    return with_neighbours(response, page, "factcheck:claimreview_data")


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """Give all fact-checks in all languages as plain JSON."""
    campaign, now = with_languages(request), timezone.now()
    page, changed = page_or_404(request, campaign), feeds.changed_at(campaign, at=now)
    found = feeds.everything(campaign, page, changed=changed, at=now)
    response = answer(request, as_json(found), "application/json", changed)
    return with_neighbours(response, page, "factcheck:claims_data")


# --- Parts -----------------------------------------------------------------------------------------


def with_languages(request: HttpRequest) -> Campaign:
    """Return the campaign that the site shows with its languages, or answer 404 while there is none; one query."""
    campaign = campaign_or_404(request)
    prefetch_related_objects([campaign], "languages")
    return campaign


def page_or_404(request: HttpRequest, campaign: Campaign) -> Page[Claim]:
    """Return the page that is asked for; one that does not exist is an end that machines notice."""
    try:
        return feeds.page_of(campaign, request.GET.get("page", "1")[:9])
    except InvalidPage as fault:
        raise Http404 from fault


def language() -> str:
    """Return the code of the language that the address is in."""
    return (get_language() or "en").partition("-")[0]


def as_json(found: dict[str, Any]) -> str:
    """Return plain data as JSON for people to read, too."""
    return json.dumps(found, ensure_ascii=False, indent=1)


def answer(request: HttpRequest, written: str, kind: str, changed: datetime) -> HttpResponse:
    """Return what was written, or 304 to whoever has it already; pages of other sites may read it."""
    body = written.encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    last = int(changed.timestamp())
    response = HttpResponse(body, content_type=kind)
    response["ETag"], response["Last-Modified"] = etag, http_date(last)
    patch_cache_control(response, public=True, max_age=A_MINUTE)
    told = get_conditional_response(request, etag=etag, last_modified=last, response=response) or response
    told["Access-Control-Allow-Origin"] = "*"
    told["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link"
    if request.campaign.is_exercise:  # type: ignore[attr-defined]
        told["X-Robots-Tag"] = "noindex"
    return told


def with_neighbours(response: HttpResponse, page: Page[Claim], name: str) -> HttpResponse:
    """Say where the pages before and after are (RFC 8288)."""
    url = address(name, language=language())
    links = []
    if page.has_previous():
        links.append(f'<{url}?page={page.previous_page_number()}>; rel="prev"')
    if page.has_next():
        links.append(f'<{url}?page={page.next_page_number()}>; rel="next"')
    if links:
        response["Link"] = ", ".join(links)
    return response
