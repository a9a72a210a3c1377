"""The pages on which people of a partner organisation keep its ways to help. They log in by a code, as everyone does."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.desk_base.desk_user import user_of
from accounts.models import User
from agreement.refusals import Refused
from campaigns.http.middleware import campaign_or_404
from stories.models import Offer, OfferVersion, Partner
from stories.version_checks.stale_forms import stored_beside

from . import offer_steps
from .offer_form import OfferForm

PER_PAGE = 20
JUST_NOW = timedelta(minutes=10)
State = OfferVersion.State
partner_required = permission_required("stories.keep_offer", raise_exception=True)


@require_safe
@never_cache
@login_required
@partner_required
def mine(request: HttpRequest) -> HttpResponse:
    """List the ways to help of the user's organisations, and how far each is."""
    campaign, now = campaign_or_404(request), timezone.now()
    rows = Offer.objects.kept_by(user_of(request), campaign).select_related("partner")
    page = Paginator(rows.prefetch_related(offer_steps.versions_that_count()), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [(one, list(one.versions.all())[-1], status_of(one, at=now)) for one in page],
        "has_partner": partners_of(request).exists(),
    }
    return render(request, "stories/ways_to_help/mine.html", context)


def partners_of(request: HttpRequest) -> Any:
    """Return the organisations of the campaign that the user keeps ways to help for."""
    return Partner.objects.filter(campaign=campaign_or_404(request), members__user=user_of(request))


def status_of(offer: Offer, *, at: Any) -> str:
    """Return in words how far a way to help, with its versions at hand, is."""
    states = {one.state: one for one in offer.versions.all()}
    shown, said = states.get(State.PUBLISHED), []
    if shown is not None:
        if offer.withdrawn_at:
            said.append(_("Withdrawn"))
        elif shown.valid_until <= at:
            said.append(_("Over"))
        elif shown.valid_from and shown.valid_from > at:
            said.append(_("Checked, not begun yet"))
        else:
            said.append(_("Published"))
    if State.IN_REVIEW in states:
        said.append(_("Your change is being checked") if shown else _("Being checked"))
    if State.DRAFT in states:
        said.append(_("Sent back to you") if states[State.DRAFT].remark else _("Draft"))
    return ". ".join(said)


def own_offer(request: HttpRequest, pk: int) -> Offer:
    """Return a way to help of the user's organisations, or answer 404."""
    rows = Offer.objects.kept_by(user_of(request), campaign_or_404(request))
    return get_object_or_404(rows.select_related("campaign", "partner"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@partner_required
def new(request: HttpRequest) -> HttpResponse:
    """Write a way to help and hand it to the desk to be checked."""
    campaign, now = campaign_or_404(request), timezone.now()
    partners, is_sent = partners_of(request), request.method == "POST"
    form = OfferForm(campaign, partners, request.POST if is_sent else None, at=now)
    if is_sent and form.is_valid():
        by, content = user_of(request), form.content()
        with transaction.atomic():  # of a form that is pressed twice one is kept: the second waits for the first
            partner = partners.select_for_update(of=("self",)).get(pk=form.cleaned_data["partner"].pk)
            known = sent_just_now(partner, content, by=by, at=now)
            offer = known or offer_steps.write(campaign, partner, content, by=by, at=now)
            return handed_over(request, offer)
    context = {"form": form, "has_partner": partners.exists()}
    return render(request, "stories/ways_to_help/write.html", context, status=422 if is_sent else 200)


def sent_just_now(partner: Partner, content: Mapping[str, Any], *, by: User, at: datetime) -> Offer | None:
    """Return the way to help that somebody has just sent for an organisation in exactly these words."""
    rows = OfferVersion.objects.filter(offer__partner=partner, number=1, state__in=[State.DRAFT, State.IN_REVIEW])
    recent = rows.filter(edited_by=by, edited_at__gt=at - JUST_NOW).select_related("offer", "region", "topic")
    return next((one.offer for one in recent if says(one, content)), None)


def says(version: OfferVersion, content: Mapping[str, Any]) -> bool:
    """Return whether a version has exactly what was written."""
    return all(getattr(version, name) == value for name, value in content.items())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@partner_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a way to help. What was checked stays where it is until the change is checked too."""
    campaign, now = campaign_or_404(request), timezone.now()
    offer = own_offer(request, pk)
    base = offer_steps.in_work(offer) or offer_steps.published(offer)
    is_sent, status = request.method == "POST", 200
    no_partners = Partner.objects.none()
    form = OfferForm(campaign, no_partners, request.POST if is_sent else None, at=now, version=base)
    theirs: list[Any] = []
    if is_sent:
        status = 422
        if form.is_valid():
            try:
                read = form.cleaned_data["read"]
                offer_steps.change(offer, form.content(), read=read, by=user_of(request), at=now)
            except Refused as refusal:
                newest = offer_steps.in_work(offer)
                if newest and newest.edited_by == user_of(request) and says(newest, form.content()):
                    return handed_over(request, offer)  # pressed twice
                form.add_error(None, str(refusal))
                status, theirs = 409, stored_beside(form, OfferForm(campaign, no_partners, at=now, version=base))
            else:
                return handed_over(request, offer)
    shown = Offer.objects.prefetch_related(offer_steps.versions_that_count()).get(pk=offer.pk)
    context = {
        "form": form,
        "offer": offer,
        "base": base,
        "theirs": theirs,
        "has_partner": True,
        "status_words": status_of(shown, at=now),
        "may_withdraw": offer.withdrawn_at is None and offer_steps.published(offer) is not None,
        "may_drop": offer_steps.published(offer) is None,
    }
    return render(request, "stories/ways_to_help/write.html", context, status=status)


def handed_over(request: HttpRequest, offer: Offer) -> HttpResponse:
    """Hand what was saved to the desk, and say what happens next."""
    try:
        offer_steps.submit(offer, by=user_of(request), at=timezone.now())
    except Refused as refusal:
        version = offer_steps.in_work(offer)
        if version is None or version.state != State.IN_REVIEW:
            messages.warning(request, " ".join([_("Saved as a draft."), str(refusal)]))
            return redirect("ways_to_help:mine", offer.pk)
    messages.success(request, _("Sent. Somebody at the desk checks it; until then nobody sees it."))
    return redirect("ways_to_help:own")


@require_POST
@never_cache
@login_required
@partner_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a way to help away from everyone at once. One that was never published is deleted."""
    offer = own_offer(request, pk)
    is_new = "drop" in request.POST
    step = offer_steps.drop if is_new else offer_steps.withdraw
    try:
        step(offer, by=user_of(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back. It is gone.") if is_new else _("Withdrawn. Nobody sees it any more."))
    return redirect("ways_to_help:own")
