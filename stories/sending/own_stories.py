"""Whose pages these are: people of municipalities, their municipalities, and the stories of these."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.desk_base.desk_user import user_of
from campaigns.http.middleware import campaign_or_404
from stories.models import Municipality, Story

sender_required: Any = permission_required("stories.send_story", raise_exception=True)


def municipalities_of(request: HttpRequest) -> QuerySet[Municipality]:
    """Return the municipalities of the campaign that the user sends for."""
    return Municipality.objects.filter(campaign=campaign_or_404(request), members__user=user_of(request).pk)


def own_story(request: HttpRequest, key: str) -> Story:
    """Return a story of the user's municipalities, or answer 404."""
    rows = Story.objects.sent_by(user_of(request), campaign_or_404(request))
    return get_object_or_404(rows.select_related("campaign", "municipality"), key=key)
