"""The public page of one way to help, and “I did it”: a number, nobody's name, no cookie."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts import rate_limit
from accounts.rate_limit import Limit
from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from lib.http.form_origin import is_from_elsewhere
from stories.models import Offer, OfferVersion

from . import offer_steps, shown_offers

DAY = 86_400
# Somebody at home, and a family or a class behind one address. A whole network may do eight times as much.
OF_ONE_OFFER = Limit("offer-done", 2, DAY)
OF_ALL_OFFERS = Limit("offers-done", 20, DAY)


@require_safe
@cached_page()
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a way to help as it was checked. One that is over or withdrawn says so, without its words."""
    campaign, now = campaign_or_404(request), timezone.now()
    version = OfferVersion.objects.shown(campaign, at=now).filter(offer=pk).first()
    if version is None:
        return gone(request, pk)
    return render(request, "stories/ways_to_help/offer.html", {"row": shown_offers.read(version)})


def gone(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a way to help is over, or answer 404 for one that nobody could ever see."""
    if not Offer.objects.was_shown(campaign_or_404(request), at=timezone.now()).filter(pk=pk).exists():
        raise Http404
    return render(request, "stories/ways_to_help/gone.html", status=410)


@csrf_exempt
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Count that somebody did it; whoever has counted often enough today gets the same answer.

    The button is on pages that are cached for everyone, so it has neither cookie nor token. Posts from other sites are told by what
    the browser says of where they come from.
    """
    campaign, now = campaign_or_404(request), timezone.now()
    version = OfferVersion.objects.shown(campaign, at=now).filter(offer=pk).first()
    if version is None:
        return gone(request, pk)
    place = rate_limit.client_address(request)
    counts = [(OF_ONE_OFFER, f"{place} {pk}"), (OF_ALL_OFFERS, place)]
    if not is_from_elsewhere(request) and rate_limit.allow_all(counts, at=now):
        offer_steps.count_done(get_object_or_404(Offer, pk=pk))
    return redirect("ways_to_help:thanks")


@require_safe
@never_cache
def thanks(request: HttpRequest) -> HttpResponse:
    """Say thanks."""
    return render(request, "stories/ways_to_help/thanks.html")
