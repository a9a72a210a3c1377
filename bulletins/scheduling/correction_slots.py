"""When a correction leaves: before everything else, to influencers after the people who posted what it corrects."""

from datetime import datetime, timedelta

from django.conf import settings

from delivery.models import Audience


def correction_slot(audience: Audience, *, at: datetime) -> datetime:
    """
    Return when a correction of what was sent leaves to an audience. Influencers who posted it hear by a mail of their own
    (influencers/recall), which the others' mail leaves room for: CORRECTION_HEAD_START_SECONDS. Everyone else waits for a
    second of it: a mail of the old version that left in the same instant is written down by then, and is corrected too.
    """
    seconds = settings.CORRECTION_HEAD_START_SECONDS
    return at + timedelta(seconds=seconds if audience.kind == Audience.Kind.INFLUENCERS else min(seconds, 1))
