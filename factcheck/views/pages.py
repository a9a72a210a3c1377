"""The public fact-checks: the fact first, the claim once and after its warning."""

from django.core.paginator import Paginator
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..models import Claim, ClaimVersion, Sighting

PER_PAGE = 20

# Platforms spell their names in their own way.
PLATFORM_NAMES = {"tiktok": "TikTok", "youtube": "YouTube", "whatsapp": "WhatsApp"}


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """List the published fact-checks, the newest first."""
    campaign = request.campaign  # type: ignore[attr-defined]
    page = None
    if campaign is not None:
        published = ClaimVersion.objects.standing().filter(claim__campaign=campaign).select_related("claim")
        published = published.order_by("-checked_on", "-claim")
        page = Paginator(published, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "factcheck/claims.html", {"page": page})


@require_safe
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a fact-check in the order fact, warning, fallacy, fact, evidence, sightings."""
    campaign = request.campaign  # type: ignore[attr-defined]
    if campaign is None:
        raise Http404
    shown = Claim.objects.published().filter(campaign=campaign).select_related("standing__claim")
    about = get_object_or_404(shown.prefetch_related("topics"), slug=slug)
    found = about.standing
    assert found  # published() says so
    sightings = Sighting.objects.of(about)
    seen = sightings.aggregate(count=Count("pk"), first=Min("seen_on"), last=Max("seen_on"))
    platforms = list(sightings.order_by().values("platform").annotate(count=Count("pk")).order_by("-count", "platform"))
    for row in platforms:
        row["name"] = PLATFORM_NAMES.get(row["platform"], row["platform"].capitalize())
        row["share"] = round(100 * row["count"] / platforms[0]["count"])
    is_over = found.valid_until is not None and found.valid_until <= timezone.now()
    return render(
        request,
        "factcheck/claim.html",
        {"claim": found, "topics": about.topics.all(), "seen": seen, "platforms": platforms, "is_over": is_over},
    )
