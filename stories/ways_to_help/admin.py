"""The desk's pages of ways to help: write one, check what others wrote, withdraw it; and the organisations behind them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.admin_mixins import ReauthenticationMixin
from agreement.refusals import Refused
from campaigns.base_admin import DeskAdmin, DeskTabularInline
from campaigns.desk_steps import told
from campaigns.http.middleware import campaign_or_404
from campaigns.translated_fields import in_language
from lib.statistics.small_groups import FEWEST
from lib.text.dates.validity_phrases import describe_end
from lib.text.languages.languages import language_heading
from stories.models import Offer, OfferVersion, Partner, PartnerMember
from stories.version_checks.stale_forms import stored_beside
from stories.version_checks.version_admin import VersionAdmin

from . import offer_steps
from .offer_form import TEXTS, OfferForm
from .shown_offers import languages_in_words, who_can
from .takes import takes_words

State = OfferVersion.State


class PartnerMemberInline(DeskTabularInline):
    """Who keeps an organisation's ways to help."""

    model = PartnerMember
    autocomplete_fields = ["user"]


@admin.register(Partner)
class PartnerAdmin(ReauthenticationMixin, DeskAdmin):
    """Organisations behind ways to help, with the people who may keep these: whoever saves has just proved who they are."""

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "Who is behind ways to help. People with the role “partner organisation” who are added here keep their own by login; the desk checks them."
    )
    list_display = ["__str__", "url"]
    search_fields = ["name", "url"]
    fields = ["name", "url"]
    inlines = [PartnerMemberInline]
    actions: Any = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An organisation stays: versions say that it was behind them."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Store it for the campaign that the desk works on."""
        if not change:
            obj.campaign = campaign_or_404(request)
        super().save_model(request, obj, form, change)


@admin.register(Offer)
class OfferAdmin(VersionAdmin):
    """The ways to help of the campaign that the desk works on. One that was published is withdrawn, never deleted."""

    way, templates = offer_steps.STEPS, "stories/ways_to_help/desk"
    list_note = gettext_lazy(
        "What people can do, how long it takes and who is behind it. A second person checks each before anyone sees it, and it "
        "disappears by itself after its last day."
    )
    list_display = ["shown_title", "partner", "shown_state", "shown_until", "shown_done"]
    list_select_related = ["campaign", "partner"]
    search_fields = ["versions__title"]

    @display(description=gettext_lazy("way to help"))
    def shown_title(self, offer: Offer) -> str:
        """Return its title."""
        return self.title_of(offer)

    @display(description=gettext_lazy("state"))
    def shown_state(self, offer: Offer) -> str:
        """Return how far it is, its change too."""
        published = (one for one in offer.versions.all() if one.state == State.PUBLISHED)
        is_over = any(one.valid_until <= timezone.now() for one in published)
        return self.status_of(offer, shown=_("over") if is_over else "")

    @display(description=gettext_lazy("valid until"))
    def shown_until(self, offer: Offer) -> str:
        """Return its last day."""
        versions = list(offer.versions.all())
        return describe_end(offer.campaign.local(versions[-1].valid_until)) if versions else ""

    @display(description=gettext_lazy("did it"), ordering="done")
    def shown_done(self, offer: Offer) -> str:
        """Return how many did it, where that tells of no few."""
        return str(offer.done) if offer.done >= FEWEST else _("fewer than %(n)d") % {"n": FEWEST}

    # --- Writing

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Write a way to help."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.compose(request, None)

    def compose(self, request: HttpRequest, offer: Offer | None) -> HttpResponse:
        """Show the form of a way to help, or store what was sent."""
        campaign, now, is_sent = campaign_or_404(request), timezone.now(), request.method == "POST"
        partners = Partner.objects.filter(campaign=campaign)
        base = self.way.newest(offer) if offer else None
        form = OfferForm(campaign, partners, request.POST if is_sent else None, at=now, version=base)
        refusal, status, theirs = "", 422 if is_sent else 200, []
        if is_sent and form.is_valid():
            try:
                offer, is_changed = self.stored(request, offer, form)
            except Refused as reason:
                refusal, status = str(reason), 409
                theirs = stored_beside(form, OfferForm(campaign, partners, at=now, version=base)) if base else []
            else:
                saved = _("Saved as a draft. Submit it, and a colleague checks it.")
                self.message_user(request, saved if is_changed else _("Nothing has changed."), messages.SUCCESS)
                return HttpResponseRedirect(self.address(offer))
        title = _("Change the way to help") if offer else _("Write a way to help")
        context = {
            "form": form,
            "refusal": refusal,
            "offer": offer,
            "has_partner": bool(offer) or partners.exists(),
            "theirs": theirs,
        }
        return self.answer(request, "compose", title, context, status=status)

    @staticmethod
    def stored(request: HttpRequest, offer: Offer | None, form: OfferForm) -> tuple[Offer, bool]:
        """Store what was written; return the way to help, and whether it says something else now. Raise Refused."""
        sent, who = form.cleaned_data, told(request)
        if offer is None:
            return offer_steps.write(campaign_or_404(request), sent["partner"], form.content(), **who), True
        return offer, offer_steps.change(offer, form.content(), read=sent["read"], **who)

    # --- One of them

    def forms(self, request: HttpRequest, offer: Offer) -> dict[str, Any]:
        """Return the form of what it says."""
        return {"compose": lambda _value: self.compose(request, offer)}

    def page(self, request: HttpRequest, offer: Offer, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a way to help: what is shown now, and what its change would make of it."""
        context = self.standing(request, offer) | {"refusal": refusal, "fewest": FEWEST, "change": "?compose"}
        work, shown = context["work"], context["shown"]
        context["done"] = offer.done if offer.done >= FEWEST else None
        context["lines"] = list(lines(work, shown)) if work else []
        context["shown_lines"] = list(lines(shown, None)) if shown else []
        context["is_over"] = shown is not None and shown.valid_until <= timezone.now()
        newest = work or shown
        title = in_language(newest.title) if newest else str(offer)
        return self.answer(request, "offer", title, context, status=status)


def lines(version: OfferVersion, before: OfferVersion | None) -> Iterator[dict[str, Any]]:
    """Yield what a version says, line by line, each with what the published one says there (None: the same, or there is none)."""
    then = {name: words for name, _label, _code, words in said(before)} if before else {}
    for name, label, code, words in said(version):
        was = then.pop(name, "") if before else words
        yield {"label": label, "code": code, "words": words, "before": was if was != words else None}


def said(version: OfferVersion) -> Iterator[tuple[str, str, str, str]]:
    """Yield (name, label, language, words) of each thing that a version says."""
    local = version.offer.campaign.local
    for name, label in TEXTS.items():
        for code in version.offer.campaign.language_codes():
            yield f"{name}_{code}", f"{label}, {language_heading(code)}", code, getattr(version, name).get(code, "")
    yield "takes", _("How long it takes"), "", takes_words(version.minutes, is_weekly=version.is_weekly)
    yield "home", _("From home"), "", _("yes") if version.from_home else _("no")
    yield "region", _("Region"), "", in_language(version.printed["region"])
    yield "age", _("Who can"), "", who_can(version)
    yield "languages", _("Languages"), "", languages_in_words(version.languages) or _("any")
    yield (
        "partner",
        _("Behind it"),
        "",
        " ".join(filter(None, [in_language(version.printed["partner"]["name"]), version.printed["partner"]["url"]])),
    )
    yield "url", _("Link"), "", version.url
    topic = version.printed["topic"]
    yield "topic", _("Topic"), "", in_language(topic["name"]) if topic else ""
    first = describe_end(local(version.valid_from)) if version.valid_from else _("as soon as it is checked")
    yield "from", _("Valid from"), "", first
    yield "until", _("Valid until"), "", describe_end(local(version.valid_until))
