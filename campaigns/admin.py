"""The desk's pages about campaigns and what all rooms share."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from .desk import DeskAdmin, DeskStackedInline, DeskTabularInline
from .fields import in_language
from .models import (
    Authority,
    AuthorityMember,
    BannedTerm,
    Campaign,
    CampaignLanguage,
    GlossaryTerm,
    PlatformLimit,
    Region,
    Topic,
)


class CampaignLanguageInline(DeskStackedInline):
    """The languages of a campaign, with its texts in them."""

    model = CampaignLanguage


@admin.register(Campaign)
class CampaignAdmin(DeskAdmin):
    """A crisis, live or exercise. The mode is fixed when the campaign starts."""

    list_display = ["slug", "shown_mode", "starts_on", "closed_at", "default_language", "time_zone"]
    list_filter = ["mode"]
    search_fields = ["slug", "languages__name"]
    inlines = [CampaignLanguageInline]

    @display(description=_("mode"), ordering="mode", label={"live": "success", "exercise": "warning"})
    def shown_mode(self, campaign: Campaign) -> tuple[str, str]:
        """Return the mode as a label."""
        return campaign.mode, campaign.get_mode_display()

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Return the mode once there is a campaign."""
        return ["mode"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A campaign is closed, never deleted: its ledger must stay."""
        return False


class AuthorityMemberInline(DeskTabularInline):
    """Who may give message input for an authority."""

    model = AuthorityMember
    autocomplete_fields = ["user"]


@admin.register(Authority)
class AuthorityAdmin(DeskAdmin):
    """Ministries, agencies and municipalities."""

    list_display = ["__str__", "kind", "contact", "url"]
    list_filter = ["kind"]
    search_fields = ["slug", "name", "contact"]
    inlines = [AuthorityMemberInline]


@admin.register(Topic)
class TopicAdmin(DeskAdmin):
    """What bulletins, claims and questions are about."""

    list_display = ["__str__", "slug", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["campaign"]
    search_fields = ["slug", "name"]


@admin.register(Region)
class RegionAdmin(DeskAdmin):
    """Regions of the country."""

    list_display = ["code", "name_here", "note"]
    search_fields = ["code", "name"]

    @display(description=_("name"))
    def name_here(self, region: Region) -> str:
        """Return the name in the user's language."""
        return in_language(region.name)


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(DeskAdmin):
    """Terms that each language says in one way only."""

    list_display = ["__str__", "definition", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["campaign"]
    search_fields = ["term", "definition"]


@admin.register(BannedTerm)
class BannedTermAdmin(DeskAdmin):
    """Words that are not used, and what to say instead."""

    list_display = ["term", "language", "say_instead", "why"]
    list_filter = ["language"]
    search_fields = ["term", "say_instead"]


@admin.register(PlatformLimit)
class PlatformLimitAdmin(DeskAdmin):
    """How long texts may be on each platform, as seen on a date."""

    list_display = ["platform", "field", "limit", "counted_in", "seen_on"]
    list_filter = ["platform", "counted_in"]
    search_fields = ["platform", "field"]
