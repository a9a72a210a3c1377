"""How much of what others bring stands still, for whoever runs the software: what waits for the desk, for a mail, or for FFmpeg."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Min, Model, QuerySet, Value
from django.db.models.functions import Cast

from .models import Contribution, CourseVersion, MunicipalityInvitation, OfferVersion, Story, StoryJob
from .municipalities import invitations

RECENTLY = timedelta(days=7)  # for as long as something that failed is told
FOR_THE_DESK = ("story", "contribution", "course", "way_to_help", "subtitles")
INVITATIONS = ("unsent", "unanswered", "failed")
JOBS = ("job", "failed_job")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the first does."""

    count: int = 0
    oldest: datetime | None = None


def waiting_counts(*, at: datetime) -> dict[str, Waiting]:
    """
    Return what stands still, by kind: FOR_THE_DESK (`subtitles` are those that are late), INVITATIONS of municipalities, and JOBS. What
    belongs to a campaign that has ended waits for nobody. One query, in parts that indexes or the day bound.
    """
    invited = invitations.open_ones(at=at)
    in_review = OfferVersion.State.IN_REVIEW
    late = Story.objects.filter(state=Story.State.PUBLISHED, kind=Story.Kind.VIDEO, captions_due__lt=at.date())
    gave_up = MunicipalityInvitation.objects.filter(sent_at=None, given_up_at__gt=at - RECENTLY)
    parts: dict[str, tuple[QuerySet[Any], Any]] = {
        "story": (Story.objects.filter(state=Story.State.SENT), "sent_at"),
        "contribution": (Contribution.objects.filter(state=Contribution.State.WAITING), "sent_at"),
        "course": (CourseVersion.objects.filter(state=in_review), "edited_at"),
        "way_to_help": (OfferVersion.objects.filter(state=in_review), "edited_at"),
        "subtitles": (late.exclude(subtitles__confirmed_at__isnull=False), Cast("captions_due", DateTimeField())),
        "unsent": (invited.filter(sent_at=None), "at"),
        "unanswered": (invited.filter(sent_at__isnull=False), "sent_at"),
        "failed": (gave_up, "given_up_at"),
        "job": (StoryJob.objects.filter(state__in=[StoryJob.State.QUEUED, StoryJob.State.RUNNING]), "asked_at"),
        "failed_job": (
            StoryJob.objects.filter(state=StoryJob.State.FAILED, finished_at__gt=at - RECENTLY),
            "finished_at",
        ),
    }
    first, *others = (counted(kind, rows, since) for kind, (rows, since) in parts.items())
    together = first.union(*others, all=True).order_by()
    found = {kind: Waiting(count, oldest) for kind, count, oldest in together}
    return {kind: found.get(kind, Waiting()) for kind in parts}


def counted(kind: str, rows: QuerySet[Any], since: Any) -> QuerySet[Any, Any]:
    """Return one row with a kind, how many there are in campaigns that go on, and the first moment of them; none where there are none."""
    model: type[Model] = rows.model
    if model is not StoryJob:
        rows = rows.filter(**{f"{getattr(model, 'of_campaign', 'campaign')}__closed_at": None})
    return rows.order_by().values_list(Value(kind)).annotate(count=Count("pk"), oldest=Min(since))
