"""The list of claims: what waits for someone first."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import Case, Count, Max, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.desk_base.assigned_filter import AssignedFilter
from campaigns.base_admin import of_campaign
from factcheck.intake.admin import desk_urls
from factcheck.matching import similar_claims
from factcheck.models import Claim, Narrative, NotConfirmable, Sighting
from factcheck.verdicts import verdict_workflow
from lib.text.languages import spoken_languages
from lib.text.numbers.whole_numbers import whole_number

from .sources import ClaimRows
from .steps import ClaimSteps

Status = Claim.Status
COLOURS = {
    "open": "default",
    "in_review": "info",
    "proposed": "warning",
    "confirmed": "info",
    "published": "success",
    "paused": "warning",
    "withdrawn": "danger",
    "set_aside": "default",
    "merged": "default",
}
HIDDEN = (Status.SET_ASIDE, Status.MERGED)
# The tabs over the list, in the order of the work.
STAGES = (
    ("open", gettext_lazy("Open reports"), Q(status=Status.OPEN)),
    ("review", gettext_lazy("In review"), Q(status=Status.IN_REVIEW)),
    ("proposed", gettext_lazy("Waiting for a second person"), Q(status=Status.PROPOSED)),
    ("confirmed", gettext_lazy("Confirmed"), Q(status=Status.CONFIRMED)),
    ("published", gettext_lazy("Published"), Q(status=Status.PUBLISHED)),
    ("paused", gettext_lazy("Paused"), Q(status=Status.PAUSED)),
    ("withdrawn", gettext_lazy("Withdrawn"), Q(status=Status.WITHDRAWN)),
    ("aside", gettext_lazy("Set aside or duplicate"), Q(status__in=HIDDEN)),
)


class StageFilter(admin.SimpleListFilter):
    """Shows the claims of one stage; without a choice all but those that are set aside or the same as another."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the stages."""
        return [(name, label) for name, label, _which in STAGES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        """Return the claims of the chosen stage."""
        chosen = next((which for name, _label, which in STAGES if name == self.value()), ~Q(status__in=HIDDEN))
        return queryset.filter(chosen)


class NarrativeFilter(admin.SimpleListFilter):
    """Shows the claims of one narrative of this campaign, or those in none."""

    title = gettext_lazy("narrative")
    parameter_name = "narrative"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the campaign's narratives; one query."""
        found = of_campaign(Narrative.objects.order_by("slug"), request)
        return [("none", _("in no narrative")), *((str(one.pk), str(one)) for one in found)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        """Return the claims of the chosen narrative."""
        value = self.value() or ""
        if value == "none":
            return queryset.filter(narrative=None)
        return queryset.filter(narrative=key) if (key := whole_number(value)) else queryset


@admin.register(Claim)
class ClaimAdmin(ClaimRows, ClaimSteps):
    """Claims. A verdict is proposed by one person, confirmed by another who has read it, and then published."""

    list_display = [
        "__str__",
        "shown_status",
        "shown_verdict",
        "sighting_count",
        "shown_channels",
        "shown_languages",
        "narrative",
        "last_seen",
    ]
    list_select_related = ["narrative"]
    list_filter = [StageFilter, AssignedFilter, "verdict", NarrativeFilter]
    search_fields = ["slug", "text"]
    list_before_template = "factcheck/admin/_tabs.html"
    has_saved_views = True
    campaign_by = "campaign"
    actions = ["put_into_narrative", "set_aside_selected"]

    class Media:
        css = {"all": ["desk/panes.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which claims come in."""
        return [*desk_urls(self.admin_site), *super().get_urls()]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str) -> Any:
        """Return the claims that have what was typed, or all its words in other forms: "rokote" finds "rokotteessa"."""
        found, _may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, False
        in_other_forms = similar_claims.with_words(search_term, spoken_languages.codes())
        return queryset.filter(Q(pk__in=found.values("pk")) | Q(pk__in=in_other_forms.values("claim"))), False

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return what waits for this user first, then what waits for anyone, then what is done; the newest first."""
        waits = Case(
            When(Q(status=Status.PROPOSED) & ~Q(proposed_by=request.user.pk), then=Value(0)),
            When(status=Status.CONFIRMED, then=Value(1)),
            When(status=Status.OPEN, then=Value(2)),
            When(status__in=[Status.IN_REVIEW, Status.PAUSED], then=Value(3)),
            When(status=Status.PROPOSED, then=Value(4)),
            default=Value(5),
        )
        return [waits.asc(), "-created_at", "-pk"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Fetch what is known of the sightings of the whole page at once."""
        changelist = super().get_changelist_instance(request)
        rows = {claim.pk: claim for claim in changelist.result_list}
        for claim in rows.values():
            claim.seen_here = SightingFacts()
            writers = verdict_workflow.VERDICT.writers_of(claim)
            claim.is_mine_to_confirm = claim.status == Status.PROPOSED and request.user.pk not in writers
        counts = (
            Sighting.objects.of_any(rows)
            .with_main()
            .order_by()
            .values_list("main", "platform", "channel", "language")
            .annotate(Count("pk"), Max("seen_on"))
        )
        for pk, platform, channel, language, count, last in counts:
            if pk in rows:
                sighting_facts(rows[pk]).add(platform, channel, language, count, last)
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with its tabs."""
        counted = of_campaign(Claim.objects.all(), request).aggregate(
            **{name: Count("pk", filter=which) for name, _label, which in STAGES},
            mine=Count("pk", filter=Q(status=Status.PROPOSED) & ~Q(proposed_by=request.user.pk)),
        )
        chosen = request.GET.get("stage", "")
        context = {
            "stages": [(name, label, counted[name], name == chosen) for name, label, _which in STAGES],
            "chosen_stage": chosen,
            "mine_to_confirm": counted["mine"] if request.user.has_perm("factcheck.change_claim") else 0,
            "may_report": request.user.has_perm("factcheck.add_claim"),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    # Columns

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def shown_status(self, claim: Claim) -> tuple[str, str]:
        """Return the status as a label; of a proposed verdict, whose turn it is."""
        if claim.status == Status.PROPOSED:
            yours = vars(claim)["is_mine_to_confirm"]
            return claim.status, _("yours to confirm") if yours else _("proposed by you, not yours to confirm")
        return claim.status, claim.get_status_display()

    @display(description=gettext_lazy("verdict"), ordering="verdict")
    def shown_verdict(self, claim: Claim) -> str:
        """Return the verdict."""
        return claim.get_verdict_display() or "–"

    @display(description=gettext_lazy("sightings"))
    def sighting_count(self, claim: Claim) -> int:
        """Return how often it and its duplicates were seen."""
        return sighting_facts(claim).count

    @display(description=gettext_lazy("channels"))
    def shown_channels(self, claim: Claim) -> int:
        """Return on how many channels."""
        return len(sighting_facts(claim).channels)

    @display(description=gettext_lazy("languages"))
    def shown_languages(self, claim: Claim) -> str:
        """Return in which languages it was seen."""
        return " ".join(sorted(sighting_facts(claim).languages)) or "–"

    @display(description=gettext_lazy("last seen"))
    def last_seen(self, claim: Claim) -> Any:
        """Return the day on which it was seen last."""
        return sighting_facts(claim).last

    # Who may

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A claim is set aside with a reason, never deleted: its steps stay on record."""
        return False

    # Several at once. A verdict is confirmed on the claim's page, by someone who has read it, never here.

    @admin.action(description=gettext_lazy("Put into a narrative"), permissions=["change"])
    def put_into_narrative(self, request: HttpRequest, queryset: QuerySet[Claim]) -> HttpResponse | None:
        """Ask which narrative, and put the chosen claims there."""
        narratives = of_campaign(Narrative.objects.order_by("slug"), request)
        if "apply" not in request.POST:
            return self.ask(request, queryset, "put_into_narrative", _("Put into a narrative"), narratives=narratives)
        chosen = request.POST.get("narrative", "")
        narrative = narratives.filter(pk=whole_number(chosen)).first()
        if chosen and narrative is None:
            fault = _("Nothing changed: choose a narrative.")
            return self.ask(
                request, queryset, "put_into_narrative", _("Put into a narrative"), narratives=narratives, fault=fault
            )
        claims = list(queryset)
        Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(narrative=narrative)
        for claim in claims:
            self.log_change(request, claim, [{"changed": {"fields": ["narrative"]}}])
        self.done(request, len(claims))
        return None

    @admin.action(description=gettext_lazy("Set aside with a reason"), permissions=["change"])
    def set_aside_selected(self, request: HttpRequest, queryset: QuerySet[Claim]) -> HttpResponse | None:
        """Ask for the reason, and set the chosen claims aside, each by the same rule as on its page."""
        reason = request.POST.get("reason", "").strip()
        if "apply" not in request.POST or not reason:
            fault = _("Not set aside: give a reason, for the history.") if "apply" in request.POST else ""
            return self.ask(request, queryset, "set_aside_selected", _("Set aside with a reason"), fault=fault)
        done = 0
        for claim in queryset:
            try:
                verdict_workflow.set_aside(claim, reason=reason, by=request.user, at=timezone.now())
                done += 1
            except NotConfirmable as refusal:
                self.message_user(request, f"{claim}: {refusal}", messages.ERROR)
        if done:
            self.done(request, done)
        return None

    def done(self, request: HttpRequest, count: int) -> None:
        """Say how many claims changed."""
        says = ngettext("%(count)d claim changed.", "%(count)d claims changed.", count) % {"count": count}
        self.message_user(request, says, messages.SUCCESS)

    def ask(
        self, request: HttpRequest, queryset: QuerySet[Claim], action: str, title: str, **more: Any
    ) -> HttpResponse:
        """Return the page on which an action asks for what it needs."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "action": action,
            "chosen": list(queryset),
            "ticked": helpers.ACTION_CHECKBOX_NAME,
            **more,
        }
        return TemplateResponse(request, "factcheck/admin/ask.html", context, status=422 if more.get("fault") else 200)


class SightingFacts:
    """What is known of the sightings of one claim in the list."""

    def __init__(self) -> None:
        self.count = 0
        self.channels: set[tuple[str, str]] = set()
        self.languages: set[str] = set()
        self.last: Any = None

    def add(self, platform: str, channel: str, language: str, count: int, last: Any) -> None:
        """Count sightings on one channel in one language."""
        self.count += count
        self.channels.add((platform, channel.strip().casefold()))
        self.languages.add(language)
        self.last = max(self.last, last) if self.last else last


def sighting_facts(claim: Claim) -> SightingFacts:
    """Return what get_changelist_instance() found about a claim of the list."""
    found: SightingFacts = vars(claim)["seen_here"]
    return found
