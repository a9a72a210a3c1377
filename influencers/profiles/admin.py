"""The desk's pages about influencers: who they are, in which tier, since when and why, and what can be done with them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.login import reauthentication
from campaigns.base_admin import CampaignFilter, DeskAdmin, DeskTabularInline, ReadOnly
from campaigns.http.middleware import campaign_or_404
from delivery.models import Audience, Membership
from influencers.models import Influencer, PlatformAccount, Signature
from influencers.onboarding import invitations
from influencers.onboarding.admin import describe_invited
from lib.text.numbers.whole_numbers import whole_number, whole_numbers

from . import offboarding, tiers
from .contact_person import answerers
from .desk_form import ProfileDeskForm

CHARTS = ("audience_ages", "audience_genders", "audience_languages")
PLACE = ("region", "municipality", "sami_homeland")
IDENTITY = ("reference", "user", "recipient", "campaign")
COLOURS = {"invited": "warning", "active": "success", "left": "default", "erased": "default"}


class PlatformAccountInline(DeskTabularInline):
    """Where an influencer publishes."""

    model = PlatformAccount


class SignatureInline(ReadOnly, DeskTabularInline):
    """What an influencer signed."""

    model = Signature
    fields = ["text", "signed_at", "withdrawn_at"]
    readonly_fields = fields


class TierFilter(admin.SimpleListFilter):
    """Who is in a tier now."""

    title = gettext_lazy("tier")
    parameter_name = "tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the campaign's tiers."""
        campaign = getattr(request, "campaign", None)
        rows = Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS)
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return those in the chosen one."""
        chosen = whole_number(self.value())
        if not chosen:
            return queryset
        members = Membership.objects.open(at=timezone.now()).filter(audience=chosen)
        return queryset.filter(recipient__in=members.values("recipient"))


class MoveForm(forms.Form):
    """A tier, and why."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Tier"),
        queryset=Audience.objects.none(),
        error_messages={"required": gettext_lazy("Choose a tier.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=200,
        help_text=gettext_lazy("It is kept in the person's history; they can read it in their own data."),
        error_messages={
            "required": gettext_lazy("Give a reason: the next colleague needs to know, and the person may ask.")
        },
    )

    def __init__(self, campaign: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Audience.objects.filter(campaign=campaign, kind=Audience.Kind.INFLUENCERS, tier__isnull=False)
        self.fields["to"].queryset = rows  # type: ignore[attr-defined]


@admin.register(Influencer)
class InfluencerAdmin(DeskAdmin):
    """Influencers. Their tier is an audience; what they publish is theirs."""

    form = ProfileDeskForm
    fieldsets = [
        (None, {"fields": ["name", "state", "liaison", "kept_out", "shown_history"]}),
        (gettext_lazy("Followers"), {"fields": [*CHARTS, "audience_birth_decade"]}),
        (gettext_lazy("Content and place"), {"fields": ["interests", "other_languages", *PLACE]}),
        (gettext_lazy("Values"), {"fields": ["values"]}),
        (gettext_lazy("Identity and dates"), {"fields": [*IDENTITY, "joined_at", "left_at", "last_visit_at"]}),
    ]
    has_saved_views = True
    list_display = ["name", "reference", "shown_state", "shown_tier", "municipality", "region", "liaison", "joined_at"]
    list_select_related = ["region", "liaison", "recipient"]
    list_filter = ["state", TierFilter, "region", "sami_homeland", CampaignFilter]
    search_fields = ["name", "reference", "municipality", "accounts__handle", "recipient__email"]
    autocomplete_fields = ["user", "recipient"]
    readonly_fields = ["state", "shown_history", "left_at", "last_visit_at"]
    inlines = [PlatformAccountInline, SignatureInline]
    actions = ["move_to_tier", "invite", "erase"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Influencer]:
        """Return influencers with the tiers that they are in now."""
        now = Membership.objects.open(at=timezone.now()).filter(audience__kind=Audience.Kind.INFLUENCERS)
        now = now.select_related("audience").order_by("audience__tier", "pk")
        return super().get_queryset(request).prefetch_related(Prefetch("recipient__memberships", now, "tiers_now"))

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def shown_state(self, influencer: Influencer) -> tuple[str, str]:
        """Return the state as a label."""
        return influencer.state, influencer.get_state_display()

    @display(description=gettext_lazy("tier"))
    def shown_tier(self, influencer: Influencer) -> str:
        """Return the tiers that someone is in now."""
        rows = influencer.recipient.tiers_now  # type: ignore[attr-defined]
        return ", ".join(str(row.audience) for row in rows if row.audience.campaign_id == influencer.campaign_id)

    @display(description=gettext_lazy("tiers so far"))
    def shown_history(self, influencer: Influencer) -> str:
        """Return every tier that someone was in: from when, until when, moved by whom and why."""
        rows = Membership.objects.filter(
            recipient=influencer.recipient_id, audience__campaign=influencer.campaign_id
        ).select_related("audience", "moved_by")
        lines = []
        for row in rows.order_by("-joined_at", "-pk"):
            until = date_format(timezone.localtime(row.left_at), "SHORT_DATE_FORMAT") if row.left_at else "…"
            since = date_format(timezone.localtime(row.joined_at), "SHORT_DATE_FORMAT")
            who = f" ({row.moved_by})" if row.moved_by else ""
            reasons = " → ".join(filter(None, [row.reason, row.left_because]))
            why = f": {reasons}" if reasons else ""
            lines.append(f"{since} – {until} {row.audience}{why}{who}")
        return "\n".join(lines) or "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who an influencer is does not change later."""
        fixed = ["campaign", "user", "recipient", "reference", "joined_at"] if obj else []
        if not request.user.has_perm("accounts.view_user"):
            fixed.append("user")  # accounts are for whoever may see them
        return [*dict.fromkeys([*fixed, *self.readonly_fields])]

    def save_model(self, request: HttpRequest, obj: Influencer, form: Any, change: bool) -> None:
        """Store someone new as known and not joined: they take part when they have joined themselves."""
        if not change:
            obj.state = Influencer.State.INVITED
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody is deleted: people leave, or are erased with all that belongs to them."""
        return False

    def get_autocomplete_fields(self, request: HttpRequest) -> Any:
        """Return the fields that are searched for."""
        return self.autocomplete_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; who is new is described in the words of the campaign that the site shows."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.site_campaign = getattr(request, "campaign", None)
        return form

    def formfield_for_foreignkey(self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer those as contact persons who may answer."""
        if db_field.name == "liaison":
            kwargs["queryset"] = answerers(getattr(getattr(request, "campaign", None), "pk", None))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Return the page that moves people, before the list's own."""
        move = path("move/", self.admin_site.admin_view(self.move_view), name="influencers_influencer_move")
        return [move, *super().get_urls()]

    # --- What can be done with those that were ticked ------------------------------------------------------

    @admin.action(description=gettext_lazy("Move to another tier"), permissions=["change"])
    def move_to_tier(self, request: HttpRequest, queryset: QuerySet[Influencer]) -> HttpResponse:
        """Go on to the page that asks for the tier and the reason."""
        keys = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:500])
        return HttpResponseRedirect(reverse("admin:influencers_influencer_move", query={"people": keys}))

    def move_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a tier and the reason, and move."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        campaign = campaign_or_404(request)
        told = request.POST.get("people") or request.GET.get("people", "")
        keys = whole_numbers(told.split(","))[:500]
        people = list(Influencer.objects.filter(campaign=campaign, pk__in=keys).select_related("recipient"))
        form = MoveForm(campaign, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            wanted = form.cleaned_data
            try:
                moved = tiers.move_all(
                    people, to=wanted["to"], by=request.user, at=timezone.now(), reason=wanted["reason"]
                )
            except tiers.NotMoved as refusal:
                form.add_error(None, str(refusal))
            else:
                says = ngettext("%(n)d person was moved.", "%(n)d people were moved.", moved) % {"n": moved}
                self.message_user(request, says, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:influencers_influencer_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Move to another tier"),
            "opts": self.opts,
            "people": people,
            "keys": ",".join(str(one.pk) for one in people),
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "influencers/profiles/move.html", context, status=status)

    @admin.action(description=gettext_lazy("Invite people who have not joined"), permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[Influencer]) -> HttpResponse | None:
        """Write invitations."""
        if again := reauthentication.require_recent_login(request):
            return again
        sent = invitations.invite(queryset, by=request.user, at=timezone.now())
        self.message_user(request, describe_invited(sent), messages.SUCCESS if sent else messages.WARNING)
        return None

    @admin.action(description=gettext_lazy("Erase, at the person's request"), permissions=["erase"])
    def erase(self, request: HttpRequest, queryset: QuerySet[Influencer]) -> HttpResponse | None:
        """Ask once more, then forget the people."""
        return self.after_a_question(
            request, queryset, lambda one: offboarding.erase(one, by=request.user, at=timezone.now())
        )

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Return whether someone may erase people."""
        return request.user.has_perm("influencers.delete_influencer")

    def after_a_question(
        self, request: HttpRequest, queryset: QuerySet[Influencer], deed: Callable[[Influencer], None]
    ) -> HttpResponse | None:
        """Ask before what cannot be undone, and do it when the answer is yes."""
        people = list(queryset.select_related("recipient")[:100])
        if "sure" in request.POST:
            if again := reauthentication.require_recent_login(request):
                return again
            for one in people:
                deed(one)
            says = ngettext("%(n)d person was erased.", "%(n)d people were erased.", len(people))
            self.message_user(request, says % {"n": len(people)}, messages.SUCCESS)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Erase permanently?"),
            "opts": self.opts,
            "people": people,
        }
        return TemplateResponse(request, "influencers/profiles/erase.html", context)
