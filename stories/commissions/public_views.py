"""What everyone sees of commissions: published works with credit and label, and the ledger of a campaign that opened one."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.translated_fields import in_language
from lib.csv_rows import BOM, lines
from lib.text.languages import page_language
from stories.models import Commission, CommissionFile

from . import disclosure, ledger
from .drafts import newest, picture

PER_PAGE = 20


@require_safe
@cached_page("campaign", "page")
def works(request: HttpRequest) -> HttpResponse:
    """List the works that are published, the latest first; five queries."""
    campaign = campaign_or_404(request)
    rows = Commission.objects.done(campaign).prefetch_related(ledger.chosen_with_agreement())
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, ledger.credit_of(one)) for one in page],
        "label": label_here(),
        "has_ledger": ledger.open_ledger(campaign) is not None,
    }
    return render(request, "stories/commissions/works.html", context)


@require_safe
@cached_page()
def work(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a published work with its credit and its label; six queries."""
    rows = Commission.objects.done(campaign_or_404(request)).prefetch_related(ledger.chosen_with_agreement())
    commission = get_object_or_404(rows, pk=pk)
    draft = newest(commission)
    context = {
        "commission": commission,
        "credit": ledger.credit_of(commission),
        "label": label_here(),
        "draft": draft,
        "files": list(draft.files.all()) if draft else [],
    }
    return render(request, "stories/commissions/work.html", context)


def label_here() -> str:
    """Return the label that stands on this site, in the active language."""
    return disclosure.label_for(disclosure.ELSEWHERE, page_language()).says


@require_safe
def work_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a picture of the accepted draft of a published work. What is asked for again is looked up again."""
    file = get_object_or_404(
        CommissionFile.objects.select_related("draft"), pk=pk, draft__commission__campaign=campaign_or_404(request)
    )
    commission = Commission.objects.done(campaign_or_404(request)).filter(pk=file.draft.commission_id).first()
    current = newest(commission) if commission else None
    if current is None or current.pk != file.draft_id:
        raise Http404
    response = picture(file)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    return response


@require_safe
@cached_page("campaign")
def public_ledger(request: HttpRequest) -> HttpResponse:
    """Show what a campaign pays for commissioned work; 404 unless it opened its ledger."""
    campaign = campaign_or_404(request)
    if ledger.open_ledger(campaign) is None:
        raise Http404
    rows = ledger.rows_of(campaign)
    return render(request, "stories/commissions/ledger.html", {"rows": rows, "totals": list(ledger.totals(rows))})


@require_safe
@cached_page("campaign")
def ledger_csv(request: HttpRequest) -> HttpResponse:
    """Give the ledger as CSV: amounts with a point, so that machines read them."""
    campaign = campaign_or_404(request)
    if ledger.open_ledger(campaign) is None:
        raise Http404
    head = ["number", "title", "state", "credit", "currency", "agreed", "paid"]
    table: list[tuple[Any, ...]] = [tuple(head)]
    for row in ledger.rows_of(campaign):
        one = row.commission
        table.append(
            (
                one.number,
                in_language(one.title),
                "taken_down" if one.is_taken_down else one.state,
                row.credit or _("not named"),
                one.currency,
                f"{ledger.agreed_fee(one):.2f}",
                f"{one.paid:.2f}",
            )
        )
    response = HttpResponse(BOM.encode() + lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="commissions.csv"'
    return response
