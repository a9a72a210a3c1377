"""Facts and the kits to say them with."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bulletins.models import Platform
from influencers.access import offline
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from lib.text.languages.languages import page_language
from lib.text.numbers.whole_numbers import whole_number

from . import kits, usage


@require_safe
@influencer_required
def facts(request: PortalRequest) -> HttpResponse:
    """The facts that hold, with a kit for each."""
    page = kits.facts(
        request.influencer,
        request.campaign,
        number=request.GET.get("page"),
        at=timezone.now(),
    )
    return render(request, "influencers/kits/facts.html", {"page": page})


@require_safe
@influencer_required
def kit(request: PortalRequest, slug: str) -> HttpResponse:
    """One fact, ready to use."""
    page = kits.kit(
        request.influencer,
        request.campaign,
        slug,
        language=page_language(),
        asked=request.GET.get("language", ""),
        at=timezone.now(),
    )
    if page is None:
        raise Http404
    reader = offline.mark_of(request.influencer)
    return render(request, "influencers/kits/kit.html", {"page": page, "reader": reader})


@influencer_required
@require_POST
def kit_used(request: PortalRequest, slug: str) -> HttpResponse:
    """
    Note a use of a kit: 204. That version may not be used any more: 409; only what is opened or `done` is noted then.
    Without script, back to its page.
    """
    told = request.POST
    number = whole_number(told.get("version"))
    way, platform, language = (told.get(name, "") for name in ("way", "platform", "language"))
    codes = request.campaign.languages.values_list("code", flat=True)
    if not number or way not in usage.WAYS or platform not in {"", *Platform.values} or language not in codes:
        return HttpResponse(status=400)
    holds = kits.use(
        request.influencer,
        request.campaign,
        slug,
        number=number,
        way=way,
        platform=platform,
        language=language,
        done=told.get("done") == "1",
        at=timezone.now(),
    )
    if holds is None:
        raise Http404
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204 if holds else 409)
    return redirect(reverse("influencers:kit", args=[slug], query={"language": language, "noted": way}))
