"""The desk's pages about what we say. Each part stands beside the rules of its subject; here they are put together."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from unfold.decorators import display

from accounts.desk_base.assigned_filter import AssignedFilter
from campaigns.base_admin import CampaignFilter, DeskAdmin

from .approval.admin import records
from .approval.admin.approval_pane import ApprovalPane, bar_of
from .approval.admin.late_edition_page import LateEditionPage
from .approval.admin.review_page import ReviewPage
from .approval.admin.steps import Steps
from .authority_posts.admin import accounts as authority_accounts
from .authority_posts.admin import posts as authority_posts
from .checks.admin import FindingsPane
from .comments.admin import CommentsPane
from .editing.admin import editions, snippets
from .editing.admin.insertions import InsertionList
from .editing.admin.key_messages import RowsPane
from .editing.admin.metadata import MetadataPane
from .editing.admin.parity import ParityPane
from .editing.admin.presence import Presences
from .editing.admin.revisions import HistoryPane
from .editing.admin.start_page import StartPage
from .editing.admin.translation_drafts import TranslationDrafts
from .editing.admin.variants import VariantsPane
from .editing.admin.workspace import WorkspacePage
from .editing.edition_labels import title_of
from .editing.translation.translation_status import editions_in_short, marks_of
from .editor_panes import Pane, is_open
from .facts.admin import FactsPane
from .facts.news_page import NewsPage
from .intake import admin as intake
from .mail.admin import ProofsPane
from .media.admin.assets import AssetsPane
from .media.admin.cards import CardsPane
from .models import Bulletin, Urgency
from .models.bulletins import BulletinQuerySet
from .publication.admin import CorrectionForms
from .scheduling.admin import cadences, seen_rules
from .scheduling.admin.calendar import CalendarPage
from .scheduling.admin.slots import SchedulePane

# The parts with addresses of their own, besides the page on which a bulletin is written.
PARTS: tuple[type[Pane], ...] = (
    HistoryPane,
    TranslationDrafts,
    InsertionList,
    ParityPane,
    Presences,
    MetadataPane,
    RowsPane,
    VariantsPane,
    AssetsPane,
    CardsPane,
    FindingsPane,
    FactsPane,
    NewsPage,
    CommentsPane,
    SchedulePane,
    ProofsPane,
    ApprovalPane,
    ReviewPage,
    Steps,
    CorrectionForms,
    LateEditionPage,
    CalendarPage,
)
__all__ = [
    "BulletinAdmin",
    "authority_accounts",
    "authority_posts",
    "cadences",
    "editions",
    "intake",
    "records",
    "seen_rules",
    "snippets",
]

BULLETIN_COLOURS = {
    "draft": "default",
    "in_review": "warning",
    "approved": "info",
    "published": "success",
    "withdrawn": "danger",
}


@admin.register(Bulletin)
class BulletinAdmin(DeskAdmin):
    """Bulletins: written in every language, read by a second person, published, corrected."""

    has_saved_views = True
    list_display = [
        "shown_number",
        "shown_title",
        "shown_urgency",
        "shown_state",
        "taken_by",
        "shown_marks",
        "first_slot",
    ]
    list_display_links = ["shown_number", "shown_title"]
    list_select_related = ["taken_by"]
    list_filter = ["state", AssignedFilter, "kind", "urgency", CampaignFilter]
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

    @display(description=gettext_lazy("number"), ordering="number")
    def shown_number(self, bulletin: Bulletin) -> str:
        """Return the number, with the version after the first."""
        return str(bulletin)

    @display(description=gettext_lazy("title"))
    def shown_title(self, bulletin: Bulletin) -> str:
        """Return the title in the user's language."""
        return title_of(bulletin) or _("no title yet")

    @display(description=gettext_lazy("stage"), ordering="state", label=BULLETIN_COLOURS)
    def shown_state(self, bulletin: Bulletin) -> tuple[str, str]:
        """Return the stage as a label."""
        return bulletin.state, bulletin.get_state_display()

    @display(description=gettext_lazy("urgency"), ordering="urgency", label=intake.URGENCY_COLOURS)
    def shown_urgency(self, bulletin: Bulletin) -> tuple[str, str] | None:
        """Return the urgency as a label, where it is out of the ordinary."""
        if bulletin.urgency == Urgency.ROUTINE:
            return None
        return bulletin.urgency, bulletin.get_urgency_display()

    @display(description=gettext_lazy("languages"))
    def shown_marks(self, bulletin: Bulletin) -> SafeString:
        """Return how far each language is."""
        codes = [language.code for language in bulletin.campaign.languages.all()]
        return render_to_string(
            "bulletins/editing/translation/_translation_status.html",
            {"marks": marks_of(bulletin, codes), "framed": True},
        )

    @display(description=gettext_lazy("slot"), ordering="slot")
    def first_slot(self, bulletin: Bulletin) -> Any:
        """Return when it goes, or went, first."""
        return _("As soon as it is approved") if bulletin.at_once else bulletin.slot  # type: ignore[attr-defined]  # with_first_slot

    # Pages

    def __init__(self, model: type[Bulletin], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.start, self.workspace = StartPage(self), WorkspacePage(self, bar=bar_of)
        self.parts = [self.workspace, *(part(self) for part in PARTS)]

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the parts."""
        return [*(url for part in self.parts for url in part.urls()), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the page on which a bulletin is started."""
        return self.start.add_view(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page on which a bulletin is written."""
        return gzip_page(self.workspace.change_view)(request, object_id)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is published is changed by a correction only."""
        return super().has_change_permission(request, obj) and is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A bulletin is withdrawn, never deleted: its number and its steps stay on record."""
        return False
