"""Bulletins: their list, and the parts that their page is made of."""

from typing import Any, cast

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bulletins.approval.admin.steps import BulletinSteps
from bulletins.checks.admin import FindingsPane
from bulletins.editing.translation_status import editions_in_short, marks_of, title_of
from bulletins.mail.admin import ProofsPane
from bulletins.media.admin.assets import AssetsPane
from bulletins.media.admin.cards import CardsPane
from bulletins.models import Bulletin
from bulletins.models.bulletins import BulletinQuerySet
from bulletins.scheduling.admin.calendar import CalendarPage
from bulletins.scheduling.admin.slots import SchedulePane

from .key_messages import RowsPane
from .metadata import AboutPane
from .permissions import is_open
from .presence import TellsPresence
from .variants import VariantsPane
from .workspace import Composing

BULLETIN_COLOURS = {
    "draft": "default",
    "in_review": "warning",
    "approved": "info",
    "published": "success",
    "withdrawn": "danger",
}


@admin.register(Bulletin)
class BulletinAdmin(
    Composing,
    TellsPresence,
    AboutPane,
    AssetsPane,
    CardsPane,
    ProofsPane,
    RowsPane,
    VariantsPane,
    FindingsPane,
    SchedulePane,
    CalendarPage,
    BulletinSteps,
):
    """Bulletins: written in every language, read by a second person, published, corrected."""

    list_display = ["number", "shown_title", "shown_state", "shown_marks", "first_slot", "kind", "version"]
    list_display_links = ["number", "shown_title"]
    list_filter = ["state", "kind", "urgency", "campaign"]
    search_fields = ["number", "editions__title"]
    ordering = ["-campaign", "-number"]
    actions = None

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bulletin]:
        """Return the bulletins with their first slot."""
        return cast(BulletinQuerySet, super().get_queryset(request)).with_first_slot(at=timezone.now())

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
        return render_to_string(
            "bulletins/editing/_translation_status.html", {"marks": marks_of(bulletin, codes), "framed": True}
        )

    @display(description=gettext_lazy("slot"), ordering="slot")
    def first_slot(self, bulletin: Bulletin) -> Any:
        """Return when it goes, or went, first."""
        return _("As soon as it is approved") if bulletin.at_once else bulletin.slot  # type: ignore[attr-defined]  # with_first_slot

    # Pages

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is published is changed by a correction only."""
        return super().has_change_permission(request, obj) and is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A bulletin is withdrawn, never deleted: its number and its steps stay on record."""
        return False
