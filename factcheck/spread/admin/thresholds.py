"""From how much on something counts as spreading: one row per campaign."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.base_admin import DeskAdmin
from campaigns.http.middleware import campaign_or_404
from factcheck.models import Thresholds


@admin.register(Thresholds)
class ThresholdsAdmin(DeskAdmin):
    """The campaign's thresholds. While there is no row, the usual ones count."""

    list_display = ["campaign", "least_sightings", "least_reach", "within_days", "rising_channels"]
    list_select_related = ["campaign"]
    campaign_by = "campaign"
    actions = None
    fieldsets = [
        (
            _("When a kit names the falsehood"),
            {
                "description": _(
                    "Repeating a falsehood spreads it. A kit therefore names it only to influencers "
                    "whose followers are where it has been seen this often; everyone else gets only "
                    "the fact."
                ),
                "fields": ["least_sightings", "least_reach", "within_days"],
            },
        ),
        (
            _("When a narrative rises"),
            {
                "description": _("Rising narratives are shown on Today and in the list of narratives."),
                "fields": ["rising_channels"],
            },
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row per campaign."""
        campaign = getattr(request, "campaign", None)
        may = super().has_add_permission(request)
        return may and campaign is not None and not Thresholds.objects.filter(campaign=campaign).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are changed, never deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Thresholds, form: Any, change: bool) -> None:
        """Keep a new row for the campaign that the site shows."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)
