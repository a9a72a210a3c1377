"""The desk's page on which somebody makes a campaign's results public, changes which are, or takes them down."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.desk_base.desk_user import user_of
from campaigns.http import desk_campaigns
from campaigns.http.middleware import campaign_to_read
from campaigns.models import Campaign
from impact.models import Measure, ResultsPage
from lib.statistics.small_groups import FEWEST

from . import agreed_state, public_page

MAY = "impact.publish_results"
MOST_LISTED = 60  # newer values and notes

desk_campaigns.names_rows_of("impact_public", Measure)  # shown, with its frame, as the list of measures is


def public_view(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    """Show what would be public, and make it so once it is confirmed."""
    campaign, by, now = campaign_to_read(request), user_of(request), timezone.now()
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    refusal, status = "", 200
    if request.method == "POST":
        if "close" in request.POST:
            public_page.close(campaign, by=by, at=now)
            messages.success(request, _("The page is closed. Nobody can read it any more."))
            return HttpResponseRedirect(reverse("admin:impact_public"))
        try:
            take_step(request, campaign, at=now)
        except public_page.NotOpened as reason:
            refusal, status = str(reason), 422
        else:
            messages.success(request, _("Everybody can read it now."))
            return HttpResponseRedirect(reverse("admin:impact_public"))
    context = {**frame, "refusal": refusal, **shown(request, campaign, refusal=refusal, at=now)}
    return TemplateResponse(request, "impact/dashboard/public_desk.html", context, status=status)


def shown(request: HttpRequest, campaign: Campaign, *, refusal: str, at: datetime) -> dict[str, Any]:
    """Return what the page shows; of a form that was refused, what was chosen in it."""
    page = ResultsPage.objects.filter(campaign=campaign).select_related("campaign", "opened_by", "agreed_by").first()
    is_form = refusal and "newer" not in request.POST
    chosen = set(request.POST.getlist("measures")) if is_form else set(page.measures if page else ())
    waiting = None
    if page and page.is_open:
        measures = public_page.shown_measures(page, campaign)
        waiting = public_page.waiting_for(page, measures, by=user_of(request), at=at)
    return {
        "title": _("Results for everybody"),
        "results_page": page,
        "measures": [(one, one.key in chosen) for one in Measure.objects.taken().filter(campaign=campaign)],
        "waiting": waiting,
        "agreed_at": agreed_state.agreed_at(page) if page else None,
        "listed": waiting.rows[:MOST_LISTED] if waiting else [],
        "further": max(0, len(waiting.rows) - MOST_LISTED) if waiting else 0,
        "has_opinions": "opinions" in request.POST if is_form else page is None or page.has_opinions,
        "address": request.build_absolute_uri(reverse("results:page")),
        "slug": campaign.slug,
        "has_ended": campaign.closed_at is not None,
        "fewest": FEWEST,
    }


def take_step(request: HttpRequest, campaign: Campaign, *, at: datetime) -> None:
    """Show what is newer, or open the page as it was chosen. Raise NotOpened."""
    by = user_of(request)
    if "newer" in request.POST:
        public_page.show_newer(campaign, digest=request.POST["newer"][:64], by=by, at=at)
        return
    public_page.open_for_all(
        campaign,
        measures=request.POST.getlist("measures"),
        has_opinions="opinions" in request.POST,
        typed=request.POST.get("typed", "")[:100],
        by=by,
        at=at,
    )
