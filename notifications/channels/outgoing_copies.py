"""
Sending copies of notices, which are their own queue (delivery/single_mails). What a channel does not take goes by mail instead, if it did not go by mail already: nobody misses a thing because a phone is off, and nobody gets it twice.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from delivery.models import Channel, Delivery, Purpose, SingleMail
from delivery.recipients import suppression
from delivery.single_mails.hand_over import LEFT, NOTHING_TO_SAY, End, HandOver
from delivery.single_mails.queue import Queue
from delivery.single_mails.worker import hand_over_due
from delivery.throttle import token_bucket
from delivery.transports import costs, one_message
from delivery.transports.transport import Outcome
from notifications import notice_kinds
from notifications.models import Notice, NoticeCopy, StaffAddress
from notifications.with_subjects import with_subjects

from . import cost_warnings, short_words
from .wishes import is_there

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(hours=1)  # an alert that comes later tells nothing that the mail has not told
# Messages of a channel of which each is paid for that one colleague and all of them get in an hour; whoever floods the desk floods no
# phone. The rest goes by mail.
TO_ONE, TO_ALL, HOUR = 12, 300, 3600

State, Fault = Delivery.State, SingleMail.Fault


class NoticeCopies(Queue[NoticeCopy]):
    """
    Copies of notices by the channels that people chose. A channel whose provider does not answer keeps nobody waiting: what is not
    urgent goes by mail instead.
    """

    name = "notice_copy"
    title = gettext_lazy("Notices by other channels")
    model = NoticeCopy
    lasts = GIVEN_UP_AFTER
    most_at_once = 100
    waits_for_way = False
    goes_otherwise = True

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.subjects: dict[int, Any] = {}
        self.by_mail: dict[int, bool] = {}

    def due(self) -> QuerySet[NoticeCopy]:
        """Return the copies that are due, the urgent ones first."""
        rows = NoticeCopy.objects.due(at=self.at).select_related("notice__campaign", "notice__person", "to")
        rows = rows.prefetch_related("notice__campaign__languages")
        return rows.order_by("-is_urgent", "next_attempt_at", "pk")

    def ready(self, rows: list[NoticeCopy]) -> Iterable[NoticeCopy]:
        """Yield those that have something to tell of, and keep what that is."""
        of_notice: dict[int, list[NoticeCopy]] = {}
        for copy in rows:
            of_notice.setdefault(copy.notice_id, []).append(copy)
        for notice, subject in with_subjects([some[0].notice for some in of_notice.values()]):
            self.subjects[notice.pk] = subject
            yield from of_notice[notice.pk]

    def campaign_of(self, row: NoticeCopy) -> Campaign:
        """Return the campaign of the notice."""
        return row.notice.campaign

    def is_given_up(self, row: NoticeCopy, *, since: datetime) -> bool:
        """Return whether it goes by mail from now on: what is not urgent is tried once."""
        return not row.is_urgent or self.at - row.notice.at >= self.lasts

    def route(self, row: NoticeCopy) -> str:
        """Return the channel."""
        return f"channel {row.to.channel}"

    def hand_over(self, row: NoticeCopy, route: str, connection: Any) -> HandOver:
        """Send one copy, if there is still something to ring for and it may go to its address now."""
        notice, subject, channel = row.notice, self.subjects[row.notice_id], row.to.channel
        if notice.seen_at is not None or not still_waits(notice, subject):
            self.by_mail[row.pk] = False
            return NOTHING_TO_SAY
        is_full = costs.is_day_full(channel, notice.campaign, at=self.at)
        if not may_go(row, at=self.at) or (is_full and not row.is_urgent):
            return NOTHING_TO_SAY
        if route in self.away:
            return HandOver(End.AGAIN, Fault.AWAY)
        try:
            words = short_words.words_for(row, subject)
            outcome = one_message.hand_over(
                channel, row.to.address, words, Purpose.STAFF, campaign=notice.campaign, at=self.at
            )
        except Exception as fault:  # a transport may raise anything; the text may hold an address
            log.error("Notice %s was not sent by %s: %s", notice.pk, channel, type(fault).__name__)
            outcome = Outcome(0, State.DEFERRED, about_mailer=True)
        if is_full and outcome.state in one_message.LEFT:
            cost_warnings.warn(notice.campaign, channel, at=self.at)
        return self.result_of(row, outcome)

    def result_of(self, row: NoticeCopy, outcome: Outcome) -> HandOver:
        """Return what an outcome of a channel comes to. Where nobody knows whether it left it counts as left, and goes by mail too."""
        # A device has a service of its own, and one person may be written to too soon: neither is about the channel.
        about_way = row.to.channel != Channel.PUSH and (outcome.about_mailer or outcome.state == State.UNKNOWN)
        if about_way:
            self.away.add(self.route(row))
        if outcome.state in one_message.LEFT:
            self.by_mail[row.pk] = outcome.state == State.UNKNOWN
            return LEFT
        if outcome.state != State.FAILED:
            return HandOver(End.AGAIN, Fault.DEFERRED, outcome.code)
        if suppression.is_missing_address(outcome.code):
            StaffAddress.objects.filter(pk=row.to_id, broken_at=None).update(broken_at=self.at)
        return HandOver(End.REFUSED, Fault.REFUSED, outcome.code)

    def concluded(self, row: NoticeCopy, result: HandOver, *, ended: bool) -> None:
        """End a copy with its notice, or have that go by mail."""
        if ended or result.end in {End.LEFT, End.NOTHING_TO_SAY}:
            finish(row, at=self.at, left=result.end is End.LEFT, mail=self.by_mail.get(row.pk, True))


def deliver_copies(*, at: datetime) -> int:
    """Send what is due and return how many copies left. Not for use in a transaction."""
    return hand_over_due(NoticeCopies, at=at)


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


@transaction.atomic
def finish(copy: NoticeCopy, *, at: datetime, left: bool, mail: bool) -> None:
    """End a copy, and its notice with it unless something else of it is on its way; with `mail` it goes by mail from now on."""
    rows = NoticeCopy.objects.filter(pk=copy.pk)
    rows.update(sent_at=at if left else None, given_up_at=None if left else at)
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
