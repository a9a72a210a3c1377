"""The public fact-checks: the fact first, the claim once and after its warning."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.http import card_responses
from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from factcheck.models import Claim
from lib.images.picture_sizes import SIZES

from . import fact_cards, queries

PER_PAGE = 20


@require_safe
@cached_page("campaign", "topic", "verdict", "page")
def claims(request: CampaignRequest) -> HttpResponse:
    """List the fact-checks that stand, the newest first; `topic` and `verdict` choose among them."""
    campaign = request.campaign
    if campaign is None:
        return render(request, "factcheck/publication/claims.html", {"page": None})
    choice = queries.choose(campaign, topic=request.GET.get("topic", ""), verdict=request.GET.get("verdict", ""))
    page = Paginator(queries.listed(campaign, choice), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "factcheck/publication/claims.html", {"page": page, "choice": choice})


@require_safe
@cached_page()
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the fact-check that stands, that it is being checked, or that it was withdrawn; lead from the same claim to it."""
    campaign, now = campaign_or_404(request), timezone.now()
    about = queries.find(campaign, slug)
    if about is None:
        raise Http404
    if about.duplicate_of is not None:
        return redirect("factcheck:claim", about.duplicate_of.slug)  # not for ever: they can be told apart again
    found = queries.read(about, at=now)
    assert found  # the version that stands is always there
    return show(request, found)


@require_safe
def short(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead from the short address that people share to the fact-check's page."""
    about = get_object_or_404(Claim.objects.visible(), pk=pk, campaign=campaign_or_404(request))
    return redirect(about)


@require_safe
@cached_page()
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what a fact-check said in an earlier version, and that it no longer does."""
    campaign, now = campaign_or_404(request), timezone.now()
    about = queries.find(campaign, slug)
    if about is None or about.current_version is None:
        raise Http404
    main = about.duplicate_of
    is_out = main is not None and (main.paused_at or main.status == Claim.Status.WITHDRAWN)
    if (
        number == about.current_version.number or is_out
    ):  # what is not to be repeated is not, under another address either
        return redirect("factcheck:claim", slug)
    found = queries.read(about, at=now, number=number)
    if found is None:
        raise Http404
    return show(request, found)


def show(request: HttpRequest, found: queries.FactCheck) -> HttpResponse:
    """Answer with the page of a fact-check, or with why nothing of it is to be repeated."""
    if found.is_withdrawn:
        return render(request, "factcheck/publication/withdrawn.html", {"reading": found})
    if found.is_paused:
        return render(request, "factcheck/publication/paused.html", {"reading": found})
    return render(
        request, "factcheck/publication/claim.html", {"reading": found, "claim": found.version, **sharing(found)}
    )


def sharing(found: queries.FactCheck) -> dict[str, Any]:
    """Return the pictures of a fact that may be passed on, and their text alternative."""
    version, language = found.version, found.language
    if not found.can_be_shared or not fact_cards.fits(version, language):
        return {}
    pictures = {ratio.value: fact_cards.card_url(version, language, ratio) for ratio in fact_cards.Ratio}
    return {
        "cards": pictures,
        "card": pictures[fact_cards.Ratio.SQUARE],
        "card_size": SIZES[fact_cards.Ratio.SQUARE],
        "alt": fact_cards.alt_text(version, language),
    }


@require_safe
@cached_page("page")
def corrections(request: CampaignRequest) -> HttpResponse:
    """List all that was corrected or withdrawn, and what is paused, the newest first."""
    page = None
    if request.campaign is not None:
        found = queries.corrections(request.campaign)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "factcheck/publication/corrections.html", {"page": page})


@require_safe
@cached_page()
def policy(request: HttpRequest) -> HttpResponse:
    """Say who checks facts here, how, and how to have a mistake corrected."""
    return render(request, "factcheck/publication/policy.html")


@require_safe
def card(request: HttpRequest, slug: str, number: int, language: str, ratio: str) -> HttpResponse:
    """Hand out the picture of a fact that stands."""
    campaign, now = campaign_or_404(request), timezone.now()
    found = queries.to_share(campaign, slug, number, at=now)
    if found is None or ratio not in fact_cards.Ratio.values or not fact_cards.fits(found, language):
        raise Http404
    return card_responses.hand_out(
        request,
        fact_cards.mark(found, language, ratio),
        f"{slug}-{language}-{ratio}",
        whole=lambda: fact_cards.cached_card(found, language, ratio, at=now),
        small=lambda: fact_cards.small_card(found, language, ratio, at=now),
    )
