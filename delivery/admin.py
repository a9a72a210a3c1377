"""The desk's pages about who gets mail and what is said to them; those about sends are in sends_admin.py."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Field, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.desk import DeskAdmin, DeskTabularInline, ReadOnly, ReadOnlyAdmin

from . import limits_admin, preflight_admin, sends_admin  # noqa: F401 - registers their pages
from .models import (
    Audience,
    AudienceSize,
    Consent,
    Mailing,
    Membership,
    Message,
    ProviderEvent,
    Pulse,
    Recipient,
    SeedAddress,
    Suppression,
)

RECIPIENT_COLOURS = {"unconfirmed": "warning", "active": "success", "left": "default", "erased": "danger"}


AUDIENCE_HELP = {
    "max_size": gettext_lazy("For planning only: nobody is left out because of it."),
    "canary_size": gettext_lazy("0: everybody at once. Urgent mail never waits."),
    "canary_minutes": gettext_lazy("Counted from the start of the send. They follow only if nothing goes wrong."),
}


class AudienceSizeInline(DeskTabularInline):
    """How many people an audience had on a date."""

    model = AudienceSize


@admin.register(Audience)
class AudienceAdmin(DeskAdmin):
    """Who sends go to."""

    list_display = ["__str__", "slug", "kind", "tier", "spoken", "people", "max_size"]
    list_filter = ["kind", "campaign"]
    search_fields = ["slug", "name"]
    inlines = [AudienceSizeInline]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, with what its number does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in AUDIENCE_HELP:
            field.help_text = AUDIENCE_HELP[db_field.name]
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[Audience]:
        """Return the audiences with how many people are in each now."""
        people = (
            Membership.objects.open(at=timezone.now())
            .filter(audience=OuterRef("pk"))
            .order_by()
            .values("audience")
            .annotate(people=Count("pk"))
            .values("people")
        )
        return super().get_queryset(request).annotate(people_count=Coalesce(Subquery(people), 0))

    @display(description=gettext_lazy("languages"))
    def spoken(self, audience: Audience) -> str:
        """Return the codes of the languages it is served in."""
        return ", ".join(audience.languages)

    @display(description=gettext_lazy("people"))
    def people(self, audience: Audience) -> int:
        """Return how many people are in it now."""
        return audience.people_count  # type: ignore[attr-defined]


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    """Who is in which audience, from when and until when."""

    list_display = ["recipient", "audience", "joined_at", "left_at", "reason", "left_because"]
    list_select_related = ["recipient", "audience"]
    list_filter = ["audience"]
    search_fields = ["recipient__email", "recipient__name"]
    autocomplete_fields = ["recipient"]
    ordering = ["-pk"]


class ConsentInline(ReadOnly, DeskTabularInline):
    """What a recipient said yes to."""

    model = Consent
    fields = ["purpose", "text_version", "language", "source", "given_at", "confirmed_at", "withdrawn_at"]
    readonly_fields = fields


class MembershipInline(DeskTabularInline):
    """The audiences of a recipient."""

    model = Membership


@admin.register(Recipient)
class RecipientAdmin(DeskAdmin):
    """Addresses that mail may go to."""

    list_display = ["__str__", "email", "language", "shown_state", "created_at"]
    list_filter = ["state", "language"]
    search_fields = ["email", "name"]
    ordering = ["-pk"]
    readonly_fields = ["address_hash", "created_at"]
    inlines = [MembershipInline, ConsentInline]

    @display(description=gettext_lazy("state"), ordering="state", label=RECIPIENT_COLOURS)
    def shown_state(self, recipient: Recipient) -> tuple[str, str]:
        """Return the state as a label."""
        return recipient.state, recipient.get_state_display()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A recipient leaves or is erased; the ledger keeps its row."""
        return False


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Consents, to read."""

    list_display = ["recipient", "purpose", "text_version", "language", "given_at", "withdrawn_at"]
    list_select_related = ["recipient"]
    list_filter = ["purpose", "language"]
    search_fields = ["recipient__email", "recipient__name"]
    ordering = ["-given_at"]


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin):
    """Addresses that get nothing any more; only their code is kept."""

    list_display = ["address_hash", "reason", "since", "note"]
    list_filter = ["reason"]
    ordering = ["-since"]


@admin.register(SeedAddress)
class SeedAddressAdmin(DeskAdmin):
    """The campaign's own people that test mails go to. Nobody here gets anything else."""

    list_display = ["__str__", "email", "language", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["language", "campaign"]
    search_fields = ["email", "name"]
    ordering = ["email", "language"]


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    """What is sent, in all its languages."""

    list_display = ["key", "queue", "created_at", "superseded_by", "campaign"]
    list_select_related = ["campaign", "superseded_by"]
    list_filter = ["queue", "campaign"]
    search_fields = ["key"]
    ordering = ["-created_at"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Frozen messages, one per mailing and language."""

    list_display = ["subject", "language", "reading_level", "mailing", "created_at"]
    list_select_related = ["mailing"]
    list_filter = ["language"]
    search_fields = ["subject", "mailing__key"]
    ordering = ["-created_at"]
    fields = ["mailing", "language", "reading_level", "subject", "text", "headers", "sha256", "created_at"]


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    """What providers reported."""

    list_display = ["event_id", "provider", "kind", "code", "happened_at", "processed_at"]
    list_filter = ["provider", "kind"]
    search_fields = ["message_id", "event_id"]
    ordering = ["-happened_at"]


@admin.register(Pulse)
class PulseAdmin(ReadOnlyAdmin):
    """When our processes last did their work."""

    list_display = ["name", "at", "detail"]
    ordering = ["name"]
