"""The desk's pages of ways to help: write one, check what others wrote, withdraw it; and the organisations behind them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.desk_base.admin_mixins import ReauthenticationMixin
from accounts.desk_base.desk_user import user_of
from campaigns.base_admin import DeskAdmin, DeskTabularInline
from campaigns.http.middleware import campaign_or_404
from campaigns.translated_fields import in_language
from lib.statistics.small_groups import FEWEST
from lib.text.languages import language_heading
from lib.text.validity_phrases import describe_end
from lib.text.whole_numbers import whole_number
from stories.models import Offer, OfferVersion, Partner, PartnerMember

from . import offer_steps
from .offer_form import TEXTS, OfferForm
from .offer_steps import CHECK, NotDone
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
class OfferAdmin(DeskAdmin):
    """The ways to help of the campaign that the desk works on. One is withdrawn, never deleted."""

    campaign_by = "campaign"
    list_note = gettext_lazy(
        "What people can do, how long it takes and who is behind it. A second person checks each before anyone sees it, and it "
        "disappears by itself after its last day."
    )
    list_display = ["shown_title", "partner", "shown_state", "shown_until", "shown_done"]
    list_select_related = ["campaign", "partner"]
    list_filter = ["versions__state"]
    search_fields = ["versions__title"]
    actions: Any = None

    def complete(self, request: HttpRequest, rows: Sequence[Offer]) -> None:
        """Put the versions of a page's rows beside them; one query."""
        prefetch_related_objects(list(rows), offer_steps.versions_that_count())

    @display(description=gettext_lazy("way to help"))
    def shown_title(self, offer: Offer) -> str:
        """Return its title."""
        versions = list(offer.versions.all())
        return in_language(versions[-1].title) if versions else str(offer)

    @display(description=gettext_lazy("state"))
    def shown_state(self, offer: Offer) -> str:
        """Return how far it is, its change too."""
        return desk_status(offer)

    @display(description=gettext_lazy("valid until"))
    def shown_until(self, offer: Offer) -> str:
        """Return its last day."""
        versions = list(offer.versions.all())
        return describe_end(offer.campaign.local(versions[-1].valid_until)) if versions else ""

    @display(description=gettext_lazy("did it"), ordering="done")
    def shown_done(self, offer: Offer) -> str:
        """Return how many did it, where that tells of no few."""
        return str(offer.done) if offer.done >= FEWEST else _("fewer than %(n)d") % {"n": FEWEST}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is withdrawn, never deleted."""
        return False

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
        base = (offer_steps.in_work(offer) or offer_steps.published(offer)) if offer else None
        form = OfferForm(campaign, partners, request.POST if is_sent else None, at=now, version=base)
        refusal, status = "", 422 if is_sent else 200
        if is_sent and form.is_valid():
            try:
                offer = self.stored(request, offer, form)
            except NotDone as reason:
                refusal, status = str(reason), 409
            else:
                self.message_user(
                    request, _("Saved as a draft. Submit it, and a colleague checks it."), messages.SUCCESS
                )
                return HttpResponseRedirect(reverse("admin:stories_offer_change", args=[offer.pk]))
        title = _("Change the way to help") if offer else _("Write a way to help")
        context = {"form": form, "refusal": refusal, "offer": offer, "has_partner": bool(offer) or partners.exists()}
        return self.answer(request, "compose", title, context, status=status)

    @staticmethod
    def stored(request: HttpRequest, offer: Offer | None, form: OfferForm) -> Offer:
        """Store what was written. Raise NotDone."""
        by, now = user_of(request), timezone.now()
        if offer is None:
            return offer_steps.write(
                campaign_or_404(request), form.cleaned_data["partner"], form.content(), by=by, at=now
            )
        offer_steps.change(offer, form.content(), read=form.cleaned_data["read"], by=by, at=now)
        return offer

    # --- One of them

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a way to help as it would be read, and take its next step."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        offer = self.one(request, whole_number(object_id))
        may_write = self.has_change_permission(request, offer)
        if "compose" in request.GET:
            if not may_write:
                raise PermissionDenied
            return self.compose(request, offer)
        if request.method != "POST":
            return self.page(request, offer)
        step = next((name for name in self.steps() if name in request.POST), None)
        if step is None:
            return self.page(request, offer, refusal=_("Nothing was chosen."), status=422)
        permissions, act, says = self.steps()[step]
        if not any(map(request.user.has_perm, permissions)):
            raise PermissionDenied
        try:
            act(offer, request)
        except NotDone as refusal:
            return self.page(request, self.one(request, offer.pk), refusal=str(refusal), status=409)
        self.message_user(request, str(says), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:stories_offer_change", args=[offer.pk]))

    @staticmethod
    def steps() -> dict[str, tuple[tuple[str, ...], Callable[[Offer, HttpRequest], Any], Any]]:
        """Return each step of a way to help: who may take it, what it does, and what is said then."""

        def who(request: HttpRequest) -> dict[str, Any]:
            return {"by": user_of(request), "at": timezone.now()}

        def check(offer: Offer, request: HttpRequest) -> None:
            offer_steps.check(offer, digest=request.POST.get("digest", ""), **who(request))

        def send_back(offer: Offer, request: HttpRequest) -> None:
            offer_steps.send_back(offer, remark=request.POST.get("remark", "")[:1000], **who(request))

        writes, checks = ("stories.change_offer",), (CHECK,)
        return {
            "submit": (writes, lambda one, request: offer_steps.submit(one, **who(request)), _("Submitted.")),
            "check": (checks, check, _("Published.")),
            "send_back": (checks, send_back, _("Sent back.")),
            "withdraw": (
                writes + checks,
                lambda one, request: offer_steps.withdraw(one, **who(request)),
                _("Withdrawn."),
            ),
        }

    def one(self, request: HttpRequest, pk: int) -> Offer:
        """Return a way to help that the user reaches."""
        rows = self.get_queryset(request).select_related("campaign", "partner")
        return get_object_or_404(rows.prefetch_related("campaign__languages"), pk=pk)

    def page(self, request: HttpRequest, offer: Offer, *, refusal: str = "", status: int = 200) -> HttpResponse:
        """Return the page of a way to help: what is shown now, and what its change would make of it."""
        work, shown = offer_steps.in_work(offer), offer_steps.published(offer)
        context: dict[str, Any] = {"offer": offer, "work": work, "shown": shown, "refusal": refusal, "fewest": FEWEST}
        context |= {"done": offer.done if offer.done >= FEWEST else None, "lines": [], "shown_lines": [], "faults": []}
        context |= self.rights(request, offer, work, shown)
        if work:
            context["lines"] = list(lines(work, shown))
            context["faults"] = list(offer_steps.faults(work, at=timezone.now()))
        if shown:
            context["shown_lines"] = list(lines(shown, None))
        newest = work or shown
        title = in_language(newest.title) if newest else str(offer)
        return self.answer(request, "offer", title, context, status=status)

    def rights(
        self, request: HttpRequest, offer: Offer, work: OfferVersion | None, shown: OfferVersion | None
    ) -> dict[str, bool]:
        """Return which steps the user may take, and how far its versions are."""
        may_check, may_write = request.user.has_perm(CHECK), self.has_change_permission(request, offer)
        is_mine = work is not None and request.user.pk in {*work.writers, work.edited_by_id}
        is_in_review = work is not None and work.state == State.IN_REVIEW
        return {
            "is_draft": work is not None and not is_in_review,
            "is_mine": is_mine,
            "may_write": may_write,
            "may_check": may_check and is_in_review and not is_mine,
            "may_withdraw": (may_write or may_check) and shown is not None and offer.withdrawn_at is None,
            "is_over": shown is not None and shown.valid_until <= timezone.now(),
        }

    def answer(
        self, request: HttpRequest, page: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """Return one of the pages in the frame of the desk."""
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"stories/ways_to_help/desk/{page}.html", frame | context, status=status)


def desk_status(offer: Offer) -> str:
    """Return in the desk's words how far a way to help, with its versions at hand, is."""
    states = [one.get_state_display() for one in offer.versions.all()]
    if offer.withdrawn_at:
        states = [_("withdrawn"), *states[1:]]
    elif any(one.state == State.PUBLISHED and one.valid_until <= timezone.now() for one in offer.versions.all()):
        states = [_("over"), *states[1:]]
    return ", ".join(str(one) for one in states)


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
