"""Who may enter the portal: people with an active profile in the campaign that the site shows."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache

from .models import Influencer

View = Callable[..., HttpResponseBase]


def influencer_required(view: View) -> View:
    """
    Let influencers of the current campaign in and set `request.influencer`; nothing of it may be stored.

    Whoever is not logged in goes to the login by code and comes back; whoever has no active profile in this
    campaign reads why in a page with status 403.
    """

    @never_cache
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
        influencer = active_profile(request)
        if influencer is None:
            return no_profile(request)
        request.influencer = influencer  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return checked


def active_profile(request: HttpRequest) -> Influencer | None:
    """Return the active profile of the user in the request's campaign, with its contact person, or None."""
    campaign = getattr(request, "campaign", None)
    if campaign is None:
        return None
    profiles = Influencer.objects.select_related("liaison")
    return profiles.filter(campaign=campaign, user_id=request.user.pk, state=Influencer.State.ACTIVE).first()


def no_profile(request: HttpRequest) -> HttpResponse:
    """Say that the portal is for influencers of this campaign, and whom to write to."""
    return render(request, "influencers/no_profile.html", status=403)
