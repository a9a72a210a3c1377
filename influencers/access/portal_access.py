"""Who may enter the portal: influencers by role with an active profile in the campaign that the site shows, or an earlier one."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.access import row_scopes
from accounts.access.permissions import Scope
from influencers.access.portal_request import PortalRequest
from influencers.models import Influencer

View = Callable[..., HttpResponseBase]

SAFE = {"GET", "HEAD", "OPTIONS"}
UNSENT = "unsent"  # in the address of a page whose form was not sent, as nobody was logged in any more
ONE_TAP = "influencers:harassed"  # its form stands on several pages; its own page has it at the top
# What influencers still do once their campaign is closed, by the beginning of its name: nothing new begins, but what is published
# is still corrected, and what is theirs stays theirs.
AFTER_THE_END = (
    "settings",
    "leave",
    "conversation",
    "harassed",
    "recall",
    "post_corrected",
    "post_removed",
    "code_of_ethics_withdraw",
)
ONLY_FORMS = ("ask", "report", "post_new")  # pages with nothing to read in a campaign that is closed
TYPED = ("text", "words", "note", "url", "channel", "own")  # what somebody writes into forms of the portal


def influencer_required(view: View) -> View:
    """
    Let influencers in, to the current campaign or to theirs, and set `request.influencer`; nothing of it may be stored. A campaign
    that is closed is read.

    Whoever is not logged in goes to the login by code and comes back, with a form to the page where it stood, which
    says that it was not sent; whoever has no active profile reads why in a page with status 403.
    """

    @never_cache
    @wraps(view)
    def checked(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(return_url(request), resolve_url(settings.LOGIN_URL))
        influencer = active_profile(request) if request.user.has_perm("influencers.use_portal") else None
        if influencer is None:
            return no_profile(request)
        if request.campaign is not None and influencer.campaign_id == request.campaign.pk:
            influencer.campaign = request.campaign  # with what was fetched of it already
        else:
            request.campaign = influencer.campaign  # theirs, also when the site shows another
            timezone.activate(influencer.campaign.zone)
        request.influencer = influencer
        if influencer.campaign.closed_at and not goes_on(request):
            return ended(request)
        return view(request, *args, **kwargs)

    return checked


def goes_on(request: HttpRequest) -> bool:
    """Return whether what a request does is still done in a campaign that is closed."""
    name = request.resolver_match.url_name if request.resolver_match else None
    if request.method in SAFE:
        return name not in ONLY_FORMS
    return bool(name and name.startswith(AFTER_THE_END))


def ended(request: HttpRequest) -> HttpResponse:
    """Say that the campaign has ended, and give back what was typed into a form that had been opened before."""
    typed = [request.POST.get(name, "").strip() for name in TYPED]
    context = {"is_sent": request.method not in SAFE, "typed": [one for one in typed if one and not one.isdigit()]}
    return render(request, "influencers/portal/pages/ended.html", context, status=403 if context["is_sent"] else 200)


def return_url(request: HttpRequest) -> str:
    """Return where someone goes after logging in: to what they asked for, or to the page of a form that they sent."""
    if request.method in SAFE:
        return request.get_full_path()
    home = reverse("influencers:home")
    form = re.match(r"https?://([^/]+)(/[^?#]*)", request.headers.get("Referer", ""))
    path = form[2] if form and form[1] == request.get_host() and form[2].startswith(home) else home
    if request.resolver_match and request.resolver_match.view_name == ONE_TAP:
        path = request.path
    return f"{path}?{UNSENT}=1"


def active_profile(request: HttpRequest) -> Influencer | None:
    """
    Return the active profile of the user, with its contact person, recipient and campaign: in the request's campaign, else in
    the published one that they were in last, so that nobody loses the portal when the site shows another campaign, or none; or None.
    """
    campaign = getattr(request, "campaign", None)
    rows = Influencer.objects.select_related("liaison", "recipient", "campaign")
    own = row_scopes.within(rows, {Scope.OWN}, request.user).filter(state=Influencer.State.ACTIVE)
    here = Case(When(campaign=campaign.pk if campaign else 0, then=Value(0)), default=Value(1))
    return own.exclude(campaign__published_at=None).order_by(here, "-campaign__published_at", "-pk").first()


def no_profile(request: HttpRequest) -> HttpResponse:
    """Say that the portal is for influencers of this campaign, and whom to write to."""
    return render(request, "influencers/portal/pages/no_profile.html", status=403)
