"""
Sending copies of notices. One is claimed by a conditional update before it leaves, so that two at once send once. What a channel does not
take goes by mail instead, if it did not go by mail already: nobody misses a thing because a phone is off, and nobody gets it twice.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from delivery.models import Channel, Delivery, Purpose
from delivery.recipients import suppression
from delivery.throttle import token_bucket
from delivery.transports import costs, one_message
from delivery.transports.transport import Outcome
from lib import retries
from notifications import notice_kinds
from notifications.models import Notice, NoticeCopy, StaffAddress
from notifications.with_subjects import with_subjects

from . import cost_warnings, short_words
from .wishes import is_there

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
GIVEN_UP_AFTER = timedelta(hours=1)  # an alert that comes later tells nothing that the mail has not told
# Messages of a channel of which each is paid for that one colleague and all of them get in an hour; whoever floods the desk floods no
# phone. The rest goes by mail.
TO_ONE, TO_ALL, HOUR = 12, 300, 3600

State = Delivery.State


def deliver_copies(*, at: datetime) -> int:
    """Send what is due and return how many copies left. Not for use in a transaction."""
    rows = NoticeCopy.objects.due(at=at).select_related("notice__campaign", "notice__person", "to")
    rows = rows.prefetch_related("notice__campaign__languages").order_by("-is_urgent", "next_attempt_at", "pk")
    copies = list(rows[:MOST_AT_ONCE])
    if not copies:
        return 0
    of_notice: dict[int, list[NoticeCopy]] = {}
    for copy in copies:
        of_notice.setdefault(copy.notice_id, []).append(copy)
    sent = 0
    away: set[str] = set()
    for notice, subject in with_subjects([some[0].notice for some in of_notice.values()]):
        for copy in of_notice[notice.pk]:
            sent += claim(copy, at=at) and deliver(copy, subject, away, at=at)
    return sent


def claim(copy: NoticeCopy, *, at: datetime) -> bool:
    """Take a copy for one try, and say when the next may be; return whether nobody else has it."""
    again_at = retries.next_attempt(copy.attempts, at=at)
    mine = NoticeCopy.objects.waiting().filter(pk=copy.pk, attempts=copy.attempts)
    return bool(mine.update(attempts=F("attempts") + 1, next_attempt_at=again_at))


def deliver(copy: NoticeCopy, subject: Any, away: set[str], *, at: datetime) -> bool:
    """
    Send one copy, and see to what did not leave; return whether it left. A channel whose provider does not answer is `away`, and
    keeps nobody waiting for its other copies.
    """
    notice = copy.notice
    if notice.seen_at is not None or not still_waits(notice, subject):
        finish(copy, at=at, left=False, mail=False)
        return False
    is_full = costs.is_day_full(copy.to.channel, notice.campaign, at=at)
    if not may_go(copy, at=at) or (is_full and not copy.is_urgent):
        finish(copy, at=at, left=False, mail=True)
        return False
    if copy.to.channel in away:
        return conclude(copy, Outcome(0, State.DEFERRED), at=at)
    try:
        words, campaign = short_words.words_for(copy, subject), notice.campaign
        outcome = one_message.hand_over(
            copy.to.channel, copy.to.address, words, Purpose.STAFF, campaign=campaign, at=at
        )
    except Exception as fault:  # a transport may raise anything; the text may hold an address
        log.error("Notice %s was not sent by %s: %s", notice.pk, copy.to.channel, type(fault).__name__)
        outcome = Outcome(0, State.DEFERRED, about_mailer=True)
    # A device has a service of its own, and one person may be written to too soon: neither is about the channel.
    if copy.to.channel != Channel.PUSH and (outcome.about_mailer or outcome.state == State.UNKNOWN):
        away.add(copy.to.channel)
    if is_full and outcome.state in one_message.LEFT:
        cost_warnings.warn(notice.campaign, copy.to.channel, at=at)
    return conclude(copy, outcome, at=at)


def still_waits(notice: Notice, subject: Any) -> bool:
    """Return whether there is still something to ring for."""
    return notice_kinds.get(notice.kind).still_waits(subject)


def may_go(copy: NoticeCopy, *, at: datetime) -> bool:
    """Return whether a copy may go to its address now: its person works here, the address works, and they are not flooded."""
    person, to = copy.notice.person, copy.to
    if person is None or to.user_id != person.pk or not (person.is_active and person.is_staff):
        return False
    if not is_there(to, copy.notice.campaign):
        return False
    if to.channel not in costs.PRICED:
        return True
    limits = ((f"notice-{to.channel}:{person.pk}", TO_ONE), (f"notice-{to.channel}:all", TO_ALL))
    return all(token_bucket.take(name, 1, rate=most / HOUR, burst=most, at=at) for name, most in limits)


def conclude(copy: NoticeCopy, outcome: Outcome, *, at: datetime) -> bool:
    """Write down what became of a copy; return whether it left. Where nobody knows, it counts as left, and goes by mail too."""
    if outcome.state == State.ACCEPTED:
        finish(copy, at=at, left=True, mail=False)
        return True
    if outcome.state == State.UNKNOWN:
        finish(copy, at=at, left=True, mail=True)
        return True
    if outcome.state == State.FAILED and suppression.is_missing_address(outcome.code):
        StaffAddress.objects.filter(pk=copy.to_id, broken_at=None).update(broken_at=at)
    if outcome.state == State.FAILED or at - copy.notice.at >= GIVEN_UP_AFTER or not copy.is_urgent:
        finish(copy, at=at, left=False, mail=True)
    return False


@transaction.atomic
def finish(copy: NoticeCopy, *, at: datetime, left: bool, mail: bool) -> None:
    """End a copy, and its notice with it unless something else of it is on its way; with `mail` it goes by mail from now on."""
    NoticeCopy.objects.filter(pk=copy.pk).update(**{"sent_at" if left else "given_up_at": at})
    unmailed = Notice.objects.waiting().filter(pk=copy.notice_id, by_mail=False)
    if not unmailed.select_for_update():
        return
    others = NoticeCopy.objects.filter(notice=copy.notice_id).exclude(pk=copy.pk)
    waits, was_sent = others.waiting().exists(), others.exclude(sent_at=None).exists()
    if mail and (left or not (waits or was_sent)):
        unmailed.update(by_mail=True, next_attempt_at=at)
    elif not waits:
        unmailed.update(**{"sent_at" if left or was_sent else "given_up_at": at})


def mail_instead(address: StaffAddress, *, at: datetime) -> None:
    """Have what waits for an address that goes away come by mail, in a transaction."""
    waiting = NoticeCopy.objects.waiting().filter(to=address).values("notice")
    Notice.objects.waiting().filter(pk__in=waiting, by_mail=False).update(by_mail=True, next_attempt_at=at)
