"""The desk's pages about influencers."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import User
from campaigns.desk import DeskAdmin, DeskTabularInline, ReadOnly

from ..models import Influencer, PlatformAccount, Pledge

COLOURS = {"invited": "warning", "active": "success", "left": "default"}


class PlatformAccountInline(DeskTabularInline):
    """Where an influencer publishes."""

    model = PlatformAccount


class PledgeInline(ReadOnly, DeskTabularInline):
    """What an influencer signed."""

    model = Pledge
    fields = ["text", "signed_at", "withdrawn_at"]
    readonly_fields = fields


@admin.register(Influencer)
class InfluencerAdmin(DeskAdmin):
    """Influencers. Their tier is an audience; what they publish is theirs."""

    list_display = ["name", "reference", "shown_state", "municipality", "region", "liaison", "joined_at"]
    list_select_related = ["region", "liaison"]
    list_filter = ["state", "region", "sami_homeland", "campaign"]
    search_fields = ["name", "reference", "municipality", "accounts__handle", "recipient__email"]
    autocomplete_fields = ["user", "recipient"]
    inlines = [PlatformAccountInline, PledgeInline]

    @display(description=_("state"), ordering="state", label=COLOURS)
    def shown_state(self, influencer: Influencer) -> tuple[str, str]:
        """Return the state as a label."""
        return influencer.state, influencer.get_state_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who an influencer is does not change later."""
        return ["campaign", "user", "recipient", "reference", "joined_at"] if obj else []

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Return the fields that are searched for."""
        return self.autocomplete_fields

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer staff as contact persons."""
        if db_field.name == "liaison":
            kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
