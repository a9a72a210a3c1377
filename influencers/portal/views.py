"""The portal's front page, the bulletins, and the texts of the campaign."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from influencers.access import offline
from influencers.access.offline import cached_offline
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.models import Exposure
from influencers.recall import exposure
from lib.text.languages.languages import page_language
from lib.text.numbers.whole_numbers import whole_number

from . import bulletin_page, chosen_theme, home_page, list_page, panels


@gzip_page
@require_safe
@influencer_required
@cached_offline
def home(request: PortalRequest) -> HttpResponse:
    """The influencer's front page."""
    reader: dict[str, Any] = {"influencer": request.influencer, "campaign": request.campaign}
    told: dict[str, Any] = {"language": page_language(), "at": timezone.now()}
    return render(
        request,
        "influencers/portal/pages/home.html",
        {
            "page": home_page.home(**reader, **told, asked=chosen_theme.asked_by(request)),
            "panels": panels.of_home(**reader, **told),
        },
    )


@gzip_page
@require_safe
@influencer_required
@cached_offline
def bulletins(request: PortalRequest) -> HttpResponse:
    """All bulletins, the latest first."""
    page = list_page.bulletins(
        request.influencer,
        request.campaign,
        number=request.GET.get("page"),
        language=page_language(),
        at=timezone.now(),
    )
    return render(request, "influencers/portal/bulletins/bulletins.html", {"page": page})


@gzip_page
@require_safe
@influencer_required
@cached_offline
def bulletin(request: PortalRequest, number: int) -> HttpResponse:
    """One bulletin, ready to use."""
    reader: dict[str, Any] = {"influencer": request.influencer, "campaign": request.campaign}
    told: dict[str, Any] = {"language": page_language(), "at": timezone.now()}
    page = bulletin_page.bulletin(**reader, number=number, asked=chosen_theme.asked_by(request), **told)
    if page is None:
        raise Http404
    template = (
        "influencers/portal/bulletins/retracted.html"
        if page.version.is_retracted
        else "influencers/portal/bulletins/bulletin.html"
    )
    shown = {"page": page, "panels": panels.of_bulletin(**reader, version=page.version, **told)}
    response = render(request, template, shown)
    chosen_theme.remember(request, response)
    return response


ANSWERS = {exposure.VersionState.HOLDS: 204, exposure.VersionState.CHANGED: 409, exposure.VersionState.EXPIRED: 410}


@influencer_required
@require_POST
def used(request: PortalRequest, number: int) -> HttpResponse:
    """
    Note that things of a bulletin's version are read, copied or downloaded: 204. There is a newer version: 409; its time
    is over: 410. Only a page with script asks.
    """
    told = request.POST
    version, way = whole_number(told.get("version")), told.get("way", "")
    if way not in Exposure.Way.values or not version:
        return HttpResponse(status=400)
    standing = exposure.use(
        request.influencer,
        request.campaign,
        number,
        version=version,
        way=way,
        items=told.getlist("item") or [exposure.PAGE],
        language=told.get("language", ""),
        done=told.get("done") == "1",
        at=timezone.now(),
    )
    if standing is None:
        raise Http404
    return HttpResponse(status=ANSWERS[standing])


@require_safe
@never_cache
def offline_script(request: HttpRequest) -> HttpResponse:
    """The service worker that lets read pages be read again offline; here, so that it rules over the portal only."""
    return HttpResponse(offline.script(), content_type="text/javascript; charset=utf-8")


@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """What the service worker shows where it has nothing else. It says nothing of anyone, so anyone may read it."""
    return render(request, "influencers/portal/pages/offline.html", {"portal": reverse("influencers:home")})
