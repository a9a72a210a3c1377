"""
Sending notices: to people by mail, or as a hint by the channel that they chose, to the notification hook by a post. A row is claimed by one conditional update before its
mail or post leaves, so that two at once send once; what did not leave is tried again after longer and longer waits
(lib/retries.py), for a day.
"""

import logging
import smtplib
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import mail
from django.db.models import Case, F, When
from django.urls import reverse
from django.utils.translation import override

from delivery.models import Recipient, address_hash
from delivery.sending import hints
from delivery.transports import channels, failover
from lib import retries

from . import email, notice_kinds, webhook
from .models import Notice
from .with_subjects import with_subjects

log = logging.getLogger(__name__)

MOST_AT_ONCE = 200  # rows for one call; the next goes on


def deliver_notices(*, at: datetime) -> int:
    """
    Send what is due and return how many notices left; someone who is harassed waits behind nobody's news. When a mail
    server is away, its other mails wait for the next call untried. Not for use in a transaction.
    """
    urgent = [kind.key for kind in notice_kinds.registered() if kind.comes_first]
    first = Case(When(kind__in=urgent, then=0), default=1)
    rows = Notice.objects.due(at=at).select_related("campaign", "person").prefetch_related("campaign__languages")
    sent = 0
    away: set[str] = set()
    with ExitStack() as connections:
        open_ones: dict[str, Any] = {}
        for notice, subject in with_subjects(rows.order_by(first, "next_attempt_at", "pk")[:MOST_AT_ONCE]):
            if (hinted := hint(notice, subject, at=at)) is not None:
                sent += hinted
                continue
            way = "hook" if is_for_hook(notice, subject) else failover.expected_mailer(notice.campaign)
            if way in away or not claim(notice, at=at):
                continue
            try:
                if way == "hook":
                    webhook.post(notice, subject, at=at)
                else:
                    if way not in open_ones:
                        open_ones[way] = connections.enter_context(mail.mailers[way])
                    open_ones[way].send_messages([email.compose(notice, subject)])
            except Exception as fault:  # a backend may raise anything; the text may hold an address
                log.error("Notice %s was not sent: %s", notice.pk, type(fault).__name__)
                if not isinstance(fault, smtplib.SMTPRecipientsRefused):
                    away.add(way)
                    open_ones.pop(way, None)
                if at - notice.at >= retries.GIVEN_UP_AFTER:
                    Notice.objects.filter(pk=notice.pk).update(given_up_at=at)
            else:
                Notice.objects.filter(pk=notice.pk).update(sent_at=at)
                sent += 1
    return sent


def hint(notice: Notice, subject: Any, *, at: datetime) -> int | None:
    """
    Say by the channel that somebody chose that there is a notice; return 1 when that was said, 0 when it waits or somebody else has it, None
    when it goes by mail. It is tried once: whatever is tried again goes by mail, so that nobody hears twice by one channel.
    """
    kind, person = notice_kinds.get(notice.kind), notice.person
    if kind.wants is None or notice.attempts or person is None or person.is_staff:
        return None
    if not channels.beside_mail(notice.campaign):
        return None
    reader = Recipient.objects.filter(address_hash=address_hash(person.email)).first()
    way = hints.way_to(reader, kind.wants, campaign=notice.campaign, at=at) if reader else None
    if way is None:
        return None
    if way.waits_until is not None:
        Notice.objects.waiting().filter(pk=notice.pk, attempts=0).update(next_attempt_at=way.waits_until)
        return 0
    if not claim(notice, at=at):
        return 0
    with override(notice.campaign.language_for(person)):
        page = settings.PUBLIC_URL + reverse(kind.listed_at) if kind.listed_at else notice.address(subject)
    if not hints.send(way, page, campaign=notice.campaign, at=at):
        Notice.objects.filter(pk=notice.pk).update(next_attempt_at=at)
        return 0
    Notice.objects.filter(pk=notice.pk).update(sent_at=at, channel=way.channel)
    return 1


def is_for_hook(notice: Notice, subject: Any) -> bool:
    """Return whether a notice goes to the notification hook: it has no person, and its kind names no address."""
    return notice.person_id is None and notice_kinds.get(notice.kind).contact(subject) is None


def claim(notice: Notice, *, at: datetime) -> bool:
    """Take a notice for one try, and say when the next may be; return whether nobody else has it."""
    again_at = retries.next_attempt(notice.attempts, at=at)
    mine = Notice.objects.waiting().filter(pk=notice.pk, attempts=notice.attempts)
    return bool(mine.update(attempts=F("attempts") + 1, next_attempt_at=again_at))
