"""Claims that influencers report."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from factcheck.intake import claim_reports
from factcheck.intake.forms import ReportForm
from factcheck.models import Sighting
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.profiles import contact_person
from lib.text.languages.languages import page_language

from . import reported_claims


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def report(request: PortalRequest) -> HttpResponse:
    """Report a claim as it was seen."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()
    if request.method != "POST":
        likely = reported_claims.likely(influencer, campaign, language=page_language())
        return shown_report(request, ReportForm(campaign, initial=likely, at=now))
    form = ReportForm(campaign, request.POST, request.FILES, at=now)
    if form.is_valid():
        try:
            claim_reports.report(campaign, **form.cleaned_report(), via=Sighting.Via.PORTAL, by=influencer.user, at=now)
        except claim_reports.NotReportable as refusal:
            form.refuse(refusal)
        else:
            return redirect(reverse("influencers:reports", query={"sent": "1"}))
    return shown_report(request, form)


def shown_report(request: PortalRequest, form: ReportForm) -> HttpResponse:
    """Return the page with a report's form: 422 for one that was refused."""
    contact = contact_person.contact_of(request.influencer, request.campaign)
    more = [form[name] for name in ("url", "channel", "reach", "seen_on", "note", "screenshot")]
    context = {"form": form, "more": more, "is_more_open": any(one.errors for one in more), "contact": contact}
    return render(request, "influencers/portal/reports/report.html", context, status=422 if form.is_bound else 200)


@require_safe
@influencer_required
def reports(request: PortalRequest) -> HttpResponse:
    """What the reader reported, and what became of it."""
    page = reported_claims.reports(
        request.influencer,
        request.campaign,
        number=request.GET.get("page"),
    )
    return render(request, "influencers/portal/reports/reports.html", {"page": page, "is_sent": "sent" in request.GET})
