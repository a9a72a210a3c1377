"""The desk's pages about urgent bulletins that ask to be seen: who has, who has not, and what follows."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import User
from campaigns.base_admin import ReadOnlyAdmin
from influencers.models import Call, SeenRequest
from lib.text.numbers.whole_numbers import whole_number

from . import call_list, call_words, ladder, seen_chart, seen_counts, step_runner

EVERY_SECONDS = 10
FIRST_NAMES = 10  # and calls; the others are folded: on a telephone two hundred are a page of 17,000 pixels
STEERS = {"hold": step_runner.hold, "go_on": step_runner.go_on, "call_now": step_runner.call_now}


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
        """Add the part of a page that is counted again, what steers the steps, and calls."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", wrap(self.live_view), name="influencers_seenrequest_live"),
            path("<int:pk>/steer/", wrap(require_POST(self.steer_view)), name="influencers_seenrequest_steer"),
            path("<int:pk>/call/", wrap(require_POST(self.call_view)), name="influencers_seenrequest_call"),
            *super().get_urls(),
        ]

    def sees_names(self, request: HttpRequest) -> bool:
        """Return whether the user may see who has seen it and who has not."""
        return request.user.has_perm("influencers.change_askedpartner")

    def found(self, request: HttpRequest, pk: int) -> SeenRequest:
        """Return a request with what it is about, or raise Http404."""
        rows = self.get_queryset(request).select_related("campaign", "version__bulletin", "version__mailing", "held_by")
        return get_object_or_404(rows, pk=pk)

    def shown(self, request: HttpRequest, one: SeenRequest) -> dict[str, Any]:
        """Return what the page shows, and the part of it that is counted again."""
        now, names = timezone.now(), self.sees_names(request)
        assert isinstance(request.user, User)
        calls = call_list.calls_of(one, request.user, at=now) if names else []
        steps = ladder.of(one, at=now)
        standing = seen_counts.standing_of(one, at=now, names=names)
        return {
            "asked": one,
            "ladder": steps,
            "chart": seen_chart.of(one, steps, at=now),
            "may_steer": request.user.has_perm("influencers.change_seenrequest") and one.ended_at is None,
            "calls": calls,
            "results": Call.Result.choices,
            "changeable": call_list.changeable(one, request.user, at=now) if names else [],
            "say": call_words.words_of(one, request.user, first=spoken_by(calls[0])) if calls else [],
            "standing": standing,
            "sees_names": names,
            "first_names": FIRST_NAMES,
            "more_calls": max(len(calls) - FIRST_NAMES, 0),
            "more_waiting": max(len(standing.waiting) - FIRST_NAMES, 0),
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
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who has seen bulletin %(number)s") % {"number": one},
            "opts": self.opts,
            "bulletin_title": one.version.title(),
            **self.shown(request, one),
        }
        return TemplateResponse(request, "influencers/escalation/admin/seen.html", context)

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what is counted again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.shown(request, self.found(request, pk))
        return TemplateResponse(request, "influencers/escalation/admin/_seen.html", context)

    def steer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hold the steps, let them go on, or open the call list now."""
        if not request.user.has_perm("influencers.change_seenrequest"):
            raise PermissionDenied
        one = self.found(request, pk)
        steer = STEERS.get(request.POST.get("do", ""))
        if steer is not None:
            assert isinstance(request.user, User)
            try:
                steer(one.pk, by=request.user, at=timezone.now())
            except step_runner.NotSteered as refusal:
                self.message_user(request, str(refusal), "error")
        return self.back(pk, "")

    def call_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a call, or note what came of it."""
        if not self.sees_names(request):
            raise PermissionDenied
        one, key = self.found(request, pk), whole_number(request.POST.get("person"))
        result = request.POST.get("result", "")
        assert isinstance(request.user, User)
        try:
            if key and result:
                call = call_list.note_result(key, result, one, by=request.user, at=timezone.now())
                says = _("Noted: %(name)s, %(result)s. You can change it for ten minutes.")
                words = {"name": call.person.influencer.name, "result": call.get_result_display()}
                self.message_user(request, says % words, "success")
                return self.back(pk, "")  # where that is read
            if key:
                call_list.take(key, one, by=request.user, at=timezone.now())
        except call_list.NotCalled as refusal:
            self.message_user(request, str(refusal), "error")
            return self.back(pk, "")  # likewise
        return self.back(pk, "calls")

    def back(self, pk: int, place: str) -> HttpResponseRedirect:
        """Lead back to the page."""
        return HttpResponseRedirect(reverse("admin:influencers_seenrequest_change", args=[pk], fragment=place or None))


def spoken_by(row: call_list.Row) -> str:
    """Return the language of whoever is called."""
    return row.person.influencer.recipient.language
