"""What everyone sees of commissions: published works with credit and label, and the ledger of a campaign that opened one."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.translated_fields import in_language
from lib.csv_rows import BOM, lines
from lib.text.languages.languages import page_language
from stories.models import Commission, CommissionFile

from . import disclosure, ledger
from .drafts import newest, picture

PER_PAGE = 20


@require_safe
@cached_page("campaign", "page")
def works(request: HttpRequest) -> HttpResponse:
    """List the works that are published, the latest first; five queries."""
    campaign = campaign_or_404(request)
    rows = Commission.objects.done(campaign, at=timezone.now()).prefetch_related(ledger.chosen_with_agreement())
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
    """Show a published work with its credit and its label; six queries. One whose time is over says so."""
    rows = Commission.objects.done(campaign_or_404(request), at=timezone.now())
    commission = rows.prefetch_related(ledger.chosen_with_agreement()).filter(pk=pk).first()
    if commission is None:
        return gone(request, pk)
    draft = newest(commission)
    context = {
        "commission": commission,
        "credit": ledger.credit_of(commission),
        "label": label_here(),
        "draft": draft,
        "files": list(draft.files.all()) if draft else [],
    }
    return render(request, "stories/commissions/work.html", context)


def gone(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the time is over in which a work could be shown; 404 for one that is not published, or was taken down."""
    get_object_or_404(Commission, pk=pk, campaign=campaign_or_404(request), published_at__isnull=False)
    response = render(request, "stories/commissions/gone.html", status=410)
    response["Cache-Control"] = "no-store"
    return response


def label_here() -> str:
    """Return the label that stands on this site, in the active language."""
    return disclosure.label_for(disclosure.ELSEWHERE, page_language()).says


@require_safe
def work_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a picture of the accepted draft of a published work. What is asked for again is looked up again."""
    file = get_object_or_404(
        CommissionFile.objects.select_related("draft"), pk=pk, draft__commission__campaign=campaign_or_404(request)
    )
    published = Commission.objects.filter(pk=file.draft.commission_id, published_at__isnull=False).first()
    current = newest(published) if published else None
    if current is None or current.pk != file.draft_id:
        raise Http404
    if (
        not Commission.objects.done(campaign_or_404(request), at=timezone.now())
        .filter(pk=current.commission_id)
        .exists()
    ):
        return HttpResponse(status=410, headers={"Cache-Control": "no-store"})
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


def state_of(commission: Commission) -> str:
    """Return how far a commission is, as a word for machines."""
    if commission.is_taken_down:
        return "taken_down"
    return "rights_ended" if commission.rights_over_at else commission.state


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
                state_of(one),
                row.credit or _("not named"),
                one.currency,
                f"{ledger.agreed_fee(one):.2f}",
                f"{one.paid:.2f}",
            )
        )
    response = HttpResponse(BOM.encode() + lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="commissions.csv"'
    return response
