"""The desk's pages about sends and who gets them. The ledger is read here, and only code writes it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from campaigns.desk import DeskAdmin, DeskTabularInline, ReadOnly, ReadOnlyAdmin

from .ledger import ledger_of
from .models import (
    Audience,
    AudienceSize,
    Consent,
    Delivery,
    Mailing,
    Membership,
    Message,
    NotPossible,
    ProviderEvent,
    Pulse,
    Recipient,
    Send,
    Suppression,
)

UNKNOWN_SHOWN = 100
SEND_COLOURS = {
    "planned": "info",
    "sending": "success",
    "paused": "warning",
    "held": "warning",
    "cancelled": "danger",
    "finished": "default",
}
DELIVERY_COLOURS = {
    "queued": "info",
    "claimed": "info",
    "handing_off": "info",
    "accepted": "success",
    "deferred": "warning",
    "failed": "danger",
    "suppressed": "default",
    "superseded": "default",
    "expired": "default",
    "unknown": "warning",
}
RECIPIENT_COLOURS = {"unconfirmed": "warning", "active": "success", "left": "default", "erased": "danger"}


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

    list_display = ["recipient", "audience", "joined_at", "left_at", "reason"]
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


@admin.register(Send)
class SendAdmin(ReadOnlyAdmin):
    """
    Sends: a mailing on its way to an audience. The page of one is its live ledger, with the buttons that stop it
    and let it go on.
    """

    list_display = ["mailing", "audience", "slot_at", "shown_state", "candidates", "finished_at"]
    list_select_related = ["mailing", "audience"]
    list_filter = ["state", "audience", "mailing__campaign"]
    search_fields = ["mailing__key", "slot_key"]
    ordering = ["-slot_at", "-pk"]

    @display(description=gettext_lazy("state"), ordering="state", label=SEND_COLOURS)
    def shown_state(self, send: Send) -> tuple[str, str]:
        """Return the state as a label."""
        return send.state, send.get_state_display()

    def has_control_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may stop a send and let it go on."""
        return request.user.has_perm("delivery.control_send")

    def get_urls(self) -> list[URLPattern]:
        """Add the live part of the page and its buttons."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/ledger/", wrap(require_safe(self.ledger_view)), name="delivery_send_ledger"),
            path("<int:pk>/step/<str:verb>/", wrap(require_POST(self.step_view)), name="delivery_send_step"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the send with its ledger."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        send = self.get_object(request, object_id)
        if send is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {**self.admin_site.each_context(request), **self.page(request, send), **(extra_context or {})}
        return TemplateResponse(request, "desk/send.html", context)

    def ledger_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the part of the page that refreshes itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        send = get_object_or_404(self.get_queryset(request).select_related("mailing", "audience"), pk=pk)
        return TemplateResponse(request, "desk/_send.html", self.page(request, send))

    def page(self, request: HttpRequest, send: Send) -> dict[str, Any]:
        """Return what the page of a send shows; a constant number of queries."""
        states = Send.State
        unknown = (
            Delivery.objects.filter(send=send, state=Delivery.State.UNKNOWN).select_related("recipient").order_by("pk")
        )
        may = self.has_control_permission(request)
        return {
            "title": _("Send: %(what)s to %(whom)s") % {"what": send.mailing, "whom": send.audience},
            "opts": self.opts,
            "send": send,
            "ledger": ledger_of([send]),
            "unknown": list(unknown[:UNKNOWN_SHOWN]),
            "can_pause": may and send.state == states.SENDING,
            "can_resume": may and send.state == states.PAUSED,
            "can_release": may and send.state == states.HELD,
            "can_cancel": may and send.state in {states.PLANNED, states.SENDING, states.PAUSED, states.HELD},
            "is_over": send.state in {states.FINISHED, states.CANCELLED},
            "may_see_people": request.user.has_perm("delivery.view_delivery"),
        }

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Pause, resume, release or cancel a send, and say what came of it."""
        steps = {
            "pause": (Send.pause, _("Paused. What has not left yet waits until somebody resumes it.")),
            "resume": (Send.resume, _("Resumed. What has not left yet goes on.")),
            "release": (Send.resume, _("Released. It goes out now.")),
            "cancel": (Send.cancel, _("Cancelled. Nothing more of it is sent.")),
        }
        if verb not in steps or not self.has_control_permission(request):
            raise PermissionDenied
        send = get_object_or_404(Send.objects.select_related("mailing", "audience"), pk=pk)
        step, says = steps[verb]
        try:
            step(send)
        except NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.log_change(request, send, verb)
            self.message_user(request, says, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:delivery_send_change", args=[pk]))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The ledger, row by row."""

    list_display = ["pk", "recipient", "language", "shown_state", "code", "attempts", "handed_off_at", "send_id"]
    list_select_related = ["recipient"]
    list_filter = ["state", "language", "receipt", "possible_duplicate"]
    search_fields = ["recipient__email", "recipient__name"]
    ordering = ["-pk"]

    @display(description=gettext_lazy("state"), ordering="state", label=DELIVERY_COLOURS)
    def shown_state(self, delivery: Delivery) -> tuple[str, str]:
        """Return the state as a label."""
        return delivery.state, delivery.get_state_display()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the page of a send link to its rows."""
        return lookup in {"send", "send__id__exact"} or super().lookup_allowed(lookup, value, request)


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
