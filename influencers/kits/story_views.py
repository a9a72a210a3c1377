"""Stories of municipalities to take along: whoever opens one hears at once if it may not be shown any more."""

from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from influencers.access.portal_access import influencer_required
from influencers.access.portal_request import PortalRequest
from stories.models import Story, StoryTake
from stories.wall import shown_stories, take_along
from stories.wall.story_page import film_of

PER_PAGE = 12


@require_safe
@influencer_required
def stories(request: PortalRequest) -> HttpResponse:
    """List the stories that anyone may see, the newest first, with those that this person took along and that are gone."""
    shown = shown_stories.for_cards(Story.objects.shown(request.campaign))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    shown_now = Story.objects.shown(request.campaign).order_by().values("pk")
    takes = StoryTake.objects.filter(user=request.user.pk, told_at__isnull=False, story__campaign=request.campaign)
    context = {
        "page": page,
        "rows": shown_stories.read_all(page),
        "gone": list(takes.exclude(story__in=shown_now).select_related("story").order_by("-told_at")[:PER_PAGE]),
    }
    return render(request, "influencers/kits/stories.html", context)


@require_safe
@influencer_required
def story(request: PortalRequest, key: str) -> HttpResponse:
    """Show what can be taken along of a story, and note who opened it. One that is gone says so."""
    campaign = request.campaign
    found = shown_stories.with_all(Story.objects.shown(campaign)).filter(key=key).first()
    if found is None:
        one = Story.objects.filter(campaign=campaign, key=key, published_at__isnull=False).prefetch_related("people")
        if (gone := one.first()) is None:
            raise Http404
        changed = any(not each.holds for each in gone.people.all())
        return render(request, "influencers/kits/story_gone.html", {"changed_their_mind": changed}, status=410)
    prefetch_related_objects([campaign], "languages")
    take_along.note(found, request.user, at=timezone.now())
    row = shown_stories.read(found)
    context = {
        "row": row,
        "story": found,
        "film": film_of(row),
        "captions": take_along.captions(found, campaign, campaign.language_codes()),
    }
    return render(request, "influencers/kits/story.html", context)
