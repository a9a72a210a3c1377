"""The pages of the portal."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bulletins.models import Platform
from factcheck import intake
from factcheck.forms import ReportForm
from factcheck.models import Sighting

from . import kits, portal, reporting, using
from .access import influencer_required


@require_safe
@influencer_required
def home(request: HttpRequest) -> HttpResponse:
    """The influencer's front page."""
    page = portal.home(request.influencer, request.campaign, language=spoken(), at=timezone.now())  # type: ignore[attr-defined]
    return render(request, "influencers/home.html", {"page": page})


@require_safe
@influencer_required
def bulletin(request: HttpRequest, number: int) -> HttpResponse:
    """One bulletin, ready to use."""
    page = portal.bulletin(
        request.influencer,  # type: ignore[attr-defined]
        request.campaign,  # type: ignore[attr-defined]
        number,
        language=spoken(),
        at=timezone.now(),
    )
    if page is None:
        raise Http404
    template = "influencers/retracted.html" if page.version.is_retracted else "influencers/bulletin.html"
    return render(request, template, {"page": page})


@require_safe
@influencer_required
def pledge(request: HttpRequest) -> HttpResponse:
    """The code of ethics, and when the reader signed it."""
    page = portal.pledge(request.influencer, request.campaign, language=spoken())  # type: ignore[attr-defined]
    return render(request, "influencers/pledge.html", {"page": page})


@require_safe
@influencer_required
def handbook(request: HttpRequest) -> HttpResponse:
    """The handbook."""
    page = portal.handbook(request.influencer, request.campaign, language=spoken())  # type: ignore[attr-defined]
    return render(request, "influencers/handbook.html", {"page": page})


@require_safe
@influencer_required
def facts(request: HttpRequest) -> HttpResponse:
    """The facts that hold, with a kit for each."""
    page = kits.facts(
        request.influencer,  # type: ignore[attr-defined]
        request.campaign,  # type: ignore[attr-defined]
        number=request.GET.get("page"),
        at=timezone.now(),
    )
    return render(request, "influencers/facts.html", {"page": page})


@require_safe
@influencer_required
def kit(request: HttpRequest, slug: str) -> HttpResponse:
    """One fact, ready to use."""
    page = kits.kit(
        request.influencer,  # type: ignore[attr-defined]
        request.campaign,  # type: ignore[attr-defined]
        slug,
        language=spoken(),
        asked=request.GET.get("language", ""),
        at=timezone.now(),
    )
    if page is None:
        raise Http404
    return render(request, "influencers/kit.html", {"page": page})


@influencer_required
@require_POST
def kit_used(request: HttpRequest, slug: str) -> HttpResponse:
    """Note a use of a kit: 204, or 409 when that version may not be used any more. Without script, back to its page."""
    told = request.POST
    number, way, platform, language = (told.get(name, "") for name in ("version", "way", "platform", "language"))
    known = number.isascii() and number.isdigit() and len(number) < 5 and way in using.WAYS
    codes = request.campaign.languages.values_list("code", flat=True)  # type: ignore[attr-defined]
    if not known or platform not in {"", *Platform.values} or language not in codes:
        return HttpResponse(status=400)
    holds = kits.use(
        request.influencer,  # type: ignore[attr-defined]
        request.campaign,  # type: ignore[attr-defined]
        slug,
        number=int(number),
        way=way,
        platform=platform,
        language=language,
        at=timezone.now(),
    )
    if holds is None:
        raise Http404
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204 if holds else 409)
    return redirect(reverse("influencers:kit", args=[slug], query={"language": language, "noted": way}))


@require_http_methods(["GET", "HEAD", "POST"])
@influencer_required
def report(request: HttpRequest) -> HttpResponse:
    """Report a claim as it was seen."""
    influencer, campaign, now = request.influencer, request.campaign, timezone.now()  # type: ignore[attr-defined]
    if request.method != "POST":
        likely = reporting.likely(influencer, campaign, language=spoken())
        return shown_report(request, ReportForm(campaign, initial=likely, at=now))
    form = ReportForm(campaign, request.POST, request.FILES, at=now)
    if form.is_valid():
        try:
            intake.report(campaign, **form.cleaned_report(), via=Sighting.Via.PORTAL, by=influencer.user, at=now)
        except intake.NotReportable as refusal:
            form.refuse(refusal)
        else:
            return redirect(reverse("influencers:reports", query={"sent": "1"}))
    return shown_report(request, form)


def shown_report(request: HttpRequest, form: ReportForm) -> HttpResponse:
    """Return the page with a report's form: 422 for one that was refused."""
    contact = portal.contact_of(request.influencer, request.campaign)  # type: ignore[attr-defined]
    more = [form[name] for name in ("url", "channel", "reach", "seen_on", "note", "screenshot")]
    context = {"form": form, "more": more, "is_more_open": any(one.errors for one in more), "contact": contact}
    return render(request, "influencers/report.html", context, status=422 if form.is_bound else 200)


@require_safe
@influencer_required
def reports(request: HttpRequest) -> HttpResponse:
    """What the reader reported, and what became of it."""
    page = reporting.reports(
        request.influencer,  # type: ignore[attr-defined]
        request.campaign,  # type: ignore[attr-defined]
        number=request.GET.get("page"),
    )
    return render(request, "influencers/reports.html", {"page": page, "is_sent": "sent" in request.GET})


def spoken() -> str:
    """Return the code of the page's language."""
    return get_language() or "en"
