"""The desk's page on which somebody makes a campaign's results public, changes which are, or takes them down."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from impact.models import Measure, ResultsPage
from lib.statistics.small_groups import FEWEST

from . import public_page

MAY = "impact.publish_results"


def public_view(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    """Show what would be public, and make it so once it is confirmed."""
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    campaign, by, now = campaign_or_404(request), user_of(request), timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        if "close" in request.POST:
            public_page.close(campaign, by=by, at=now)
            messages.success(request, _("The page is closed. Nobody can read it any more."))
            return HttpResponseRedirect(reverse("admin:impact_public"))
        try:
            public_page.open_for_all(
                campaign,
                measures=request.POST.getlist("measures"),
                has_opinions="opinions" in request.POST,
                typed=request.POST.get("typed", "")[:100],
                by=by,
                at=now,
            )
        except public_page.NotOpened as reason:
            refusal, status = str(reason), 422
        else:
            messages.success(request, _("Everybody can read it now."))
            return HttpResponseRedirect(reverse("admin:impact_public"))
    page = ResultsPage.objects.filter(campaign=campaign).select_related("opened_by").first()
    chosen = set(request.POST.getlist("measures")) if refusal else set(page.measures if page else ())
    context = {
        **frame,
        "title": _("Results for everybody"),
        "results_page": page,
        "measures": [(one, one.key in chosen) for one in Measure.objects.taken().filter(campaign=campaign)],
        "has_opinions": "opinions" in request.POST if refusal else page is None or page.has_opinions,
        "address": request.build_absolute_uri(reverse("results:page")),
        "slug": campaign.slug,
        "refusal": refusal,
        "fewest": FEWEST,
    }
    return TemplateResponse(request, "impact/dashboard/public_desk.html", context, status=status)
