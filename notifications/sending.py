"""
Sending notices: to people by mail, or as a hint by the channel that they chose, to the notification hook by a post. The row is the
queue (delivery/single_mails).
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import mail
from django.db.models import Case, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext_lazy, override

from delivery.models import Recipient, SingleMail, address_hash
from delivery.sending import hints
from delivery.sending.hinted_mails import HintedMails
from delivery.single_mails.hand_over import LEFT, End, HandOver
from delivery.single_mails.queue import TO_COLLEAGUES
from delivery.single_mails.worker import hand_over_due
from delivery.transports import channels

from . import email, notice_kinds, webhook
from .models import Notice
from .with_subjects import with_subjects

log = logging.getLogger(__name__)

HOOK = "hook"


class NoticeMails(HintedMails[Notice]):
    """
    Notices; someone who is harassed waits behind nobody's news. Who chose another channel is told there once, and whatever is tried
    again goes by mail, so that nobody hears twice by one channel.
    """

    name = "notice"
    title = gettext_lazy("Notices")
    model = Notice

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.subjects: dict[int, Any] = {}

    def due(self) -> QuerySet[Notice]:
        """Return the notices that are due, the urgent ones first."""
        urgent = [kind.key for kind in notice_kinds.registered() if kind.comes_first]
        first = Case(When(kind__in=urgent, then=0), default=1)
        rows = Notice.objects.due(at=self.at).select_related("campaign", "person")
        return rows.prefetch_related("campaign__languages").order_by(first, "next_attempt_at", "pk")

    def ready(self, rows: list[Notice]) -> Iterable[Notice]:
        """Yield those that have something to tell of, and keep what that is."""
        for notice, subject in with_subjects(rows):
            self.subjects[notice.pk] = subject
            yield notice

    def route(self, row: Notice) -> str | None:
        """Return HOOK, or a person's way."""
        return HOOK if is_for_hook(row, self.subjects[row.pk]) else super().route(row)

    def way_of(self, row: Notice) -> hints.Way | None:
        """Return the channel by which a person chose to hear of such notices, None where the notice goes otherwise."""
        kind, person = notice_kinds.get(row.kind), row.person
        if kind.wants is None or row.attempts or person is None or person.is_staff:
            return None
        if not channels.beside_mail(row.campaign):
            return None
        reader = Recipient.objects.filter(address_hash=address_hash(person.email)).first()
        return hints.way_to(reader, kind.wants, campaign=row.campaign, at=self.at) if reader else None

    def page_of(self, row: Notice) -> str:
        """Return the page of all such notices, or that of this one."""
        kind = notice_kinds.get(row.kind)
        with override(row.campaign.language_for(row.person)):
            listed = kind.listed_at and settings.PUBLIC_URL + reverse(kind.listed_at)
            return listed or row.address(self.subjects[row.pk])

    def hand_over(self, row: Notice, route: str, connection: Any) -> HandOver:
        """Post it, send its hint, or hand over its mail."""
        return self.post(row) if route == HOOK else super().hand_over(row, route, connection)

    def post(self, row: Notice) -> HandOver:
        """Post it to the notification hook, which hears of it at least once."""
        try:
            webhook.post(row, self.subjects[row.pk], at=self.at)
        except Exception as fault:  # whatever the host answers; the text may hold an address
            log.error("Notice %s was not sent: %s", row.pk, type(fault).__name__)
            return HandOver(End.AGAIN, SingleMail.Fault.AWAY, is_about_way=True)
        return LEFT

    def heeded(self, row: Notice) -> Iterable[str]:
        """Return why an address is not written to: a colleague is asked to work."""
        return TO_COLLEAGUES if row.person and row.person.is_staff else super().heeded(row)

    def letters(self, row: Notice) -> list[mail.EmailMessage]:
        """Return its one mail."""
        return [email.compose(row, self.subjects[row.pk])]


def deliver_notices(*, at: datetime) -> int:
    """Send what is due and return how many notices left. Not for use in a transaction."""
    return hand_over_due(NoticeMails, at=at)


def is_for_hook(notice: Notice, subject: Any) -> bool:
    """Return whether a notice goes to the notification hook: it has no person, and its kind names no address."""
    return notice.person_id is None and notice_kinds.get(notice.kind).contact(subject) is None
