"""The desk's pages of measures and of the notes on their charts."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from campaigns.base_admin import DeskAdmin
from campaigns.http.middleware import campaign_or_404
from impact.models import ChartNote, Measure


class OfThisCampaign(DeskAdmin):
    """Rows that are added to the campaign that the desk works on."""

    campaign_by = "campaign"
    actions: Any = None

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Store it for the campaign that the desk works on."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)


@admin.register(Measure)
class MeasureAdmin(OfThisCampaign):
    """What is measured, and how it stands. A measure is stopped, never deleted: its snapshots stay."""

    list_note = gettext_lazy("What the campaign counts. Snapshots are dated and never overwritten.")
    list_display = ["__str__", "unit", "source", "every", "target"]
    fieldsets = [
        (None, {"fields": ["name", "key", "unit", "source", "every", "target", "is_summed"]}),
        (gettext_lazy("On the page"), {"fields": ["family", "platform", "position", "stopped_at"]}),
        (gettext_lazy("Feed of a media monitor"), {"fields": ["feed_url", "feed_words"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A measure is stopped, never deleted."""
        return False


@admin.register(ChartNote)
class ChartNoteAdmin(OfThisCampaign):
    """What stands at a date on the charts."""

    list_note = gettext_lazy("What explains a step in a chart. Each stands at its date on every chart, or on one.")
    list_display = ["__str__", "on", "measure"]
    list_select_related = ["measure"]
    fields = ["on", "words", "measure"]
