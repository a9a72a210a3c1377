"""A story at the desk, for the pages about its video and its subtitles: who sees it, who works on it, and what frames such a page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from accounts.access import row_scopes
from campaigns.base_admin import of_campaign
from stories.models import Story, StoryFile

SEES = "stories.view_story"


def to_see(request: HttpRequest, pk: int) -> Story:
    """Return a story that was sent, of the campaign that the desk works on. Raise PermissionDenied, Http404."""
    if not request.user.has_perm(SEES):  # type: ignore[union-attr]
        raise PermissionDenied
    sent = Story.objects.exclude(state=Story.State.DRAFT).select_related("campaign", "municipality")
    rows = of_campaign(row_scopes.visible(sent, request.user), request)
    return get_object_or_404(rows.prefetch_related("campaign__languages"), pk=pk)


def must_do(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied for somebody without a permission."""
    if not request.user.has_perm(permission):  # type: ignore[union-attr]
        raise PermissionDenied


def film_of(story: Story) -> StoryFile | None:
    """Return the video to watch: the smallest web size, which is there first and loads fast, or else what was sent; one query."""
    rows = list(story.files.filter(role__in=[StoryFile.Role.WEB, StoryFile.Role.ORIGINAL]))
    made = sorted((row for row in rows if row.role == StoryFile.Role.WEB), key=lambda row: row.height or 0)
    return next(iter([*made, *rows]), None)


def frame(site: Any, request: HttpRequest, story: Story, title: str) -> dict[str, Any]:
    """Return what every page about a story shows around its own."""
    try:
        whole = reverse("admin:stories_story_change", args=[story.pk])
    except NoReverseMatch:
        whole = ""
    return {**site.each_context(request), "title": title, "story": story, "story_page": whole}
