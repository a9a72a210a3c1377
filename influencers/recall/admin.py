"""The desk's pages about recalls: who was told and has answered, how long it took, and who is still waited for."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from bulletins.authority_posts import shown_posts
from bulletins.models import Platform
from campaigns.base_admin import ReadOnlyAdmin
from influencers.models import Recall, RecallNotice
from lib.text.numbers.whole_numbers import whole_numbers

from . import recall_mails, recall_panels, recall_progress

COLOURS = {"correction": "warning", "retraction": "danger", "verdict": "info"}
ALL_WHO_POSTED = "posted"
NAMES = dict(Platform.choices)


@admin.register(Recall)
class RecallAdmin(ReadOnlyAdmin):
    """Recalls, each with its page. Names are for people who may remind people."""

    list_display = ["shown_heading", "shown_kind", "planned_at", "shown_people", "shown_answered"]
    list_select_related = ["version__bulletin", "step__claim", "step__version"]
    list_filter = ["kind"]
    ordering = ["-planned_at", "-pk"]
    campaign_by = "campaign"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recall]:
        """Return the recalls with how many people each has."""
        answered = Count("notices", filter=Q(notices__acknowledged_at__isnull=False))
        return super().get_queryset(request).annotate(people=Count("notices"), answered=answered)

    @display(description=_("what changed"))
    def shown_heading(self, recall: Recall) -> str:
        """Return what happened."""
        return recall_panels.heading_of(recall)

    @display(description=_("kind"), ordering="kind", label=COLOURS)
    def shown_kind(self, recall: Recall) -> tuple[str, str]:
        """Return the kind as a label."""
        return recall.kind, recall.get_kind_display()

    @display(description=_("people notified"), ordering="people")
    def shown_people(self, recall: Any) -> int:
        """Return how many people were notified."""
        return recall.people

    @display(description=_("have answered"), ordering="answered")
    def shown_answered(self, recall: Any) -> int:
        """Return how many have answered."""
        return recall.answered

    def may_remind(self, request: HttpRequest) -> bool:
        """Return whether the user may see who has not answered, and remind them."""
        return request.user.has_perm("influencers.change_recallnotice")

    def get_urls(self) -> list[URLPattern]:
        """Add what reminds people."""
        remind = self.admin_site.admin_view(require_POST(self.remind_view))
        return [path("<int:pk>/remind/", remind, name="influencers_recall_remind"), *super().get_urls()]

    def found(self, request: HttpRequest, pk: int) -> Recall:
        """Return a recall with what it is about, or raise Http404."""
        rows = self.get_queryset(request).select_related("campaign", *self.list_select_related)
        return get_object_or_404(rows, pk=pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show how far a recall has got."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        one = self.get_object(request, object_id)
        if one is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        recall, now = self.found(request, one.pk), timezone.now()
        names = self.may_remind(request)
        waiting = list(recall_progress.waiting(recall)[: recall_progress.WAITING_SHOWN]) if names else []
        context = {
            **self.admin_site.each_context(request),
            "title": recall_panels.heading_of(recall),
            "opts": self.opts,
            "recall": recall,
            "is_superseded": recall_progress.is_superseded(recall),
            "progress": recall_progress.of(recall, at=now),
            "platforms": [NAMES.get(one, one) for one in recall.affected.get("variants", [])],
            "may_remind": names,
            "waiting": waiting,
            "own_posts": shown_posts.shown_of(shown_posts.posts_of(recall.version.bulletin)) if recall.version else [],
            "posted_waiting": any(one.rank == RecallNotice.Rank.POSTED for one in waiting),
            "need_help": list(
                recall.notices.filter(outcome=RecallNotice.Outcome.CANNOT).select_related("influencer__liaison")
            )
            if names
            else [],
            "now": now,
        }
        return TemplateResponse(request, "influencers/recall/admin_recall.html", context)

    def remind_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remind one person, or all who posted it and have not answered."""
        if not self.may_remind(request):
            raise PermissionDenied
        recall, chosen = self.found(request, pk), request.POST.get("notice", "")
        if chosen == ALL_WHO_POSTED:
            keys = list(
                recall_progress.waiting(recall).filter(rank=RecallNotice.Rank.POSTED).values_list("pk", flat=True)
            )
        else:
            keys = whole_numbers([chosen])
        try:
            count = recall_mails.remind(recall, keys, by=request.user, at=timezone.now())
        except recall_mails.NotReminded as refusal:
            self.message_user(request, str(refusal), "error")
        else:
            says = ngettext("%(count)d person reminded.", "%(count)d people reminded.", count) % {"count": count}
            self.message_user(request, says)
        return HttpResponseRedirect(reverse("admin:influencers_recall_change", args=[pk]))
