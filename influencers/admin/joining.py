"""Who wants to join and who was invited, to read; and the code of ethics, which nobody changes once it is signed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from unfold.decorators import display

from campaigns.desk import DeskAdmin, ReadOnlyAdmin

from .. import pledging
from ..models import Application, Invitation, Pledge, PledgeText

COLOURS = {"waiting": "default", "sent": "info", "accepted": "success", "declined": "warning", "given_up": "danger"}


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Forms that wait for their code. Whose they are is nobody's business until they have joined."""

    list_display = ["created_at", "language", "code_sent_at", "guesses", "campaign"]
    list_select_related = ["campaign"]
    fields = ["campaign", "language", "created_at", "code_sent_at", "guesses"]
    readonly_fields = fields
    ordering = ["-created_at"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Whom staff have asked to join, and what came of it."""

    list_display = ["influencer", "by", "at", "shown_state", "sent_at"]
    list_select_related = ["influencer", "by"]
    list_filter = ["by", "influencer__campaign"]
    search_fields = ["influencer__name", "influencer__reference"]
    ordering = ["-at", "-pk"]

    @display(description=gettext_lazy("state"), label=COLOURS)
    def shown_state(self, invitation: Invitation) -> tuple[str, str]:
        """Return how far an invitation has come, as a label."""
        if invitation.accepted_at:
            return "accepted", pgettext("invitation", "accepted")
        if invitation.declined_at:
            return "declined", pgettext("invitation", "declined")
        if invitation.given_up_at:
            return "given_up", pgettext("invitation", "given up")
        return (
            ("sent", pgettext("invitation", "sent"))
            if invitation.sent_at
            else ("waiting", pgettext("invitation", "to be sent"))
        )


class PledgeTextForm(forms.ModelForm):
    """A code of ethics, whose points to tick are those of its numbered list, and which stays as it was signed."""

    def clean(self) -> dict[str, Any]:
        """Refuse a change of what was signed, and a number of points that the text does not have."""
        told = super().clean() or {}
        if self.instance.pk and self.has_changed() and self.instance.signatures.exists():
            raise forms.ValidationError(frozen(self.instance))
        if "body" in told and "points" in told:
            points = len(pledging.points_of(PledgeText(body=told["body"])))
            if points != told["points"]:
                self.add_error(
                    "points",
                    ngettext(
                        "The numbered list in the text has %(count)d point.",
                        "The numbered list in the text has %(count)d points.",
                        points,
                    )
                    % {"count": points},
                )
        return told


@admin.register(PledgeText)
class PledgeTextAdmin(DeskAdmin):
    """The code of ethics, in each language and version."""

    form = PledgeTextForm
    list_display = ["title", "language", "version", "points", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["language"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes what was signed."""
        return super().has_delete_permission(request, obj) and not (obj and obj.signatures.exists())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say first that a signed text stays as it is."""
        text = self.get_object(request, object_id) if request.method == "GET" else None
        if text is not None and text.signatures.exists():
            messages.info(request, frozen(text))
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Pledge)
class PledgeAdmin(ReadOnlyAdmin):
    """Signatures, to read."""

    list_display = ["influencer", "text", "signed_at", "withdrawn_at"]
    list_select_related = ["influencer", "text"]
    search_fields = ["influencer__name"]
    ordering = ["-signed_at"]


def frozen(text: PledgeText) -> str:
    """Return why a text cannot be changed, and what to do instead."""
    return _(
        "This text has been signed, so it stays as it is. Make the next version: add a code of ethics with version "
        "%(next)d. Whoever signed this one is shown what changed and asked to sign again."
    ) % {"next": pledging.next_version(text.campaign)}
