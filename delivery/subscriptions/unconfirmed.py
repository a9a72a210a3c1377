"""What is kept of people who never confirmed, and for how long."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from delivery.links.confirmation_links import LASTS
from delivery.models import DigestShare, NewAddress, SignUp, Subscription, TopicSet
from delivery.throttle import token_bucket

MOST_AT_ONCE = 500  # choices of topics in one call; the next goes on


def purge(*, at: datetime) -> int:
    """
    Delete the addresses that nobody confirmed in the seven days in which their link worked, and the choices of topics that
    nobody has any more, these once a day: all subscriptions are looked through for it. Return how many addresses.
    """
    purged = sum(expired(model, at=at).delete()[0] for model in (SignUp, NewAddress))
    if token_bucket.claim_once(f"choices-purged:{at:%Y-%m-%d}", at=at):
        purge_choices()
    return purged


def expired(model: type[SignUp] | type[NewAddress], *, at: datetime) -> QuerySet[Any]:
    """Return the addresses that nobody confirmed while their link worked."""
    before = at - LASTS
    silent = Q(mailed_at__lte=before) | Q(mailed_at=None, asked_at__lte=before)
    return model._default_manager.filter(silent, asked_at__lte=before)


@transaction.atomic
def purge_choices() -> None:
    """Delete the choices of topics that nothing names. Whoever is about to name one holds it (topic_sets.choice_of)."""
    held = unused().select_for_update(skip_locked=True).order_by("pk")[:MOST_AT_ONCE]
    keys = [row.pk for row in held]
    if keys:
        unused().filter(pk__in=keys).delete()


def unused() -> QuerySet[TopicSet]:
    """Return the choices of topics that nothing names, without "everything"."""
    named = [
        model._default_manager.filter(**{name: OuterRef("pk")})
        for model, name in (
            (Subscription, "topics"),
            (Subscription, "told_topics"),
            (SignUp, "topics"),
            (DigestShare, "topics"),
            (DigestShare, "told_topics"),
        )
    ]
    return TopicSet.objects.filter(*(~Exists(rows) for rows in named)).exclude(key="")
