"""What feeds, APIs and embeds answer machines: what was written for them, or 304 to whoever has it already."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language

from campaigns.models import Campaign, CampaignLanguage
from lib.text.languages import spoken_languages

from .middleware import campaign_or_404

# What XML has no way to write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def serve(
    request: HttpRequest, written: str, kind: str, changed: datetime, *, links: Iterable[str] = ()
) -> HttpResponse:
    """
    Return what was written as the media type `kind`, or 304 to whoever has it already; pages of other sites may read it.

    `changed` is when it last changed, to the second; the ETag is exact. `links` are for the Link header (RFC 8288). Whoever
    keeps it asks before showing it again, so that nothing withdrawn lives on.
    """
    body = written.encode()
    etag = etag_of(body)
    last = int(changed.timestamp())
    response = HttpResponse(body, content_type=kind)
    response["ETag"], response["Last-Modified"] = etag, http_date(last)
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    told = get_conditional_response(request, etag=etag, last_modified=last, response=response) or response
    told["Access-Control-Allow-Origin"] = "*"
    told["Access-Control-Expose-Headers"] = "ETag, Last-Modified, Link"
    if links := ", ".join(links):
        told["Link"] = links
    if campaign_or_404(request).is_exercise:
        told["X-Robots-Tag"] = "noindex"
    return told


def etag_of(body: bytes) -> str:
    """Return the ETag (RFC 9110) of what is answered."""
    return quote_etag(hashlib.sha256(body).hexdigest()[:32])


def with_languages(request: HttpRequest) -> Campaign:
    """Return the campaign that the site shows with its languages, or answer 404 while there is none; one query."""
    campaign = campaign_or_404(request)
    prefetch_related_objects([campaign], "languages")
    return campaign


def languages_of(campaign: Campaign) -> list[CampaignLanguage]:
    """Return the campaign's languages in which the site has pages; one query."""
    return [row for row in campaign.languages.all() if spoken_languages.is_spoken(row.code)]


def language() -> str:
    """Return the code of the language that the address is in."""
    return (get_language() or "en").partition("-")[0]


def as_json(found: dict[str, Any]) -> str:
    """Return plain data as JSON for people to read, too."""
    return json.dumps(found, ensure_ascii=False, indent=1)


def writable(text: str) -> str:
    """Return a text without the characters that XML cannot write."""
    return _UNWRITABLE.sub("", text)


def hub_of(campaign: Campaign) -> str:
    """Return the address of the WebSub hub that hears of what is new, "" without one; of an exercise none hears."""
    return "" if campaign.is_exercise else settings.WEBSUB_HUB


def hub_links(campaign: Campaign, url: str) -> list[str]:
    """Return the links by which a reader of the feed at `url` finds its hub (WebSub), [] without one."""
    hub = hub_of(campaign)
    return [f'<{hub}>; rel="hub"', f'<{url}>; rel="self"'] if hub else []
