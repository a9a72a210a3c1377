"""The desk's page about subscribers: whether an address gets the digest, and to stop it for someone who asks."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.access.permissions import Scope, scopes_of
from accounts.desk_base.long_lists import LongList, RecentValuesFilter
from campaigns.base_admin import ReadOnlyAdmin
from delivery.models import Subscription, address_hash

from . import subscription_choices

COLOURS = {"active": "success", "paused": "warning", "left": "default"}
STATES = {
    "active": gettext_lazy("gets the digest"),
    "paused": gettext_lazy("is paused"),
    "left": gettext_lazy("has unsubscribed"),
}


@admin.register(Subscription)
class SubscriptionAdmin(LongList, ReadOnlyAdmin):
    """Subscribers. The list shows no addresses: it is searched by a whole one, and some roles see none without."""

    list_display = ["pk", "audience", "language", "shown_state", "subscribed_at", "left_at"]
    list_select_related = ["audience", "recipient"]
    list_filter = ["audience", ("language", RecentValuesFilter)]
    search_fields = ["recipient__address_hash"]
    search_help_text = gettext_lazy("Full email address")
    actions = ["stop"]
    fields = [
        "recipient",
        "campaign",
        "audience",
        "topics",
        "language",
        "subscribed_at",
        "paused_until",
        "left_at",
        "cursor",
    ]
    readonly_fields = fields

    def in_scope(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of `rows` that the user reaches, of the whole address that was typed where it takes one."""
        if not self.takes_an_address(request):
            return super().in_scope(request, rows)
        typed = request.GET.get("q", "").strip()
        return rows.filter(recipient__address_hash=address_hash(typed)) if typed else rows.none()

    def takes_an_address(self, request: HttpRequest) -> bool:
        """Return whether the user sees readers only whose whole address they type."""
        return scopes_of(request.user, "delivery.view_subscription") == {Scope.ADDRESS}

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Lead to the page of a reader those only who may open it."""
        return None if self.takes_an_address(request) else super().get_list_display_links(request, list_display)

    @display(description=gettext_lazy("state"), label=COLOURS)
    def shown_state(self, subscription: Subscription) -> tuple[str, str]:
        """Return the state as a label."""
        state = "left" if subscription.left_at else "paused" if subscription.paused_until else "active"
        return state, str(STATES[state])

    def has_stop_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may stop someone's digest."""
        return request.user.has_perm("delivery.change_subscription")

    @admin.action(description=gettext_lazy("Stop the digest, at the reader's request"), permissions=["stop"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Take readers off, at once. To come back they subscribe and confirm again."""
        stopped = list(queryset.filter(left_at=None))
        for subscription in stopped:
            with transaction.atomic():
                subscription_choices.end_subscription(subscription, at=timezone.now())
                self.log_change(request, subscription, "stopped")
        says = ngettext(
            "%(n)d reader will get no more digests.", "%(n)d readers will get no more digests.", len(stopped)
        )
        self.message_user(request, says % {"n": len(stopped)}, messages.SUCCESS if stopped else messages.WARNING)
