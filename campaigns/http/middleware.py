"""Every request knows its campaign and shows times in its zone."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Campaign

from . import desk_campaigns, permalinks
from .requests import CampaignRequest


class CampaignMiddleware:
    """
    Set `request.campaign` to the campaign that the address is about, or None while there is none, and activate its time zone for
    the request; `request.shown_campaign` is the one that the site shows. At the desk it is the one that the user works in
    (desk_campaigns).
    Static files, health probes, metrics, providers' reports and the short addresses of codes never ask for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: CampaignRequest) -> HttpResponse:
        if request.path.startswith(("/static/", "/health/", "/metrics", "/webhooks/", "/c/", "/C/")):
            return self.get_response(request)
        if request.path.startswith("/desk/"):
            desk_campaigns.choose(request)
        else:
            request.campaign = request.shown_campaign = Campaign.objects.current()
        # At the desk without an open campaign, times are those of the one that was there last.
        campaign = request.campaign or next(iter(getattr(request, "desk_campaigns", [])), None)
        with timezone.override(campaign.zone if campaign else None):
            return self.get_response(request)

    def process_view(self, request: CampaignRequest, view: Any, _args: Any, kwargs: dict[str, Any]) -> None:
        """Change to the campaign that the address names something of, where it is not the one that the site shows."""
        if hasattr(request, "desk_campaigns"):
            desk_campaigns.follow(request, kwargs)
            return
        shown: Campaign | None = getattr(request, "shown_campaign", None)
        if not hasattr(request, "shown_campaign") or (shown is not None and not getattr(shown, "has_others", False)):
            return
        about = permalinks.campaign_of(request, shown, view)
        if about is not None and about != shown:
            request.campaign = about
            timezone.activate(about.zone)


def campaign_to_read(request: Any) -> Campaign:
    """
    Return the campaign that the address is about; at the desk, where none is open and none was chosen, the one that was there last:
    it is read, and rights to change what is in it are gone. Answer 404 while there is none.
    """
    last = next(iter(getattr(request, "desk_campaigns", [])), None)
    if getattr(request, "campaign", None) is None and last is not None:
        desk_campaigns.work_in(request, last)
    return campaign_or_404(request)


def campaign_or_404(request: HttpRequest) -> Campaign:
    """Return the campaign that the address is about, or answer 404 while there is none."""
    campaign: Campaign | None = getattr(request, "campaign", None)
    if campaign is None:
        raise Http404(_("There is no campaign yet."))
    return campaign
