"""The portal's front page, a bulletin, and the texts of the campaign."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import portal
from ..access import influencer_required
from . import spoken


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
