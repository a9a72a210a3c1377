"""The public pages of reports: the list of a campaign, one report, and its files."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.models import Campaign
from impact.models import InsightReport
from impact.weeks import Week

from . import files
from .public_part import Content, still_standing
from .report_view import view_of, week_name


@require_safe
@cached_page("campaign")
def reports(request: HttpRequest) -> HttpResponse:
    """List the reports that are for everyone, the newest week first; one query."""
    campaign = campaign_or_404(request)
    rows = []
    for one in InsightReport.objects.public(campaign).only("week_on", "approved", "approved_at", "campaign"):
        one.campaign = campaign
        view = view_of(one.approved, campaign)
        rows.append((one, week_name(Week(one.week_on)), view))
    others = others_than(campaign) if getattr(getattr(request, "shown_campaign", None), "has_others", True) else []
    return render(request, "impact/insight_reports/list.html", {"rows": rows, "others": others})


def others_than(campaign: Campaign) -> QuerySet[Campaign]:
    """Return the other campaigns that have a report that anyone may read, the latest first."""
    having = InsightReport.objects.for_everyone().values("campaign")
    rows = Campaign.objects.published().filter(pk__in=having).exclude(pk=campaign.pk)
    return rows.order_by("-published_at", "-pk").prefetch_related("languages")


@require_safe
@cached_page("campaign")
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Show a report as it was approved, without what was withdrawn since; of one that is withdrawn, that it is, and since when."""
    found = asked_for(request, code)
    if found.withdrawn_at is not None:
        context = {"report": found, "week": week_name(Week(found.week_on))}
        return render(request, "impact/insight_reports/withdrawn.html", context)
    content, gone = standing(found)
    view = view_of(content, found.campaign, gone=gone)
    return render(
        request, "impact/insight_reports/report.html", {"report": found, "view": view, "status": status_of(found)}
    )


@require_safe
@cached_page("campaign")
def report_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the same out as PDF."""
    found = asked_for(request, code)
    if found.withdrawn_at is not None:
        return withdrawn(found)
    content, gone = standing(found)
    return files.pdf(content, found, status=status_of(found), gone=gone)


@require_safe
@cached_page("campaign")
def report_data(request: HttpRequest, code: str) -> HttpResponse:
    """Hand the same out as data."""
    found = asked_for(request, code)
    if found.withdrawn_at is not None:
        return withdrawn(found)
    content, gone = standing(found)
    return files.data(content, found, withdrawn_since=gone)


def asked_for(request: HttpRequest, code: str) -> InsightReport:
    """Return a report that is public, or was until it was withdrawn; answer 404 for any other."""
    campaign, week = campaign_or_404(request), Week.read(code)
    if week is None or request.GET.get("campaign", campaign.slug) != campaign.slug:
        raise Http404
    found = InsightReport.objects.once_for_everyone().filter(campaign=campaign, week_on=week.first).first()
    if found is None:
        raise Http404
    found.campaign = campaign
    return found


def standing(report: InsightReport) -> tuple[Content, int]:
    """Return what of a public report stands, and of how many things the words are gone."""
    return still_standing(report.approved, report.campaign, at=timezone.now())


def withdrawn(report: InsightReport) -> HttpResponse:
    """Answer in place of a file of a report that was withdrawn."""
    assert report.withdrawn_at is not None
    time = date_format(report.campaign.local(report.withdrawn_at), "DATETIME_FORMAT")
    says = _("This report was withdrawn on %(time)s. Its figures and texts have been removed.") % {"time": time}
    return HttpResponse(f"{says}\n", content_type="text/plain; charset=utf-8", status=410)


def status_of(report: InsightReport) -> str:
    """Return when it was approved, and which version it is."""
    assert isinstance(report.approved_at, datetime)
    time = date_format(report.campaign.local(report.approved_at), "DATETIME_FORMAT")
    if report.number > 1:
        return _("Version %(number)d, approved %(time)s") % {"number": report.number, "time": time}
    return _("Approved %(time)s") % {"time": time}
