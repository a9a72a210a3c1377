"""When audiences get mail."""

from django.contrib import admin

from campaigns.desk import DeskAdmin

from ..models import Cadence


@admin.register(Cadence)
class CadenceAdmin(DeskAdmin):
    """When audiences get mail."""

    list_display = [
        "audience",
        "slug",
        "every",
        "local_time",
        "weekday",
        "day_of_month",
        "starts_on",
        "until",
        "only_urgency",
    ]
    list_select_related = ["audience"]
    list_filter = ["every", "audience"]
    search_fields = ["slug"]
