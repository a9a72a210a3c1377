"""Whether email is delayed: held up altogether, or far slower to inboxes of our own than usual."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import inf

from django.conf import settings
from django.db.models import Q

from campaigns.models import Campaign
from delivery.models import MailerHealth, Mailing, Send
from delivery.models.limits import Mailer
from delivery.reports.inbox_times import MISSING_AFTER, Measurement, percentile

GRACE = timedelta(minutes=5)  # after its slot a send may take so long to begin
LOOKED_BACK = timedelta(days=1)  # a send that was held longer ago is no news
RECENT = timedelta(hours=1)
FEWEST = 3  # measured emails that say something
TIMES_LONGER = 3
NEVER_SLOW = timedelta(minutes=5)

State = Send.State


def is_held_up(campaign: Campaign, *, at: datetime) -> bool:
    """
    Return whether a send of the last day waits although its time has come, held or not begun, or no mail server of the
    campaign takes mail; two queries, none of the ledger.
    """
    due = Q(slot_at__gt=at - LOOKED_BACK, slot_at__lte=at - GRACE, mailing__created_at__lte=at - GRACE)
    waiting = Send.objects.filter(
        due, state__in=[State.HELD, State.PLANNED], mailing__campaign=campaign, mailing__superseded_by=None
    )
    down = set(MailerHealth.objects.down().values_list("mailer", flat=True))
    return waiting.exists() or mailers_of(campaign) <= down


def mailers_of(campaign: Campaign) -> set[str]:
    """Return the mailers by which mail of a campaign can leave."""
    if campaign.is_exercise:
        return {Mailer.EXERCISE.value}
    return {Mailer.DEFAULT.value, Mailer.BACKUP.value} & set(settings.MAILERS)


def is_slow(measured: Iterable[Measurement], *, at: datetime) -> bool:
    """
    Return whether half of the last hour's measured emails of some queue took far longer than half of those before; what is
    missing took longest. Without any before, what is missing in an email alone would be says so.
    """
    recent: dict[str, list[float]] = {}
    before: dict[str, list[float]] = {}
    for one in measured:
        times = recent if one.handed_over_at > at - RECENT else before
        times.setdefault(one.queue, []).append(inf if one.seconds is None else one.seconds)
    return any(
        far_longer(sorted(recent.get(queue, [])), sorted(before.get(queue, []))) for queue in Mailing.Queue.values
    )


def far_longer(recent: list[float], before: list[float]) -> bool:
    """Return whether the middle of `recent` (s, the shortest first) is far above that of `before`."""
    if len(recent) < FEWEST:
        return False
    usual = percentile(before, 50) if len(before) >= FEWEST else None
    limit = MISSING_AFTER.total_seconds() if usual is None else TIMES_LONGER * usual
    now = percentile(recent, 50)
    return now is not None and now > max(limit, NEVER_SLOW.total_seconds())
