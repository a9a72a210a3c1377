"""Editions, to find by their words. They are written on their bulletin's page."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from bulletins.models import Edition
from campaigns.base_admin import ReadOnlyAdmin
from lib.text.numbers.whole_numbers import whole_number


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    """A bulletin in one language."""

    list_display = ["title", "language", "reading_level", "bulletin", "revision"]
    list_select_related = ["bulletin"]
    list_filter = ["language", "reading_level"]
    search_fields = ["title", "subject"]
    ordering = ["-bulletin__number", "pk"]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the place on its bulletin's page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition, pk=whole_number(object_id))
        page = reverse("admin:bulletins_bulletin_change", args=[edition.bulletin_id])
        return HttpResponseRedirect(f"{page}#h-{edition.pk}")
