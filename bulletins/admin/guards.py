"""What guards a bulletin on the desk: its rows change only while it is in the making, and a refusal is told."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from campaigns.desk import DeskAdmin

from .. import drafting
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


WORDS = ("title", "subject", "preheader", "body", "caption", "script", "alt_text", "text", "what_changed", "share_text")


class TellsRefusals(DeskAdmin):
    """Forms that save through the domain: a refusal is told, and what was typed is shown to be copied."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the form or save it; of a refused one, show why and every word that was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotAllowed as refusal:
            why = str(refusal)
        except PermissionDenied:
            # Somebody published it while this form was open: not a matter of rights.
            if request.method != "POST" or not request.user.has_perm("bulletins.change_bulletin"):
                raise
            why = str(drafting.PUBLISHED_MEANWHILE)
        typed = [
            (name, text)
            for name, text in request.POST.items()
            if str(text).strip() and name.rpartition("-")[2].partition("__")[0] in WORDS
        ]
        context = {**self.admin_site.each_context(request), "title": _("Not saved"), "why": why, "typed": typed}
        return TemplateResponse(request, "desk/refused.html", context, status=409)
