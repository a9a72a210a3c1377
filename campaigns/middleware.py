"""Every request knows its campaign and shows times in its zone."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Campaign


class CampaignMiddleware:
    """
    Set `request.campaign` to the campaign that the site shows, or None while there is none, and
    activate its time zone for the request. Static files, health probes, metrics and providers' reports never ask for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/static/", "/health/", "/metrics", "/webhooks/")):
            return self.get_response(request)
        campaign = Campaign.objects.current()
        request.campaign = campaign  # type: ignore[attr-defined]
        if campaign is None:
            return self.get_response(request)
        with timezone.override(campaign.zone):
            return self.get_response(request)


def campaign_or_404(request: HttpRequest) -> Campaign:
    """Return the campaign that the site shows, or answer 404 while there is none."""
    campaign: Campaign | None = request.campaign  # type: ignore[attr-defined]  # the middleware above puts it there
    if campaign is None:
        raise Http404(_("There is no campaign yet."))
    return campaign
