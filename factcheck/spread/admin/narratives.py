"""Narratives: what rises, which claims serve each, and the need behind it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, F, Max, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns.base_admin import DeskAdmin, of_campaign
from campaigns.http.middleware import campaign_or_404
from campaigns.http.requests import CampaignRequest
from factcheck.models import Claim, Narrative, Sighting
from factcheck.spread import trending
from factcheck.verdicts.admin.forms import NarrativeForm
from lib.text.numbers.whole_numbers import whole_numbers

from .charts import spread

DAY, WEEK = timedelta(days=1), timedelta(days=7)
OFFERED = 50  # claims that can be put into a narrative, the newest


@admin.register(Narrative)
class NarrativeAdmin(DeskAdmin):
    """The stories that claims serve, and the need behind them."""

    list_display = ["__str__", "shown_rising", "shown_claims", "in_a_day", "in_a_week", "shown_channels", "first_seen"]
    search_fields = ["slug", "name"]
    form = NarrativeForm
    campaign_by = "campaign"
    fields = ["slug", "name", "description", "need_behind", "first_seen"]
    change_form_outer_before_template = "factcheck/admin/evidence/_narrative.html"

    class Media:
        css = {"all": ["desk/panes.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Narrative]:
        """Return the narratives of the campaign that the site shows, with how many claims each has."""
        claims = Count("claims", filter=~Q(claims__status__in=[Claim.Status.MERGED, Claim.Status.SET_ASIDE]))
        rows = Narrative.objects.annotate(claims_count=claims).order_by(*self.get_ordering(request))
        return self.in_scope(request, rows)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Return the order of the list."""
        return ["-claims_count", "slug"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Fetch what is known of the sightings of the whole page at once."""
        changelist = super().get_changelist_instance(request)
        rows = {one.pk: one for one in changelist.result_list}
        campaign, now = getattr(request, "campaign", None), timezone.now()
        found = (
            {}
            if campaign is None
            else {one.narrative.pk: one for one in trending.rising(campaign, at=now) if one.narrative}
        )
        for pk, one in rows.items():
            one.day, one.week, one.channels, one.rises = 0, 0, set(), found.get(pk)
        if campaign is None:
            return changelist
        today = campaign.local(now).date()
        # A day is a day: yesterday and today are the nearest to 24 hours that sightings tell.
        recent = sightings_in(list(rows)).filter(seen_on__gt=today - WEEK, seen_on__lte=today)
        counts = (
            recent.values("story", "platform", "channel")
            .annotate(week=Count("pk"), day=Count("pk", filter=Q(seen_on__gte=today - DAY)))
            .values_list("story", "platform", "channel", "week", "day")
        )
        for pk, platform, channel, week, day in counts:
            if pk in rows:
                rows[pk].week += week
                rows[pk].day += day
                rows[pk].channels.add((platform, channel.strip().casefold()))
        return changelist

    @display(description=gettext_lazy("rising"))
    def shown_rising(self, one: Any) -> str:
        """Return whether it rises."""
        return describe_rise(one.rises) if one.rises else "–"

    @display(description=gettext_lazy("claims"), ordering="claims_count")
    def shown_claims(self, one: Any) -> int:
        """Return how many claims serve it."""
        return one.claims_count

    @display(description=gettext_lazy("sightings since yesterday"))
    def in_a_day(self, one: Any) -> int:
        """Return how often it was seen since yesterday."""
        return one.day

    @display(description=gettext_lazy("in 7 days"))
    def in_a_week(self, one: Any) -> int:
        """Return how often it was seen in the last seven days."""
        return one.week

    @display(description=gettext_lazy("channels in 7 days"))
    def shown_channels(self, one: Any) -> int:
        """Return on how many channels it was seen in the last seven days."""
        return len(one.channels)

    def get_form(self, request: CampaignRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows in which campaign a short name has to be the only one."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.campaign = request.campaign  # for clean_slug; the middleware sets it
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Say by the status too that a form was refused."""
        answer: Any = super().changeform_view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(answer, TemplateResponse):
            answer.status_code = 422
        return answer

    def save_model(self, request: HttpRequest, obj: Narrative, form: Any, change: bool) -> None:
        """Keep a new narrative for the campaign that the site shows."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A narrative needs a campaign."""
        return super().has_add_permission(request) and getattr(request, "campaign", None) is not None

    def get_urls(self) -> list[URLPattern]:
        """Add what puts claims here."""
        put = self.admin_site.admin_view(require_POST(self.put_view))
        return [path("<int:pk>/claims/", put, name="factcheck_narrative_claims"), *super().get_urls()]

    def put_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put the ticked claims into a narrative."""
        if not request.user.has_perm("factcheck.change_claim"):
            raise PermissionDenied
        narrative = get_object_or_404(of_campaign(Narrative.objects.all(), request), pk=pk)
        back = HttpResponseRedirect(reverse("admin:factcheck_narrative_change", args=[pk]))
        keys = whole_numbers(request.POST.getlist("claim"))
        count = of_campaign(Claim.objects.filter(pk__in=keys), request).update(narrative=narrative)
        if not count:
            self.message_user(request, _("Nothing changed: tick the claims that belong here."), "error")
            return back
        self.log_change(request, narrative, "claims_put")
        says = ngettext("%(count)d claim put here.", "%(count)d claims put here.", count) % {"count": count}
        self.message_user(request, says, "success")
        return back

    def render_change_form(
        self, request: CampaignRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the page what it shows of the narrative's claims."""
        narrative = kwargs.get("obj")
        if narrative is not None:
            campaign, now = request.campaign, timezone.now()
            claims = narrative.claims.main().exclude(status=Claim.Status.SET_ASIDE)
            seen = Count("sightings", distinct=True) + Count("duplicates__sightings", distinct=True)
            found = [one for one in trending.rising(campaign, at=now) if one.narrative == narrative]
            may_put = request.user.has_perm("factcheck.change_claim")
            others = of_campaign(Claim.objects.main(), request).filter(narrative=None)
            context |= {
                "claims": list(
                    claims.annotate(seen=seen, last=Max("sightings__seen_on")).order_by(
                        F("last").desc(nulls_last=True), "-pk"
                    )
                ),
                "spread": spread(sightings_in([narrative.pk]), today=campaign.local(now).date()),
                "rises": describe_rise(found[0]) if found else "",
                "offered": list(others.exclude(status=Claim.Status.SET_ASIDE).order_by("-created_at")[:OFFERED])
                if may_put
                else [],
            }
        return super().render_change_form(request, context, *args, **kwargs)


def sightings_in(narratives: list[int]) -> QuerySet[Sighting]:
    """Return the sightings of the claims of these narratives and of their duplicates, each with its `story`."""
    story = Case(
        When(claim__duplicate_of=None, then=F("claim__narrative")), default=F("claim__duplicate_of__narrative")
    )
    return (
        Sighting.objects.annotate(story=story)
        .filter(story__in=narratives)
        .exclude(claim__status=Claim.Status.SET_ASIDE)
        .order_by()
    )


def describe_rise(one: trending.Rising) -> str:
    """Return how widely something was seen since yesterday, in words."""
    says = ngettext(
        "seen on %(count)d channel since yesterday", "seen on %(count)d channels since yesterday", one.channels
    )
    return says % {"count": one.channels}
