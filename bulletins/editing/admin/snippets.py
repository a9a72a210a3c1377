"""Ready phrases, to be put into texts while they are written."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from bulletins.models import ChecklistPoint, Snippet
from campaigns.base_admin import CampaignFilter, DeskAdmin


@admin.register(Snippet)
class SnippetAdmin(DeskAdmin):
    """Ready phrases of a campaign, in its languages."""

    list_note = _(
        "Ready phrases. Editors put them into a text at the caret; ways to help are offered as calls to action."
    )
    list_display = ["name", "kind", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["campaign", "kind"]
    search_fields = ["name"]


@admin.register(ChecklistPoint)
class ChecklistPointAdmin(DeskAdmin):
    """A campaign's own points of the checklist, beside CERC's six."""

    list_note = _("What editors tick before they submit, besides the six that every bulletin has. A reminder, no gate.")
    list_display = ["__str__", "position", "campaign"]
    list_select_related = ["campaign"]
    list_filter = [CampaignFilter]
    search_fields = ["key", "text"]
