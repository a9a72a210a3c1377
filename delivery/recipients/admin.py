"""The desk's pages about who gets mail."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Field, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.audit import trail
from accounts.desk_base.long_lists import LongList, RecentValuesFilter
from accounts.login import reauthentication
from accounts.models import User
from accounts.own_account.data_views import as_file
from campaigns.base_admin import CampaignFilter, DeskAdmin, DeskTabularInline, ReadOnly, ReadOnlyAdmin
from delivery.models import (
    Audience,
    Consent,
    ConsentText,
    Membership,
    Recipient,
    Suppression,
)

from . import consents, size_history
from .audience_sizes import count_audiences

RECIPIENT_COLOURS = {"unconfirmed": "warning", "active": "success", "left": "default", "erased": "danger"}
WHOLE_ADDRESS = gettext_lazy("Full email address")

AUDIENCE_HELP = {
    "max_size": gettext_lazy("For planning only: nobody is left out because of it."),
    "canary_size": gettext_lazy("0: everyone at once. Urgent email never waits."),
    "canary_minutes": gettext_lazy("Counted from the start of the send. They follow only if there are no problems."),
}


@admin.register(Audience)
class AudienceAdmin(DeskAdmin):
    """Who sends go to."""

    list_note = gettext_lazy(
        "Whom sends go to. People are those who would get one that left now; the columns show the days before."
    )
    list_display = ["__str__", "kind", "tier", "spoken", "people", "shown_sizes", "max_size"]
    list_filter = ["kind", CampaignFilter]
    search_fields = ["slug", "name"]
    change_form_outer_before_template = "delivery/admin/_audience_bar.html"

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field, with what its number does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in AUDIENCE_HELP:
            field.help_text = AUDIENCE_HELP[db_field.name]
        return field

    def complete(self, request: HttpRequest, rows: list[Audience]) -> None:
        """Give the audiences of a page their people now and their sizes before; three queries, however many they are."""
        at = timezone.now()
        heads, sizes = count_audiences(rows, at=at), size_history.of_audiences(rows, at=at)
        for audience in rows:
            audience.people_count = heads[audience.pk].total  # type: ignore[attr-defined]
            audience.size_history = sizes[audience.pk]  # type: ignore[attr-defined]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the bar over the page the sizes so far."""
        audience = kwargs.get("obj")
        if audience is not None:
            at = timezone.now()
            context["people"] = count_audiences([audience], at=at)[audience.pk]
            context["sizes"] = size_history.of_audiences([audience], at=at)[audience.pk]
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=gettext_lazy("sizes so far"))
    def shown_sizes(self, audience: Audience) -> SafeString:
        """Return the sizes of the days before, as columns."""
        return render_to_string("delivery/admin/_sizes.html", {"sizes": audience.size_history})  # type: ignore[attr-defined]

    @display(description=gettext_lazy("languages"))
    def spoken(self, audience: Audience) -> str:
        """Return the codes of the languages it is served in."""
        return ", ".join(audience.languages)

    @display(description=gettext_lazy("people"))
    def people(self, audience: Audience) -> int:
        """Return how many people it would reach."""
        return audience.people_count  # type: ignore[attr-defined]


@admin.register(Membership)
class MembershipAdmin(LongList, ReadOnlyAdmin):
    """
    Who is in which audience, from when and until when, to read: people join and subscribe themselves, are moved between
    tiers on the page of influencers, and leave, or are taken off mail, with their consent.
    """

    list_display = ["recipient", "audience", "joined_at", "left_at", "reason", "left_because"]
    list_select_related = ["recipient", "audience"]
    list_filter = ["audience"]
    search_fields = ["recipient__address_hash"]
    search_help_text = WHOLE_ADDRESS
    fields = ["audience", "recipient", "joined_at", "left_at", "reason", "left_because", "moved_by"]
    readonly_fields = fields


class ConsentInline(ReadOnly, DeskTabularInline):
    """What a recipient agreed to."""

    model = Consent
    fields = ["purpose", "text_version", "language", "source", "given_at", "confirmed_at", "withdrawn_at"]
    readonly_fields = fields


class MembershipInline(ReadOnly, DeskTabularInline):
    """The audiences of a recipient."""

    model = Membership
    fields = ["audience", "joined_at", "left_at", "reason", "left_because", "moved_by"]
    readonly_fields = fields


@admin.register(Recipient)
class RecipientAdmin(LongList, DeskAdmin):
    """
    Addresses that mail may go to. They come by people's own forms, and by files of influencers; what someone agreed to,
    and for which address, is not the desk's to change.
    """

    list_display = ["__str__", "email", "language", "shown_state", "created_at"]
    list_filter = ["state", ("language", RecentValuesFilter)]
    search_fields = ["address_hash"]
    search_help_text = WHOLE_ADDRESS
    readonly_fields = ["channel", "email", "address", "person", "state", "address_hash", "created_at"]
    inlines = [MembershipInline, ConsentInline]
    actions = ["withdraw_consents"]

    @display(description=gettext_lazy("state"), label=RECIPIENT_COLOURS)
    def shown_state(self, recipient: Recipient) -> tuple[str, str]:
        """Return the state as a label."""
        return recipient.state, recipient.get_state_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody is written to because the desk says so."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A recipient leaves or is erased; the ledger keeps its row."""
        return False

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may take someone's consent back."""
        return request.user.has_perm("delivery.change_consent")

    @admin.action(description=gettext_lazy("Stop all email, at the person's request"), permissions=["withdraw"])
    def withdraw_consents(self, request: HttpRequest, queryset: QuerySet[Recipient]) -> None:
        """Take back all that people agreed to, and with it their places in audiences, at once."""
        assert isinstance(request.user, User)
        standing = Consent.objects.filter(recipient__in=queryset, withdrawn_at=None)
        done = {one.recipient_id for one in standing if consents.withdraw(one, by=request.user, at=timezone.now())}
        says = ngettext("%(n)d person will get no more email.", "%(n)d people will get no more email.", len(done))
        self.message_user(request, says % {"n": len(done)}, messages.SUCCESS if done else messages.WARNING)


@admin.register(Consent)
class ConsentAdmin(LongList, ReadOnlyAdmin):
    """The ledger of consents: who agreed to which words, to read, to prove, and to take back for people who ask."""

    list_display = [
        "recipient",
        "purpose",
        "text_version",
        "language",
        "source",
        "given_at",
        "confirmed_at",
        "withdrawn_at",
    ]
    list_select_related = ["recipient"]
    list_filter = ["purpose", *((field, RecentValuesFilter) for field in ("text_version", "language", "source"))]
    search_fields = ["recipient__address_hash"]
    search_help_text = WHOLE_ADDRESS
    fields = [
        *("recipient", "purpose", "text_version", "language", "shown_text", "source"),
        *("given_at", "confirmed_at", "withdrawn_at"),
    ]
    readonly_fields = fields
    actions = ["withdraw"]
    change_form_outer_before_template = "delivery/admin/_consent_bar.html"

    @display(description=gettext_lazy("words"))
    def shown_text(self, consent: Consent) -> str:
        """Return the words that someone read, in the language in which they read them."""
        text = consents.text_of(consent)
        return text.words if text else _("This text was not kept: it is from before texts were recorded.")

    def get_urls(self) -> list[URLPattern]:
        """Add the proof of one consent."""
        proof = self.admin_site.admin_view(self.proof_view)
        return [path("<int:pk>/proof/", proof, name="delivery_consent_proof"), *super().get_urls()]

    def proof_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand out all that shows that someone agreed, as a file. That is written down too."""
        consent = self.get_object(request, str(pk))
        if not self.has_view_permission(request, consent):
            raise PermissionDenied
        if consent is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:delivery_consent_change", args=[pk]))
        if again := reauthentication.require_recent_login(request):
            return again
        assert isinstance(request.user, User)
        now = timezone.now()
        trail.note("consent.exported", consent, by=request.user, at=now)
        return as_file(consents.proof(consent, at=now), f"consent-{pk}.json")

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may take someone's consent back."""
        return request.user.has_perm("delivery.change_consent")

    @admin.action(description=gettext_lazy("Withdraw, at the person's request"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Consent]) -> None:
        """Take consents back, with what they were for, at once."""
        assert isinstance(request.user, User)
        done = sum(consents.withdraw(one, by=request.user, at=timezone.now()) for one in queryset)
        says = ngettext("%(n)d consent withdrawn.", "%(n)d consents withdrawn.", done) % {"n": done}
        self.message_user(request, says, messages.SUCCESS if done else messages.WARNING)


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin):
    """The words of each version in each language, to read."""

    list_display = ["purpose", "version", "language", "words", "first_at"]
    list_filter = ["purpose", "language"]
    fields = ["purpose", "version", "language", "words", "sha256", "first_at"]
    readonly_fields = fields
    ordering = ["purpose", "-version", "language"]


@admin.register(Suppression)
class SuppressionAdmin(LongList, ReadOnlyAdmin):
    """Addresses that get nothing any more; only their code is kept."""

    list_display = ["address_hash", "reason", "since", "note"]
    list_filter = ["reason"]
    search_fields = ["address_hash"]
    search_help_text = WHOLE_ADDRESS
