"""The desk's pages of prompts, and the queue of contributions: looked at one by one, let be shown, or not, or taken down."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.desk_user import user_of
from campaigns.base_admin import DeskAdmin
from campaigns.http import page_changes
from campaigns.http.middleware import campaign_or_404
from lib.text.languages import language_heading
from lib.text.whole_numbers import whole_number
from stories.models import Contribution, Prompt

from . import contribution_steps
from .contribution_steps import MODERATE, NotDone

State = Contribution.State


@admin.register(Prompt)
class PromptAdmin(DeskAdmin):
    """What the campaign asks everybody. One stays: what was sent belongs to it."""

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "What the campaign asks everybody, from a moment until another. What people send waits under Contributions until somebody has looked at it."
    )
    list_display = ["__str__", "opens_at", "closes_at"]
    search_fields = ["slug", "title"]
    fields = ["slug", "title", "about", "takes_words", "takes_pictures", "opens_at", "closes_at"]
    actions: Any = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Store it for the campaign that the desk works on; pages show it anew."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)
        page_changes.changed()


@admin.register(Contribution)
class ContributionAdmin(DeskAdmin):
    """What people sent, the newest first. Nobody writes or changes one here."""

    campaign_by = "prompt__campaign"
    list_note = gettext_lazy(
        "Nobody sees one before you let it be shown. What does not belong is not shown; what was shown can be taken down."
    )
    list_display = ["shown_words", "prompt", "language", "sent_at", "state"]
    list_select_related = ["prompt"]
    list_filter = ["state", "prompt"]
    search_fields = ["text", "name"]
    actions: Any = None

    @display(description=gettext_lazy("contribution"))
    def shown_words(self, row: Contribution) -> str:
        """Return its first words, and that it has a picture."""
        words = Truncator(row.text).chars(80) or "–"
        return _("Picture: %(words)s") % {"words": words} if row.picture else words

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come by the public form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its words are its sender's; its page has the steps."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One is taken down, never deleted by hand."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one, and decide."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("prompt__campaign", "decided_by")
        row = get_object_or_404(rows, pk=whole_number(object_id))
        if request.method != "POST":
            return self.page(request, row)
        if not request.user.has_perm(MODERATE):
            raise PermissionDenied
        by, at = user_of(request), timezone.now()
        try:
            if "remove" in request.POST:
                contribution_steps.remove(row, by=by, at=at)
            elif "show" in request.POST or "refuse" in request.POST:
                state = State.SHOWN if "show" in request.POST else State.REFUSED
                contribution_steps.decide(row, state, by=by, at=at)
            else:
                raise NotDone(_("Nothing changed: it was not said what to do. Reload the page."))
        except NotDone as refusal:
            row.refresh_from_db()
            return self.page(request, row, refusal=str(refusal), status=409)
        self.message_user(request, _("Done."), messages.SUCCESS)
        following = Contribution.objects.waiting(row.prompt.campaign).first()
        name, arguments = ("change", [following.pk]) if following else ("changelist", [])
        return HttpResponseRedirect(reverse(f"admin:stories_contribution_{name}", args=arguments))

    def page(self, request: HttpRequest, row: Contribution, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of one."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Contribution"),
            "opts": self.opts,
            "row": row,
            "refusal": refusal,
            "language_words": language_heading(row.language),
            "waits": row.state == State.WAITING,
            "is_shown": row.state == State.SHOWN,
            "may_decide": request.user.has_perm(MODERATE),
            "left": Contribution.objects.waiting(row.prompt.campaign).count(),
        }
        return TemplateResponse(request, "stories/contributions/desk/contribution.html", context, status=status)
