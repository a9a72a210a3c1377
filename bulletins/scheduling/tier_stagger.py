"""Tier after tier: how much later than the first audience the next ones get the same bulletin, by its urgency."""

from datetime import timedelta

from bulletins.models import Bulletin, Urgency
from delivery.models import Audience


def stagger(bulletin: Bulletin, audience: Audience) -> timedelta:
    """Return how long after the first audience this one gets a bulletin. What is urgent, or corrects, waits for none."""
    waits = bulletin.urgency != Urgency.URGENT and bulletin.kind == Bulletin.Kind.ORIGINAL
    return timedelta(minutes=audience.stagger_minutes if waits else 0)
