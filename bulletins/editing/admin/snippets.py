"""Ready phrases, to be put into texts while they are written."""

from django.contrib import admin

from bulletins.models import Snippet
from campaigns.base_admin import DeskAdmin


@admin.register(Snippet)
class SnippetAdmin(DeskAdmin):
    """Ready phrases of a campaign, in its languages."""

    list_display = ["name", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["campaign"]
    search_fields = ["name"]
