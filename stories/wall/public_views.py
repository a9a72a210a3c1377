"""The public pages of stories: the wall, a page for each. Nothing of a story that is not shown any more is left on them."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns.http.middleware import campaign_or_404
from campaigns.http.page_changes import cached_page
from campaigns.http.requests import CampaignRequest
from stories.models import Story

from . import shown_stories, take_along, wall_filter
from .story_page import film_of, transcripts_of

PER_PAGE = 24


@require_safe
@cached_page("campaign", *wall_filter.NAMES, "page")
def wall(request: CampaignRequest) -> HttpResponse:
    """List the stories that fit what somebody chose, the newest first. The same number of queries, however many there are."""
    campaign = request.campaign
    if campaign is None:
        return render(request, "stories/wall/wall.html", {"page": None})
    choice = wall_filter.Choice.read(request.GET)
    found = wall_filter.offered(campaign, choice)
    fitting = choice.chosen(Story.objects.shown(campaign))
    paginator = Paginator(shown_stories.for_cards(fitting), PER_PAGE)
    if not choice.is_any:
        paginator.count = found.total  # type: ignore[misc]  # known already
    page = paginator.get_page(request.GET.get("page"))
    context = {"page": page, "rows": shown_stories.read_all(page), "choice": choice, "offered": found}
    return render(request, "stories/wall/wall.html", context)


def shown_or_gone(request: HttpRequest, key: str) -> tuple[Story | None, HttpResponse]:
    """Return a story that anyone may see with all that its page says at hand, else None and the answer; 404 for one that never was."""
    campaign = campaign_or_404(request)
    story = shown_stories.with_all(Story.objects.shown(campaign)).filter(key=key).first()
    return story, HttpResponse() if story else gone(request, key)


def gone(request: HttpRequest, key: str) -> HttpResponse:
    """Say that a story is not shown any more and, where somebody's consent was taken back, that it is their right; 404 for one that never was."""
    was_shown = Story.objects.filter(campaign=campaign_or_404(request), published_at__isnull=False)
    story = get_object_or_404(was_shown.prefetch_related("people"), key=key)
    context = {"changed_their_mind": any(not one.holds for one in story.people.all())}
    response = render(request, "stories/wall/gone.html", context, status=410)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@cached_page()
def story(request: HttpRequest, key: str) -> HttpResponse:
    """Show a story: player or pictures or words, what is said, and what can be taken along. One that is gone says so."""
    found, answer = shown_or_gone(request, key)
    if found is None:
        return answer
    campaign = campaign_or_404(request)
    prefetch_related_objects([campaign], "languages")
    row = shown_stories.read(found)
    context: dict[str, Any] = {
        "row": row,
        "story": found,
        "film": film_of(row),
        "transcripts": transcripts_of(found),
        "captions": take_along.captions(found, campaign, campaign.language_codes()),
        "box": settings.PUBLIC_URL + reverse("website:embed_story", args=[found.key]),
        "picture": next(iter(row.shares), None),
    }
    return render(request, "stories/wall/story.html", context)
