"""What the desk refuses, in its own frame: who is at work there is told why, and stays."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from accounts.access.roles import roles_here, roles_of
from accounts.models import User

from .site import DESK_CSP


def is_at_desk(request: HttpRequest) -> bool:
    """Return whether someone who may enter the desk asked for a page of it."""
    is_known = hasattr(request, "user")  # an address may be refused before anybody is
    return is_known and request.path.startswith(reverse("admin:index")) and admin.site.has_permission(request)


@csp_override(DESK_CSP)
def not_allowed(request: HttpRequest) -> HttpResponse:
    """Say who one is logged in as, and that the page is for others; or that the campaign in which one works is closed."""
    assert isinstance(request.user, User)
    campaign = getattr(request, "campaign", None)
    roles = ", ".join(roles_in_words(request.user))
    if campaign is not None and campaign.closed_at:
        told = {"roles": roles, "name": request.user} if request.method != "POST" else {}
        return refused(request, {"title": _("This campaign is closed"), "closed": campaign.named(), **told})
    return refused(request, {"title": _("This page is not for your role"), "name": request.user, "roles": roles})


def roles_in_words(user: User) -> list[str]:
    """Return the roles that a user has for the site, and those in the campaign of the page alone, which say so."""
    own = roles_of(user)
    here = [role for role in roles_here(user) if role not in own]
    return [str(role.label) for role in own] + [_("%(role)s in this campaign") % {"role": role.label} for role in here]


@csp_override(DESK_CSP)
def too_old(request: HttpRequest) -> HttpResponse:
    """Say that the form was too old, and that nothing was saved or sent."""
    return refused(request, {"title": _("The form was open for too long"), "is_too_old": True})


@csp_override(DESK_CSP)
def not_here(request: HttpRequest) -> HttpResponse:
    """Say that the address leads nowhere, or to what somebody may not see, which looks the same."""
    return refused(request, {"title": _("There is nothing here"), "is_nowhere": True}, status=404)


@csp_override(DESK_CSP)
def told(request: HttpRequest, title: str | Promise, text: str | Promise, *, status: int) -> HttpResponse:
    """Say why something was refused that had no page of its own."""
    return refused(request, {"title": title, "text": text}, status=status)


def refused(request: HttpRequest, why: dict[str, Any], *, status: int = 403) -> HttpResponse:
    """Return the page."""
    return render(request, "config/desk/refusal.html", {**admin.site.each_context(request), **why}, status=status)
