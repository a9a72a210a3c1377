"""
The code of ethics, its signatures and the handbook. An administrator writes them alone, so whoever saves one has just
proved who they are; what was signed stays as it is.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.desk_base.admin_mixins import ReauthenticationMixin
from campaigns.base_admin import DeskAdmin, ReadOnlyAdmin
from influencers.models import CodeOfEthics, Handbook, Signature

from . import signatures


@admin.register(Handbook)
class HandbookAdmin(ReauthenticationMixin, DeskAdmin):
    """The handbook, in each language and version."""

    list_display = ["title", "language", "version", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["language"]


class CodeOfEthicsForm(forms.ModelForm):
    """A code of ethics, whose points to tick are those of its numbered list, and which stays as it was signed."""

    def clean(self) -> dict[str, Any]:
        """Refuse a change of what was signed, and a number of points that the text does not have."""
        told = super().clean() or {}
        if self.instance.pk and self.has_changed() and self.instance.signatures.exists():
            raise forms.ValidationError(frozen(self.instance))
        if "body" in told and "points" in told:
            points = len(signatures.points_of(CodeOfEthics(body=told["body"])))
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


@admin.register(CodeOfEthics)
class CodeOfEthicsAdmin(ReauthenticationMixin, DeskAdmin):
    """The code of ethics, in each language and version."""

    form = CodeOfEthicsForm
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


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    """Signatures, to read."""

    list_display = ["influencer", "text", "signed_at", "withdrawn_at"]
    list_select_related = ["influencer", "text"]
    search_fields = ["influencer__name"]
    ordering = ["-signed_at"]


def frozen(text: CodeOfEthics) -> str:
    """Return why a text cannot be changed, and what to do instead."""
    return _(
        "This text has been signed, so it cannot be changed. Make the next version: add a code of "
        "ethics with version %(next)d. Everyone who signed this one is shown what changed and asked to "
        "sign again."
    ) % {"next": signatures.next_version(text.campaign)}
