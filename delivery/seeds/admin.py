"""The desk's page of the seed list."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.admin_mixins import ReauthenticationMixin
from campaigns.base_admin import CampaignFilter, DeskAdmin
from delivery.models import SeedAddress, SeedArrival

from . import seed_forwarding

SEED_COLOURS = {"confirmed": "success", "staff": "success", "asked": "warning", "new": "default"}


@admin.register(SeedAddress)
class SeedAddressAdmin(ReauthenticationMixin, DeskAdmin):
    """
    The campaign's own people that test mails go to, and inboxes that measure sends. Nobody here gets anything else. Staff get
    them at once, anyone else once they have agreed by the link of a mail.
    """

    list_display = ["__str__", "email", "language", "shown_state", "is_measured", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["is_measured", "language", CampaignFilter]
    search_fields = ["email", "name"]
    ordering = ["email", "language"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeedAddress]:
        """Return the addresses with whether drafts may go to them."""
        proven = SeedAddress.objects.proven().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_proven=Exists(proven))

    @display(description=gettext_lazy("state"), label=SEED_COLOURS)
    def shown_state(self, seed: SeedAddress) -> tuple[str, str]:
        """Return whether test mails go to an address, as a label."""
        if seed.confirmed_at:
            return "confirmed", _("has agreed")
        if seed.is_proven:  # type: ignore[attr-defined]  # annotated
            return "staff", _("staff")
        return ("asked", _("asked, no answer yet")) if seed.asked_at else ("new", _("to be asked"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An address stays what it was asked as; another one is another row."""
        shown = ["campaign", "email", "asked_at", "confirmed_at"] if obj else []
        return [*shown, "forwards_inbox_to", "forwards_spam_to"] if obj and obj.is_measured else shown

    @display(description=gettext_lazy("forwards its inbox to"))
    def forwards_inbox_to(self, seed: SeedAddress) -> str:
        """Return where a measured address forwards what comes to its inbox."""
        return seed_forwarding.forwarding_address(seed, SeedArrival.Folder.INBOX)

    @display(description=gettext_lazy("forwards its spam folder to"))
    def forwards_spam_to(self, seed: SeedAddress) -> str:
        """Return where a measured address forwards what comes to its spam folder."""
        return seed_forwarding.forwarding_address(seed, SeedArrival.Folder.SPAM)
