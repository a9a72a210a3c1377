"""The desk's pages for taking in claims: the form, the CSV file, and screenshots for people who check claims."""

import functools
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from campaigns.http import desk_campaigns
from campaigns.http.middleware import campaign_or_404
from campaigns.models import Campaign
from factcheck.matching import similar_claims
from factcheck.models import Claim, Sighting
from lib.text.numbers.whole_numbers import whole_number

from . import claim_reports, claims_csv
from .forms import FileForm, ReportForm

desk_campaigns.names_rows_of("factcheck_claim_screenshot", Sighting)
FOLDER = "imports/"
KEPT = timedelta(days=1)  # how long a file waits for its second button
MOST_SHOWN = 500  # rows of a file on one page
NEW = "new"


def desk_urls(admin_site: AdminSite) -> list[URLPattern]:
    """Return the addresses that belong under the desk's claims."""

    def on_desk(view: Callable[..., HttpResponseBase], needs: str) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(needs):  # type: ignore[union-attr]
                raise PermissionDenied
            return view(request, *args, site=admin_site, **kwargs)

        return admin_site.admin_view(never_cache(guarded))

    return [
        path("report/", on_desk(report, "factcheck.add_claim"), name="factcheck_claim_report"),
        path("import/", on_desk(import_file, "factcheck.add_claim"), name="factcheck_claim_import"),
        path("import/template.csv", on_desk(template, "factcheck.add_claim"), name="factcheck_claim_import_template"),
        path("screenshot/<int:pk>/", on_desk(screenshot, "factcheck.change_claim"), name="factcheck_claim_screenshot"),
    ]


# --- One claim -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """
    Take in a claim that someone at the desk saw. When known claims are like it, the person says whether it is one of
    them; the software never decides that.
    """
    campaign, now = campaign_or_404(request), timezone.now()
    by = cast(User, request.user)
    context = {**site.each_context(request), "title": _("Report a claim"), "opts": Claim._meta, "new": NEW}
    if request.method != "POST":
        return TemplateResponse(
            request, "factcheck/admin/evidence/report.html", {**context, "form": ReportForm(campaign)}
        )
    if "look" in request.POST:
        near = close_to(campaign, request.POST.get("text", ""))
        return TemplateResponse(request, "factcheck/admin/evidence/report.html#near", {"near": near, "new": NEW})
    form = ReportForm(campaign, request.POST, request.FILES, at=now)
    chosen = request.POST.get("same_as", "")
    status = 422
    if form.is_valid():
        near = close_to(campaign, form.cleaned_data["text"])
        same = Claim.objects.filter(campaign=campaign, pk=whole_number(chosen)).first()
        if near and not same and chosen != NEW:
            context |= {"near": near, "ask": True, "chosen": chosen}
            status = 200
        else:
            try:
                claim = store_claim(campaign, form, same, by=by, at=now)
            except claim_reports.NotReportable as refusal:
                form.refuse(refusal)
                context |= {"near": near, "chosen": chosen}
            else:
                says = _("The sighting was added to this claim.") if same else _("The claim was reported.")
                messages.success(request, says)
                return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[claim.pk]))
    return TemplateResponse(request, "factcheck/admin/evidence/report.html", {**context, "form": form}, status=status)


def close_to(campaign: Campaign, text: str) -> list[similar_claims.Match]:
    """Return the known claims that a text may be one of."""
    return similar_claims.closest_claims(campaign, text[: claim_reports.MOST_TEXT]) if text.strip() else []


def store_claim(campaign: Campaign, form: ReportForm, same: Claim | None, *, by: User, at: datetime) -> Claim:
    """Store what the form says: one more sighting of a known claim, or a new one. Return the claim."""
    if same is None:
        return claim_reports.report(campaign, **form.cleaned_report(), by=by, at=at)
    claim_reports.add_sighting(same, **form.cleaned_sighting(), by=by, at=at)
    return same


# --- A file of claims ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Show what becomes of every row of a CSV file; a second button stores exactly that."""
    campaign, now = campaign_or_404(request), timezone.now()
    by = cast(User, request.user)
    context = {
        **site.each_context(request),
        "title": _("Claims from a CSV file"),
        "opts": Claim._meta,
        "form": FileForm(),
        "columns": [(words[0], words[1:]) for words in claims_csv.COLUMNS.values()],
        "needed": claims_csv.NEEDED,
        "platforms": Sighting.Platform.choices,
        "most_rows": claims_csv.MOST_ROWS,
        "most_mb": claims_csv.MOST_BYTES // 1024 // 1024,
    }
    status = 200
    if request.method == "POST" and "digest" in request.POST:
        data = stashed_file(by, request.POST.get("file_digest", ""))
        digest = request.POST["digest"]
        try:
            stored = claims_csv.store(campaign, data or b"", digest=digest, by=by, at=now)
        except claims_csv.NotReadable as refusal:
            gone = _("Not saved: the file is no longer waiting here. Choose it again.")
            context |= {"refusal": gone if data is None else str(refusal)} | (
                shown(campaign, data, by=by, at=now) if data else {}
            )
            return TemplateResponse(request, "factcheck/admin/evidence/import.html", context, status=422)
        if stored is None:
            messages.info(request, _("This has already been saved. Nothing was saved twice."))
        else:
            messages.success(request, summary(stored))
        if data is not None:
            default_storage.delete(file_name(by, data))
        return HttpResponseRedirect(reverse("admin:factcheck_claim_changelist"))
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        context["form"] = form
        status = 422
        if form.is_valid():
            # One byte more than is taken shows that it is too large; the rest is never read.
            data = form.cleaned_data["file"].read(claims_csv.MOST_BYTES + 1)
            try:
                context |= shown(campaign, data, by=by, at=now)
            except claims_csv.NotReadable as refusal:
                form.add_error("file", str(refusal))
            else:
                status = 200
                stash_file(by, data, at=now)
    return TemplateResponse(request, "factcheck/admin/evidence/import.html", context, status=status)


@require_safe
def template(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Hand out a file with the columns and one example row, which spreadsheets open as UTF-8."""
    return HttpResponse(
        "\ufeff" + claims_csv.TEMPLATE,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="claims.csv"'},
    )


def shown(campaign: Campaign, data: bytes, *, by: User, at: datetime) -> dict[str, Any]:
    """Return what the page shows of a plan. Refused rows come first: they are what someone has to act on."""
    found = claims_csv.plan(campaign, data, by=by, at=at)
    rows = sorted(found.rows, key=lambda row: (row.fate != claims_csv.Row.REFUSED, row.number))
    return {
        "plan": found,
        "rows": rows[:MOST_SHOWN],
        "left_out": max(0, len(rows) - MOST_SHOWN),
        "counts": {fate: found.count(fate) for fate in ("new", "again", "known", "refused")},
        "file_digest": hashlib.sha256(data).hexdigest(),
    }


def summary(stored: claims_csv.Plan) -> str:
    """Return in words what was stored."""
    claims, sightings = stored.count(claims_csv.Row.NEW), stored.adds
    return " ".join(
        (
            ngettext("%(count)d new claim saved.", "%(count)d new claims saved.", claims) % {"count": claims},
            ngettext("%(count)d sighting saved.", "%(count)d sightings saved.", sightings) % {"count": sightings},
        )
    )


def file_name(by: User, data: bytes) -> str:
    """Return the name under which a file waits for whoever brought it."""
    return f"{FOLDER}{by.pk}-{hashlib.sha256(data).hexdigest()}.csv"


def stash_file(by: User, data: bytes, *, at: datetime) -> None:
    """Keep a file until its second button is pressed, and remove what has waited too long."""
    name = file_name(by, data)
    for other in waiting_files():
        try:
            if default_storage.get_modified_time(FOLDER + other) < at - KEPT:
                default_storage.delete(FOLDER + other)
        except FileNotFoundError:
            continue  # someone else removed it
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(data))


def waiting_files() -> list[str]:
    """Return the names of the files that wait."""
    try:
        return default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:  # the folder comes with the first
        return []


def stashed_file(by: User, digest: str) -> bytes | None:
    """Return the file that waits for whoever brought it, None when it no longer does."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return None
    try:
        with default_storage.open(f"{FOLDER}{by.pk}-{digest}.csv") as file:
            data = bytes(file.read())
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == digest else None


# --- Screenshots -----------------------------------------------------------------------------------------


@require_safe
def screenshot(request: HttpRequest, pk: int, *, site: AdminSite) -> FileResponse:
    """Show the screenshot of a sighting in this campaign to people who check claims; no cache keeps it."""
    kept = Sighting.objects.filter(claim__campaign=campaign_or_404(request)).exclude(screenshot="")
    sighting = get_object_or_404(kept, pk=pk)
    try:
        file = sighting.screenshot.open("rb")
    except FileNotFoundError as fault:
        raise Http404 from fault
    kind = "png" if (sighting.screenshot.name or "").endswith(".png") else "jpeg"
    return FileResponse(
        file,
        content_type=f"image/{kind}",
        filename=f"sighting-{pk}.{kind}",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store, private"},
    )


# --- Parts -----------------------------------------------------------------------------------------------
