"""What everybody can do: ways to help that organisations offer, and what bulletins ask for."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bulletins.reader_view import published_versions
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from lib.text.languages.languages import page_language
from stories.models import OfferVersion
from stories.ways_to_help import offer_filter, shown_offers

PER_PAGE = 20


@require_safe
@cached_page("campaign", *offer_filter.NAMES, "page", "asked")
def ways_to_help(request: CampaignRequest) -> HttpResponse:
    """List the ways to help that fit what somebody has, then what the bulletins that hold ask readers to do, the newest first."""
    campaign, now = request.campaign, timezone.now()
    if campaign is None:
        return render(request, "website/about/help.html", {"page": None, "rows": []})
    choice = offer_filter.OfferFilter.read(request.GET)
    fitting = choice.chosen(OfferVersion.objects.shown(campaign, at=now))
    page = Paginator(fitting, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "offers": shown_offers.read_all(page), "choice": choice}
    if page.paginator.count or choice.is_any:
        context |= {
            "times": choice.times(),
            "places": choice.places(campaign, at=now),
            "languages_offered": choice.languages(campaign, at=now),
        }
    asking = published_versions.asking(campaign, at=now)
    asked = Paginator(asking, PER_PAGE).get_page(request.GET.get("asked"))
    found = published_versions.read_all(
        list(asked), language=page_language(), fallback=campaign.default_language, at=now
    )
    rows = [row for row in found if isinstance(row, published_versions.Reading) and row.actions and not row.is_over]
    return render(request, "website/about/help.html", context | {"asked": asked, "rows": rows})
