"""The desk's pages of a week: for the minister, for the team, and the same as CSV."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bulletins.models import Version
from campaigns.http import context_processors, desk_campaigns
from campaigns.http.middleware import campaign_to_read
from campaigns.models import Campaign
from impact.fidelity.suggestions import suggestions_of
from impact.measures import queries
from impact.models import Measure
from impact.surveys import result_lines
from impact.weeks import Week
from lib.csv_rows import BOM
from lib.statistics.small_groups import FEWEST

from .week_csv import csv_of
from .week_page import WeekPage, page_of
from .week_pdf import render

MAY_SEE = "impact.view_measure"
for _name in ("impact_week", "impact_team", "impact_csv", "impact_pdf"):
    desk_campaigns.names_rows_of(_name, Measure)  # shown, with their frame, as the list of measures is
MOST_SAID = 6  # on the minister's page
MOST_STATEMENTS = 4  # on the minister's page, of all groups together


def minister_view(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    """Show a week on one page: what was said, how far it got, what people think, what is open."""
    page, context = asked_for(request)
    context |= {
        "table": queries.table_of(page.reach.told) if page.reach.charts else [],
        "said": page.said[:MOST_SAID],
        "further": max(0, len(page.said) - MOST_SAID),
        "opinions": first_statements(page),
    }
    return shown(request, frame, "minister", context)


def team_view(request: HttpRequest, *, frame: dict[str, Any]) -> HttpResponse:
    """Show the team what is behind it: what to do better, every chart, surveys, and what is overdue."""
    page, context = asked_for(request)
    measures = [one.measure for one in page.listed]
    now = Week.of(page.campaign.local(timezone.now()).date())
    context |= {
        "suggestions": [(one, found) for one in page.outcomes if (found := suggestions_of(one))],
        "families": queries.families(page.campaign, measures, page.weeks, now=now),
        "table": queries.table_of(page.reach.charts) if page.reach.charts else [],
        "overdue": [one for one in page.listed if one.is_overdue or one.measure.fault],
        "opinions": [(one, one.rows) for one in page.opinions],
    }
    return shown(request, frame, "team", context)


def csv_view(request: HttpRequest) -> HttpResponse:
    """Return a week as CSV."""
    page, _context = asked_for(request)
    answer = HttpResponse(BOM.encode() + csv_of(page), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename_of(page)}.csv"'
    return answer


def pdf_view(request: HttpRequest) -> HttpResponse:
    """Return a week for the minister as PDF."""
    page, _context = asked_for(request)
    text = context_processors.campaign(request)["campaign_text"]
    content = render(page, title=title_of(page.week), campaign=text.name if text else str(page.campaign))
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{filename_of(page)}.pdf"'
    return answer


def title_of(week: Week) -> str:
    """Return what the pages of a week are called."""
    return _("Impact, week %(number)d") % {"number": week.number}


def asked_for(request: HttpRequest) -> tuple[WeekPage, dict[str, Any]]:
    """Return the week that a request asks for, the last one that is over otherwise, with what its pages share."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    campaign, now = campaign_to_read(request), timezone.now()
    this = Week.of(campaign.local(now).date())
    asked = request.GET.get("week")
    week = Week.read(asked) if asked else first_shown(campaign, this)
    if week is None or week > this:
        raise Http404
    page = page_of(campaign, week, now=now)
    return page, {
        "page": page,
        "week": week,
        "before": week.before(),
        "after": week.after() if week < this else None,
        "ticks": result_lines.TICKS,
        "fewest": FEWEST,
    }


def first_shown(campaign: Campaign, this: Week) -> Week:
    """
    Return the week that is shown unless another is asked for: the last one that is over, or this one where all began in it; one query.
    """
    first = Version.objects.filter(bulletin__campaign=campaign).aggregate(at=Min("published_at"))["at"]
    began = campaign.local(first).date() if first else campaign.starts_on
    return this if began >= this.first else this.before()


def first_statements(page: WeekPage) -> list[tuple[Any, list[result_lines.Row]]]:
    """Return as many statements as the minister's page has room for: of each group some, the newest survey's first."""
    each = max(1, MOST_STATEMENTS // max(1, len(page.opinions)))
    return [(one, one.rows[:each]) for one in page.opinions]


def filename_of(page: WeekPage) -> str:
    """Return what the files of a week are called, without their endings."""
    return f"{page.campaign.slug}-impact-{page.week.code}"


def shown(request: HttpRequest, frame: dict[str, Any], name: str, context: dict[str, Any]) -> TemplateResponse:
    """Return one of the pages in the frame of the desk."""
    context = {**frame, "title": title_of(context["week"]), "here": name, **context}
    return TemplateResponse(request, f"impact/dashboard/{name}.html", context)
