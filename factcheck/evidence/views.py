"""The public page of an archived copy."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.http.requests import CampaignRequest

from . import page_copies


@require_safe
def copy(request: CampaignRequest, pk: int) -> HttpResponse:
    """Show the text that was kept of a source, as long as a published fact-check names it."""
    campaign = request.campaign
    kept = page_copies.public_copy(campaign, pk) if campaign else None
    if kept is None:
        raise Http404
    response = render(request, "factcheck/evidence/copy.html", {"kept": kept, "copy": kept.copy})
    # The page is someone else's: search engines shall find the original.
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
