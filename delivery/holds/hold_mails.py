"""Mail to the staff who stop sends and let them go on: that one is held, and why. Once per send and reason."""

import hashlib
import logging
from datetime import datetime

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from delivery.message.headers import AUTOMATIC, clean_subject, new_message_id
from delivery.models import Bucket, Send
from delivery.throttle import token_bucket
from delivery.transports import failover

log = logging.getLogger(__name__)

PERMISSION = "delivery.control_send"


def notify_of_holds(*, at: datetime) -> int:
    """
    Tell staff of every held send that they have not been notified of; return how many sends. For the tick: whoever
    holds a send may die before its mail is out.
    """
    held = Send.objects.filter(state=Send.State.HELD).exclude(reason="")
    sends = {mark(send, send.reason): send for send in held.select_related("mailing__campaign", "audience")}
    told = set(Bucket.objects.filter(name__in=sends).values_list("name", flat=True)) if sends else set()
    number = 0
    for name in sends.keys() - told:
        if not notify_staff(sends[name], sends[name].reason, at=at):
            break  # when one mail does not leave, nor do the others: not every time-out in one tick
        number += 1
    return number


def notify_staff(send: Send, reason: str, *, at: datetime) -> int:
    """
    Write to everyone who holds delivery.control_send, each in their own language, that a send is held for `reason`
    (English, from gettext_noop). Return how many mails left: 0 when they were told before, or when no mail leaves
    now (the log says so, and the next call tries again). Not for use in a transaction.
    """
    if not token_bucket.claim_once(mark(send, reason), at=at):
        return 0
    campaign = send.mailing.campaign
    people = list(User.objects.staff_with(PERMISSION, campaign.pk))
    left = 0
    try:
        with mail.mailers[failover.expected_mailer(campaign)] as connection:
            for person in people:
                left += _write(person, send, reason, connection)
    except Exception as fault:  # a backend may raise anything; the text may hold an address
        log.error("Staff were not told that send %s is held: %s", send.pk, type(fault).__name__)
    if not left and people:
        token_bucket.give_back(mark(send, reason))
    return left


def mark(send: Send, reason: str) -> str:
    """Return the name of the bucket that remembers that staff were notified."""
    return f"told:{send.pk}:{send.holds}:{hashlib.sha256(reason.encode()).hexdigest()[:16]}"


def _write(person: User, send: Send, reason: str, connection: BaseEmailBackend) -> int:
    campaign = send.mailing.campaign
    with override(campaign.language_for(person)):
        context = {
            "send": send,
            "reason": _(reason),
            "address": settings.PUBLIC_URL + reverse("admin:delivery_send_change", args=[send.pk]),
        }
        subject = campaign.marked(clean_subject(render_to_string("delivery/mail/held_send/subject.txt", context)))
        body = render_to_string("delivery/mail/held_send/body.txt", context)
    sender = settings.DEFAULT_FROM_EMAIL
    headers = AUTOMATIC | {"Message-ID": new_message_id(sender)}
    message = mail.EmailMessage(subject, body, sender, [person.email], headers=headers)
    try:
        return connection.send_messages([message]) or 0
    except Exception as fault:  # one address that is refused keeps nobody else from being notified
        log.error("User %s was not told that send %s is held: %s", person.pk, send.pk, type(fault).__name__)
        return 0
