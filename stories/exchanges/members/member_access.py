"""Who reads the pages of meetings: people of the campaign's municipalities, and those of the team whom a series names."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from campaigns.models import Campaign
from stories.models import Exchange, Municipality

View = Callable[..., HttpResponse]


def member_required(view: View) -> View:
    """Let people of municipalities in, and invited people of the team; nothing of it may be stored. Others get 403."""

    @never_cache
    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_asked(request, campaign_or_404(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def is_asked(request: HttpRequest, campaign: Campaign) -> bool:
    """Return whether somebody is asked to meetings of a campaign; two queries at most."""
    if request.user.has_perm("stories.send_story") and municipalities_of(request, campaign).exists():
        return True
    return Exchange.objects.filter(campaign=campaign, staff=user_of(request)).exists()


def municipalities_of(request: HttpRequest, campaign: Campaign) -> Any:
    """Return the municipalities that somebody is of, in a campaign."""
    return Municipality.objects.filter(campaign=campaign, members__user=user_of(request))
