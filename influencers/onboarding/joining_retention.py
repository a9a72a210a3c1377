"""What is kept of people who never came in, and for how long."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet

from influencers.models import Application, Influencer, Invitation

from .enrolment import forget_unused

UNCONFIRMED = timedelta(days=7)
MOST_AT_ONCE = 500  # profiles in one call; the next goes on


def unconfirmed_over(*, at: datetime) -> QuerySet[Application]:
    """Return the forms whose address nobody confirmed within seven days."""
    return Application.objects.filter(created_at__lte=at - UNCONFIRMED)


def forget_unconfirmed(*, at: datetime) -> int:
    """Delete such forms, and return how many."""
    return unconfirmed_over(at=at).delete()[0]


def invited_over(*, at: datetime) -> QuerySet[Influencer]:
    """
    Return people whom staff knew and who never joined: last invited INVITED_DAYS ago, or known for as long and never
    invited.
    """
    before = at - timedelta(days=settings.INVITED_DAYS)
    lately = Invitation.objects.filter(influencer=OuterRef("pk"), at__gt=before)
    return Influencer.objects.filter(~Exists(lately), state=Influencer.State.INVITED, joined_at__lte=before)


def forget_invited(*, at: datetime) -> int:
    """Delete their profiles with their addresses, and return how many."""
    forgotten = 0
    for influencer in invited_over(at=at).select_related("recipient").order_by("pk")[:MOST_AT_ONCE]:
        try:
            with transaction.atomic():
                influencer.delete()
                forget_unused(influencer.recipient)
                forgotten += 1
        except ProtectedError:
            continue  # something happened with them after all; staff decide
    return forgotten
