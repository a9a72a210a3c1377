"""The public form: anyone reports a claim. It asks for no name and keeps none."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import rate_limit
from campaigns.http.ended import unless_ended
from campaigns.http.middleware import campaign_or_404
from factcheck.matching import similar_claims
from factcheck.models import Claim, Sighting
from lib.text.numbers.whole_numbers import whole_numbers

from . import claim_reports
from .forms import ReportForm

HOUR = 3600
MOST_FROM_ONE_PLACE = 10
CROWD = 200  # reports in all, from which on a place gets in only so many
MOST_IN_A_CROWD = 1
MOST_ALIKE = 3


@never_cache
@unless_ended
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take in a claim from whoever saw it."""
    campaign = campaign_or_404(request)
    if request.method != "POST":
        return render(request, "factcheck/intake/report.html", {"form": ReportForm(campaign)})
    now = timezone.now()
    form = ReportForm(campaign, request.POST, request.FILES, at=now)
    if form.is_trap_sprung:
        return HttpResponseRedirect(reverse("factcheck:reported"))
    if not form.is_valid():
        return render(request, "factcheck/intake/report.html", {"form": form}, status=422)
    if not may_report(request, now):
        return render(request, "factcheck/intake/report.html", {"form": form, "too_many": True}, status=429)
    try:
        claim = claim_reports.report(campaign, **form.cleaned_report(), via=Sighting.Via.PUBLIC, at=now)
    except claim_reports.NotReportable as refusal:
        form.refuse(refusal)
        return render(request, "factcheck/intake/report.html", {"form": form}, status=422)
    near = similar_claims.closest_claims(
        campaign, form.cleaned_data["text"], language=None, limit=MOST_ALIKE + 2, visible_only=True
    )
    return HttpResponseRedirect(reported_url([match.claim for match in near if match.claim != claim]))


@never_cache
@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """Say thanks and what happens next, with the published fact-checks that the address names."""
    campaign = campaign_or_404(request)
    keys = whole_numbers(request.GET.get("see", "").split(".")[:MOST_ALIKE])
    found = Claim.objects.published().filter(campaign=campaign, pk__in=keys).select_related("current_version__claim")
    alike = [claim.current_version for claim in sorted(found, key=lambda claim: keys.index(claim.pk))]
    return render(request, "factcheck/intake/reported.html", {"alike": alike})


# --- Parts -----------------------------------------------------------------------------------------


def may_report(request: HttpRequest, now: datetime) -> bool:
    """
    Count a report, from its place and in all; return whether that is not too many from there. When very many come, each
    place has its one: people who flood the form cannot shut it for others.
    """
    is_calm = rate_limit.allow("report-all", "", most=CROWD, seconds=HOUR, at=now)
    most = MOST_FROM_ONE_PLACE if is_calm else MOST_IN_A_CROWD
    if rate_limit.allow("report", rate_limit.client_address(request), most=most, seconds=HOUR, at=now):
        return True
    if is_calm:
        rate_limit.refund("report-all", "")
    return False


def reported_url(claims: list[Claim]) -> str:
    """Return the address that says thanks, and names the public fact-checks among the claims that are like the report."""
    keys = ".".join(str(claim.pk) for claim in claims if claim.current_version_id)
    return reverse("factcheck:reported") + (f"?see={keys}" if keys else "")
