"""Saving, changing and removing a view at the desk, on any list that has views. It works without JavaScript."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from campaigns.http import desk_campaigns
from campaigns.models import SavedView

from . import list_views
from .list_views import NotKept

desk_campaigns.names_rows_of("view_change", SavedView)


def desk_of(request: HttpRequest, key: str) -> Any:
    """Return the admin of a list ("bulletins.bulletin") that has views. Raise Http404, or PermissionDenied for who may not see it."""
    registered = {one._meta.label_lower: desk for one, desk in admin.site._registry.items()}
    desk = registered.get(key)
    if desk is None or not getattr(desk, "has_saved_views", False) or getattr(request, "campaign", None) is None:
        raise Http404
    if not desk.has_view_permission(request):
        raise PermissionDenied
    return desk


def to_list(key: str, query: str = "") -> HttpResponse:
    """Go to a list as a view shows it."""
    where = reverse(f"admin:{key.replace('.', '_')}_changelist")
    return HttpResponseRedirect(f"{where}?{query}" if query else where)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep what a list shows (`list`, `query`) under a `name`; with `shared` for the team, with `default` as the first to see."""
    given, user = request.POST, request.user
    key, query = given.get("list", ""), ""
    desk = desk_of(request, key)
    assert isinstance(user, User)
    try:
        query = desk.checked_query(request, given.get("query", ""))
        row = list_views.keep(
            user,
            request.campaign,  # type: ignore[attr-defined]  # desk_of has looked
            key,
            name=given.get("name", ""),
            query=query,
            shared="shared" in given,
            default="default" in given,
        )
    except NotKept as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved as “%(name)s”.") % {"name": row.name})
    return to_list(key, query)


@require_POST
def change_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one of somebody's own views, or with `do` = "remove" remove it."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied  # whoever sees no list has no view of one
    row = get_object_or_404(SavedView, pk=pk, owner=request.user, campaign=getattr(request, "campaign", None))
    desk_of(request, row.list)
    given = request.POST
    if given.get("do") == "remove":
        row.delete()
        messages.success(request, _("Removed the view “%(name)s”.") % {"name": row.name})
        return to_list(row.list, row.query)
    try:
        list_views.change(row, name=given.get("name", ""), shared="shared" in given, default="default" in given)
    except NotKept as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved as “%(name)s”.") % {"name": row.name})
    return to_list(row.list, row.query)
