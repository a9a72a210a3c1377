"""What nobody asked for yet: web sizes, poster and pictures of stories that were sent, looked at or published since the last time."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from stories.models import Story, StoryJob

from . import jobs

State = Story.State
MOST = 20  # in one round
LOOKS_BACK = timedelta(days=2)  # who was away for longer asks at the desk
OF_INTEREST = (State.SENT, State.ACCEPTED, State.PUBLISHED)


def queue_missing(*, at: datetime) -> list[StoryJob]:
    """
    Ask for what is to be made of stories whose last step nobody asked after; one query, and what is there already is not made again. It
    is asked of a story's next step once more, as its words may be others then.
    """
    asked = StoryJob.objects.filter(story=OuterRef("pk"), kind=StoryJob.Kind.SIZES)
    since: Any = Q()
    for step in ("sent_at", "checked_at", "published_at"):
        since |= Q(**{f"{step}__gte": at - LOOKS_BACK}) & ~Exists(asked.filter(asked_at__gte=OuterRef(step)))
    found = Story.objects.filter(since, state__in=OF_INTEREST).order_by(F("sent_at").asc(nulls_last=True), "pk")
    return [jobs.enqueue(story, StoryJob.Kind.SIZES, at=at) for story in found[:MOST]]
