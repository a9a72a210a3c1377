"""The status page and status.json, where the campaign has them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.http.machine_responses import as_json, serve, with_languages
from campaigns.http.page_changes import cached_page
from campaigns.models import Campaign

from .site_status import as_plain, site_status


@require_safe
@cached_page()
def status(request: HttpRequest) -> HttpResponse:
    """Say whether all works, what does not, how long emails take, and when the site did not work."""
    campaign = with_status_page(request)
    return render(request, "website/status/status.html", {"status": site_status(campaign, at=timezone.now())})


@require_safe
@cached_page()
def status_json(request: HttpRequest) -> HttpResponse:
    """Give the same in all languages as plain JSON."""
    campaign, now = with_status_page(request), timezone.now()
    found = as_plain(campaign, site_status(campaign, at=now))
    return serve(request, as_json(found), "application/json", now)


def with_status_page(request: HttpRequest) -> Campaign:
    """Return the campaign that the site shows, or answer 404 when it has no public status page."""
    campaign = with_languages(request)
    if not campaign.has_status_page:
        raise Http404
    return campaign
