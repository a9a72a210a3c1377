"""Incidents at the desk: what does not work, in words for everyone. Whoever saves one has read what becomes public."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import AdminErrorList
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import models
from django.forms import BaseFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from unfold.decorators import display

from campaigns.base_admin import DeskAdmin, DeskStackedInline
from campaigns.http import page_changes
from campaigns.http.machine_responses import languages_of
from campaigns.http.middleware import campaign_or_404
from website.models import Incident, IncidentUpdate

from .forms import EDIT_AGAIN, IncidentForm, IncidentUpdateForm

CONFIRMED = "confirmed"  # the button below what becomes public


class IncidentUpdateInline(DeskStackedInline):
    """What is known since."""

    model = IncidentUpdate
    form = IncidentUpdateForm
    fields = ["at", "text"]


@admin.register(Incident)
class IncidentAdmin(DeskAdmin):
    """What does not work. It is on the status page as soon as it is saved, so a page before that shows how it will look there."""

    form = IncidentForm
    list_display = ["__str__", "shown_state", "shown_parts", "started_at", "ended_at"]
    search_fields = ["title", "text"]
    fields = ["title", "text", "parts", "started_at", "ended_at"]
    inlines = [IncidentUpdateInline]
    actions: Any = None
    campaign_by = "campaign"

    @display(description=gettext_lazy("state"), label={"open": "warning", "ended": "success"})
    def shown_state(self, incident: Incident) -> tuple[str, str]:
        """Return whether it goes on, as a label."""
        return ("open", _("open")) if incident.is_open(at=timezone.now()) else ("ended", _("ended"))

    @display(description=gettext_lazy("affected parts"))
    def shown_parts(self, incident: Incident) -> str:
        """Return what it affects."""
        return ", ".join(incident.part_names())

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Where it is only read, show what it affects in words."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return ["shown_parts" if name == "parts" else name for name in fields]

    # --- Saving, after a look at what becomes public -------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Show what becomes public before anything is stored."""
        if request.method == "POST" and not {CONFIRMED, EDIT_AGAIN} & request.POST.keys():
            preview = self.preview(request, object_id)
            if preview is not None:
                return preview
        return super().changeform_view(request, object_id, form_url, extra_context)

    def preview(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """Return the page that shows what becomes public; None where the form says what is wrong with what was entered."""
        known = self.get_object(request, object_id) if object_id else None
        if object_id and known is None:
            return None
        if not (self.has_change_permission(request, known) if known else self.has_add_permission(request)):
            raise PermissionDenied
        campaign = campaign_or_404(request)
        form = self.get_form(request, known, change=known is not None)(request.POST, instance=known)
        is_valid = form.is_valid()
        formsets, _inlines = self._create_formsets(request, form.instance, change=known is not None)
        if not all([is_valid, *(one.is_valid() for one in formsets)]):
            return None
        updates = updates_in(formsets)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What becomes public"),
            "opts": self.opts,
            "pages": [
                (row.code, as_public(form.instance, updates, language=row.code)) for row in languages_of(campaign)
            ],
            "has_status_page": campaign.has_status_page,
            "is_ended": form.instance.ended_at is not None,
            "posted": [
                (name, value)
                for name, values in request.POST.lists()
                for value in values
                if name != "csrfmiddlewaretoken"
            ],
            "confirmed": CONFIRMED,
            "edit_again": EDIT_AGAIN,
        }
        return TemplateResponse(request, "website/status/incident_preview.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Where someone came back to change it, say so, and not as if something were wrong."""
        if EDIT_AGAIN in request.POST:
            form = context["adminform"].form
            for says in form.errors.pop(NON_FIELD_ERRORS, []):
                self.message_user(request, says)
            context["errors"] = AdminErrorList(form, [one.formset for one in context["inline_admin_formsets"]])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Incident, form: ModelForm, change: bool) -> None:
        """Store it for the campaign that the desk works on."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store its updates; words that were public before may be gone with it."""
        super().save_related(request, form, formsets, change)
        if change:
            page_changes.note_retraction()
        else:
            page_changes.changed()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Take it off the page."""
        super().delete_model(request, obj)
        page_changes.note_retraction()


def updates_in(formsets: list[BaseFormSet]) -> list[IncidentUpdate]:
    """Return the updates that a valid form leaves an incident with, the newest first."""
    found = [
        form.instance
        for formset in formsets
        for form in formset.forms
        if not form.cleaned_data.get("DELETE") and form.cleaned_data.get("text")
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def as_public(incident: Incident, updates: list[IncidentUpdate], *, language: str) -> str:
    """Return an incident as the status page shows it in a language."""
    with override(language):
        return render_to_string("website/status/_incident.html", {"incident": incident, "updates": updates})
