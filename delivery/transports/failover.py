"""
Which way messages leave by: the first one of their channel, or the second while the first is away.

Only what certainly was not sent goes by the second one. A row whose outcome nobody knows stays unknown.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from campaigns.models import Campaign
from delivery.models import Channel, Delivery, MailerHealth, Send
from delivery.models.limits import Mailer
from delivery.models.sends import DeliveryQuerySet

from .transport import Outcome

log = logging.getLogger(__name__)

FAILURES = 5  # in a row
REST = timedelta(minutes=5)
REST_ALONE = timedelta(seconds=30)  # where no second way can carry the mail meanwhile
TRIAL = timedelta(seconds=60)  # longer than a run of a worker
WAIT_SECONDS = 30  # where a mailer asks for a pause and doesn't say how long
LONGEST_WAIT_SECONDS = 3600
# The login is refused (RFC 4954, HTTP), which no second try fixes: it counts as FAILURES at once.
REFUSED_LOGIN = {"401", "403", "530", "534", "535"}
TOO_FAST = {"421", "429"}

BACKUPS = {Mailer.DEFAULT: Mailer.BACKUP, Mailer.SMS: Mailer.SMS_BACKUP}

State = Delivery.State


def mailer_in_use(send: Send, *, at: datetime) -> str:
    """
    Return the key of TRANSPORTS that a run of a worker uses for a send now.

    When the first mailer has been left alone for its time, one run tries it again while the others still use the
    second; if that run's mail leaves, all use the first again.
    """
    mailer = expected_way(send)
    first = next((one for one, second in BACKUPS.items() if second == mailer), None)
    if first is None:
        return mailer
    rested = MailerHealth.objects.filter(mailer=first, down_until__lte=at)
    untried = rested.filter(Q(trial_until=None) | Q(trial_until__lte=at))
    return first.value if untried.update(trial_until=at + TRIAL) else mailer


def expected_way(send: Send) -> str:
    """Return the key of TRANSPORTS that a send leaves by, as far as is known; at most one query."""
    campaign = send.mailing.campaign
    if send.channel == Channel.MAIL or campaign.is_exercise:
        return expected_mailer(campaign)
    return working(Mailer(send.channel))


def expected_mailer(campaign: Campaign) -> str:
    """Return the key of MAILERS that mail of a campaign leaves by, as far as is known; at most one query."""
    if campaign.is_exercise:
        return Mailer.EXERCISE.value
    return working(Mailer.DEFAULT)


def working(first: Mailer) -> str:
    """Return the first way of a channel, or the second while it is down."""
    is_down = has_fallback(first) and MailerHealth.objects.filter(mailer=first).down().exists()
    return (BACKUPS[first] if is_down else first).value


def has_fallback(mailer: str) -> bool:
    """Return whether there is another way while this one is down."""
    return (second := BACKUPS.get(Mailer(mailer))) is not None and (
        second in settings.MAILERS or second in settings.TRANSPORTS
    )


def asks_for_pause(mailer: str, *, at: datetime) -> bool:
    """Return whether a way has asked for a pause that is not over."""
    return MailerHealth.objects.filter(mailer=mailer, wait_until__gt=at).exists()


def sendable_by(mailer: str, rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """Return those of the rows to go that may leave by a mailer: by the second, only what certainly was not sent."""
    return rows.filter(possible_duplicate=False) if mailer in BACKUPS.values() else rows


def is_mailer_trouble(outcome: Outcome) -> bool:
    """Return whether an outcome says something about the mailer: it was away or refused us, or gave no clear reply."""
    return outcome.about_mailer or outcome.state == State.UNKNOWN


def note_health(mailer: str, outcomes: Sequence[Outcome], *, at: datetime) -> None:
    """
    Note how a mailer is doing from the outcomes of a window, in their order: after five mails in a row that it did
    not take or that nobody knows of, or a refused login, it is left alone for a while; a mail that got through sets
    it right; when it asks for a pause, it gets one. Three queries at most.
    """
    failures, got_through, wait = 0, False, 0.0
    why = ""
    for outcome in outcomes:
        if is_mailer_trouble(outcome):
            why = f"{outcome.code} {outcome.detail}".strip()[:200]
            if outcome.code[:3] in TOO_FAST or outcome.retry_after is not None:
                failures += not wait  # once for a window: one that only ever asks for patience is down as well
                asked = WAIT_SECONDS if outcome.retry_after is None else outcome.retry_after
                wait = max(wait, min(asked, LONGEST_WAIT_SECONDS))
            else:
                failures += FAILURES if outcome.code[:3] in REFUSED_LOGIN else 1
        elif outcome.state in {State.ACCEPTED, State.FAILED}:
            failures, got_through, wait = 0, True, 0.0
    if not (failures or got_through or wait):
        return
    MailerHealth.objects.bulk_create([MailerHealth(mailer=mailer, changed_at=at)], ignore_conflicts=True)
    health = MailerHealth.objects.filter(mailer=mailer)
    changes: dict[str, Any] = {"changed_at": at, "reason": why if failures or wait else ""}
    if got_through:
        changes |= {"failures": failures, "down_until": None, "trial_until": None, "wait_until": None}
    elif failures:
        changes["failures"] = F("failures") + failures
    if wait:
        changes["wait_until"] = at + timedelta(seconds=wait)
    health.update(**changes)
    rest = REST if has_fallback(mailer) else REST_ALONE
    if failures and health.filter(failures__gte=FAILURES).update(down_until=at + rest, trial_until=None):
        log.error("Mailer %s is left alone for %s: %s", mailer, rest, why)
