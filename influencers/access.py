"""Who may enter the portal: influencers by role with an active profile in the campaign that the site shows."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import reaching
from accounts.roles import Scope

from .models import Influencer

View = Callable[..., HttpResponseBase]

SAFE = {"GET", "HEAD", "OPTIONS"}
UNSENT = "unsent"  # in the address of a page whose form was not sent, as nobody was logged in any more
ONE_TAP = "influencers:harassed"  # its form stands on several pages; its own page has it at the top


def influencer_required(view: View) -> View:
    """
    Let influencers of the current campaign in and set `request.influencer`; nothing of it may be stored.

    Whoever is not logged in goes to the login by code and comes back, with a form to the page where it stood, which
    says that it was not sent; whoever has no active profile in this campaign reads why in a page with status 403.
    """

    @never_cache
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(way_back(request), resolve_url(settings.LOGIN_URL))
        influencer = active_profile(request) if request.user.has_perm("influencers.use_portal") else None
        if influencer is None:
            return no_profile(request)
        request.influencer = influencer  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return checked


def way_back(request: HttpRequest) -> str:
    """Return where somebody goes after logging in: to what they asked for, or to the page of a form that they sent."""
    if request.method in SAFE:
        return request.get_full_path()
    home = reverse("influencers:home")
    form = re.match(r"https?://([^/]+)(/[^?#]*)", request.headers.get("Referer", ""))
    path = form[2] if form and form[1] == request.get_host() and form[2].startswith(home) else home
    if request.resolver_match and request.resolver_match.view_name == ONE_TAP:
        path = request.path
    return f"{path}?{UNSENT}=1"


def active_profile(request: HttpRequest) -> Influencer | None:
    """Return the active profile of the user in the request's campaign, with its contact person and recipient, or None."""
    campaign = getattr(request, "campaign", None)
    if campaign is None:
        return None
    own = reaching.within(Influencer.objects.select_related("liaison", "recipient"), {Scope.OWN}, request.user)
    return own.filter(campaign=campaign, state=Influencer.State.ACTIVE).first()


def no_profile(request: HttpRequest) -> HttpResponse:
    """Say that the portal is for influencers of this campaign, and whom to write to."""
    return render(request, "influencers/no_profile.html", status=403)
