"""What contributors see of their inputs."""

from datetime import datetime

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from accounts.models import User
from bulletins.models import Bulletin, InputStep, MessageInput, Version
from campaigns.models import Campaign


def inputs_of(user: User, campaign: Campaign, *, at: datetime) -> QuerySet[MessageInput]:
    """
    Return the inputs of the user's authorities, each with `published`: the bulletins that it reached readers in, and `since` when
    they have each.
    """
    out = Version.objects.published(at=at).filter(bulletin=OuterRef("pk")).order_by("number")
    bulletins = Bulletin.objects.annotate(since=Subquery(out.values("first_published_at")[:1])).exclude(since=None)
    return (
        MessageInput.objects.of_contributor(user)
        .filter(campaign=campaign)
        .select_related("authority", "taken_by")
        .prefetch_related(Prefetch("bulletins", bulletins.order_by("since", "number"), to_attr="published"))
        .order_by("-received_at", "-pk")
    )


def steps_of(message_input: MessageInput, *, at: datetime) -> list[InputStep]:
    """
    Return what became of an input, the first step first; each names by `published` since when readers have its bulletin, None
    while they have not. `at` of a step that uses an input is when its bulletin was begun.
    """
    out = Version.objects.published(at=at).filter(bulletin=OuterRef("bulletin")).order_by("number")
    published = Subquery(out.values("first_published_at")[:1])
    steps = message_input.steps.select_related("bulletin", "by").annotate(published=published)
    return list(steps.order_by("at", "pk"))
