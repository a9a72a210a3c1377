"""What newsrooms and other machines fetch. docs/using/api/fact-checks.md says how."""

from django.core.paginator import InvalidPage, Page
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.http.machine_responses import as_json, hub_links, language, serve, with_languages
from campaigns.http.machine_values import address
from campaigns.http.page_changes import cached_page
from campaigns.models import Campaign
from factcheck.models import Claim

from . import feeds


@require_safe
@cached_page("campaign")
def feed(request: HttpRequest) -> HttpResponse:
    """Give the newest fact-checks as RSS 2.0, in the address's language."""
    campaign, now = with_languages(request), timezone.now()
    changed = feeds.changed_at(campaign, at=now)
    written = feeds.rss(campaign, language=language(), changed=changed, at=now)
    links = hub_links(campaign, address("factcheck:feed", language=language()))
    return serve(request, written, "application/rss+xml; charset=utf-8", changed, links=links)


@require_safe
@cached_page("campaign", "page")
def claimreview(request: HttpRequest) -> HttpResponse:
    """Give all fact-checks as a DataFeed of ClaimReviews, in the address's language."""
    campaign, now = with_languages(request), timezone.now()
    page, changed = page_or_404(request, campaign), feeds.changed_at(campaign, at=now)
    found = feeds.data_feed(campaign, page, language=language(), changed=changed, at=now)
    links = neighbours(page, "factcheck:claimreview_data")
    return serve(request, as_json(found), "application/ld+json", changed, links=links)


@require_safe
@cached_page("campaign", "page")
def claims(request: HttpRequest) -> HttpResponse:
    """Give all fact-checks in all languages as plain JSON."""
    campaign, now = with_languages(request), timezone.now()
    page, changed = page_or_404(request, campaign), feeds.changed_at(campaign, at=now)
    found = feeds.everything(campaign, page, changed=changed, at=now)
    return serve(request, as_json(found), "application/json", changed, links=neighbours(page, "factcheck:claims_data"))


# --- Parts -----------------------------------------------------------------------------------------


def page_or_404(request: HttpRequest, campaign: Campaign) -> Page[Claim]:
    """Return the page that is asked for; one that does not exist is an end that machines notice."""
    try:
        return feeds.page_of(campaign, request.GET.get("page", "1")[:9])
    except InvalidPage as fault:
        raise Http404 from fault


def neighbours(page: Page[Claim], name: str) -> list[str]:
    """Return links to the pages before and after (RFC 8288)."""
    url = address(name, language=language())
    links = []
    if page.has_previous():
        links.append(f'<{url}?page={page.previous_page_number()}>; rel="prev"')
    if page.has_next():
        links.append(f'<{url}?page={page.next_page_number()}>; rel="next"')
    return links
