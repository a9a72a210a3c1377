"""What search engines read: the map of the site, and where they are not to go."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest

from . import sitemap as pages_sitemap

# Not for search engines: what needs a login, and addresses that only one person has.
CLOSED = (
    "/desk/",
    "/i18n/",
    "/webhooks/",
    "/*/account/",
    "/*/inputs/",
    "/*/mail/",
    "/*/portal/",
    "/*/questions-to-answer/",
    "/*/seen/",
    "/*/subscribe/confirm/",
    "/*/subscription/",
)


@require_safe
@cached_page()
def sitemap(request: CampaignRequest) -> HttpResponse:
    """Hand out the map of the site, or the list of its parts when it is long."""
    campaign = request.campaign
    parts = pages_sitemap.sheets(pages_sitemap.sitemap_pages(campaign, at=timezone.now()))
    if len(parts) == 1:
        return answer(request, "website/sitemap/sitemap.xml", {"places": parts[0]})
    sheets = [settings.PUBLIC_URL + reverse("sitemap_part", args=[number]) for number in range(1, len(parts) + 1)]
    return answer(request, "website/sitemap/sitemap_index.xml", {"sheets": sheets})


@require_safe
@cached_page()
def sitemap_part(request: CampaignRequest, number: int) -> HttpResponse:
    """Hand out one part of the map of the site, the first one being 1."""
    campaign = request.campaign
    parts = pages_sitemap.sheets(pages_sitemap.sitemap_pages(campaign, at=timezone.now()))
    if not 1 <= number <= len(parts):
        raise Http404
    return answer(request, "website/sitemap/sitemap.xml", {"places": parts[number - 1]})


def answer(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """Return a map as XML that is itself not to be found."""
    response = render(request, template, context, content_type="application/xml; charset=utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@cached_page()
def robots(request: CampaignRequest) -> HttpResponse:
    """Say where search engines may go: nowhere in an exercise."""
    campaign = request.campaign
    if campaign is not None and campaign.is_exercise:
        lines = ["User-agent: *", "Disallow: /"]
    else:
        closed = [f"Disallow: {path}" for path in CLOSED]
        lines = ["User-agent: *", *closed, "", f"Sitemap: {settings.PUBLIC_URL}{reverse('sitemap')}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
