"""What gives a list of the desk its views: the tabs above it, and which one it opens with."""

from copy import copy
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from lib.http import url_parts

from . import list_views
from .list_views import NotKept


class SavedViews:
    """A ModelAdmin whose list has views, where `has_saved_views` says so."""

    has_saved_views = False
    opts: Any

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list with its views; from elsewhere, without a word of what to show, the one that it opens with."""
        views = self.views_of(request)
        if address := first_address(request, views):
            return HttpResponseRedirect(address)
        return super().changelist_view(request, {**views, **(extra_context or {})})  # type: ignore[misc]  # of a ModelAdmin

    def views_of(self, request: HttpRequest) -> dict[str, Any]:
        """Return what stands above the list of its views; one query."""
        campaign, user = getattr(request, "campaign", None), request.user
        if not self.has_saved_views or campaign is None or not isinstance(user, User):
            return {}
        key, query = self.opts.label_lower, list_views.query_of(request.GET)
        views = list_views.offered(user, campaign, key)
        here = [one for one in views if one.query == query]
        return {
            "saved_views": views,
            "view_here": here[0] if here else None,
            "view_mine": next((one for one in here if one.owner_id == user.pk), None),
            "view_first": next((one for one in views if one.is_default and one.owner_id == user.pk), None),
            "view_list": key,
            "view_query": query,
        }

    def checked_query(self, request: HttpRequest, query: str) -> str:
        """Return the one form of what a view shows, of what this list knows. Raise NotKept."""
        found = list_views.checked(query, self.view_parameters(request))
        try:
            self.get_changelist_instance(asked(request, found))  # type: ignore[attr-defined]
        except (IncorrectLookupParameters, SuspiciousOperation):
            raise NotKept(_("Not saved: the address asks for something that this list does not know.")) from None
        return found

    def view_parameters(self, request: HttpRequest) -> set[str]:
        """Return the names by which the list is filtered, searched and sorted."""
        shown = self.get_changelist_instance(asked(request, ""))  # type: ignore[attr-defined]
        names = {"o", *(["q"] if shown.search_fields else [])}
        return names | {name for spec in shown.filter_specs for name in spec.expected_parameters() if name}


def asked(request: HttpRequest, query: str) -> HttpRequest:
    """Return a request like this one, for a list with a query."""
    other = copy(request)
    other.method, other.GET, other.POST = "GET", QueryDict(query), QueryDict()
    return other


def first_address(request: HttpRequest, views: dict[str, Any]) -> str:
    """
    Return the address of the view that a list opens with, "" to show it as asked: whoever comes from the list itself has
    taken its filters away.
    """
    first = views.get("view_first")
    if first is None or request.method not in {"GET", "HEAD"} or request.GET:
        return ""
    came_from = url_parts.parts_of(request.headers.get("Referer", ""))
    return "" if came_from and came_from.path == request.path else f"{request.path}?{first.query}"
