"""What guards a bulletin on the desk: its rows change only while it is in the making, and a refusal is told."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from ..models import Bulletin, NotAllowed


def is_open(bulletin: Any) -> bool:
    """Tell whether a bulletin is in the making (also for a new one, or when there is none to ask about)."""
    return not isinstance(bulletin, Bulletin) or bulletin.state in Bulletin.EDITABLE


class PartOfBulletin:
    """Rows of a bulletin can be changed only while it is in the making."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether a row may be added."""
        return super().has_add_permission(request, obj) and is_open(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether a row may be changed."""
        return super().has_change_permission(request, obj) and is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether a row may be deleted."""
        return super().has_delete_permission(request, obj) and is_open(obj)


class TellsRefusals:
    """Forms that save through the domain: a refusal is told, and nothing of the form is kept."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the form or save it; lead a refused one back to the page as it stands."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.path)
