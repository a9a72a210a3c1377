"""
The handbook, and what a campaign asks of people who join: an administrator writes it alone, so whoever saves it has
just proved who they are.
"""

from django.contrib import admin

from accounts.admin_mixins import ReauthenticationMixin
from campaigns.base_admin import DeskAdmin
from influencers.models import Handbook, Interest, ValuesQuestion


@admin.register(Handbook)
class HandbookAdmin(ReauthenticationMixin, DeskAdmin):
    """The handbook, in each language and version."""

    list_display = ["title", "language", "version", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["language"]


@admin.register(Interest)
class InterestAdmin(ReauthenticationMixin, DeskAdmin):
    """What influencers make content about."""

    list_display = ["__str__", "slug", "campaign"]
    list_select_related = ["campaign"]
    search_fields = ["slug", "name"]


@admin.register(ValuesQuestion)
class ValuesQuestionAdmin(ReauthenticationMixin, DeskAdmin):
    """Questions that influencers answer when they join."""

    list_display = ["__str__", "key", "position", "campaign"]
    list_select_related = ["campaign"]
