"""The desk's pages about campaigns and what all apps share."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.access import permissions
from accounts.desk_base.admin_mixins import ReauthenticationMixin
from accounts.login import reauthentication
from campaigns.http.desk_campaigns import CHOSEN

from . import api_tokens, closing, launch, publication_details
from .base_admin import CampaignFilter, DeskAdmin, DeskStackedInline, DeskTabularInline
from .cards.card_look_page import CardLookPage
from .http import page_changes
from .models import (
    Authority,
    AuthorityMember,
    AuthorityToken,
    BannedTerm,
    Campaign,
    CampaignLanguage,
    GlossaryTerm,
    PlatformLimit,
    Region,
    Topic,
)
from .site_languages.desk_page import LanguagesPage
from .site_languages.words_page import WordsPage
from .team import admin as team
from .translated_fields import in_language

__all__ = ["team"]


class OnPublicPages(DeskAdmin):
    """
    What public pages show, and what is printed with bulletins, answers and fact-checks: a change of it shows on pages at
    once, and whatever is being agreed on with other words is to be agreed on anew.
    """

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store a row with what belongs to it."""
        super().save_related(request, form, formsets, change)
        if count := publication_details.changed(by=request.user, at=timezone.now()):  # type: ignore[arg-type]  # only staff save
            says = ngettext(
                "It is printed with %(count)d bulletin or fact-check that was in review or approved, "
                "which must now be submitted again.",
                "It is printed with %(count)d bulletins or fact-checks that were in review or "
                "approved, which must now be submitted again.",
                count,
            )
            self.message_user(request, says % {"count": count}, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete a row."""
        super().delete_model(request, obj)
        page_changes.changed()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        """Delete several rows."""
        super().delete_queryset(request, queryset)
        page_changes.changed()


class CampaignLanguageInline(DeskStackedInline):
    """The languages of a campaign, with its texts in them."""

    model = CampaignLanguage
    can_delete = False  # a language is taken away on the page of languages, which knows what is written in it


@admin.register(Campaign)
class CampaignAdmin(CardLookPage, LanguagesPage, WordsPage, ReauthenticationMixin, OnPublicPages):
    """
    A crisis, live or exercise. The mode is fixed when the campaign starts. Who mail is from, where replies go and who
    leads it are saved here, so whoever saves has just proved who they are.
    """

    list_note = _(
        "A crisis, or an exercise of one. Everything at the desk belongs to a campaign;"
        " readers see the one that is published."
    )
    leads_to_start = True
    list_display = ["slug", "shown_mode", "starts_on", "published_at", "closed_at", "default_language", "time_zone"]
    list_filter = ["mode"]
    search_fields = ["slug", "languages__name"]
    inlines = [CampaignLanguageInline]
    change_form_outer_before_template = "campaigns/admin/_campaign_bar.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the step that shows a campaign to readers, and the choice of the one to work on."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/publish/", wrap(self.publish_view), name="campaigns_campaign_publish"),
            path("<int:pk>/choose/", wrap(require_POST(self.work_view)), name="campaigns_campaign_work"),
            *self.look_urls(),
            *self.language_urls(),
            *self.words_urls(),
            *super().get_urls(),
        ]

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what readers will have once this campaign is published, and publish it for whoever has just proved who they are."""
        if not may_publish(request):
            raise PermissionDenied
        campaign = get_object_or_404(Campaign.objects.prefetch_related("languages"), pk=pk)
        refusal = ""
        if request.method == "POST":
            if again := reauthentication.require_recent_login(request):
                return again
            try:
                despite = request.POST.get("despite", "").split(",")
                launch.publish(campaign, by=request.user, at=timezone.now(), despite=despite)
            except launch.NotPublishable as why:
                refusal = str(why)
            else:
                self.message_user(request, gettext("Published: readers can now see this campaign."), messages.SUCCESS)
                request.session[CHOSEN] = campaign.pk
                return HttpResponseRedirect(reverse("admin:index"))  # where its first bulletin waits
        shown, is_open = Campaign.objects.current(), not (campaign.published_at or campaign.closed_at)
        stops = launch.stops_of(campaign, at=timezone.now()) if is_open else []
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Publish the campaign %(campaign)s") % {"campaign": campaign.named()},
            "about": campaign.named(),
            "key": campaign.pk,
            "mode": campaign.get_mode_display(),
            "names": [(row.code, row.name) for row in campaign.languages.all()],
            "shown": shown.named() if shown else "",
            "replaces": launch.shown_after(campaign) == campaign,
            "refusal": refusal,
            "stops": stops,
            "despite": ",".join(stop.key for stop in stops),
        }
        return TemplateResponse(
            request, "campaigns/admin/campaign_launch.html", context, status=409 if refusal else 200
        )

    def work_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let someone work in another campaign than the one that the site shows; nobody else notices."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        campaign = next((one for one in request.desk_campaigns if one.pk == pk), None)  # type: ignore[attr-defined]  # a CampaignRequest
        if campaign is None:
            raise Http404
        request.session[CHOSEN] = campaign.pk
        says = gettext("The desk shows the campaign %(campaign)s until you log out or choose another one.")
        self.message_user(request, says % {"campaign": campaign.named()}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store a campaign with its languages. Readers have none but the first of a site before it is published."""
        super().save_related(request, form, formsets, change)
        campaign = form.instance
        if campaign.closed_at and "closed_at" in form.changed_data:
            says = gettext("The campaign is closed: nothing new begins in it.")
            self.message_user(request, " ".join([says, *closing.told(campaign)]), messages.WARNING)
            return
        if launch.publish_first(campaign, by=request.user, at=timezone.now()):
            says = gettext("It is the first campaign on this site, so readers can see it immediately.")
            self.message_user(request, says, messages.SUCCESS)
        elif campaign.published_at is None:
            says = gettext("Readers cannot see this campaign yet. Publish it when it is ready.")
            self.message_user(request, says, messages.WARNING)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the bar over the page what it needs."""
        campaign = kwargs.get("obj")
        if campaign is not None:
            context["may_publish"] = may_publish(request) and not (campaign.published_at or campaign.closed_at)
            context["is_for_site"] = may_publish(request)
            context["told_of_closed"] = closing.told(campaign) if campaign.closed_at else []
            context["is_worked_on"] = campaign == getattr(request, "campaign", None)
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("mode"), ordering="mode", label={"live": "success", "exercise": "warning"})
    def shown_mode(self, campaign: Campaign) -> tuple[str, str]:
        """Return the mode as a label."""
        return campaign.mode, campaign.get_mode_display()

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Return the mode once there is a campaign, and its short name once it is published: addresses are made of it."""
        if obj is None:
            return []
        return ["mode", "slug"] if obj.published_at else ["mode"]  # type: ignore[attr-defined]  # a campaign

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A campaign is closed, never deleted: its ledger must stay."""
        return False


def may_publish(request: HttpRequest) -> bool:
    """Return whether the user may show a campaign to readers in place of another: no right of one campaign only."""
    return permissions.is_held_for_site(request.user, "campaigns.change_campaign")


class AuthorityMemberInline(DeskTabularInline):
    """Who may give message input for an authority."""

    model = AuthorityMember
    autocomplete_fields = ["user"]


@admin.register(Authority)
class AuthorityAdmin(ReauthenticationMixin, OnPublicPages):
    """
    Ministries, agencies and municipalities. Their contributors and their right to actual alerts are saved here, so
    whoever saves has just proved who they are.
    """

    list_note = _("Whose decisions the bulletins tell. Their members hand in submissions and answer questions.")
    list_display = ["__str__", "kind", "contact", "url"]
    list_filter = ["kind"]
    search_fields = ["slug", "name", "contact"]
    inlines = [AuthorityMemberInline]


@admin.register(AuthorityToken)
class AuthorityTokenAdmin(DeskAdmin):
    """Secrets for an authority's own systems: made here, shown once, and revoked, never changed or deleted."""

    list_display = ["name", "authority", "start", "created_by", "created_at", "last_used_at", "revoked_at"]
    list_select_related = ["authority", "created_by"]
    list_filter = ["authority"]
    search_fields = ["name", "start"]
    fields = ["authority", "name"]
    actions = ["revoke_selected"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was used stays on record."""
        return False

    def has_revoke_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may end a token."""
        return request.user.has_perm("campaigns.change_authoritytoken")

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Return what is asked for a new one, and all that there is to read about one."""
        return self.list_display if obj else self.fields

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for a name and an authority, and once more who asks."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if again := reauthentication.require_recent_login(request):
            return again
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Issue it, and show its secret this once."""
        token, secret = api_tokens.issue(obj.authority, name=obj.name, by=request.user, at=timezone.now())
        obj.pk, obj.start = token.pk, token.start
        says = gettext("Copy the token now. It will not be shown again:")
        self.message_user(request, format_html("{} <code>{}</code>", says, secret), messages.WARNING)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke_selected(self, request: HttpRequest, queryset: models.QuerySet[AuthorityToken]) -> None:
        """End the chosen tokens."""
        number = sum(api_tokens.revoke(token, by=request.user, at=timezone.now()) for token in queryset)
        says = ngettext(
            "%(number)d token revoked. It no longer works.",
            "%(number)d tokens revoked. They no longer work.",
            number,
        )
        self.message_user(request, says % {"number": number}, messages.SUCCESS)


@admin.register(Topic)
class TopicAdmin(ReauthenticationMixin, OnPublicPages):
    """What bulletins, claims and questions are about."""

    list_note = _(
        "What bulletins, fact-checks and questions are about. Subscribers choose by topic, and influencers can mute one."
    )
    list_display = ["__str__", "slug", "campaign"]
    list_select_related = ["campaign"]
    list_filter = [CampaignFilter]
    search_fields = ["slug", "name"]


@admin.register(Region)
class RegionAdmin(ReauthenticationMixin, OnPublicPages):
    """Regions of the country."""

    list_note = _("Where submissions and bulletins apply.")
    list_display = ["code", "localized_name", "note"]
    search_fields = ["code", "name"]

    @display(description=_("name"))
    def localized_name(self, region: Region) -> str:
        """Return the name in the user's language."""
        return in_language(region.name)


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(DeskAdmin):
    """Terms that each language says in one way only."""

    list_note = _("Terms that each language says in one way only. Editors see them beside the text.")
    list_display = ["__str__", "definition", "campaign"]
    list_select_related = ["campaign"]
    list_filter = [CampaignFilter]
    search_fields = ["term", "definition"]


@admin.register(BannedTerm)
class BannedTermAdmin(DeskAdmin):
    """Words that are not used, and what to say instead."""

    list_note = _("Words that are not used, and what to say instead. The editor is told where one stands in a text.")
    list_display = ["term", "language", "say_instead", "why"]
    list_filter = ["language"]
    search_fields = ["term", "say_instead"]


@admin.register(PlatformLimit)
class PlatformLimitAdmin(DeskAdmin):
    """How long texts may be on each platform, as seen on a date."""

    list_note = _("How long a text may be on each platform. Captions are measured by it.")
    list_display = ["platform", "field", "limit", "counted_in", "seen_on"]
    list_filter = ["platform", "counted_in"]
    search_fields = ["platform", "field"]
