"""Bulletins: their list, and the form in which they are written."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.desk import readable

from .. import drafting
from ..marks import editions_in_short, marks_of, title_of
from ..models import Bulletin, Edition
from .forms import BulletinForm
from .guards import TellsRefusals, is_open
from .parts import AssetInline, CallToActionInline, EditionInline, KeyMessageInline, TargetInline
from .steps import BulletinSteps

BULLETIN_COLOURS = {
    "draft": "default",
    "in_review": "warning",
    "approved": "info",
    "published": "success",
    "withdrawn": "danger",
}


@admin.register(Bulletin)
class BulletinAdmin(TellsRefusals, BulletinSteps):
    """Bulletins: written in every language, read by a second person, published, corrected."""

    form = BulletinForm
    list_display = ["number", "shown_title", "shown_state", "shown_marks", "first_slot", "kind", "version"]
    list_display_links = ["number", "shown_title"]
    list_filter = ["state", "kind", "urgency", "campaign"]
    search_fields = ["number", "editions__title"]
    ordering = ["-campaign", "-number"]
    autocomplete_fields = ["inputs", "topics", "claims"]
    readonly_fields = ["campaign", "number", "version", "kind", "state", "created_by", "created_at"]
    inlines = [EditionInline, KeyMessageInline, CallToActionInline, TargetInline, AssetInline]
    change_form_outer_before_template = "desk/_bulletin_bar.html"
    actions = None

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bulletin]:
        """Return the bulletins with their first slot."""
        return super().get_queryset(request).annotate(slot=Min("targets__slot_at"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Fetch titles and language marks of the whole page at once."""
        changelist = super().get_changelist_instance(request)
        models.prefetch_related_objects(list(changelist.result_list), editions_in_short(), "campaign__languages")
        return changelist

    @display(description=gettext_lazy("title"))
    def shown_title(self, bulletin: Bulletin) -> str:
        """Return the title in the user's language."""
        return title_of(bulletin) or _("no title yet")

    @display(description=gettext_lazy("stage"), ordering="state", label=BULLETIN_COLOURS)
    def shown_state(self, bulletin: Bulletin) -> tuple[str, str]:
        """Return the stage as a label."""
        return bulletin.state, bulletin.get_state_display()

    @display(description=gettext_lazy("languages"))
    def shown_marks(self, bulletin: Bulletin) -> SafeString:
        """Return how far each language is."""
        codes = [language.code for language in bulletin.campaign.languages.all()]
        return render_to_string("desk/_marks.html", {"marks": marks_of(bulletin, codes), "framed": True})

    @display(description=gettext_lazy("slot"), ordering="slot")
    def first_slot(self, bulletin: Bulletin) -> Any:
        """Return when it goes, or went, first."""
        return bulletin.slot  # type: ignore[attr-defined]

    # Forms

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what changed only where something did."""
        about = ["number", "version", "kind", "state", "urgency", "original_language", "embargo_until"]
        said = ["what_changed", "share_text"] if obj and obj.kind != Bulletin.Kind.ORIGINAL else []
        groups = [
            (None, {"fields": said}),
            (_("About"), {"fields": [*about, "inputs", "topics", "claims"], "classes": ["collapse"]}),
        ]
        if obj is not None and not self.has_change_permission(request, obj):
            groups[0] = (None, {"fields": readable(Bulletin, said)})
        return [group for group in groups if group[1]["fields"]]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose the original among the bulletin's languages."""
        if db_field.name == "original_language":
            kwargs["widget"] = forms.Select()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is published is changed by a correction only."""
        return super().has_change_permission(request, obj) and is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A bulletin is withdrawn, never deleted: its number and its steps stay on record."""
        return False

    def save_model(self, request: HttpRequest, obj: Bulletin, form: Any, change: bool) -> None:
        """Save only what this form changed, so that nobody's step is undone by an older page."""
        changed = [name for name in form.changed_data if not obj._meta.get_field(name).many_to_many]
        if changed:
            drafting.lock(obj)
            obj.save(update_fields=changed)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save editions as revisions, the original before its translations; the rest as it is."""
        if formset.model is not Edition:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        now = timezone.now()
        changed = [one for one in formset.forms if one.has_changed()]
        original = form.instance.original_language
        for one in sorted(changed, key=lambda one: one.instance.language != original):
            drafting.save_edition(one.instance, by=request.user, at=now, is_current=one.is_up_to_date)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save everything, note who edited, and say so when an approval or a review is void now."""
        before = Bulletin.objects.values_list("state", flat=True).get(pk=form.instance.pk)
        super().save_related(request, form, formsets, change)
        if form.changed_data or any(formset.has_changed() for formset in formsets if formset.model is not Edition):
            drafting.touched(form.instance, by=request.user, at=timezone.now())
        after = Bulletin.objects.values_list("state", flat=True).get(pk=form.instance.pk)
        if before != after:
            self.message_user(
                request,
                _("The content changed, so its review is void. Submit it for approval again."),
                messages.WARNING,
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the bar over the form what it needs."""
        bulletin = kwargs.get("obj")
        context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        if bulletin is not None:
            context.update(self.bar(request, bulletin))
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Bulletin) -> HttpResponse:
        """Stay with the bulletin after saving: what stops it is shown there."""
        self.message_user(request, _("Saved."), messages.SUCCESS)
        return HttpResponseRedirect(request.path)
