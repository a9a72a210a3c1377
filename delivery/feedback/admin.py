"""The desk's pages about what came back: what providers report, complaints to decide about, our processes' pulse."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.desk_base.long_lists import LongList, RecentValuesFilter
from accounts.models import User
from campaigns.base_admin import ReadOnlyAdmin
from delivery.models import ProviderEvent, Pulse

from . import receipts, webhooks


class ForAPerson(admin.SimpleListFilter):
    """Complaints that someone has to decide about."""

    title = gettext_lazy("to decide")
    parameter_name = "to_decide"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one choice beside all."""
        return [("yes", gettext_lazy("complaints waiting for you"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return what waits, or everything."""
        return queryset & ProviderEvent.objects.for_a_person() if self.value() == "yes" else queryset


@admin.register(ProviderEvent)
class ProviderEventAdmin(LongList, ReadOnlyAdmin):
    """What providers reported, and complaints that came by mail, about which someone decides."""

    list_display = ["event_id", "provider", "kind", "about", "code", "happened_at", "processed_at", "decision"]
    list_select_related = ["delivery__recipient", "delivery__mailing"]
    list_filter = [ForAPerson, ("provider", RecentValuesFilter), "kind"]
    search_fields = ["pk", "event_id"]
    search_help_text = gettext_lazy("Provider's name of the event, or row number")
    actions = ["believe", "dismiss"]
    list_before_template = "delivery/admin/_complaints.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say above the list how many complaints wait, what that means and what to do."""
        waiting = ProviderEvent.objects.for_a_person().count()
        return super().changelist_view(request, {**(extra_context or {}), "complaints": waiting})

    def keys_with(self, field: str, value: Any) -> QuerySet[Any]:
        """Return the keys of the events that were searched for; by the index over provider and event."""
        keys = super().keys_with(field, value)
        return keys.filter(provider__in=[*webhooks.PROVIDERS, ProviderEvent.BY_MAIL]) if field == "event_id" else keys

    @display(description=gettext_lazy("about"))
    def about(self, event: ProviderEvent) -> str:
        """Return whose mail it is about, and which."""
        return f"{event.delivery.recipient or '…'}: {event.delivery.mailing}" if event.delivery else "–"

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may decide about a complaint: whoever may take someone's consent back."""
        return request.user.has_perm("delivery.change_consent")

    @admin.action(description=gettext_lazy("Believe: stop writing to these people"), permissions=["decide"])
    def believe(self, request: HttpRequest, queryset: QuerySet[ProviderEvent]) -> None:
        """Apply complaints that came by mail."""
        self.decide(request, queryset, believed=True)

    @admin.action(description=gettext_lazy("Dismiss: these people did not complain"), permissions=["decide"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[ProviderEvent]) -> None:
        """Let complaints that came by mail change nothing."""
        self.decide(request, queryset, believed=False)

    def decide(self, request: HttpRequest, queryset: QuerySet[ProviderEvent], *, believed: bool) -> None:
        """Write down what someone decided, and say about how many."""
        assert isinstance(request.user, User)
        waiting = list(queryset & ProviderEvent.objects.for_a_person())
        done = sum(receipts.decide(one, believed=believed, by=request.user, at=timezone.now()) for one in waiting)
        if believed:
            says = ngettext("%(n)d complaint is believed.", "%(n)d complaints are believed.", done)
        else:
            says = ngettext("%(n)d complaint is dismissed.", "%(n)d complaints are dismissed.", done)
        self.message_user(request, says % {"n": done}, messages.SUCCESS if done else messages.WARNING)


@admin.register(Pulse)
class PulseAdmin(ReadOnlyAdmin):
    """When our processes last did their work."""

    list_display = ["name", "at", "detail"]
    ordering = ["name"]
