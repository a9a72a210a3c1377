"""Drafts by machine translation on the page where a bulletin is written: the button, how far it is, and reading it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bulletins.editing import drafts
from bulletins.editing.translation import translation_drafts
from bulletins.editor_panes import Pane, View, is_open
from bulletins.models import Edition, NotAllowed, TranslationDraft


def shown_draft(edition: Edition, original: Edition | None, row: TranslationDraft | None) -> dict[str, Any]:
    """Return what the page shows of an edition's draft: whether one may be asked for, is on its way, failed, or is to be read."""
    State = TranslationDraft.State
    empty = translation_drafts.is_empty(edition)
    return {
        "can": translation_drafts.can_be_drafted(edition, original),
        "waits": row is not None and row.state == State.QUEUED,
        "error": row.error if row is not None and row.state == State.FAILED and empty else "",
        "unread": row is not None and row.is_unread(edition),
    }


class TranslationDrafts(Pane):
    """Drafts of the languages of a bulletin."""

    def views(self) -> Iterable[tuple[str, View, str]]:
        """How far a draft is, asking for one, and owning it."""
        return [
            ("<int:pk>/draft/<int:edition>/", require_safe(self.state_view), "draft"),
            ("<int:pk>/draft/<int:edition>/ask/", require_POST(self.ask_view), "draft_ask"),
            ("<int:pk>/draft/<int:edition>/own/", require_POST(self.own_view), "draft_own"),
        ]

    def state_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Return how far it is."""
        bulletin = self.to_read(request, pk)
        row = get_object_or_404(bulletin.editions, pk=edition)
        draft = TranslationDraft.objects.filter(edition=row).first()
        context = {
            "original": bulletin,
            "edition": row,
            "draft": shown_draft(row, drafts.original_of(bulletin), draft),
            "writes": is_open(bulletin) and request.user.has_perm("bulletins.change_bulletin"),
            "came": draft is not None and draft.state == TranslationDraft.State.DONE,
        }
        return TemplateResponse(request, "bulletins/editing/translation/_machine_draft.html", context)

    def ask_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Have a draft made."""
        return self.step(request, pk, edition, translation_drafts.ask)

    def own_view(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        """Note that this person has read it."""
        return self.step(request, pk, edition, translation_drafts.own)

    def step(self, request: HttpRequest, pk: int, edition: int, call: Callable[..., Any]) -> HttpResponse:
        """Make one domain call and return to the language."""
        row = self.edition_to_write(request, pk, edition)
        try:
            call(row, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        page = reverse("admin:bulletins_bulletin_change", args=[pk])
        return HttpResponseRedirect(f"{page}#h-{row.pk}")
