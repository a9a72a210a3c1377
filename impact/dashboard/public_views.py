"""The public page of what a campaign achieved; there is none until somebody has opened it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from impact.measures import queries
from impact.surveys import result_lines
from lib.statistics.small_groups import FEWEST

from . import agreed_state, public_page


@require_safe
@cached_page("campaign")
def results(request: HttpRequest) -> HttpResponse:
    """Show the last week that is over to everybody."""
    campaign = campaign_or_404(request)
    page = public_page.open_page(campaign)
    if page is None or request.GET.get("campaign", campaign.slug) != campaign.slug:
        raise Http404
    shown = public_page.public_week(page, campaign, now=timezone.now())
    context = {
        "shown": shown,
        "week": shown.week,
        "table": queries.table_of(shown.charts) if shown.charts else [],
        "opinions": [(one, one.rows) for one in shown.opinions],
        "agreed_at": agreed_state.agreed_at(page),
        "has_opinions": page.has_opinions,
        "ticks": result_lines.TICKS,
        "fewest": FEWEST,
    }
    return render(request, "impact/dashboard/public.html", context)
