"""The desk's pages about claims: who proposes a verdict, who confirms it, and what it rests on."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.desk import DeskAdmin, DeskStackedInline, DeskTabularInline

from . import reviewing
from .models import Claim, Evidence, Narrative, NotConfirmable, Sighting

# A confirmed verdict stands for the words that two people agreed on, so those words cannot change under it.
SETTLED = set(Claim.Status) - set(Claim.EDITABLE)
COLOURS = {
    "open": "default",
    "in_review": "info",
    "proposed": "warning",
    "confirmed": "info",
    "published": "success",
    "paused": "default",
    "withdrawn": "danger",
}


@admin.register(Narrative)
class NarrativeAdmin(DeskAdmin):
    """The stories that claims serve, and the need behind them."""

    list_display = ["__str__", "first_seen", "campaign"]
    list_select_related = ["campaign"]
    list_filter = ["campaign"]
    search_fields = ["slug", "name"]


class EvidenceInline(DeskStackedInline):
    """What a verdict rests on."""

    model = Evidence
    readonly_fields = ["copy"]
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is added under a settled verdict."""
        return super().has_add_permission(request, obj) and not is_settled(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed under a settled verdict."""
        return super().has_change_permission(request, obj) and not is_settled(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is taken from under a settled verdict."""
        return super().has_delete_permission(request, obj) and not is_settled(obj)


class SightingInline(DeskTabularInline):
    """Where a claim was seen; who reported it is not shown in public."""

    model = Sighting
    fields = ["platform", "url", "reach", "seen_on", "language"]
    tab = True


def is_settled(claim: Any) -> bool:
    """Tell whether the words of a claim stand under a verdict of two people."""
    return isinstance(claim, Claim) and claim.status in SETTLED


@admin.register(Claim)
class ClaimAdmin(DeskAdmin):
    """Claims. A verdict is proposed by one person, confirmed by another, and then published."""

    list_display = ["__str__", "shown_status", "verdict", "narrative", "sighting_count", "checked_on"]
    list_select_related = ["narrative"]
    list_filter = ["status", "verdict", "campaign"]
    search_fields = ["slug", "text"]
    ordering = ["-created_at"]
    autocomplete_fields = ["topics"]
    readonly_fields = ["status", "verdict", "proposed_by", "confirmed_by", "checked_on", "created_at"]
    inlines = [EvidenceInline, SightingInline]
    change_form_outer_before_template = "desk/_claim_bar.html"
    actions = ["confirm_selected", "publish_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        """Return the claims with how often each was seen."""
        return super().get_queryset(request).annotate(seen=Count("sightings"))

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def shown_status(self, claim: Claim) -> tuple[str, str]:
        """Return the status as a label."""
        return claim.status, claim.get_status_display()

    @display(description=gettext_lazy("sightings"), ordering="seen")
    def sighting_count(self, claim: Claim) -> int:
        """Return how often it was seen."""
        return claim.seen  # type: ignore[attr-defined]

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the site's campaign for a new claim."""
        if db_field.name == "campaign":
            kwargs["initial"] = getattr(request, "campaign", None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The words under a settled verdict stay as two people read them."""
        return super().has_change_permission(request, obj) and not is_settled(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A settled claim stays on record."""
        return super().has_delete_permission(request, obj) and not is_settled(obj)

    def has_check_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the user may give verdicts."""
        return request.user.has_perm("factcheck.change_claim")

    @admin.action(description=gettext_lazy("Confirm the proposed verdict"), permissions=["check"])
    def confirm_selected(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        """Confirm, as a second person, each verdict that was proposed."""
        for claim in queryset:
            self.step(request, claim, "confirm")

    @admin.action(description=gettext_lazy("Publish the fact-check"), permissions=["check"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        """Publish each fact-check whose verdict is confirmed."""
        for claim in queryset:
            self.step(request, claim, "publish")

    def step(self, request: HttpRequest, claim: Claim, verb: str) -> None:
        """Take one step with a claim and say what came of it."""
        try:
            if verb == "propose":
                verdict = request.POST.get("verdict", "")
                if verdict not in Claim.Verdict.values:
                    raise NotConfirmable(_("Not proposed: choose a verdict first."))
                reviewing.propose(claim, verdict, by=request.user, at=timezone.now())
                says = _("Verdict proposed. A second person has to confirm it.")
            elif verb == "confirm":
                digest = request.POST.get("digest", "") or claim.digest
                reviewing.confirm(claim, digest=digest, by=request.user, at=timezone.now())
                says = _("Verdict confirmed. It can be published now.")
            else:
                reviewing.publish(claim, by=request.user, at=timezone.now())
                says = _("Published. Everyone can read the fact-check now.")
        except NotConfirmable as refusal:
            self.message_user(request, f"{claim}: {refusal}", messages.ERROR)
            return
        self.log_change(request, claim, verb)
        self.message_user(request, f"{claim}: {says}", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        """Add the steps."""
        step = self.admin_site.admin_view(require_POST(self.step_view))
        return [path("<int:pk>/step/<str:verb>/", step, name="factcheck_claim_step"), *super().get_urls()]

    def step_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Take the step that a button asks for, and go back to the claim."""
        if verb not in {"propose", "confirm", "publish"} or not self.has_check_permission(request):
            raise PermissionDenied
        claim = get_object_or_404(Claim, pk=pk)
        self.step(request, claim, verb)
        return HttpResponseRedirect(reverse("admin:factcheck_claim_change", args=[pk]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the bar over the form what it needs."""
        context["verdicts"] = Claim.Verdict.choices
        context["may_check"] = self.has_check_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)
