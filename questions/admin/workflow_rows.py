"""What the desk's pages of groups, questions and answers share: rows that only their own steps change."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_noop

from campaigns.base_admin import DeskAdmin
from lib.text.numbers.whole_numbers import whole_number

# The steps after which readers find another answer: whoever takes one has just proved who they are.
FRESH = {"approve", "withdraw", "agree-words", "decline"}
KEPT = gettext_noop("Saved. Readers will see the text when a colleague has approved it.")
SHOWN = 200  # rows of one kind that a page lists


def typed_in(request: HttpRequest, name: str) -> dict[str, str]:
    """Return the words that were sent for each language: {language: text}, only those that there are."""
    prefix = f"{name}__"
    found = {
        key.removeprefix(prefix): str(text).strip() for key, text in request.POST.items() if key.startswith(prefix)
    }
    return {code: text for code, text in found.items() if text}


class Rows(DeskAdmin):
    """Rows of one campaign, which only their own steps change."""

    actions: Any = None
    campaign_by = "campaign"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come of steps."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They stay on record."""
        return False

    def row(self, request: HttpRequest, pk: Any, *related: str) -> Any:
        """Return a row for someone who may see it. Raise PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.in_scope(request, self.model._default_manager.all())
        return get_object_or_404(rows.select_related(*related) if related else rows, pk=whole_number(pk))

    def row_to_change(self, request: HttpRequest, pk: Any, *related: str) -> Any:
        """Return a row for someone who may change it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.row(request, pk, *related)

    def back_to(self, row: Any) -> HttpResponseRedirect:
        """Go to a row's page."""
        return HttpResponseRedirect(reverse(f"admin:questions_{row._meta.model_name}_change", args=[row.pk]))
