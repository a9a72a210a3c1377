"""The desk's pages about urgent bulletins that ask to be seen: who has, who has not, and what follows."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bulletins.editing.edition_labels import title_of
from campaigns.base_admin import ReadOnlyAdmin
from influencers.models import SeenRequest

from . import seen_counts

EVERY_SECONDS = 10


@admin.register(SeenRequest)
class SeenRequestAdmin(ReadOnlyAdmin):
    """Requests to say "seen", each with its page. Names are for people who may call people."""

    list_display = ["shown_bulletin", "began_at", "shown_asked", "shown_seen", "shown_end"]
    list_select_related = ["version__bulletin"]
    list_filter = ["ended"]
    ordering = ["-began_at", "-pk"]
    campaign_by = "campaign"
    list_note = gettext_lazy("Urgent bulletins that asked partners to say that they have seen them.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeenRequest]:
        """Return the requests with how many were asked and have seen it."""
        return seen_counts.with_counts(super().get_queryset(request), at=timezone.now())

    @display(description=gettext_lazy("bulletin"), ordering="version__bulletin__number")
    def shown_bulletin(self, one: SeenRequest) -> str:
        """Return the bulletin."""
        return str(one)

    @display(description=gettext_lazy("asked"), ordering="asked")
    def shown_asked(self, one: Any) -> int:
        """Return how many people were asked."""
        return one.asked

    @display(description=gettext_lazy("have seen it"), ordering="seen")
    def shown_seen(self, one: Any) -> int:
        """Return how many have seen it."""
        return one.seen

    @display(description=gettext_lazy("stage"), ordering="ended")
    def shown_end(self, one: SeenRequest) -> str:
        """Return why it has ended, or that it goes on."""
        return one.get_ended_display() if one.ended else _("goes on")

    def get_urls(self) -> list[URLPattern]:
        """Add the part of a page that is counted again."""
        live = self.admin_site.admin_view(self.live_view)
        return [path("<int:pk>/live/", live, name="influencers_seenrequest_live"), *super().get_urls()]

    def sees_names(self, request: HttpRequest) -> bool:
        """Return whether the user may see who has seen it and who has not."""
        return request.user.has_perm("influencers.change_askedpartner")

    def found(self, request: HttpRequest, pk: int) -> SeenRequest:
        """Return a request with what it is about, or raise Http404."""
        rows = self.get_queryset(request).select_related("campaign", "version__bulletin", "version__mailing")
        return get_object_or_404(rows, pk=pk)

    def shown(self, request: HttpRequest, one: SeenRequest) -> dict[str, Any]:
        """Return what the page shows, and the part of it that is counted again."""
        now, names = timezone.now(), self.sees_names(request)
        return {
            "asked": one,
            "standing": seen_counts.standing_of(one, at=now, names=names),
            "sees_names": names,
            "most_names": seen_counts.MOST_NAMES,
            "every": EVERY_SECONDS,
            "now": now,
        }

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who has seen an urgent bulletin."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        one = self.found(request, row.pk)
        bulletin = one.version.bulletin
        title = title_of(bulletin) or _("no title yet")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who has seen bulletin %(number)s") % {"number": bulletin},
            "opts": self.opts,
            "bulletin": bulletin,
            "bulletin_title": title,
            **self.shown(request, one),
        }
        return TemplateResponse(request, "influencers/escalation/admin/seen.html", context)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what is counted again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.shown(request, self.found(request, pk))
        return TemplateResponse(request, "influencers/escalation/admin/_seen.html", context)
