"""The pages on which somebody says that they have seen an urgent bulletin: by the link in their mail, and on the portal."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bulletins.models import PublishedEdition, Version
from delivery.links import seen_links
from delivery.links.signing import BadLink
from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from influencers.editions.bulletin_entries import best_of
from lib.text.languages.languages import page_language

from . import acknowledgement
from .acknowledgement import Asked, NotCounted


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """
    Ask on GET, which counts nothing since mail scanners follow links; note it on POST, and say so. The signed link is the only
    key: it works in every mail program, without cookie or login.
    """
    try:
        asked = acknowledgement.by_link(token)
    except BadLink as refusal:
        response = render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    else:
        response = answered(request, asked) if request.method == "POST" else shown(request, asked)
    response["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


@never_cache
@require_safe
def short(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from the link in a text message to the page on which one press says it; that counts nothing."""
    try:
        response: HttpResponse = redirect(seen_links.read_short(code))
    except BadLink as refusal:
        response = render(request, "delivery/links/bad_link.html", {"refusal": refusal}, status=404)
    response["Referrer-Policy"] = "no-referrer"
    return response


def answered(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Take the press, and lead to the page that says so, which can be loaded again."""
    try:
        acknowledgement.acknowledge(asked, at=timezone.now())
    except NotCounted:
        return shown(request, asked, status=409)
    return redirect(request.get_full_path())


def shown(request: HttpRequest, asked: Asked, *, status: int = 200) -> HttpResponse:
    """Return the page of the link: one button, or when it was pressed."""
    campaign, version = asked.request.campaign, asked.request.version
    timezone.activate(campaign.zone)
    rows = PublishedEdition.objects.filter(version=version).defer("html", "body", "content")
    own = asked.influencer.recipient.language
    editions = best_of([row for row in rows if not row.is_easy], page_language(), campaign, own=own)
    context = {
        "asked": asked,
        "version": version,
        "edition": editions.get(version.pk),
        "campaign_names": {row.code: row.name for row in campaign.languages.all()},
        "portal": reverse("influencers:bulletin", args=[asked.number]),
    }
    return render(request, "influencers/escalation/seen.html", context, status=status)


@influencer_required
@require_POST
def bulletin_seen(request: PortalRequest, number: int) -> HttpResponse:
    """Note on the portal that the newest version of a bulletin has been seen, and lead back to where it was said."""
    now = timezone.now()
    versions = Version.objects.current(request.campaign, at=now).filter(bulletin__number=number)
    asked = next(iter(acknowledgement.on_portal(request.influencer, versions).values()), None)
    if asked is None:
        raise Http404
    acknowledgement.acknowledge(asked, at=now)
    return redirect(reverse("influencers:bulletin", args=[number], fragment="seen"))
