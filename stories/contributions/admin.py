"""The desk's pages of prompts, and the queue of contributions: looked at one by one, let be shown, or not, or taken down."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.base_admin import AddedToCampaign, DeskAdmin, RowOfCampaignForm
from campaigns.desk_steps import Step, SteppedAdmin, told
from campaigns.http import page_changes
from lib.text.languages.languages import language_heading
from stories.models import Contribution, Prompt

from . import contribution_steps
from .contribution_steps import MODERATE, NotDone

State = Contribution.State


class PromptForm(RowOfCampaignForm):
    """A prompt: open for a while, and for something."""

    def clean(self) -> dict[str, Any]:
        """Refuse one that is never open, or takes nothing."""
        told = super().clean() or self.cleaned_data
        opens_at, closes_at = told.get("opens_at"), told.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("The end is not after the beginning. Choose a later time."))
        if not (told.get("takes_words") or told.get("takes_pictures")):
            self.add_error("takes_words", _("Nothing could be sent. Choose words, pictures, or both."))
        return told


@admin.register(Prompt)
class PromptAdmin(AddedToCampaign, DeskAdmin):
    """What the campaign asks everybody. One stays: what was sent belongs to it."""

    form = PromptForm
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
        """Store it; pages show it anew."""
        super().save_model(request, obj, form, change)
        page_changes.changed()


@admin.register(Contribution)
class ContributionAdmin(SteppedAdmin):
    """What people sent, the newest first. Nobody writes or changes one here."""

    refusal, templates = NotDone, "stories/contributions/desk"
    campaign_by = "prompt__campaign"
    list_note = gettext_lazy(
        "Nobody sees one before you let it be shown. What does not belong is not shown; what was shown can be taken down."
    )
    list_display = ["shown_words", "prompt", "language", "sent_at", "state"]
    list_select_related = ["prompt"]
    list_filter = ["state", "prompt"]
    search_fields = ["text", "name"]

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

    def steps(self) -> dict[str, Step]:
        """Return what can be decided."""

        def decide(state: State) -> Callable[[Contribution, HttpRequest], None]:
            return lambda row, request: contribution_steps.decide(row, state, **told(request))

        may, done = (MODERATE,), _("Done.")
        return {
            "remove": Step(may, lambda row, request: contribution_steps.remove(row, **told(request)), done),
            "show": Step(may, decide(State.SHOWN), done),
            "refuse": Step(may, decide(State.REFUSED), done),
        }

    def address(self, row: Contribution) -> str:
        """Return the address of the next one that waits, or of the list."""
        following = Contribution.objects.waiting(row.prompt.campaign).first()
        return super().address(following) if following else reverse("admin:stories_contribution_changelist")

    def one(self, request: HttpRequest, pk: int) -> Contribution:
        """Return one that the user reaches."""
        return get_object_or_404(self.get_queryset(request).select_related("prompt__campaign", "decided_by"), pk=pk)

    def page(self, request: HttpRequest, row: Contribution, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of one."""
        context = {
            "row": row,
            "refusal": refusal,
            "language_words": language_heading(row.language),
            "waits": row.state == State.WAITING,
            "is_shown": row.state == State.SHOWN,
            "may_decide": request.user.has_perm(MODERATE),
            "left": Contribution.objects.waiting(row.prompt.campaign).count(),
        }
        return self.answer(request, "contribution", _("Contribution"), context, status=status)
