"""What a part of the desk's pages about bulletins is. The admin of bulletins lists its parts; none of them knows another."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.gzip import gzip_page

from campaigns.base_admin import DeskAdmin
from lib.text.numbers.whole_numbers import whole_number

from .models import Bulletin, Edition

View = Callable[..., HttpResponse]


class Pane:
    """A part with addresses of its own. Of the admin that it is a part of it asks who may, and what frames its pages."""

    def __init__(self, desk: DeskAdmin) -> None:
        self.desk = desk

    def views(self) -> Iterable[tuple[str, View, str]]:
        """Return (address below the list of bulletins, view, name after "bulletins_bulletin_") of each of its addresses."""
        return ()

    def urls(self) -> list[URLPattern]:
        """Return its addresses, each for staff only. What they answer is packed: a page with three languages is 100 kB of HTML."""
        wrap = self.desk.admin_site.admin_view
        return [
            path(route, wrap(gzip_page(view)), name=f"bulletins_bulletin_{name}") for route, view, name in self.views()
        ]

    def must_see(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for someone who may not see bulletins."""
        if not self.desk.has_view_permission(request):
            raise PermissionDenied

    def frame(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """Return what every whole page of the desk shows around its own."""
        return {**self.desk.admin_site.each_context(request), "title": title, "opts": self.desk.opts}

    def to_read(self, request: HttpRequest, pk: int | str) -> Bulletin:
        """Return a bulletin with its campaign's languages. Raise PermissionDenied or Http404."""
        self.must_see(request)
        bulletins = Bulletin.objects.select_related("campaign").prefetch_related("campaign__languages")
        return get_object_or_404(bulletins, pk=whole_number(pk))

    def to_write(self, request: HttpRequest, pk: int) -> Bulletin:
        """Return a bulletin for someone who may write; whether it is still being made, the domain says."""
        if not request.user.has_perm("bulletins.change_bulletin"):
            raise PermissionDenied
        return self.to_read(request, pk)

    def edition_to_write(self, request: HttpRequest, pk: int, edition: int) -> Edition:
        """Return an edition of a bulletin for someone who may write."""
        bulletin = self.to_write(request, pk)
        found = get_object_or_404(bulletin.editions, pk=edition)
        found.bulletin = bulletin
        return found


def is_open(bulletin: Any) -> bool:
    """Return whether a bulletin is in the making (also for a new one, or when there is none to ask about)."""
    return not isinstance(bulletin, Bulletin) or bulletin.state in Bulletin.EDITABLE
