"""The campaign of the addresses of stories: of the wall the one that it is asked for, of a story its own."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from campaigns.http import permalinks
from campaigns.models import Campaign

permalinks.of("stories:wall")(permalinks.asked)


@permalinks.of("stories:story", "story_subtitles:vtt", "website:embed_story")
def of_story(_query: QueryDict, kwargs: dict[str, Any]) -> QuerySet[Campaign]:
    """Return the campaign that has a story."""
    return Campaign.objects.filter(stories__key=str(kwargs["key"])[:12])
